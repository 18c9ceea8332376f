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
			kept = f.decideOn(c.borrow(ctx, f, kept), nil)
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
		if !ours {
			got = c.borrow(ctx, f, got)
		}
		f.decideOn(got, nil)
	} else {
		c.c.Log.WarnContext(ctx, "an answer goes to the courier", "account", f.a.Name, "error", err)
		c.putOff(ctx, f)
	}
	switch stands := f.result; {
	case stands.same(want):
		c.settle(ctx, f, s.lane, p, forbidden)
	case ours || err != nil: // a request of this process was put off, which the mark may not know
		c.takeBack(ctx, f, s.lane, p, forbidden, stands)
	default:
		c.giveBack(ctx, f, s.lane, p.out(), forbidden, nil)
		c.settleKept(ctx, f, stands)
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
		if f.withdraw() { // nobody could be answered; what comes now gets nothing, for the courier brings it
			c.takeBack(ctx, f, lane, p, forbidden, answer{})
			return
		}
	}
	for _, s := range p.out() {
		how := p.ending(s, c.c.Now().Add(shown))
		if forbidden && how.State == chat.SendingQueued {
			how.NotBefore = how.NotBefore.Add(rested)
			how.KV = []chat.KV{c.more(f.a, f.p.From, lane)}
		}
		c.end(ctx, s.ID, how)
	}
}

// giveBack leaves leased sendings to the courier, with marks in the commit of the first. Where the
// account may not send by itself they wait for the customer, who is told how to ask for them.
func (c *Channel) giveBack(ctx context.Context, f *flight, lane string, rows []chat.Sending, forbidden bool, marks []chat.KV) {
	back := chat.Settlement{State: chat.SendingQueued, NotBefore: c.c.Now().Add(shown), Untried: true, KV: marks}
	if forbidden {
		back.NotBefore, back.Reason = back.NotBefore.Add(rested), "it waits for the customer's next message"
		back.KV = append(back.KV, c.more(f.a, f.p.From, lane))
	}
	for _, s := range rows {
		c.end(ctx, s.ID, back)
		back.KV = nil
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
