// Yingda answers customers' questions from a guide. Each command has a file of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // the work could not be done, or found faults
	exitUsage  = 2 // wrong flags, missing files: nothing was tried
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, terminal{os.Stdin, os.Stdout, os.Stderr, os.Getenv}, os.Args[1:])
	stop()
	os.Exit(code)
}

// terminal is what a command sees of the world.
type terminal struct {
	in     io.Reader
	out    io.Writer
	err    io.Writer
	getenv func(string) string
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

func commands() []command {
	return []command{
		serveCommand(), askCommand(), evalCommand(), checkCommand(),
		importCommand(), exportCommand(), keyCommand(), ticketCommand(),
		channelCommand(), backupCommand(), doctorCommand(), forgetCommand(), healthCommand(),
	}
}

// usageError is a mistake of whoever typed the command.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// errHelp says that help was printed and nothing else is to do.
var errHelp = errors.New("help was asked for")

// errFaults says that the command did its work and printed faults.
var errFaults = errors.New("there are faults")

// run executes one command line and returns the exit code.
func run(ctx context.Context, t terminal, args []string) int {
	return command{short: about, verbs: commands()}.dispatch(ctx, t, args)
}

const about = "Yingda (应答) answers customers' questions about their POS terminals from a guide."

// dispatch runs the command, or the verb that args begin with.
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

func exitCode(t terminal, c command, err error) int {
	var usage usageError
	switch {
	case err == nil, errors.Is(err, errHelp):
		return exitOK
	case errors.Is(err, errFaults):
		return exitFailed
	case errors.As(err, &usage):
		fmt.Fprintf(t.err, "yingda %s: %s; `yingda %s -help` shows how\n", c.name, usage.text, c.name)
		return exitUsage
	}
	fmt.Fprintf(t.err, "yingda %s: %v\n", c.name, err)
	return exitFailed
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
