package wechat

import (
	"context"
	"errors"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

// join is the pending work on a message, begun when there is none.
func (c *Channel) join(ctx context.Context, a *account, cb callback) *pending {
	externalID := cb.externalID(a.Name)
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.pending[externalID]; p != nil {
		if p.cb.plain.body != cb.plain.body { // by another signature, which says nothing of the body
			p = newPending(a, cb, externalID)
			p.decide(reply{}, errReplayed)
		}
		return p
	}
	p := newPending(a, cb, externalID)
	c.pending[externalID] = p
	c.running.Go(func() {
		defer func() {
			p.decide(reply{}, errNotTaken) // whatever happened: nobody waits for ever
			c.mu.Lock()
			defer c.mu.Unlock()
			delete(c.pending, externalID)
		}()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deliverTime+host.LeaseTime)
		defer cancel()
		err := c.Panics.Try(ctx, Name, func() error { c.process(ctx, p); return nil }, "account", a.Name)
		if err != nil && cb.Event != "unsubscribe" {
			p.decide(reply{Text: textFailed}, nil)
		}
	})
	return p
}

// wait is the reply for one request, in time whatever happens.
func (c *Channel) wait(ctx context.Context, p *pending) (reply, error) {
	select {
	case <-p.decided:
	case <-ctx.Done():
		return reply{}, errNotTaken
	case <-time.After(c.Wait):
		c.replyHolding(ctx, p)
	}
	return p.reply, p.err
}

func (c *Channel) process(ctx context.Context, p *pending) {
	switch err := c.claimSignature(ctx, p); {
	case errors.Is(err, errReplayed):
		p.decide(reply{}, err)
		return
	case err != nil:
		p.a.log.ErrorContext(ctx, "a customer's message was not kept", "customer", shortOpenID(p.cb.From), "error", err)
		p.decide(reply{Text: textFailed}, nil)
		return
	}
	if kept, ok := p.findReply(ctx); ok {
		c.replyAdopted(ctx, p, kept)
		return
	}
	switch {
	case p.cb.Type == "event" && p.cb.Event == "unsubscribe":
		c.forget(ctx, p)
		return
	case p.cb.isSilent():
		p.decide(reply{}, nil)
		return
	}
	if next, ok := c.continueLane(ctx, p); ok {
		p.kept.Store(true)
		c.replyFromLane(ctx, p, next)
		return
	}
	receipt, err := c.deliver(ctx, p)
	if err != nil {
		p.a.log.ErrorContext(ctx, "a customer's message was not kept", "customer", shortOpenID(p.cb.From), "error", err)
		p.decide(reply{Text: textFailed}, nil) // not claimed: the same message may come again and be taken
		return
	}
	p.kept.Store(true)
	c.replyFromLane(ctx, p, delivered{
		lane: receipt.Conversation.ID, replies: receipt.Replies, repeat: receipt.Repeat, at: receipt.Message.At,
	})
}

// continueLane leases what waits where the customer asks to go on; false where nothing does, and the message is one
// for the bot. Such a message is no part of the conversation.
func (c *Channel) continueLane(ctx context.Context, p *pending) (next delivered, ok bool) {
	if p.cb.Type != "text" || !asksToContinue(p.cb.Content) {
		return delivered{}, false
	}
	key := p.a.continuationKey(p.cb.From)
	value, err := p.a.kv.GetKV(ctx, key)
	if err != nil { // there is none, or the bot is asked
		return delivered{}, false
	}
	lane := string(value)
	leased, err := c.Outbox.LeaseLane(ctx, lane, 0, host.LeaseTime)
	if err != nil || len(leased) == 0 {
		return delivered{}, false
	}
	values := append([]chat.KV{{Key: key}}, p.a.grantQuota(p.cb, lane)...) // the first is kept again when there is still more
	if err := p.a.kv.SetKV(ctx, values...); err != nil {
		p.a.log.WarnContext(ctx, "cannot keep what may be sent", "error", err)
	}
	return delivered{lane: lane, sendings: leased}, true
}

// deliver brings a message to the inbox, again and again while the database is busy.
func (c *Channel) deliver(ctx context.Context, p *pending) (receipt chat.Receipt, err error) {
	ctx, cancel := context.WithTimeout(ctx, deliverTime)
	defer cancel()
	chat.Retry(ctx, func() bool {
		receipt, err = c.Inbox.Deliver(ctx, customerOf(p), c.message(ctx, p))
		return !errors.Is(err, chat.ErrBusy)
	})
	return receipt, err
}

// forget erases a customer who left, as WeChat demands.
func (c *Channel) forget(ctx context.Context, p *pending) {
	ctx, cancel := context.WithTimeout(ctx, deliverTime)
	defer cancel()
	if !c.confirmLeft(ctx, p) {
		p.decide(reply{}, nil)
		return
	}
	erased := chat.Retry(ctx, func() bool {
		err := c.Inbox.Forget(ctx, Name, p.a.Name, p.cb.From)
		if err != nil {
			p.a.log.ErrorContext(ctx, "a customer who left was not erased", "customer", shortOpenID(p.cb.From), "error", err)
		}
		return err == nil
	})
	if !erased {
		return
	}
	// Whoever comes back at once is not to be erased by the same request.
	if _, _, err := p.claimReply(ctx, reply{}, ""); err != nil {
		p.a.log.WarnContext(ctx, "a customer who left may be erased again", "error", err)
	}
	p.decide(reply{}, nil)
}
