package kf

import (
	"context"
	"slices"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

// maxJoined is how many sendings go as one message, so that a value of the KVStore can name them.
const maxJoined = 40

// join adds to an entry what waits behind it in the lane and goes with it as one message, since a customer may be sent
// few: what answers several of their messages, and what would be more than is left. What is leased and does not go with
// it is given back. Where it is unknown whether the same ones arrived as one message, they are joined again.
func (o *outgoing) join(ctx context.Context, e chat.Entry) (chat.Entry, *chat.SendError) {
	doubtful, err := o.loadDoubtful(ctx)
	if err != nil {
		return e, &chat.SendError{State: chat.SendingQueued, Reason: host.ReasonQuota}
	}
	wentAlone := o.doubt(0) != "" && len(doubtful) == 0
	if o.s.PartsSent > 0 || wentAlone || len(compose(e)) != 1 {
		return e, nil
	}
	leased, err := o.Outbox.LeaseLane(ctx, o.s.Lane, o.s.ID, host.LeaseTime)
	if err != nil {
		o.Log.WarnContext(ctx, "what waits is not joined", "sending", o.s.ID, "error", err)
	}
	entries := append([]chat.Entry{e}, host.RenderEntries(ctx, o.Conversations, o.Log, leased)...)
	n := countJoined(entries, o.quota.left())
	if len(doubtful) > 0 {
		n = 1 + len(doubtful)
		if len(leased) < len(doubtful) || !slices.Equal(sendingIDs(leased[:n-1]), doubtful) {
			host.Requeue(ctx, o.Outbox, o.Log, o.Now(), leased)
			return e, &chat.SendError{State: chat.SendingQueued, Reason: reasonLane}
		}
	}
	o.behind = leased[:n-1]
	host.Requeue(ctx, o.Outbox, o.Log, o.Now(), leased[n-1:])
	return joinEntries(entries[:n]), nil
}

// countJoined is how many of the entries of a lane, from the first, go as one message.
func countJoined(entries []chat.Entry, left int) int {
	parts, turns := 0, 1
	for i, e := range entries {
		parts += len(compose(e))
		if i > 0 && e.Seq != entries[i-1].Seq+1 { // the customer said something in between
			turns++
		}
	}
	if turns == 1 && parts <= left {
		return 1
	}
	n := min(len(entries), maxJoined)
	for n > 1 && len(compose(joinEntries(entries[:n]))) != 1 {
		n--
	}
	return n
}

// joinEntries are entries of a lane as one, which says nothing twice and offers what the bot offers now.
func joinEntries(entries []chat.Entry) chat.Entry {
	joined := entries[0]
	joined.Reply = nil
	var texts []string
	for i, e := range entries {
		if text := strings.TrimSpace(e.Text); text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
		if i > 0 {
			joined.Attachments = append(slices.Clip(joined.Attachments), e.Attachments...)
		}
		if e.Reply != nil && len(e.Reply.Options) > 0 && host.HasCurrentOptions(entries, i) {
			joined.Reply = e.Reply
		}
	}
	joined.Text = strings.Join(texts, "\n\n")
	return joined
}

func sendingIDs(sendings []chat.Sending) (ids []int64) {
	for _, s := range sendings {
		ids = append(ids, s.ID)
	}
	return ids
}

// joinedKey is where the sendings are kept that went with another one in the message of an id.
func joinedKey(account, message string) string { return Name + "/" + account + "/joined/" + message }

// loadDoubtful are the sendings that went with this one in the message in doubt; nil where there is none.
func (o *outgoing) loadDoubtful(ctx context.Context) (ids []int64, err error) {
	if o.doubt(0) == "" {
		return nil, nil
	}
	_, err = chat.LoadKV(ctx, o.KV, joinedKey(o.a.Name, o.doubt(0)), &ids)
	return ids, err
}

// noteJoined notes what goes in the message of an id, before it goes: a failure, of which the host may tell before it
// has answered us, is that of all.
func (o *outgoing) noteJoined(ctx context.Context, message string) error {
	if len(o.behind) == 0 {
		return nil
	}
	return o.KV.SetKV(ctx, chat.KV{
		Key: joinedKey(o.a.Name, message), Value: chat.EncodeJSON(sendingIDs(o.behind)), Conversation: o.s.Lane, ExpiresAt: o.Now().Add(sendWindow + extraWindow),
	})
}

// settleJoined ends the leases of what went with the sending, as its own attempt ended.
func (o *outgoing) settleJoined(ctx context.Context, failed bool) {
	if failed {
		host.Requeue(ctx, o.Outbox, o.Log, o.Now(), o.behind)
		return
	}
	for _, s := range o.behind {
		host.Settle(ctx, o.Outbox, o.Log, s.ID, chat.Settlement{State: chat.SendingSent})
	}
}
