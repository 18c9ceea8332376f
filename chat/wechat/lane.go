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
		leased, err := c.Outbox.LeaseLane(ctx, d.lane, 0, leaseTime)
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

// renderEntries are the entries of sendings as a customer reads them. What cannot be looked up is not quoted: the customer
// waits for the words.
func (c *Channel) renderEntries(ctx context.Context, sendings []chat.Sending) []chat.Entry {
	entries := decodeEntries(sendings)
	for i, s := range sendings {
		var err error
		if entries[i], err = host.RenderEntry(ctx, c.Conversations, s.Lane, entries[i]); err != nil {
			c.Log.WarnContext(ctx, "an entry is sent without its quote", "sending", s.ID, "error", err)
		}
	}
	return entries
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
	for i, e := range decodeEntries(d.sendings) {
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
