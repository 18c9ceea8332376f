package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/yingda/yingda/media"
	"github.com/yingda/yingda/node"
	"github.com/yingda/yingda/store"
)

func forgetCommand() command {
	return command{
		name: "forget", args: "CUSTOMER", short: "erase a person: conversations, pictures, contact, and what tickets say of them",
		examples: `
			yingda forget u-1024        # the id that your site, or the channel, has for the customer
			yingda forget -yes u-1024   # without asking`,
		run: runForget,
	}
}

func runForget(ctx context.Context, t terminal, c command, args []string) (err error) {
	s := newSettings(c)
	flags := s.declareStorage()
	yes := s.bool("yes", "do not ask")
	ids, err := s.parseMixed(t, args)
	switch {
	case err != nil:
		return err
	case len(ids) != 1 || strings.TrimSpace(ids[0]) == "":
		return usagef("name one customer, not %d", len(ids))
	}
	if !*yes {
		if err := confirm(t, fmt.Sprintf("Erase everything of the customer %q, for ever?", ids[0])); err != nil {
			return err
		}
	}
	db, err := openStore(ctx, t, flags.node, store.MigrateSchema)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	removed, err := db.Forget(ctx, ids[0])
	if err != nil {
		return err
	}
	pictures, err := media.New(flags.node.File(node.AttachmentsDir), nil)
	if err != nil {
		return err
	}
	if err := pictures.Delete(removed.Attachments...); err != nil {
		return fmt.Errorf("the database has forgotten the customer, but a picture stays: %w", err)
	}
	if removed.Conversations == 0 {
		return fmt.Errorf("nobody has the id %q; ids are those that your site or the channel gave, or a conversation's", ids[0])
	}
	fmt.Fprintf(t.out, "erased: %d conversations, %d messages, %d pictures, what tickets said of them, and what waited to be sent\n", removed.Conversations, removed.Messages, len(removed.Attachments))
	return nil
}

// confirm asks on a terminal; without one there is nobody to ask.
func confirm(t terminal, question string) error {
	f, ok := t.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return usagef("nobody is there to be asked; -yes goes without asking")
	}
	fmt.Fprint(t.out, question, " [y/N] ")
	var answer string
	if _, err := fmt.Fscanln(t.in, &answer); err != nil && !errors.Is(err, io.EOF) && answer != "" {
		return fmt.Errorf("read the answer: %w", err)
	}
	if !strings.EqualFold(answer, "y") && !strings.EqualFold(answer, "yes") {
		return errors.New("nothing was erased")
	}
	return nil
}
