package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/yingda/yingda/finding"
	"github.com/yingda/yingda/guide"
)

func checkCommand() command {
	return command{
		name: "check", args: "[DIR]", short: "report every fault of a guide at once, and what a person must verify before launch",
		examples: `
			yingda check
			yingda check ./guide
			yingda check -json ./guide   # one finding a line`,
		run: runCheck,
	}
}

func runCheck(_ context.Context, t terminal, s *settings, args []string) error {
	asJSON := s.bool("json", "print one finding a line as JSON")
	dirs, err := s.parse(t, args)
	switch {
	case err != nil:
		return err
	case len(dirs) > 1:
		return usagef("one folder at a time, not %d", len(dirs))
	}
	fsys, err := guide.FS(append(dirs, "")[0])
	if err != nil {
		return err
	}
	lib, found, err := guide.Check(fsys, time.Now(), t.progress())
	if err != nil {
		return err
	}
	found.Sort()
	bad, verify := found.At(finding.Error, finding.Warning), found.At(finding.Verify)
	if *asJSON {
		err = printJSONLines(t.out, found)
	} else {
		for _, f := range bad {
			fmt.Fprintln(t.out, f)
		}
		if len(verify) > 0 {
			fmt.Fprintf(t.out, "To verify before launch (%d):\n", len(verify))
		}
		for _, f := range verify {
			fmt.Fprintf(t.out, "  %s:%d: %s\n", f.File, f.Line, f.Text)
		}
		_, err = fmt.Fprintf(t.out, "%d articles, %d response codes: %d errors, %d warnings, %d to verify\n",
			len(lib.Articles), len(lib.Codes), len(found.At(finding.Error)), len(found.At(finding.Warning)), len(verify))
	}
	if err == nil && len(bad) > 0 {
		return errFaults
	}
	return err
}
