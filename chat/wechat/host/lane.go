package host

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/yingda/yingda/chat"
)

// Lanes is what a channel needs of a chat.Outbox to hand over at once what waits for a customer.
type Lanes interface {
	LeaseLane(ctx context.Context, lane string, behind int64, lease time.Duration) ([]chat.Sending, error)
	Settle(ctx context.Context, id int64, s chat.Settlement) error
}

// LeaseTime is how long a lane is leased.
const LeaseTime = time.Minute

// Settle ends the lease of a sending, again and again for as long as it lasts: else it would become unknown.
func Settle(ctx context.Context, lanes Lanes, log *slog.Logger, id int64, how chat.Settlement) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), LeaseTime/2)
	defer cancel()
	var err error
	settled := chat.Retry(ctx, func() bool {
		err = lanes.Settle(ctx, id, how)
		return err == nil || errors.Is(err, chat.ErrConflict) || errors.Is(err, chat.ErrNotFound) // settled already, or erased
	})
	if !settled {
		log.ErrorContext(ctx, "the outbox failed", "op", "settle", "sending", id, "error", err)
	}
}

// Requeue leaves leased sendings to the courier, which may send them now.
func Requeue(ctx context.Context, lanes Lanes, log *slog.Logger, now time.Time, sendings []chat.Sending) {
	for _, s := range sendings {
		Settle(ctx, lanes, log, s.ID, chat.Settlement{State: chat.SendingQueued, NotBefore: now, Untried: true, PartsSent: s.PartsSent})
	}
}

// HasCurrentOptions tells whether the options of the i-th entry of a lane are the ones that the bot offers now: nothing
// but what was said in the same breath follows.
func HasCurrentOptions(entries []chat.Entry, i int) bool {
	for n := i + 1; n < len(entries); n++ {
		if entries[n].Reply != nil && entries[n].Seq != entries[i].Seq+int64(n-i) {
			return false
		}
	}
	return true
}

// DecodeEntries decodes sendings. One that holds no entry is empty, and so vanishes.
func DecodeEntries(sendings []chat.Sending) []chat.Entry {
	entries := make([]chat.Entry, len(sendings))
	for i, s := range sendings {
		entries[i], _ = chat.DecodeBody[chat.Entry](s) // a channel's Send refuses such a one
	}
	return entries
}

// RenderEntries are the entries of sendings as a customer reads them. What cannot be looked up is not quoted: the customer
// waits for the words.
func RenderEntries(ctx context.Context, all Conversations, log *slog.Logger, sendings []chat.Sending) []chat.Entry {
	entries := DecodeEntries(sendings)
	for i, s := range sendings {
		var err error
		if entries[i], err = RenderEntry(ctx, all, s.Lane, entries[i]); err != nil {
			log.WarnContext(ctx, "an entry is sent without its quote", "sending", s.ID, "error", err)
		}
	}
	return entries
}
