package telegram

import (
	"context"
	"errors"
	"strings"
	"time"
)

// Menu is the commands that customers see.
func (c *Channel) menu() []Command {
	menu := []Command{
		{"start", "开始，看看能帮您什么"},
		{"human", "转人工"},
		{"ticket", "我的工单怎么样了"},
		{"help", "怎么用"},
	}
	if c.c.Traditional != nil {
		menu = append(menu, Command{"lang", "简体 / 繁體"})
	}
	return menu
}

// HookPath is where updates of an account are pushed to, below its Webhook.
func HookPath(account string) string { return "/hooks/telegram/" + account }

// watchHook is how often it is looked whether the webhook is still ours.
const watchHook = 10 * time.Minute

// serve sets an account up and takes its updates until ctx ends. Whatever fails is tried again for ever.
func (c *Channel) serve(ctx context.Context, a *account) {
	if !c.insist(ctx, a, "ask who the bot is", func() error { _, err := a.self(ctx); return err }) {
		return
	}
	if !c.insist(ctx, a, "set the menu of commands", func() error {
		return c.unlessRefused(ctx, a, a.SetCommands(ctx, Scope{Type: "default"}, c.menu()))
	}) {
		return
	}
	if a.Webhook == "" {
		if c.insist(ctx, a, "remove the webhook", func() error { return a.DeleteWebhook(ctx) }) {
			c.c.Log.InfoContext(ctx, "polling Telegram", "account", a.Name)
			newPoller(c, a).run(ctx)
		}
		return
	}
	address := strings.TrimSuffix(a.Webhook, "/") + HookPath(a.Name)
	for set := ""; ctx.Err() == nil; {
		if set != address {
			if !c.insist(ctx, a, "set the webhook", func() error { return a.SetWebhook(ctx, address, a.Secret) }) {
				return
			}
			c.c.Log.InfoContext(ctx, "Telegram pushes to us", "account", a.Name, "address", address)
			set = address
		}
		if c.c.Sleep(ctx, watchHook) != nil {
			return
		}
		if w, err := a.WebhookInfo(ctx); err == nil && w.URL != address {
			c.c.Log.WarnContext(ctx, "the webhook is not ours any more: another program uses the same token", "account", a.Name)
			set = ""
		}
	}
}

// insist does something until it succeeds; false when ctx ends before.
func (c *Channel) insist(ctx context.Context, a *account, what string, do func() error) bool {
	for failures := 0; ; failures++ {
		err := do()
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		c.complain(ctx, a, what, err)
		if c.backOff(ctx, failures, retryAfter(err)) != nil {
			return false
		}
	}
}

// complain logs in words what is wrong with an account.
func (c *Channel) complain(ctx context.Context, a *account, what string, err error) {
	c.c.Log.ErrorContext(ctx, "Telegram does not do what it should", "account", a.Name, "to", what, "problem", diagnose(err), "error", err)
}

// diagnose says what an error means and what to do.
func diagnose(err error) string {
	refused, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		return "Telegram cannot be reached: look at the network, a proxy, and the address of the Bot API"
	case refused.Code == 401 || refused.Code == 404:
		return "Telegram does not know the token: ask @BotFather for it with /token, and set it"
	case says(err, "terminated by other getupdates"):
		return "another program polls with the same token: only one may. Stop the other one, or set a webhook for several nodes"
	case refused.Code == 409:
		return "a webhook is set for the same token, so nobody may poll: another program uses this bot, or yingda with a webhook"
	case refused.Code == 429:
		return "Telegram has too many calls from this bot: it is tried again when Telegram says"
	case refused.Code >= 500:
		return "Telegram is in trouble itself: it is tried again"
	case says(err, "webhook"):
		return "Telegram does not take the webhook's address: it must be a public https address with a valid certificate on port 443, 80, 88 or 8443"
	}
	return "Telegram refuses it: " + refused.Description
}

const (
	firstBackoff = 500 * time.Millisecond
	maxBackoff   = time.Minute
)

// backOff waits, the longer the more failures there were, and at least as long as was asked for.
func (c *Channel) backOff(ctx context.Context, failures int, least time.Duration) error {
	wait := min(firstBackoff<<min(failures, 16), maxBackoff)
	wait = time.Duration(float64(wait) * (0.75 + c.c.Random()/2))
	return c.c.Sleep(ctx, max(wait, least))
}

// retryAfter is how long an error asks to wait.
func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	if e, ok := errors.AsType[*TransportError](err); ok {
		return e.RetryAfter
	}
	return 0
}
