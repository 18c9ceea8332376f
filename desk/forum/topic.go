package forum

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/kb"
)

// How much of what was said before a topic's beginning is told in it.
const (
	fewEntries  = 10 // in the card of a new ticket
	allEntries  = 80 // in a topic that is made anew
	maxRetold   = 5  // messages of them
	maxPictures = 9  // the newest of their pictures
)

// ensure makes sure that the conversation has an open topic with the card of its ticket. Of several nodes,
// and of the lanes of one conversation, one does it.
func (r *relay) ensure(ctx context.Context) (err error) {
	c := r.line.Conversation.ID
	if r.topic, err = r.f.topicOf(ctx, r.room, c); err != nil || r.stands() {
		return err
	}
	me := strconv.FormatInt(r.id, 10)
	maker, err := r.f.c.Marks.ClaimKV(ctx, chat.KV{
		Key: r.makingKey(c), Value: []byte(me), Conversation: c, ExpiresAt: r.f.c.Now().Add(makingTime),
	})
	switch {
	case err != nil:
		return err
	case string(maker) != me:
		return &chat.SendError{State: chat.SendingQueued, RetryAfter: makingPause, Reason: "the topic is just being made"}
	}
	if r.topic, err = r.f.topicOf(ctx, r.room, c); err != nil { // another one may have made it since
		return err
	}
	if r.topic.Thread == 0 {
		err = r.create(ctx)
	}
	if err == nil && r.topic.Closed {
		err = r.reopen(ctx)
	}
	if err == nil && r.topic.Ticket != r.ticket.ID {
		err = r.introduce(ctx)
	}
	if err != nil {
		return err
	}
	return r.f.c.Marks.SetKV(ctx, chat.KV{Key: r.makingKey(c)})
}

// stands tells whether nothing is to be made.
func (r *relay) stands() bool {
	return r.topic.Thread != 0 && !r.topic.Closed && r.topic.Ticket == r.ticket.ID
}

// save keeps what is known of the topic.
func (r *relay) save(ctx context.Context) error {
	c := r.line.Conversation.ID
	marks := []chat.KV{r.f.mark(r.topicKey(c), r.topic, c, 0)}
	if r.topic.Thread != 0 {
		marks = append(marks, r.f.mark(r.threadKey(r.topic.Thread), c, c, 0))
	}
	return r.f.c.Marks.SetKV(ctx, marks...)
}

// name is what the topic is to be called.
func (r *relay) name() string { return topicName(r.ticket, r.phrases()) }

func (r *relay) create(ctx context.Context) (err error) {
	name := r.name()
	if r.topic.Thread, err = r.client.CreateTopic(ctx, r.group, name); err != nil {
		return err
	}
	r.topic.Name, r.topic.Closed, r.topic.Ticket, r.topic.Next = name, false, "", ""
	return r.save(ctx)
}

func (r *relay) reopen(ctx context.Context) error {
	if err := r.client.ReopenTopic(ctx, r.group, r.topic.Thread); err != nil {
		return err
	}
	r.topic.Closed = false
	return r.save(ctx)
}

// introduce posts the card of the line's ticket, pins it, and tells what was said before. Where it breaks off
// it goes on with the next attempt.
func (r *relay) introduce(ctx context.Context) error {
	steps, err := r.introduction(ctx)
	if err != nil {
		return err
	}
	if r.topic.Next != r.ticket.ID {
		r.topic.Next, r.topic.Told = r.ticket.ID, 0
		if err := r.save(ctx); err != nil {
			return err
		}
	}
	for r.topic.Told < len(steps) {
		if err := steps[r.topic.Told](ctx); err != nil {
			return err
		}
		r.topic.Told++
		if err := r.save(ctx); err != nil {
			return err
		}
	}
	r.topic.Ticket, r.topic.Next, r.topic.Told, r.topic.Remade = r.ticket.ID, "", 0, false
	return r.save(ctx)
}

// introduction are the steps: the card, its pin, in a topic made anew all that was said, the pictures.
func (r *relay) introduction(ctx context.Context) (steps []func(context.Context) error, err error) {
	history, err := r.history(ctx)
	if err != nil {
		return nil, err
	}
	allowance, err := r.f.allowance(ctx, r.line.Conversation)
	if err != nil {
		return nil, err
	}
	c := card{
		ticket: r.ticket, conversation: r.line.Conversation, allowance: allowance, history: history,
		phrases: r.phrases(), now: r.f.c.Now(),
	}
	var retold []string
	if r.topic.Remade {
		c.history, retold = nil, r.retold(history)
	}
	steps = append(steps, func(ctx context.Context) (err error) {
		r.topic.Card, err = r.post(ctx, part{head: c.html()})
		return err
	}, r.pin)
	for _, text := range retold {
		steps = append(steps, r.posting(part{text: text, silent: true}))
	}
	for _, p := range pictures(history) {
		steps = append(steps, r.posting(p))
	}
	return steps, nil
}

// posting is the step that posts a message.
func (r *relay) posting(p part) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := r.post(ctx, p)
		return err
	}
}

// pin pins the card. Without the right to do so, agents have it all the same.
func (r *relay) pin(ctx context.Context) error {
	err := r.client.Pin(ctx, r.group, r.topic.Card)
	if final(err) {
		r.f.c.Log.WarnContext(ctx, "the card cannot be pinned in the agents' group", "account", r.account, "error", err)
		return nil
	}
	return err
}

// history is what was said before the line.
func (r *relay) history(ctx context.Context) ([]chat.Entry, error) {
	most := int64(fewEntries)
	if r.topic.Remade {
		most = allEntries
	}
	before := r.line.Entry.Seq - 1
	after := max(0, before-most)
	if before <= after {
		return nil, nil
	}
	return r.f.c.Conversations.ListEntries(ctx, r.line.Conversation.ID, after, int(before-after))
}

// retold is a history in full, in as few messages as it takes; the oldest are left out where they are too many.
func (r *relay) retold(history []chat.Entry) []string {
	var lines []string
	for _, e := range history {
		lines = append(lines, quote(e, maxText, r.f.c.Now()))
	}
	parts := chat.SplitText("之前的对话：\n"+strings.Join(lines, "\n"), maxWhole, chat.UTF16Len)
	if len(lines) == 0 {
		return nil
	}
	if len(parts) > maxRetold {
		parts = parts[len(parts)-maxRetold:]
		parts[0] = "之前的对话（更早的请到网页工作台查看）：\n" + parts[0]
	}
	return parts
}

// pictures are the newest of a history, oldest first.
func pictures(history []chat.Entry) (parts []part) {
	for _, e := range history {
		for _, a := range e.Attachments {
			parts = append(parts, part{head: authorText(e.From), picture: a.ID, silent: true})
		}
	}
	return parts[max(0, len(parts)-maxPictures):]
}

// phrases are the guide's own words, for names of details and categories.
func (r *relay) phrases() *kb.Phrases { return &r.f.c.Guide().Library.Phrases }

// Forget deletes a conversation's topic with all that was said there, before the conversation itself is erased:
// afterwards nobody knows where it was. The bot needs the right to delete messages.
func (f *Forum) Forget(ctx context.Context, conversation string) error {
	for _, client := range f.clients {
		if client.Account().Group == 0 {
			continue
		}
		r, err := f.room(ctx, client)
		if err != nil {
			return err
		}
		t, err := f.topicOf(ctx, r, conversation)
		if err != nil {
			return err
		}
		if t.Thread == 0 {
			continue
		}
		if err := client.DeleteTopic(ctx, r.group, t.Thread); err != nil && !telegram.TopicGone(err) {
			return fmt.Errorf("delete a topic of the agents' group: %w", err)
		}
		if err := f.c.Marks.SetKV(ctx, chat.KV{Key: r.topicKey(conversation)}, chat.KV{Key: r.threadKey(t.Thread)}); err != nil {
			return err
		}
	}
	return nil
}
