package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

// replyTTL is how long a passive reply is kept: longer than requests are fresh.
const replyTTL = 15 * time.Minute

// reply is the passive reply to a message, whenever and wherever it comes.
type reply struct {
	Text string `json:"-"` // "" for success, which shows nothing

	// Of the sendings that are handed over by it:
	Complete  []int64 `json:"whole,omitempty"` // the ids of those that end with it
	Partial   int64   `json:"part,omitempty"`  // one that does not; 0 for none
	PartsSent int     `json:"done,omitempty"`  // how many of Partial's parts are out then
}

// newReply is a page as the reply to a message.
func newReply(p page) reply {
	r := reply{Text: p.text}
	for _, s := range p.complete {
		r.Complete = append(r.Complete, s.ID)
	}
	if p.partial != nil {
		r.Partial, r.PartsSent = p.partial.ID, p.partsSent
	}
	return r
}

// hasSendings tells whether anything is handed over by the reply.
func (r reply) hasSendings() bool { return len(r.Complete) > 0 || r.Partial != 0 }

// equal tells whether two replies are one.
func (r reply) equal(other reply) bool {
	return r.Text == other.Text && r.Partial == other.Partial && r.PartsSent == other.PartsSent && slices.Equal(r.Complete, other.Complete)
}

// encode is the reply as it is kept: JSON, and the text behind it as it is, so that it is never longer
// than a value may be.
func (r reply) encode() []byte { return append(append(chat.EncodeJSON(r), '\n'), r.Text...) }

func decodeReply(value []byte) (r reply, err error) {
	head, text, _ := bytes.Cut(value, []byte("\n"))
	if err := json.Unmarshal(head, &r); err != nil {
		return r, fmt.Errorf("decode a reply: %w", err)
	}
	r.Text = string(text)
	return r, nil
}

// errNotTaken is why a request cannot be answered.
var errNotTaken = errors.New("the message was not taken")

// pending is the work on one message, for all requests that bring it to this process.
type pending struct {
	a          *account
	cb         callback
	externalID string
	key        string // of the reply in the KVStore

	decided     chan struct{} // closed when reply stands
	written     chan struct{} // closed when a request was answered by it
	decideOnce  sync.Once
	markWritten func()

	writing   sync.RWMutex // held for reading while a request is answered
	withdrawn bool         // the reply is not to be given any more
	kept      atomic.Bool  // what the message says and what is said to it are on disk
	claiming  atomic.Bool  // the work itself has something to reply, and settles it

	// Written once, before decided is closed.
	reply reply
	err   error // nothing can be said: the request is to come again
}

func newPending(a *account, cb callback, externalID string) *pending {
	p := &pending{
		a: a, cb: cb, externalID: externalID, key: Name + "/answer/" + externalID,
		decided: make(chan struct{}), written: make(chan struct{}),
	}
	p.markWritten = sync.OnceFunc(func() { close(p.written) })
	return p
}

// decide makes r the reply of this process, unless there is one, and returns the one that stands.
func (p *pending) decide(r reply, err error) reply {
	p.decideOnce.Do(func() {
		p.reply, p.err = r, err
		close(p.decided)
	})
	return p.reply
}

// withdraw stops the reply from being given, or is false when it has been.
func (p *pending) withdraw() bool {
	p.writing.Lock()
	defer p.writing.Unlock()
	select {
	case <-p.written:
		return false
	default:
		p.withdrawn = true
		return true
	}
}

// respond answers a request by write, which is told the text.
func (p *pending) respond(text string, write func(text string) error) {
	p.writing.RLock()
	defer p.writing.RUnlock()
	if p.withdrawn {
		text = ""
	}
	if write(text) == nil {
		p.markWritten()
	}
}

// encodeReply is a reply to the message as it is kept. conversation is "" where it is not known.
func (p *pending) encodeReply(r reply, conversation string) chat.KV {
	return chat.KV{Key: p.key, Value: r.encode(), Conversation: conversation, ExpiresAt: p.a.now().Add(replyTTL)}
}

// findReply is the reply that the message got before; false when none is known.
func (p *pending) findReply(ctx context.Context) (reply, bool) {
	value, err := p.a.kv.GetKV(ctx, p.key)
	if err != nil {
		if !errors.Is(err, chat.ErrNotFound) {
			p.a.log.WarnContext(ctx, "cannot look for a reply", "error", err)
		}
		return reply{}, false
	}
	r, err := decodeReply(value)
	return r, err == nil
}

// claimReply makes want the message's reply, unless it has one: the reply that it has then, and whether that
// is want.
func (p *pending) claimReply(ctx context.Context, want reply, conversation string) (got reply, ours bool, err error) {
	kv := p.encodeReply(want, conversation)
	value, err := p.a.kv.ClaimKV(ctx, kv)
	if err != nil {
		return reply{}, false, fmt.Errorf("claim a reply: %w", err)
	}
	got, err = decodeReply(value)
	return got, bytes.Equal(value, kv.Value), err
}

// retryClaim is claimReply, again and again while the database is busy: a claim that failed may have been kept.
func (p *pending) retryClaim(ctx context.Context, want reply, conversation string) (got reply, ours bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, host.LeaseTime/2)
	defer cancel()
	chat.Retry(ctx, func() bool {
		got, ours, err = p.claimReply(ctx, want, conversation)
		return err == nil
	})
	return got, ours, err
}

// outcome is what has become of a reply that was claimed. It may be given by the process that claimed it, or
// to a repeat elsewhere; when the first could not give it, it revokes what it would have handed over. What has become
// of it is kept beside it: whoever says so first is right.
type outcome string

const (
	givenElsewhere outcome = "given"
	revoked        outcome = "taken back"
)

// claimOutcome is what has become of the message's reply, which is want where nobody has said so yet.
func (p *pending) claimOutcome(ctx context.Context, want outcome) (outcome, error) {
	value, err := p.a.kv.ClaimKV(ctx, chat.KV{Key: p.key + "/became", Value: []byte(want), ExpiresAt: p.a.now().Add(replyTTL)})
	return outcome(value), err
}

// holdingOr is holding, claimed where the message is kept, or the reply that the message has.
func (p *pending) holdingOr(ctx context.Context, holding reply) reply {
	got, found := p.findReply(ctx)
	if p.kept.Load() {
		claimed, _, err := p.claimReply(ctx, holding, "")
		got, found = claimed, err == nil
	}
	switch {
	case !found:
		return holding
	case p.claiming.Load():
		return got
	}
	return p.adopt(ctx, got)
}

// adopt is the reply that somebody else has claimed, to be given here. Where it has been revoked
// nothing is said: the courier brings it.
func (p *pending) adopt(ctx context.Context, kept reply) reply {
	if !kept.hasSendings() {
		return kept
	}
	if o, err := p.claimOutcome(ctx, givenElsewhere); err != nil || o != givenElsewhere {
		return reply{}
	}
	return kept
}
