package forum

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
)

// How long what may be needed again is kept.
const (
	keepEntryRef = 60 * 24 * time.Hour // which message in the group is which entry: for quotes and edits
	keepDone     = 2 * 24 * time.Hour  // that a command was done: Telegram delivers an update again for a day
	keepLookup   = 7 * 24 * time.Hour  // what a look-up found, for its buttons
)

// topic is where a customer is in the group.
type topic struct {
	Group       int64  `json:"group"`  // the group's id
	Thread      int    `json:"thread"` // the topic's; 0 for none yet
	Name        string `json:"name"`   // as it was set last
	Closed      bool   `json:"closed"` // as far as is known
	Recreated   bool   `json:"remade"` // it was deleted: its introduction has the whole history
	Ticket      string `json:"ticket"` // the id of the ticket that was introduced last; "" for none yet
	Introducing string `json:"next"`   // the ticket whose introduction is under way
	Steps       int    `json:"told"`   // steps of that which are done
	Card        int    `json:"card"`   // the message of the newest card
}

// currentTicket is the ticket that agents in the topic work on: they may act as soon as they see its card.
func (t topic) currentTicket() string { return cmp.Or(t.Introducing, t.Ticket) }

// entryRef is the entry that a message in the group stands for.
type entryRef struct {
	Conversation string `json:"conversation"`
	Seq          int64  `json:"seq"`
	ExternalID   string `json:"external"`            // the entry's id where it came from; "" for none
	CorrectedSeq int64  `json:"corrected,omitempty"` // the newest entry that corrects it; 0 for none
}

// lookupResult is what a look-up found, for its buttons.
type lookupResult struct {
	Conversation string   `json:"conversation"`
	Articles     []string `json:"articles"`
}

// group is an account's group. The keys of what is kept of it hold its id, for in another group ids mean something else.
type group struct {
	client  *telegram.Client
	account string
	chatID  int64
}

// clientID is the id, at the desk, of the reply that a message in the group is; update is the one that told of its
// edit, 0 for none.
func (g group) clientID(message, update int) string {
	id := fmt.Sprintf("forum/%s/%d/%d", g.account, g.chatID, message)
	if update != 0 {
		id += fmt.Sprintf("/%d", update)
	}
	return id
}

// parseClientID is the message of a clientID of this group, 0 for any other id, and whether it is that of an edit.
func (g group) parseClientID(id string) (message int, edited bool) {
	rest, ok := strings.CutPrefix(id, fmt.Sprintf("forum/%s/%d/", g.account, g.chatID))
	if !ok {
		return 0, false
	}
	number, _, edited := strings.Cut(rest, "/")
	message, err := strconv.Atoi(number)
	if err != nil {
		return 0, false
	}
	return message, edited
}

func (g group) key(kind string, parts ...any) string {
	key := fmt.Sprintf("telegram/%s/desk/%d/%s", g.account, g.chatID, kind)
	for _, part := range parts {
		key += fmt.Sprintf("/%v", part)
	}
	return key
}

// topicKey is the topic of a conversation, whatever the group.
func (g group) topicKey(conversation string) string {
	return "telegram/" + g.account + "/topic/" + conversation
}

// topicLockKey is the sending that makes the topic of a conversation.
func (g group) topicLockKey(conversation string) string { return g.key("making", conversation) }

// threadKey is the conversation of a topic.
func (g group) threadKey(thread int) string { return g.key("thread", thread) }

// entryRefKey is the entryRef of a message in the group.
func (g group) entryRefKey(message int) string { return g.key("twin", message) }

// entryMessageKey is the message in the group where an entry begins.
func (g group) entryMessageKey(conversation string, seq int64) string {
	return g.key("entry", conversation, seq)
}

// customerMessageKey is the message in the group where a message of a Telegram customer begins.
func (g group) customerMessageKey(account string, chat int64, message int) string {
	return g.key("heard", account, chat, message)
}

// doneKey is that something was done.
func (g group) doneKey(what string) string { return g.key("done", what) }

// lookupKey is the lookupResult of the message that asked.
func (g group) lookupKey(message int) string { return g.key("lookup", message) }

// noteAlbumKey is that the pictures of an album belong to a note.
func (g group) noteAlbumKey(album string) string { return g.key("album", album) }

// announcementKey is the newest announcement.
func (g group) announcementKey() string { return g.key("board") }

// getJSON decodes the value of a key into value; found is false where there is none.
func (f *Forum) getJSON(ctx context.Context, key string, value any) (found bool, err error) {
	return chat.LoadKV(ctx, f.KV, key, value)
}

// newKV is a value as JSON that belongs to a conversation, "" for none, and is kept for so long, 0 for ever.
func (f *Forum) newKV(key string, value any, conversation string, keep time.Duration) chat.KV {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err) // only for a type that has no JSON form
	}
	kv := chat.KV{Key: key, Value: data, Conversation: conversation}
	if keep > 0 {
		kv.ExpiresAt = f.Now().Add(keep)
	}
	return kv
}

// isDone tells whether something was done already.
func (f *Forum) isDone(ctx context.Context, g group, what string) (bool, error) {
	var yes bool
	return f.getJSON(ctx, g.doneKey(what), &yes)
}

// groupOf is an account's group, under the id that it has now.
func (f *Forum) groupOf(ctx context.Context, client *telegram.Client) (group, error) {
	a := client.Account()
	g := group{client: client, account: a.Name, chatID: a.Group}
	_, err := f.getJSON(ctx, telegram.MovedKey(a.Name, a.Group), &g.chatID)
	return g, err
}

// setMigrated keeps the id that an account's group has from now on.
func (f *Forum) setMigrated(ctx context.Context, client *telegram.Client, to int64) error {
	a := client.Account()
	return f.KV.SetKV(ctx, f.newKV(telegram.MovedKey(a.Name, a.Group), to, "", 0))
}

// topicOf is the topic of a conversation; the zero topic for none yet.
func (f *Forum) topicOf(ctx context.Context, g group, conversation string) (t topic, err error) {
	_, err = f.getJSON(ctx, g.topicKey(conversation), &t)
	if t.Group != g.chatID {
		t = topic{Group: g.chatID}
	}
	return t, err
}

// conversationOf is the conversation of a topic; "" where it is no customer's.
func (f *Forum) conversationOf(ctx context.Context, g group, thread int) (id string, err error) {
	if thread == 0 {
		return "", nil
	}
	_, err = f.getJSON(ctx, g.threadKey(thread), &id)
	return id, err
}

// entryRefOf is the entry that a message in the group stands for.
func (f *Forum) entryRefOf(ctx context.Context, g group, message int) (ref entryRef, ok bool, err error) {
	ok, err = f.getJSON(ctx, g.entryRefKey(message), &ref)
	return ref, ok, err
}
