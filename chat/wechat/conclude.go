package wechat

import (
	"context"
	"errors"
	"slices"
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

// conclude answers a message with what lies in its lane.
func (c *Channel) conclude(ctx context.Context, f *flight, s said) {
	rows := s.rows
	if len(rows) == 0 {
		var kept answer
		var ok bool
		if rows, kept, ok = c.takeLane(ctx, f, s); ok {
			f.decideOn(kept, nil)
			return
		}
	}
	forbidden := c.forbidden(ctx, f.a)
	p, want := page{}, answer{}
	switch {
	case len(rows) > 0:
		p = compose(rows, maxPassive, forbidden)
		want = p.answer()
		c.giveBack(ctx, f, s.lane, p.rest, forbidden, nil)
	case s.repeat && len(s.replies) > 0 && c.c.Now().Before(s.at.Add(hold-regret)):
		// Somebody has taken them, answered nothing and is silent: it was killed.
		want = recovered(s.replies, forbidden)
	case !s.repeat && len(s.replies) > 0: // they are on their way, or will be after the hold
		c.putOff(ctx, f)
		return
	}
	got, ours, err := c.claim(ctx, f, want, s.lane)
	if err != nil {
		c.c.Log.WarnContext(ctx, "an answer goes to the courier", "account", f.a.Name, "error", err)
		c.giveBack(ctx, f, s.lane, p.out(), forbidden, nil)
		return
	}
	if stands := f.decideOn(got, nil); ours && stands.Text != want.Text {
		// A request of this process was put off, which the mark does not know.
		if m, err := c.mark(f, stands, s.lane); err == nil {
			c.giveBack(ctx, f, s.lane, p.out(), forbidden, []chat.Mark{m})
		}
		return
	}
	c.settle(ctx, f, s.lane, p, got, forbidden)
}

// takeLane leases the lane. While it gives nothing although something was said, somebody else is at it: the
// courier, with something older, or a request elsewhere, whose answer is then found.
func (c *Channel) takeLane(ctx context.Context, f *flight, s said) (rows []chat.Sending, kept answer, ok bool) {
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
			return rows, answer{}, false
		}
		if kept, ok := c.kept(ctx, f); ok {
			return nil, kept, true
		}
		if waited >= patience || !rest(ctx, step) {
			return nil, answer{}, false
		}
	}
}

// recovered is the answer to a message of what was said to it.
func recovered(replies []chat.Entry, forbidden bool) answer {
	var rows []chat.Sending
	for _, e := range replies {
		rows = append(rows, chat.Sending{Body: encode(e)})
	}
	p := compose(rows, maxPassive, forbidden)
	a := p.answer()
	a.Whole, a.Part, a.Done = nil, 0, 0 // their ids are not known
	return a
}

// settle ends the leases of what an answer hands over, once a request was answered by it.
func (c *Channel) settle(ctx context.Context, f *flight, lane string, p page, got answer, forbidden bool) {
	var ours, others []chat.Sending
	for _, s := range p.out() {
		if slices.Contains(got.Whole, s.ID) || s.ID == got.Part || slices.Contains(got.Seqs, seqOf(s)) {
			ours = append(ours, s)
		} else {
			others = append(others, s)
		}
	}
	c.giveBack(ctx, f, lane, others, forbidden, nil)
	if len(ours) == 0 {
		return
	}
	select {
	case <-f.handed:
	case <-time.After(regret):
		// Nobody could be answered. What comes now gets nothing, for the courier brings it.
		if m, err := c.mark(f, answer{}, lane); err == nil {
			c.giveBack(ctx, f, lane, ours, forbidden, []chat.Mark{m})
		}
		return
	}
	for _, s := range ours {
		how := p.ending(s, c.c.Now())
		if forbidden && how.State == chat.SendingQueued {
			how.NotBefore = how.NotBefore.Add(rested)
			how.Marks = []chat.Mark{c.more(f, lane)}
		}
		c.end(ctx, s.ID, how)
	}
}

// settleKept settles what a kept answer hands over, in case that whoever claimed it was killed.
func (c *Channel) settleKept(ctx context.Context, f *flight, kept answer) {
	if len(kept.Whole) == 0 && kept.Part == 0 {
		return
	}
	select {
	case <-f.handed:
	case <-time.After(regret):
		return
	}
	for _, id := range kept.Whole {
		c.end(ctx, id, chat.Settlement{State: chat.SendingSent})
	}
	if kept.Part != 0 {
		c.end(ctx, kept.Part, chat.Settlement{State: chat.SendingQueued, NotBefore: c.c.Now(), Untried: true, Done: kept.Done})
	}
}

// giveBack leaves leased sendings to the courier, at once, with marks in the commit of the first. Where the
// account may not send by itself they wait for the customer, who is told how to ask for them.
func (c *Channel) giveBack(ctx context.Context, f *flight, lane string, rows []chat.Sending, forbidden bool, marks []chat.Mark) {
	back := chat.Settlement{State: chat.SendingQueued, NotBefore: c.c.Now(), Untried: true, Marks: marks}
	if forbidden {
		back.NotBefore, back.Reason = back.NotBefore.Add(rested), "it waits for the customer's next message"
		back.Marks = append(back.Marks, c.more(f, lane))
	}
	for _, s := range rows {
		c.end(ctx, s.ID, back)
		back.Marks = nil
	}
}

// end settles a sending, again and again for as long as its lease lasts: else it would become unknown.
func (c *Channel) end(ctx context.Context, id int64, how chat.Settlement) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lease/2)
	defer cancel()
	for n := 0; ; n++ {
		err := c.c.Outbox.Settle(ctx, id, how)
		if err == nil || errors.Is(err, chat.ErrConflict) || errors.Is(err, chat.ErrNotFound) { // settled already, or erased
			return
		}
		if !rest(ctx, again(n)) {
			c.c.Log.ErrorContext(ctx, "the outbox failed", "op", "settle", "sending", id, "error", err)
			return
		}
	}
}
