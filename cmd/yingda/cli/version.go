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

func runVersion(_ context.Context, t terminal, s *settings, args []string) error {
	if err := s.parseNone(t, args); err != nil {
		return err
	}
	_, err := fmt.Fprintf(t.out, "yingda %s %s %s/%s\n", node.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
