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

	elsewhere bool // the replies are given by somebody else: in the answer to another message, or by the courier
}

// conclude answers a message with what lies in its lane.
func (c *Channel) conclude(ctx context.Context, f *flight, s said) {
	if len(s.rows) == 0 {
		kept, ok := c.takeLane(ctx, f, &s)
		if ok {
			f.decideOn(kept, nil)
			return
		}
	}
	forbidden := c.forbidden(ctx, f.a)
	p, want := page{}, answer{}
	switch {
	case len(s.rows) > 0:
		p = compose(c.unclaimed(ctx, f, s), maxPassive, forbidden)
		want = p.answer()
		c.giveBack(ctx, f, s.lane, p.rest, forbidden, nil)
	case s.elsewhere || len(s.replies) == 0:
	case s.repeat: // whoever leased them is silent: it was killed
		want = c.recovered(ctx, f, s, forbidden)
	default: // they are on their way, or will be after the hold
		c.putOff(ctx, f)
		return
	}
	got, ours, err := c.claim(ctx, f, want, s.lane)
	if err != nil {
		c.c.Log.WarnContext(ctx, "an answer goes to the courier", "account", f.a.Name, "error", err)
		c.giveBack(ctx, f, s.lane, p.out(), forbidden, nil)
		c.putOff(ctx, f)
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
		how := p.ending(s, c.c.Now().Add(shown))
		if forbidden && how.State == chat.SendingQueued {
			how.NotBefore = how.NotBefore.Add(rested)
			how.Marks = []chat.Mark{c.more(f.a, f.p.From, lane)}
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
		c.end(ctx, kept.Part, chat.Settlement{State: chat.SendingQueued, NotBefore: c.c.Now().Add(shown), Untried: true, Done: kept.Done})
	}
}

// giveBack leaves leased sendings to the courier, with marks in the commit of the first. Where the
// account may not send by itself they wait for the customer, who is told how to ask for them.
func (c *Channel) giveBack(ctx context.Context, f *flight, lane string, rows []chat.Sending, forbidden bool, marks []chat.Mark) {
	back := chat.Settlement{State: chat.SendingQueued, NotBefore: c.c.Now().Add(shown), Untried: true, Marks: marks}
	if forbidden {
		back.NotBefore, back.Reason = back.NotBefore.Add(rested), "it waits for the customer's next message"
		back.Marks = append(back.Marks, c.more(f.a, f.p.From, lane))
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
