package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/yingda/yingda/chat"
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
				yingda channel check -config yingda.yaml`,
			run: runChannelCheck,
		}},
	}
}

// checkTime is how long the look at one account may take.
const checkTime = 30 * time.Second

func runChannelCheck(ctx context.Context, t terminal, c command, args []string) error {
	s := newSettings(c)
	cfg := s.serve()
	only, err := s.parse(t, args)
	if err != nil {
		return err
	}
	if err := cfg.checkAccounts(); err != nil {
		return err
	}
	all, err := cfg.channels(channelTools{})
	if err != nil {
		return err
	}
	named, err := cfg.accountsOf(all)
	if err != nil {
		return err
	}
	for _, name := range only {
		if !slices.ContainsFunc(named, func(one checked) bool { return one.is(name) }) {
			return usagef("no account %q is set up", name)
		}
	}
	if len(named) == 0 {
		_, err := fmt.Fprintln(t.out, "no channel account is set up; `yingda serve -help` lists the settings")
		return err
	}
	bad := false
	for _, one := range named {
		if len(only) > 0 && !slices.ContainsFunc(only, one.is) {
			continue
		}
		found := one.check(ctx)
		bad = bad || slices.ContainsFunc(found, func(f chat.Finding) bool { return f.Level == chat.Bad })
		if err := printChecked(t.out, one, found); err != nil {
			return err
		}
	}
	if bad {
		return errFaults
	}
	return nil
}

// checked is an account to be looked at.
type checked struct {
	channel, account string
	checker          chat.Checker
}

// is tells whether a name on the command line means the account, or its whole channel.
func (c checked) is(name string) bool {
	return name == c.channel || name == c.channel+"/"+c.account
}

func (c checked) check(ctx context.Context) chat.Findings {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	return c.checker.Check(ctx, c.account)
}

// accountsOf are the accounts of the channels that can be looked at.
func (c config) accountsOf(all channels) (named []checked, err error) {
	kinds := map[string]*accounts{"telegram": c.telegram, "wechat": c.wechat, "wechat-kf": c.kf, "wecom-robot": c.robot}
	for _, one := range all {
		checker, ok := one.(chat.Checker)
		if !ok {
			continue
		}
		list, err := kinds[one.Name()].all()
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			named = append(named, checked{one.Name(), a["name"], checker})
		}
	}
	return named, nil
}

// printChecked is one account's part of the report.
func printChecked(w io.Writer, one checked, found chat.Findings) error {
	if _, err := fmt.Fprintf(w, "%s, account %s\n", one.channel, one.account); err != nil {
		return err
	}
	for _, f := range found {
		if _, err := fmt.Fprintf(w, "  %-8s %s\n", f.Level, f.Text); err != nil {
			return err
		}
		if f.Fix != "" {
			if _, err := fmt.Fprintf(w, "  %8s → %s\n", "", f.Fix); err != nil {
				return err
			}
		}
	}
	return nil
}
