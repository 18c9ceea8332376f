// Package cli is the program's command line: a file for each command, and what they share.
package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/yingda/yingda/node"
	"github.com/yingda/yingda/store"
)

// Main executes the command line of this process, and ends it. open opens the database of serve.
func Main(open func(context.Context, store.Options) (node.Store, error)) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, terminal{os.Stdin, os.Stdout, os.Stderr, os.Getenv, open}, os.Args[1:])
	stop()
	os.Exit(code)
}

// execute carries out one command line and returns the exit code.
func execute(ctx context.Context, t terminal, args []string) int {
	t.out, t.err = &printer{w: t.out}, &printer{w: t.err}
	return program().dispatch(ctx, t, args)
}

// program is the command of which all others are verbs.
func program() command {
	return command{
		short: "Yingda (应答) answers customers' questions about their POS terminals from a guide.",
		verbs: []command{
			serveCommand(), askCommand(), evalCommand(), checkCommand(),
			importCommand(), exportCommand(), keyCommand(), ticketCommand(),
			channelCommand(), backupCommand(), restoreCommand(), doctorCommand(), forgetCommand(), healthCommand(), versionCommand(),
		},
	}
}
