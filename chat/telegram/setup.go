package telegram

import (
	"context"
	"strings"
	"sync"
	"time"
)

// Run sets every account up and takes what customers say until ctx ends. It returns when nothing is
// under way any more.
func (c *Channel) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, a := range c.accounts {
		all.Go(func() { c.runAccount(ctx, a) })
	}
	all.Wait()
}

func (c *Channel) menu() []Command {
	menu := []Command{
		{"start", "开始，看看能帮您什么"},
		{"human", "转人工"},
		{"ticket", "我的工单怎么样了"},
		{"help", "怎么用"},
	}
	if c.Traditional != nil {
		menu = append(menu, Command{"lang", "简体 / 繁體"})
	}
	return menu
}

// HookPath is where updates of an account are pushed to, below its Webhook.
func HookPath(accountName string) string { return "/hooks/" + Name + "/" + accountName }

// webhookCheckInterval is how often it is looked whether the webhook is still ours.
const webhookCheckInterval = 10 * time.Minute

// runAccount sets an account up and takes its updates until ctx ends. Whatever fails is tried again for ever.
func (c *Channel) runAccount(ctx context.Context, a *account) {
	if !c.retry(ctx, a, "ask who the bot is", func() error { _, err := a.self(ctx); return err }) {
		return
	}
	if !c.retry(ctx, a, "set the menu of commands", func() error {
		return c.ignoreRefusal(ctx, a, a.SetCommands(ctx, Scope{Type: "default"}, c.menu()))
	}) {
		return
	}
	if a.Webhook == "" {
		if c.retry(ctx, a, "remove the webhook", func() error { return a.DeleteWebhook(ctx) }) {
			c.Log.InfoContext(ctx, "polling Telegram", "account", a.Name)
			newPoller(c, a).run(ctx)
		}
		return
	}
	address := strings.TrimSuffix(a.Webhook, "/") + HookPath(a.Name)
	for set := ""; ctx.Err() == nil; {
		if set != address {
			if !c.retry(ctx, a, "set the webhook", func() error { return a.SetWebhook(ctx, address, a.Secret) }) {
				return
			}
			c.Log.InfoContext(ctx, "Telegram pushes to us", "account", a.Name, "address", address)
			set = address
		}
		if c.Sleep(ctx, webhookCheckInterval) != nil {
			return
		}
		if w, err := a.WebhookInfo(ctx); err == nil && w.URL != address {
			c.Log.WarnContext(ctx, "the webhook is not ours any more: another program uses the same token", "account", a.Name)
			set = ""
		}
	}
}
