package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/node"
	"github.com/yingda/yingda/store"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // the work could not be done, or found faults
	exitUsage  = 2 // wrong flags, missing files: nothing was tried
)

// terminal is what a command sees of the world.
type terminal struct {
	in        io.Reader
	out       io.Writer
	err       io.Writer
	getenv    func(string) string
	openStore func(context.Context, store.Options) (node.Store, error) // of serve
}

// isTerminal tells whether somebody sits at a stream.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// command is one verb of the program, or a noun with verbs of its own: `yingda key add`.
type command struct {
	name     string // with the noun in front: "key add"
	args     string // behind the flags, for help
	short    string // what it does, one line
	examples string
	run      func(ctx context.Context, t terminal, c command, args []string) error
	verbs    []command // instead of run
}

// usageError is a mistake of whoever typed the command.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// errHelp says that help was printed and nothing else is to do.
var errHelp = errors.New("help was asked for")

// errFaults says that the command did its work and printed faults.
var errFaults = errors.New("there are faults")

// dispatch runs the command, or the verb that args begin with, and returns the exit code.
func (c command) dispatch(ctx context.Context, t terminal, args []string) int {
	if c.verbs == nil {
		return exitCode(t, c, c.run(ctx, t, c, args))
	}
	if len(args) == 0 || slices.Contains([]string{"-h", "-help", "--help", "help"}, args[0]) {
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

// printExamples ends a command's help.
func (c command) printExamples(w io.Writer) {
	fmt.Fprint(w, "\nExamples:\n")
	for _, line := range strings.Split(strings.TrimSpace(c.examples), "\n") {
		fmt.Fprintf(w, "  %s\n", strings.TrimSpace(line))
	}
}
