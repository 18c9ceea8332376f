package wechat

import (
	"context"
	"errors"
	"time"

	"github.com/yingda/yingda/chat"
)

// conclude answers a message with what lies in its lane.
func (c *Channel) conclude(ctx context.Context, f *flight, s said) {
	if len(s.rows) == 0 {
		switch kept, what := c.takeLane(ctx, f, &s); what {
		case decided:
			f.decideOn(kept, nil)
			c.settleKept(ctx, f, kept)
			return
		case hidden: // it is on its way, or will be after the hold
			c.putOff(ctx, f)
			return
		case rows, elsewhere:
		}
	}
	c.tellOthers(ctx, f, s)
	forbidden := c.forbidden(ctx, f.a)
	p := compose(s.rows, maxPassive, forbidden)
	c.giveBack(ctx, f, s.lane, p.rest, forbidden, nil)
	want := p.answer()
	f.claims.Store(true)
	got, ours, err := c.claimPatiently(ctx, f, want, s.lane)
	if err == nil {
		f.decideOn(got, nil)
	} else {
		c.c.Log.WarnContext(ctx, "an answer goes to the courier", "account", f.a.Name, "error", err)
		c.putOff(ctx, f)
	}
	switch stands := f.result; {
	case stands.same(want):
		c.settle(ctx, f, s.lane, p, forbidden)
	case ours || err != nil: // a request of this process was put off, which the mark may not know
		if m, err := c.mark(f, stands, s.lane); err == nil {
			c.giveBack(ctx, f, s.lane, p.out(), forbidden, []chat.Mark{m})
		}
	default:
		c.giveBack(ctx, f, s.lane, p.out(), forbidden, nil)
		c.settleKept(ctx, f, got)
	}
}

// settle ends the leases of what this flight's answer hands over, once a request was answered by it.
func (c *Channel) settle(ctx context.Context, f *flight, lane string, p page, forbidden bool) {
	if len(p.out()) == 0 {
		return
	}
	select {
	case <-f.handed:
	case <-time.After(regret):
		// Nobody could be answered. What comes now gets nothing, for the courier brings it.
		if m, err := c.mark(f, answer{}, lane); err == nil {
			c.giveBack(ctx, f, lane, p.out(), forbidden, []chat.Mark{m})
		}
		return
	}
	for _, s := range p.out() {
		how := p.ending(s, c.c.Now().Add(shown))
		if forbidden && how.State == chat.SendingQueued {
			how.NotBefore = how.NotBefore.Add(rested)
			how.Marks = []chat.Mark{c.more(f.a, f.p.From, lane)}
		}
		c.end(ctx, s.ID, how)
	}
}

// settleKept settles what an answer hands over that somebody else has claimed, who may be dead, or may not
// know that a request was answered by it.
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
