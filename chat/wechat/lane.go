package wechat

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/yingda/yingda/chat"
)

// takeLane leases the lane. While it gives nothing although something was said, somebody else is at it: the
// courier, with something older, or the flight of the same message elsewhere, whose answer is then found,
// or that of another message of the customer's.
func (c *Channel) takeLane(ctx context.Context, f *flight, s *said) (kept answer, ok bool) {
	const step = 50 * time.Millisecond
	patience := c.c.Wait
	if s.repeat {
		patience /= 2 // then it is for us to answer
	}
	for waited := time.Duration(0); ; waited += step {
		rows, err := c.c.Outbox.TakeLane(ctx, s.lane, 0, lease)
		if err != nil && !errors.Is(err, chat.ErrBusy) {
			c.c.Log.WarnContext(ctx, "cannot take what was said", "account", f.a.Name, "error", err)
		}
		if len(rows) > 0 || len(s.replies) == 0 && err == nil {
			s.rows = rows
			return answer{}, false
		}
		if kept, ok := c.kept(ctx, f); ok {
			return kept, true
		}
		if _, err := c.c.Marks.Mark(ctx, c.over(f, s.lane, last(s.replies))); err == nil {
			s.elsewhere = true
			return answer{}, false
		}
		if waited >= patience || !rest(ctx, step) {
			// From the end of the hold on the courier may have sent them.
			s.elsewhere = s.repeat && !c.c.Now().Before(s.at.Add(hold-regret))
			return answer{}, false
		}
	}
}

// last is the number of the newest entry; 0 for none.
func last(entries []chat.Entry) int64 {
	if len(entries) == 0 {
		return 0
	}
	return entries[len(entries)-1].Seq
}

// over is where it is kept who hands over an entry outside of the answer to its own message. Two may want
// to: the flight of another message, which leased it, and a repeat of its own, which takes that one for dead.
func (c *Channel) over(f *flight, lane string, seq int64) string {
	return f.a.key("over", lane+"/"+strconv.FormatInt(seq, 10))
}

// Who hands an entry over: whoever has its lease, or, where that one is taken for dead, a repeat.
const (
	byLease  = "lease"
	byRepeat = "repeat"
)

// claimOver is how an entry is handed over, whoever was first to say so.
func (c *Channel) claimOver(ctx context.Context, f *flight, lane string, seq int64, how string) (string, error) {
	value, err := c.c.Marks.ClaimMark(ctx, chat.Mark{
		Key: c.over(f, lane, seq), Value: []byte(how), Conversation: lane, Until: c.c.Now().Add(memory),
	})
	if err != nil {
		return "", fmt.Errorf("claim an entry: %w", err)
	}
	return string(value), nil
}

// unclaimed are the leased sendings without those that a repeat of their own message has handed over. What was
// said to this message, and what is older than any message that is still worked on, is no repeat's.
func (c *Channel) unclaimed(ctx context.Context, f *flight, s said) (rows []chat.Sending) {
	for _, row := range s.rows {
		seq := seqOf(row)
		own := len(s.replies) > 0 && seq >= s.replies[0].Seq && seq <= last(s.replies)
		old := c.c.Now().After(row.QueuedAt.Add(hold + patience))
		how := byLease
		if !own && !old {
			how, _ = c.claimOver(ctx, f, s.lane, seq, byLease) // where that fails, it fails for a repeat as well
		}
		if how == byRepeat {
			c.end(ctx, row.ID, chat.Settlement{State: chat.SendingSent})
		} else {
			rows = append(rows, row)
		}
	}
	return rows
}

// recovered is the answer to a message of what was said to it, as the conversation has it: the ids of its
// sendings are not known.
func (c *Channel) recovered(ctx context.Context, f *flight, s said, forbidden bool) answer {
	if how, err := c.claimOver(ctx, f, s.lane, last(s.replies), byRepeat); how != byRepeat || err != nil {
		return answer{}
	}
	var rows []chat.Sending
	for _, e := range s.replies {
		rows = append(rows, chat.Sending{Body: encode(e)})
	}
	p := compose(rows, maxPassive, forbidden)
	a := p.answer()
	a.Whole, a.Part, a.Done = nil, 0, 0
	return a
}
