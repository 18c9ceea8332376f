package wechat

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

// delivered is what became of a message: where the reply to it lies.
type delivered struct {
	lane     string         // the conversation
	sendings []chat.Sending // what lies there, where it has been leased already
	replies  []chat.Entry   // what was said to the message
	repeat   bool           // it had been delivered before
	at       time.Time      // when it came first
}

// lastSeq is the number of the newest entry that was said; 0 for none.
func (d *delivered) lastSeq() int64 {
	if len(d.replies) == 0 {
		return 0
	}
	return d.replies[len(d.replies)-1].Seq
}

// laneResult is what leaseLane comes back with.
type laneResult int

const (
	laneLeased    laneResult = iota // what lies in the lane, maybe nothing, is leased
	laneReplied                     // the message has a reply
	laneElsewhere                   // what was said is handed over by somebody else
	laneBusy                        // somebody has leased it, or the database does not tell
)

// leaseLane leases the lane. While it gives nothing although something was said, somebody else is at it: the
// courier, with something older, or the work on the same message elsewhere, whose reply is then found,
// or that on another message of the customer's.
func (c *Channel) leaseLane(ctx context.Context, p *pending, d *delivered) (reply, laneResult) {
	const step = 50 * time.Millisecond
	for waited := time.Duration(0); ; waited += step {
		leased, err := c.Outbox.LeaseLane(ctx, d.lane, 0, host.LeaseTime)
		if err != nil && !errors.Is(err, chat.ErrBusy) {
			p.a.log.WarnContext(ctx, "cannot lease what was said", "error", err)
		}
		if len(leased) > 0 || len(d.replies) == 0 && err == nil {
			d.sendings = leased
			return reply{}, laneLeased
		}
		if kept, ok := p.findReply(ctx); ok {
			return kept, laneReplied
		}
		if _, err := p.a.kv.GetKV(ctx, handedOverKey(p.a, d.lane, d.lastSeq())); err == nil {
			return reply{}, laneElsewhere
		}
		if waited < c.Wait && chat.Sleep(ctx, step) == nil {
			continue
		}
		if d.repeat && !c.Now().Before(d.at.Add(replyWindow-repeatTime)) { // the courier may have sent it
			return reply{}, laneElsewhere
		}
		return reply{}, laneBusy
	}
}

// handedOverKey is where it is kept that an entry is handed over in the reply to another message than its own.
func handedOverKey(a *account, lane string, seq int64) string {
	return a.key("over", lane+"/"+strconv.FormatInt(seq, 10))
}

// noteHandedOver tells the work on a customer's other messages, which waits for what was said to them, that this one
// hands it over.
func (c *Channel) noteHandedOver(ctx context.Context, p *pending, d delivered) {
	now := c.Now()
	var values []chat.KV
	for i, e := range host.DecodeEntries(d.sendings) {
		own := len(d.replies) > 0 && e.Seq >= d.replies[0].Seq && e.Seq <= d.lastSeq()
		if !own && now.Before(d.sendings[i].QueuedAt.Add(replyWindow+deliverTime)) {
			values = append(values, chat.KV{
				Key: handedOverKey(p.a, d.lane, e.Seq), Value: []byte(p.externalID), Conversation: d.lane, ExpiresAt: now.Add(replyTTL),
			})
		}
	}
	if len(values) == 0 {
		return
	}
	if err := p.a.kv.SetKV(ctx, values...); err != nil {
		p.a.log.WarnContext(ctx, "a reply may be promised that has come", "error", err)
	}
}

// replyFromLane answers a message with what lies in its lane.
func (c *Channel) replyFromLane(ctx context.Context, p *pending, d delivered) {
	if len(d.sendings) == 0 {
		switch kept, result := c.leaseLane(ctx, p, &d); result {
		case laneReplied:
			c.replyAdopted(ctx, p, kept)
			return
		case laneBusy: // it is on its way, or will be after the reply window
			c.replyHolding(ctx, p)
			return
		case laneLeased, laneElsewhere:
		}
	}
	c.noteHandedOver(ctx, p, d)
	forbidden := p.a.sendForbidden(ctx)
	pg := composePage(d.sendings, host.RenderEntries(ctx, c.Conversations, c.Log, d.sendings), maxPassive, forbidden)
	c.requeue(ctx, p, d.lane, pg.rest, forbidden, nil)
	want := newReply(pg)
	p.claiming.Store(true)
	got, ours, err := p.retryClaim(ctx, want, d.lane)
	if err == nil {
		if !ours {
			got = p.adopt(ctx, got)
		}
		p.decide(got, nil)
	} else {
		p.a.log.WarnContext(ctx, "a reply goes to the courier", "error", err)
		c.replyHolding(ctx, p)
	}
	switch stands := p.reply; {
	case stands.equal(want):
		c.settlePage(ctx, p, d.lane, pg, forbidden)
	case ours || err != nil: // a request of this process got a holding reply, which the claim may not know
		c.revoke(ctx, p, d.lane, pg, forbidden, stands)
	default:
		c.requeue(ctx, p, d.lane, pg.sendings(), forbidden, nil)
		c.settleAdopted(ctx, p, stands)
	}
}

// settlePage ends the leases of what the reply hands over, once a request was answered by it.
func (c *Channel) settlePage(ctx context.Context, p *pending, lane string, pg page, forbidden bool) {
	if len(pg.sendings()) == 0 {
		return
	}
	select {
	case <-p.written:
	case <-time.After(repeatTime):
		if p.withdraw() { // nobody could be answered; what comes now gets nothing, for the courier brings it
			c.revoke(ctx, p, lane, pg, forbidden, reply{})
			return
		}
	}
	for _, s := range pg.sendings() {
		how := pg.settlement(s, c.Now().Add(displayTime))
		if forbidden && how.State == chat.SendingQueued {
			how.NotBefore = how.NotBefore.Add(recheckDelay)
			how.KV = []chat.KV{p.a.continuation(p.cb.From, lane)}
		}
		host.Settle(ctx, c.Outbox, c.Log, s.ID, how)
	}
}

// requeue leaves leased sendings to the courier, with values to keep in the commit of the first. Where the
// account may not send by itself they wait for the customer, who is told how to ask for them.
func (c *Channel) requeue(ctx context.Context, p *pending, lane string, sendings []chat.Sending, forbidden bool, values []chat.KV) {
	how := chat.Settlement{State: chat.SendingQueued, NotBefore: c.Now().Add(displayTime), Untried: true, KV: values}
	if forbidden {
		how.NotBefore, how.Reason = how.NotBefore.Add(recheckDelay), host.ReasonUncertified
		how.KV = append(how.KV, p.a.continuation(p.cb.From, lane))
	}
	for _, s := range sendings {
		host.Settle(ctx, c.Outbox, c.Log, s.ID, how)
		how.KV = nil
	}
}

// revoke gives what a reply would have handed over to the courier, unless it was given elsewhere: then
// it is for those there to settle it. instead is the reply from now on.
func (c *Channel) revoke(ctx context.Context, p *pending, lane string, pg page, forbidden bool, instead reply) {
	o, err := p.claimOutcome(ctx, revoked)
	if err != nil { // what is leased becomes unknown
		p.a.log.WarnContext(ctx, "cannot revoke a reply", "error", err)
		return
	}
	if o == revoked {
		c.requeue(ctx, p, lane, pg.sendings(), forbidden, []chat.KV{p.encodeReply(instead, lane)})
	}
}

// replyAdopted answers a message with the reply that was claimed for it before.
func (c *Channel) replyAdopted(ctx context.Context, p *pending, kept reply) {
	c.settleAdopted(ctx, p, p.decide(p.adopt(ctx, kept), nil))
}

// settleAdopted settles what an adopted reply hands over, once a request was answered by it, for whoever
// claimed it may be dead. Where none was, nobody knows whether it was given there.
func (c *Channel) settleAdopted(ctx context.Context, p *pending, r reply) {
	if !r.hasSendings() {
		return
	}
	select {
	case <-p.written:
	case <-time.After(repeatTime):
		return
	}
	for _, id := range r.Complete {
		host.Settle(ctx, c.Outbox, c.Log, id, chat.Settlement{State: chat.SendingSent})
	}
	if r.Partial != 0 {
		host.Settle(ctx, c.Outbox, c.Log, r.Partial, chat.Settlement{State: chat.SendingQueued, NotBefore: c.Now().Add(displayTime), Untried: true, PartsSent: r.PartsSent})
	}
}

// replyHolding answers with a holding reply what is not decided yet. The reply is claimed even when that takes
// longer than the request may wait; but not for a message that is not kept: it is to be taken when it comes again.
func (c *Channel) replyHolding(ctx context.Context, p *pending) {
	select {
	case <-p.decided:
		return
	default:
	}
	if p.cb.Event == "unsubscribe" { // nobody reads a reply, and forgetting is not to be promised
		p.decide(reply{}, errNotTaken)
		return
	}
	holding := reply{Text: textHolding}
	if p.a.sendForbiddenCached() {
		holding.Text = textHoldingForbidden
	}
	claimed := make(chan reply, 1)
	c.start(ctx, p, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deliverTime)
		defer cancel()
		claimed <- p.holdingOr(ctx, holding)
	})
	select {
	case got := <-claimed:
		if stands := p.decide(got, nil); stands.equal(got) && !p.claiming.Load() {
			c.start(ctx, p, func() { c.settleAdopted(context.WithoutCancel(ctx), p, got) })
		}
	case <-time.After(claimTime):
		p.decide(holding, nil)
	case <-p.decided:
	}
	c.showTyping(ctx, p)
}

const typingPath = "/cgi-bin/message/custom/typing"

// showTyping shows the customer that somebody writes. That it fails is no matter.
func (c *Channel) showTyping(ctx context.Context, p *pending) {
	if p.a.sendForbiddenCached() {
		return
	}
	c.start(ctx, p, func() {
		err := p.a.client.Post(context.WithoutCancel(ctx), typingPath, map[string]string{"touser": p.cb.From, "command": "Typing"}, nil)
		if err != nil {
			p.a.log.DebugContext(ctx, "typing was not shown", "error", err)
		}
	})
}
