package wechat

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/yingda/yingda/chat"
)

// said is what became of a message: where its answer lies.
type said struct {
	lane    string         // the conversation
	rows    []chat.Sending // what lies there, where it has been leased already
	replies []chat.Entry   // as they were said
	repeat  bool           // it had been delivered before
	at      time.Time      // when it came first
}

// found is what takeLane comes back with.
type found int

const (
	rows      found = iota // what lies in the lane, maybe nothing, is leased
	decided                // the message has an answer
	elsewhere              // what was said is handed over by somebody else
	hidden                 // somebody has leased it, or the database does not tell
)

// takeLane leases the lane. While it gives nothing although something was said, somebody else is at it: the
// courier, with something older, or the flight of the same message elsewhere, whose answer is then found,
// or that of another message of the customer's.
func (c *Channel) takeLane(ctx context.Context, f *flight, s *said) (answer, found) {
	const step = 50 * time.Millisecond
	for waited := time.Duration(0); ; waited += step {
		taken, err := c.c.Outbox.LeaseLane(ctx, s.lane, 0, lease)
		if err != nil && !errors.Is(err, chat.ErrBusy) {
			c.c.Log.WarnContext(ctx, "cannot take what was said", "account", f.a.Name, "error", err)
		}
		if len(taken) > 0 || len(s.replies) == 0 && err == nil {
			s.rows = taken
			return answer{}, rows
		}
		if kept, ok := c.kept(ctx, f); ok {
			return kept, decided
		}
		if _, err := c.c.Marks.GetKV(ctx, f.over(s.lane, last(s.replies))); err == nil {
			return answer{}, elsewhere
		}
		if waited < c.c.Wait && rest(ctx, step) {
			continue
		}
		if s.repeat && !c.c.Now().Before(s.at.Add(hold-regret)) { // the courier may have sent it
			return answer{}, elsewhere
		}
		return answer{}, hidden
	}
}

// last is the number of the newest entry; 0 for none.
func last(entries []chat.Entry) int64 {
	if len(entries) == 0 {
		return 0
	}
	return entries[len(entries)-1].Seq
}

// over is where it is kept that an entry is handed over in the answer to another message than its own.
func (f *flight) over(lane string, seq int64) string {
	return f.a.key("over", lane+"/"+strconv.FormatInt(seq, 10))
}

// tellOthers tells the flights of a customer's other messages, who wait for what they said, that this one
// hands it over.
func (c *Channel) tellOthers(ctx context.Context, f *flight, s said) {
	now := c.c.Now()
	var marks []chat.KV
	for _, row := range s.rows {
		seq := seqOf(row)
		own := len(s.replies) > 0 && seq >= s.replies[0].Seq && seq <= last(s.replies)
		if !own && now.Before(row.QueuedAt.Add(hold+patience)) {
			marks = append(marks, chat.KV{Key: f.over(s.lane, seq), Value: []byte(f.external), Conversation: s.lane, ExpiresAt: now.Add(memory)})
		}
	}
	if len(marks) == 0 {
		return
	}
	if err := c.c.Marks.SetKV(ctx, marks...); err != nil {
		c.c.Log.WarnContext(ctx, "an answer may be promised that has come", "account", f.a.Name, "error", err)
	}
}
