package node

import (
	"context"
	"net/http"
	"sync"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/panics"
)

// channels are those that have an account, for the courier to send through.
type channels []chat.Channel

// hooked is a channel whose host calls us.
type hooked interface {
	Hook(account string) (http.Handler, bool)
}

// eraser is a channel that shows conversations, and can take them away.
type eraser interface {
	Forget(ctx context.Context, conversation string) error
}

// openChannels makes every channel that has an account. The errors hold no secret.
func openChannels(t Tools, accounts map[string][]Account) (all channels, err error) {
	for _, kind := range ChannelKinds() {
		if len(accounts[kind.Name]) == 0 {
			continue
		}
		opened, err := kind.Open(t, accounts[kind.Name])
		if err != nil {
			return nil, err
		}
		all = append(all, opened...)
	}
	return all, nil
}

// quota is what may still be sent to the customer of a conversation; ok is false where there is no limit.
func (all channels) quota(ctx context.Context, c chat.Conversation) (q chat.SendQuota, ok bool, err error) {
	for _, channel := range all {
		if limited, ok := channel.(chat.QuotaReporter); ok && channel.Name() == c.Channel {
			return limited.SendQuota(ctx, c)
		}
	}
	return q, false, nil
}

// checked are the accounts of channels that can check theirs.
func (all channels) checked(accounts map[string][]Account) (checked []CheckedAccount) {
	for _, channel := range all {
		if checker, ok := channel.(chat.Checker); ok {
			for _, a := range accounts[channel.Name()] {
				checked = append(checked, CheckedAccount{channel.Name(), a["name"], checker})
			}
		}
	}
	return checked
}

// hook is what takes the calls of a channel's host for an account.
func (all channels) hook(name, account string) (http.Handler, bool) {
	for _, channel := range all {
		if h, ok := channel.(hooked); ok && channel.Name() == name {
			return h.Hook(account)
		}
	}
	return nil, false
}

// run lets every channel do what it has to do besides sending, until ctx ends.
func (all channels) run(ctx context.Context, p *panics.Handler) {
	var runs sync.WaitGroup
	for _, channel := range all {
		if r, ok := channel.(chat.Runner); ok {
			runs.Go(func() {
				_ = p.Keep(ctx, channel.Name(), func() error { r.Run(ctx); return nil }) // it has no error
			})
		}
	}
	runs.Wait()
}
