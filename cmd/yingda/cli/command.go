package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/yingda/yingda/guide"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // the work could not be done, or found faults
	exitUsage  = 2 // wrong flags, missing files: nothing was tried
)

// command is one verb of the program, or a noun with verbs of its own: `yingda key add`.
type command struct {
	name     string // with the noun in front: "key add"
	args     string // behind the flags, for help
	short    string // what it does, one line
	examples string
	run      func(ctx context.Context, t terminal, s *settings, args []string) error
	verbs    []command // instead of run
}

// errFaults says that the command did its work and printed faults.
var errFaults = errors.New("there are faults")

// dispatch runs the command, or the verb that args begin with, and returns the exit code.
func (c command) dispatch(ctx context.Context, t terminal, args []string) int {
	if c.verbs == nil {
		return exitCode(t, c, c.run(ctx, t, c.settings(), args))
	}
	if len(args) == 0 || slices.Contains([]string{"-h", "-help", "--help", "help"}, args[0]) {
		if len(args) > 1 { // help ticket show is ticket show -help
			return c.dispatch(ctx, t, append(slices.Clone(args[1:]), "-help"))
		}
		c.printVerbs(t.out)
		if len(args) == 0 {
			return exitUsage
		}
		return exitOK
	}
	name := strings.TrimSpace(c.name + " " + args[0])
	for _, v := range c.verbs {
		if v.name == name {
			return v.dispatch(ctx, t, args[1:])
		}
	}
	fmt.Fprintf(t.err, "yingda: no command %q; `yingda %s` lists them\n", name, strings.TrimSpace(c.name+" help"))
	return exitUsage
}

// settings are those of the command, none of which is declared yet.
func (c command) settings() *settings {
	s := newSettings(c.name)
	s.intro = strings.TrimSpace("yingda "+c.name+" [flags] "+c.args) + "\n\n" + c.short
	s.examples = c.examples
	return s
}

// exitCode tells the error, if there is one, and what it means for the exit code.
func exitCode(t terminal, c command, err error) int {
	var usage usageError
	var dir *guide.DirError
	switch {
	case err == nil, errors.Is(err, errHelp):
		return exitOK
	case errors.Is(err, errFaults):
		return exitFailed
	case errors.As(err, &dir):
		usage.text = dir.Error()
	case !errors.As(err, &usage):
		fmt.Fprintf(t.err, "yingda %s: %v\n", c.name, err)
		return exitFailed
	}
	fmt.Fprintf(t.err, "yingda %s: %s; `yingda %s -help` shows how\n", c.name, usage.text, c.name)
	return exitUsage
}

// printVerbs is the help of a command that has verbs.
func (c command) printVerbs(w io.Writer) {
	fmt.Fprintf(w, "%s\n\nCommands:\n", c.short)
	width := 0
	for _, v := range c.verbs {
		width = max(width, len(v.name))
	}
	for _, v := range c.verbs {
		fmt.Fprintf(w, "  %-*s  %s\n", width, v.name, v.short)
	}
	name := strings.TrimSpace(c.name + " COMMAND")
	fmt.Fprintf(w, "\n`yingda %s -help` shows a command's flags and examples.\n", name)
}
