package forum

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
)

// How long what may be needed again is remembered.
const (
	keepTwins   = 60 * 24 * time.Hour // which message in the group is which entry: for replies and edits
	keepDone    = 2 * 24 * time.Hour  // that a command was done: Telegram brings an update again for a day
	keepLookup  = 7 * 24 * time.Hour  // what a look-up found, for its buttons
	makingTime  = time.Minute         // one node alone makes a topic
	makingPause = 2 * time.Second     // and the others look again
)

// topic is where a customer is in the group.
type topic struct {
	Group  int64  `json:"group"`  // the group's id
	Thread int    `json:"thread"` // the topic's; 0 for none yet
	Name   string `json:"name"`   // as it was set last
	Closed bool   `json:"closed"` // as far as is known
	Remade bool   `json:"remade"` // it was deleted: all that was said is told again
	Ticket string `json:"ticket"` // the id of the ticket that was introduced last; "" for none yet
	Next   string `json:"next"`   // the ticket that is being introduced
	Told   int    `json:"told"`   // steps of that which are done
	Card   int    `json:"card"`   // the message of the newest card
}

// newest is the ticket that agents in the topic work on: they may act as soon as they see its card.
func (t topic) newest() string { return cmp.Or(t.Next, t.Ticket) }

// twin is what a message in the group stands for.
type twin struct {
	Conversation string `json:"conversation"`
	Seq          int64  `json:"seq"`      // of the entry
	External     string `json:"external"` // the entry's id where it came from; "" for none
	Sum          string `json:"sum"`      // of the words, by telegram.Account.Sum
}

// found is what a look-up found, for its buttons.
type found struct {
	Conversation string   `json:"conversation"`
	Articles     []string `json:"articles"`
}

// room is an account's group. The keys of its marks hold its id, for in another group ids mean something else.
type room struct {
	client  *telegram.Client
	account string
	group   int64
}

func (r room) key(kind string, parts ...any) string {
	key := fmt.Sprintf("telegram/%s/desk/%d/%s", r.account, r.group, kind)
	for _, part := range parts {
		key += fmt.Sprintf("/%v", part)
	}
	return key
}

// topicKey is the topic of a conversation, whatever the group.
func (r room) topicKey(conversation string) string {
	return "telegram/" + r.account + "/topic/" + conversation
}

// makingKey is who makes the topic of a conversation.
func (r room) makingKey(conversation string) string { return r.key("making", conversation) }

// threadKey is the conversation of a topic.
func (r room) threadKey(thread int) string { return r.key("thread", thread) }

// twinKey is the twin of a message in the group.
func (r room) twinKey(message int) string { return r.key("twin", message) }

// entryKey is the message in the group where an entry begins.
func (r room) entryKey(conversation string, seq int64) string {
	return r.key("entry", conversation, seq)
}

// heardKey is the message in the group where a message of a Telegram customer begins.
func (r room) heardKey(account string, chat int64, message int) string {
	return r.key("heard", account, chat, message)
}

// doneKey is that something was done.
func (r room) doneKey(what string) string { return r.key("done", what) }

// lookupKey is what a look-up found.
func (r room) lookupKey(message int) string { return r.key("lookup", message) }

// albumKey is that the pictures of an album stay inside.
func (r room) albumKey(album string) string { return r.key("album", album) }

// boardKey is the newest announcement.
func (r room) boardKey() string { return r.key("board") }

// read reads a mark of JSON into into; found is false where there is none.
func (f *Forum) read(ctx context.Context, key string, into any) (found bool, err error) {
	value, err := f.c.Marks.GetKV(ctx, key)
	if errors.Is(err, chat.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(value, into); err != nil {
		return false, fmt.Errorf("read the mark %q: %w", key, err)
	}
	return true, nil
}

// mark is a mark of JSON that belongs to a conversation, "" for none, and is kept for so long, 0 for ever.
func (f *Forum) mark(key string, value any, conversation string, keep time.Duration) chat.KV {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err) // only for a type that has no JSON form
	}
	m := chat.KV{Key: key, Value: data, Conversation: conversation}
	if keep > 0 {
		m.ExpiresAt = f.c.Now().Add(keep)
	}
	return m
}

// done tells whether something was done already.
func (f *Forum) done(ctx context.Context, r room, what string) (bool, error) {
	var yes bool
	return f.read(ctx, r.doneKey(what), &yes)
}

// setDone remembers that something was done.
func (f *Forum) setDone(ctx context.Context, r room, what string) error {
	return f.c.Marks.SetKV(ctx, f.mark(r.doneKey(what), true, "", keepDone))
}

// room is an account's group, under the id that it has now.
func (f *Forum) room(ctx context.Context, client *telegram.Client) (room, error) {
	a := client.Account()
	r := room{client: client, account: a.Name, group: a.Group}
	_, err := f.read(ctx, telegram.MovedKey(a.Name, a.Group), &r.group)
	return r, err
}

// moved remembers the id that an account's group has from now on.
func (f *Forum) moved(ctx context.Context, client *telegram.Client, to int64) error {
	a := client.Account()
	return f.c.Marks.SetKV(ctx, f.mark(telegram.MovedKey(a.Name, a.Group), to, "", 0))
}

// topicOf is where a conversation is in the group; the zero topic for nowhere yet.
func (f *Forum) topicOf(ctx context.Context, r room, conversation string) (t topic, err error) {
	_, err = f.read(ctx, r.topicKey(conversation), &t)
	if t.Group != r.group {
		t = topic{Group: r.group}
	}
	return t, err
}

// conversationAt is the conversation of a topic; "" for none of a customer's.
func (f *Forum) conversationAt(ctx context.Context, r room, thread int) (id string, err error) {
	if thread == 0 {
		return "", nil
	}
	_, err = f.read(ctx, r.threadKey(thread), &id)
	return id, err
}

// twinOf is what a message in the group stands for.
func (f *Forum) twinOf(ctx context.Context, r room, message int) (t twin, ok bool, err error) {
	ok, err = f.read(ctx, r.twinKey(message), &t)
	return t, ok, err
}
