package forum

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
)

// How much of the history before a topic's beginning it shows.
const (
	maxCardEntries       = 10 // in the card of a new ticket
	maxTranscriptEntries = 80 // in a topic that is made anew
	maxTranscriptPosts   = 5  // messages of them
	maxPictures          = 9  // the newest of their pictures
)

// One node alone makes a topic.
const (
	topicLockTTL   = time.Minute
	topicLockRetry = 2 * time.Second // then the others look again
)

// ensureTopic makes sure that the conversation has an open topic with the card of its ticket. Of several nodes,
// and of the lanes of one conversation, one does it.
func (d *delivery) ensureTopic(ctx context.Context) (err error) {
	c := d.activity.Conversation.ID
	if d.topic, err = d.f.topicOf(ctx, d.group, c); err != nil || d.isTopicReady() {
		return err
	}
	me := strconv.FormatInt(d.id, 10)
	owner, err := d.f.KV.ClaimKV(ctx, chat.KV{
		Key: d.topicLockKey(c), Value: []byte(me), Conversation: c, ExpiresAt: d.f.Now().Add(topicLockTTL),
	})
	switch {
	case err != nil:
		return err
	case string(owner) != me:
		return &chat.SendError{State: chat.SendingQueued, RetryAfter: topicLockRetry, Reason: reasonTopicPending}
	}
	if d.topic, err = d.f.topicOf(ctx, d.group, c); err != nil { // another one may have made it since
		return err
	}
	if d.topic.Thread == 0 {
		err = d.createTopic(ctx)
	}
	if err == nil && d.topic.Closed {
		err = d.reopenTopic(ctx)
	}
	if err == nil && d.topic.Ticket != d.ticket.ID {
		err = d.introduce(ctx)
	}
	if err != nil {
		return err
	}
	return d.f.KV.SetKV(ctx, chat.KV{Key: d.topicLockKey(c)})
}

// isTopicReady tells whether nothing is to be done.
func (d *delivery) isTopicReady() bool {
	return d.topic.Thread != 0 && !d.topic.Closed && d.topic.Ticket == d.ticket.ID
}

// saveTopic keeps what is known of the topic.
func (d *delivery) saveTopic(ctx context.Context) error {
	c := d.activity.Conversation.ID
	kvs := []chat.KV{d.f.newKV(d.topicKey(c), d.topic, c, 0)}
	if d.topic.Thread != 0 {
		kvs = append(kvs, d.f.newKV(d.threadKey(d.topic.Thread), c, c, 0))
	}
	return d.f.KV.SetKV(ctx, kvs...)
}

// topicName is what the topic is to be called.
func (d *delivery) topicName() string { return topicName(d.ticket, d.phrases()) }

func (d *delivery) createTopic(ctx context.Context) (err error) {
	name := d.topicName()
	if d.topic.Thread, err = d.client.CreateTopic(ctx, d.chatID, name); err != nil {
		return err
	}
	d.topic.Name, d.topic.Closed, d.topic.Ticket, d.topic.Introducing = name, false, "", ""
	return d.saveTopic(ctx)
}

func (d *delivery) reopenTopic(ctx context.Context) error {
	if err := d.client.ReopenTopic(ctx, d.chatID, d.topic.Thread); err != nil {
		return err
	}
	d.topic.Closed = false
	return d.saveTopic(ctx)
}

// introduce posts the card of the activity's ticket, pins it, and shows the history. Where it breaks off
// it goes on with the next attempt.
func (d *delivery) introduce(ctx context.Context) error {
	steps, err := d.introductionSteps(ctx)
	if err != nil {
		return err
	}
	if d.topic.Introducing != d.ticket.ID {
		d.topic.Introducing, d.topic.Steps = d.ticket.ID, 0
		if err := d.saveTopic(ctx); err != nil {
			return err
		}
	}
	for d.topic.Steps < len(steps) {
		if err := steps[d.topic.Steps](ctx); err != nil {
			return err
		}
		d.topic.Steps++
		if err := d.saveTopic(ctx); err != nil {
			return err
		}
	}
	d.topic.Ticket, d.topic.Introducing, d.topic.Steps, d.topic.Recreated = d.ticket.ID, "", 0, false
	return d.saveTopic(ctx)
}

// introductionSteps are the card, its pin, in a topic made anew the transcript, and the pictures.
func (d *delivery) introductionSteps(ctx context.Context) (steps []func(context.Context) error, err error) {
	history, err := d.history(ctx)
	if err != nil {
		return nil, err
	}
	quota, err := d.f.quotaText(ctx, d.activity.Conversation)
	if err != nil {
		return nil, err
	}
	c := card{
		ticket: d.ticket, conversation: d.activity.Conversation, quota: quota, history: history,
		now: d.f.Now(),
	}
	var transcript []string
	if d.topic.Recreated {
		c.history, transcript = nil, d.transcript(history)
	}
	steps = append(steps, func(ctx context.Context) (err error) {
		d.topic.Card, err = d.send(ctx, post{head: c.html()})
		return err
	}, d.pin)
	for _, text := range transcript {
		steps = append(steps, d.sendStep(post{text: text, silent: true}))
	}
	for _, p := range picturePosts(history) {
		steps = append(steps, d.sendStep(p))
	}
	return steps, nil
}

// sendStep is the step that posts a message.
func (d *delivery) sendStep(p post) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := d.send(ctx, p)
		return err
	}
}

// pin pins the card. Without the right to do so, agents have it all the same.
func (d *delivery) pin(ctx context.Context) error {
	err := d.client.Pin(ctx, d.chatID, d.topic.Card)
	if isRefused(err) {
		d.f.Log.WarnContext(ctx, "the card cannot be pinned in the agents' group", "account", d.account, "error", err)
		return nil
	}
	return err
}

// history are the entries before the activity's.
func (d *delivery) history(ctx context.Context) ([]chat.Entry, error) {
	limit := int64(maxCardEntries)
	if d.topic.Recreated {
		limit = maxTranscriptEntries
	}
	before := d.activity.Entry.Seq - 1
	after := max(0, before-limit)
	if before <= after {
		return nil, nil
	}
	return d.f.Conversations.ListEntries(ctx, d.activity.Conversation.ID, after, int(before-after))
}

// transcript is a history in full, in as few messages as it takes; the oldest are left out where they are too many.
func (d *delivery) transcript(history []chat.Entry) []string {
	var lines []string
	for _, e := range history {
		lines = append(lines, entryLine(e, maxText, d.f.Now()))
	}
	texts := chat.SplitText("之前的对话：\n"+strings.Join(lines, "\n"), maxWhole, chat.UTF16Len)
	if len(lines) == 0 {
		return nil
	}
	if len(texts) > maxTranscriptPosts {
		texts = texts[len(texts)-maxTranscriptPosts:]
		texts[0] = "之前的对话（更早的没有列出）：\n" + texts[0]
	}
	return texts
}

// picturePosts are the newest pictures of a history, oldest first.
func picturePosts(history []chat.Entry) (posts []post) {
	for _, e := range history {
		for _, a := range e.Attachments {
			posts = append(posts, post{head: authorLabel(e.From), picture: a.ID, silent: true})
		}
	}
	return posts[max(0, len(posts)-maxPictures):]
}

// Forget deletes a conversation's topic with everything in it, before the conversation itself is erased:
// afterwards nobody knows where it was. The bot needs the right to delete messages.
func (f *Forum) Forget(ctx context.Context, conversation string) error {
	for _, client := range f.clients {
		g, err := f.groupOf(ctx, client)
		if err != nil {
			return err
		}
		t, err := f.topicOf(ctx, g, conversation)
		if err != nil {
			return err
		}
		if t.Thread == 0 {
			continue
		}
		if err := client.DeleteTopic(ctx, g.chatID, t.Thread); err != nil && !telegram.TopicGone(err) {
			return fmt.Errorf("delete topic %d of the agents' group: %w", t.Thread, err)
		}
		if err := f.KV.SetKV(ctx, chat.KV{Key: g.topicKey(conversation)}, chat.KV{Key: g.threadKey(t.Thread)}); err != nil {
			return err
		}
	}
	return nil
}
