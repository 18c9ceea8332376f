package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
)

func keyCommand() command {
	return command{
		name: "key", short: "Give agents their keys for the API of the desk, and take them back.",
		verbs: []command{
			{
				name: "key add", args: "NAME", short: "make an agent's key and print it, once: only its hash is kept",
				examples: `
					yingda key add 前台 -role agent
					yingda key add 店长 -role admin`,
				run: runKeyAdd,
			},
			{
				name: "key list", short: "list who has a key",
				examples: `yingda key list`,
				run:      runKeyList,
			},
			{
				name: "key revoke", args: "NAME", short: "end an agent's key at once",
				examples: `yingda key revoke 前台`,
				run:      runKeyRevoke,
			},
		},
	}
}

func runKeyAdd(ctx context.Context, t terminal, s *settings, args []string) error {
	flags := s.declareStorage()
	role := s.flags.String("role", "", "`ROLE`: viewer reads, agent works on tickets, editor also changes the guide, admin also acts on others' tickets")
	name, err := s.parseOne(t, args, "agent")
	if err != nil {
		return err
	}
	if err := checkName(name); err != nil {
		return err
	}
	if err := oneOf("-role", *role, desk.Roles()...); err != nil {
		return err
	}
	return withStore(ctx, t, flags.node, store.MigrateSchema, func(db *store.Store) error {
		key, err := db.AddKey(ctx, name, desk.Role(*role))
		switch {
		case errors.Is(err, chat.ErrConflict):
			return fmt.Errorf("%s has a key already; `yingda key revoke %s` ends it", name, name)
		case err != nil:
			return err
		}
		_, err = fmt.Fprintln(t.out, key)
		return err
	})
}

// checkName tells why an agent cannot have that name.
func checkName(name string) error {
	const maxLength = 64 // characters
	odd := func(r rune) bool { return !unicode.IsPrint(r) }
	if name == "" || strings.TrimSpace(name) != name || strings.ContainsFunc(name, odd) || len([]rune(name)) > maxLength {
		return usagef("%q is no name: at most %d characters that can be seen, without blanks around them", name, maxLength)
	}
	if len(privacy.NewMasker().Mask(name).Matches) > 0 {
		return usagef("this name holds a card, identity or telephone number: take one without")
	}
	return nil
}

func runKeyList(ctx context.Context, t terminal, s *settings, args []string) error {
	flags := s.declareStorage()
	flags.declareZone(s)
	if err := s.parseNone(t, args); err != nil {
		return err
	}
	cfg, err := flags.deskConfig()
	if err != nil {
		return err
	}
	return withStore(ctx, t, cfg, store.MigrateSchema, func(db *store.Store) error {
		keys, err := db.ListKeys(ctx)
		if err != nil {
			return err
		}
		rows := [][]string{{"NAME", "ROLE", "SINCE"}}
		for _, k := range keys {
			rows = append(rows, []string{k.Name, string(k.Role), cfg.Hours.In(k.CreatedAt).Format(time.DateOnly)})
		}
		return printRows(t.out, rows)
	})
}

func runKeyRevoke(ctx context.Context, t terminal, s *settings, args []string) error {
	flags := s.declareStorage()
	name, err := s.parseOne(t, args, "agent")
	if err != nil {
		return err
	}
	return withStore(ctx, t, flags.node, store.MigrateSchema, func(db *store.Store) error {
		switch err := db.RevokeKey(ctx, name); {
		case errors.Is(err, chat.ErrNotFound):
			return fmt.Errorf("%s has no key; `yingda key list` shows who has one", name)
		case err != nil:
			return err
		}
		fmt.Fprintf(t.out, "the key of %s is revoked\n", name)
		return nil
	})
}
