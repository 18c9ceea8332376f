package node

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/finding"
	"github.com/yingda/yingda/panics"
)

const (
	watchInterval = 2 * time.Minute // between two looks at the accounts
	downAfter     = 5 * time.Minute // of nothing but failures: a host may be busy for a while
	watchTimeout  = 30 * time.Second
)

// Watched is what is known of an account that fails, kept for all nodes; zero of one that works.
type Watched struct {
	desk.Outage
	Down bool `json:"down"` // it has failed for so long that it was announced
}

// step is what becomes of an account by what a look at it found, "" for nothing, and what is to be announced of
// that, if anything.
func (w Watched) step(a CheckedAccount, fault string, now time.Time) (next Watched, announce desk.OutageEvent) {
	switch {
	case fault == "" && w.Down:
		return Watched{}, desk.EventChannelUp
	case fault == "":
		return Watched{}, ""
	case w.Since.IsZero():
		return Watched{Outage: desk.Outage{Channel: a.Channel, Account: a.Account, Since: now.UTC(), Reason: fault}}, ""
	case !w.Down && now.Sub(w.Since) >= downAfter:
		w.Down, w.Reason = true, fault
		return w, desk.EventChannelDown
	}
	return w, ""
}

// watchman looks at the accounts of channels, as one node for all, and tells of those that stopped working.
type watchman struct {
	accounts []CheckedAccount
	store    Store
	log      *slog.Logger
	panics   *panics.Handler
	now      func() time.Time
	node     string // its own, which tells it from others
	down     *prometheus.GaugeVec
}

func newDownGauge(r *prometheus.Registry) *prometheus.GaugeVec {
	down := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "yingda_channel_down", Help: "1 while an account of a channel does not work, as `yingda channel check` says; else 0.",
	}, []string{"channel", "account"})
	r.MustRegister(down)
	return down
}

// run looks, again and again, until ctx ends.
func (w *watchman) run(ctx context.Context) {
	for chat.Sleep(ctx, watchInterval) == nil {
		if err := w.panics.Try(ctx, "watch", func() error { return w.look(ctx) }); err != nil && ctx.Err() == nil {
			w.log.WarnContext(ctx, "the accounts of channels were not looked at", "error", err)
		}
	}
}

// look looks at every account once. The node that came first does, the others read what it found.
func (w *watchman) look(ctx context.Context) error {
	first, err := w.store.ClaimKV(ctx, chat.KV{Key: "node/watch", Value: []byte(w.node), ExpiresAt: w.now().Add(2*watchInterval - time.Second)})
	if err != nil {
		return err
	}
	mine := string(first) == w.node
	if mine { // and stays so, for as long as it comes again
		err = w.store.SetKV(ctx, chat.KV{Key: "node/watch", Value: []byte(w.node), ExpiresAt: w.now().Add(2 * watchInterval)})
	}
	for _, a := range w.accounts {
		err = errors.Join(err, w.lookAt(ctx, a, mine))
	}
	return err
}

// lookAt looks at one account, or reads what another node has found.
func (w *watchman) lookAt(ctx context.Context, a CheckedAccount, mine bool) error {
	watched, err := ReadWatched(ctx, w.store, a)
	if err != nil {
		return err
	}
	if mine {
		fault := a.fault(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		next, announce := watched.step(a, fault, w.now())
		if err := w.keep(ctx, a, watched, next, announce); err != nil {
			return err
		}
		watched = next
	}
	down := w.down.WithLabelValues(a.Channel, a.Account)
	down.Set(0)
	if watched.Down {
		down.Set(1)
	}
	return nil
}

// keep keeps what became of an account, and announces it.
func (w *watchman) keep(ctx context.Context, a CheckedAccount, before, next Watched, announce desk.OutageEvent) error {
	kept := chat.KV{Key: a.watchKey()}
	if !next.Since.IsZero() {
		value, err := json.Marshal(next)
		if err != nil {
			return err
		}
		kept.Value = value
	}
	switch announce {
	case desk.EventChannelDown:
		w.log.ErrorContext(ctx, "an account of a channel does not work", "channel", a.Channel, "account", a.Account, "since", next.Since, "reason", next.Reason)
		return w.store.AnnounceOutage(ctx, announce, next.Outage, kept)
	case desk.EventChannelUp:
		w.log.InfoContext(ctx, "an account of a channel works again", "channel", a.Channel, "account", a.Account)
		return w.store.AnnounceOutage(ctx, announce, before.Outage, kept)
	}
	if before == next {
		return nil
	}
	return w.store.SetKV(ctx, kept)
}

// fault is why the account does not work, as its host says; "" where it does.
func (a CheckedAccount) fault(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, watchTimeout)
	defer cancel()
	if wrong := a.Checker.Check(ctx, a.Account).At(finding.Error); len(wrong) > 0 {
		return chat.Shorten(wrong[0].Text, 500, chat.ByteLen)
	}
	return ""
}

// watchKey is under what is kept what is known of the account.
func (a CheckedAccount) watchKey() string { return "node/watch/" + a.Channel + "/" + a.Account }

// ReadWatched is what serve has found of an account, on whatever node.
func ReadWatched(ctx context.Context, kv chat.KVStore, a CheckedAccount) (w Watched, err error) {
	_, err = chat.LoadKV(ctx, kv, a.watchKey(), &w)
	return w, err
}
