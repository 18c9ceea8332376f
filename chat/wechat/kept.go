package wechat

import (
	"context"
	"time"

	"github.com/yingda/yingda/chat"
)

// An answer that was claimed may be given by the flight that claimed it, or by a repeat elsewhere; when the
// first could not give it, it takes back what it would have handed over. What has become of it is kept
// beside it: whoever says so first is right.
const (
	givenElsewhere = "given"
	takenBack      = "taken back"
)

// became is what has become of a flight's answer, which is say where nobody has said so yet.
func (c *Channel) became(ctx context.Context, f *flight, say string) (string, error) {
	value, err := c.c.Marks.ClaimKV(ctx, chat.KV{Key: f.key + "/became", Value: []byte(say), ExpiresAt: c.c.Now().Add(memory)})
	return string(value), err
}

// borrow is the answer that somebody else has claimed, to be given here. Where it has been taken back
// nothing is said: the courier brings it.
func (c *Channel) borrow(ctx context.Context, f *flight, kept answer) answer {
	if !kept.hands() {
		return kept
	}
	if what, err := c.became(ctx, f, givenElsewhere); err != nil || what != givenElsewhere {
		return answer{}
	}
	return kept
}

// settleKept settles what a borrowed answer hands over, once a request was answered by it, for whoever
// claimed it may be dead. Where none was, nobody knows whether it was given there.
func (c *Channel) settleKept(ctx context.Context, f *flight, kept answer) {
	if !kept.hands() {
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
		c.end(ctx, kept.Part, chat.Settlement{State: chat.SendingQueued, NotBefore: c.c.Now().Add(shown), Untried: true, PartsSent: kept.Done})
	}
}

// takeBack gives what an answer would have handed over to the courier, unless it was given elsewhere: then
// it is for those there to settle it. instead is the answer from now on.
func (c *Channel) takeBack(ctx context.Context, f *flight, lane string, p page, forbidden bool, instead answer) {
	m, err := c.mark(f, instead, lane)
	what := ""
	if err == nil {
		what, err = c.became(ctx, f, takenBack)
	}
	if err != nil { // what is leased becomes unknown
		c.c.Log.WarnContext(ctx, "cannot take back an answer", "account", f.a.Name, "error", err)
		return
	}
	if what == takenBack {
		c.giveBack(ctx, f, lane, p.out(), forbidden, []chat.KV{m})
	}
}
