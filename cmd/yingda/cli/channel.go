package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/yingda/yingda/finding"
	"github.com/yingda/yingda/node"
)

func channelCommand() command {
	return command{
		name: "channel", short: "Look after the channels that customers come by.",
		verbs: []command{{
			name: "channel check", args: "[CHANNEL[/ACCOUNT]…]",
			short: "ask every channel's host whether the accounts that are set up will work, and say what is wrong",
			examples: `
				yingda channel check
				yingda channel check telegram wechat/shop
				yingda channel check -json -config yingda.yaml`,
			run: runChannelCheck,
		}},
	}
}

// checkTimeout is how long the check of one account may take.
const checkTimeout = 30 * time.Second

func runChannelCheck(ctx context.Context, t terminal, s *settings, args []string) error {
	flags := s.declareServe()
	asJSON := s.bool("json", "print one finding a line as JSON")
	names, err := s.parse(t, args)
	if err != nil {
		return err
	}
	cfg, err := flags.deskConfig()
	if err != nil {
		return err
	}
	checked, err := cfg.CheckedAccounts()
	if err != nil {
		return usageError{err.Error()}
	}
	chosen, err := choose(checked, names)
	if err != nil {
		return err
	}
	if len(chosen) == 0 && !*asJSON {
		_, err := fmt.Fprintln(t.out, "no channel account is set up; `yingda serve -help` lists the settings")
		return err
	}
	bad := false
	for _, a := range chosen {
		found := checkAccount(ctx, a)
		bad = bad || len(found.At(finding.Error)) > 0
		if *asJSON {
			err = printJSONLines(t.out, found)
		} else {
			err = printAccount(t.out, a, found)
		}
		if err != nil {
			return err
		}
	}
	if bad {
		return errFaults
	}
	return nil
}

// choose are the accounts that names mean, CHANNEL or CHANNEL/ACCOUNT: without names all.
func choose(checked []node.CheckedAccount, names []string) ([]node.CheckedAccount, error) {
	means := func(name string, a node.CheckedAccount) bool {
		return name == a.Channel || name == a.Channel+"/"+a.Account
	}
	for _, name := range names {
		if !slices.ContainsFunc(checked, func(a node.CheckedAccount) bool { return means(name, a) }) {
			return nil, usagef("no account %q is set up", name)
		}
	}
	return slices.DeleteFunc(checked, func(a node.CheckedAccount) bool {
		return len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return means(name, a) })
	}), nil
}

// checkAccount asks the host about an account.
func checkAccount(ctx context.Context, a node.CheckedAccount) finding.List {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	found := a.Checker.Check(ctx, a.Account)
	for i := range found {
		found[i].Account = a.Channel + "/" + a.Account
	}
	return found
}

// printAccount is one account's part of the report.
func printAccount(w io.Writer, a node.CheckedAccount, found finding.List) error {
	text := fmt.Sprintf("%s, account %s\n", a.Channel, a.Account)
	for _, f := range found {
		text += fmt.Sprintf("  %-8s %s\n", f.Level, f.Text)
		if f.Fix != "" {
			text += fmt.Sprintf("  %8s → %s\n", "", f.Fix)
		}
	}
	_, err := io.WriteString(w, text)
	return err
}
