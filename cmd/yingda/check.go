package main

import (
	"context"
	"fmt"
	"time"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
)

func checkCommand() command {
	return command{
		name: "check", args: "[DIR]", short: "report every fault of a guide at once, and what a person must verify before launch",
		examples: `
			yingda check
			yingda check ./guide`,
		run: runCheck,
	}
}

func runCheck(_ context.Context, t terminal, c command, args []string) error {
	s := newSettings(c)
	dirs, err := s.parse(t, args)
	switch {
	case err != nil:
		return err
	case len(dirs) > 1:
		return usagef("one folder at a time, not %d", len(dirs))
	}
	fsys, err := guideFS(append(dirs, "")[0])
	if err != nil {
		return err
	}
	lib, faults, err := kb.Load(fsys, content.FS(), bar(t.err, "reading"))
	if err != nil {
		return err
	}
	faults = append(faults, kb.Validate(lib, time.Now())...)
	faults.Sort()
	bad := append(faults.At(kb.Error), faults.At(kb.Warning)...)
	bad.Sort()
	for _, f := range bad {
		fmt.Fprintln(t.out, f)
	}
	verify := faults.At(kb.Verify)
	if len(verify) > 0 {
		fmt.Fprintf(t.out, "To verify before launch (%d):\n", len(verify))
		for _, f := range verify {
			fmt.Fprintf(t.out, "  %s:%d: %s\n", f.File, f.Line, f.Text)
		}
	}
	fmt.Fprintf(t.out, "%d articles, %d response codes: %d errors, %d warnings, %d to verify\n",
		len(lib.Articles), len(lib.Codes), len(faults.At(kb.Error)), len(faults.At(kb.Warning)), len(verify))
	if len(bad) > 0 {
		return errFaults
	}
	return nil
}
