package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

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

func runForget(ctx context.Context, t terminal, s *settings, args []string) error {
	flags := s.declareStorage()
	yes := s.bool("yes", "do not ask")
	id, err := s.parseOne(t, args, "customer")
	switch {
	case err != nil:
		return err
	case strings.TrimSpace(id) == "":
		return usagef("name one customer, not a blank")
	}
	if !*yes {
		if err := confirm(t, fmt.Sprintf("Erase everything of the customer %q, for ever?", id)); err != nil {
			return err
		}
	}
	return withStore(ctx, t, flags.node, store.MigrateSchema, func(db *store.Store) error {
		removed, err := db.Forget(ctx, id)
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
			return fmt.Errorf("nobody has the id %q; ids are those that your site or the channel gave, or a conversation's", id)
		}
		fmt.Fprintf(t.out, "erased: %d conversations, %d messages, %d pictures, what tickets said of them, and what waited to be sent\n", removed.Conversations, removed.Messages, len(removed.Attachments))
		return nil
	})
}

// confirm asks on a terminal; without one there is nobody to ask.
func confirm(t terminal, question string) error {
	if !isTerminal(t.in) {
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
