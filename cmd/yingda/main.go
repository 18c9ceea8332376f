// Yingda answers customers' questions from a guide. Each command has a file of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
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

// command is one verb of the program.
type command struct {
	name     string
	args     string // behind the flags, for help
	short    string // what it does, one line
	examples string
	run      func(ctx context.Context, t terminal, c command, args []string) error
}

func commands() []command {
	return []command{serveCommand(), askCommand(), evalCommand(), checkCommand(), healthCommand()}
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
	if len(args) == 0 || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" || args[0] == "help" {
		printHelp(t.out)
		if len(args) == 0 {
			return exitUsage
		}
		return exitOK
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return exitCode(t, c, c.run(ctx, t, c, args[1:]))
		}
	}
	fmt.Fprintf(t.err, "yingda: no command %q; `yingda help` lists them\n", args[0])
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

func printHelp(w io.Writer) {
	fmt.Fprint(w, "Yingda (应答) answers customers' questions about their POS terminals from a guide.\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-7s %s\n", c.name, c.short)
	}
	fmt.Fprint(w, "\n`yingda COMMAND -help` shows a command's flags and examples.\n")
}

// printExamples ends a command's help.
func (c command) printExamples(w io.Writer) {
	fmt.Fprint(w, "\nExamples:\n")
	for _, line := range strings.Split(strings.TrimSpace(c.examples), "\n") {
		fmt.Fprintf(w, "  %s\n", strings.TrimSpace(line))
	}
}
