package cli

import (
	"context"
	"fmt"
	"runtime"

	"github.com/yingda/yingda/node"
)

func versionCommand() command {
	return command{
		name: "version", short: "print the version of this program, and of Go",
		examples: `
			yingda version`,
		run: runVersion,
	}
}

func runVersion(_ context.Context, t terminal, c command, args []string) error {
	rest, err := newSettings(c).parse(t, args)
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return usagef("unexpected %q: version takes nothing", rest[0])
	}
	_, err = fmt.Fprintf(t.out, "yingda %s %s %s/%s\n", node.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
