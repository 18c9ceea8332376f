package chattest

import (
	"context"
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"

	"github.com/yingda/yingda/chat"
)

// Inbox is a chat.Inbox, a chat.KVStore and a chat.Pictures in memory: what a channel delivers to, without
// a bot, a database or a disk. Replies that it is told to give go into Outbox, as a store puts them there.
type Inbox struct {
	Outbox *Outbox
	// Reply says something to a message; nil says nothing. It runs while the message is being kept, and an
	// error keeps nothing of it.
	Reply func(chat.Conversation, chat.Message) ([]chat.Entry, error)

	mu            sync.Mutex
	conversations map[string]*chat.Conversation // by channel, account and address
	heard         map[string]chat.Receipt       // by channel and external id
	messages      []chat.Message
	forgotten     []string
	kvs           map[string]chat.KV
	pictures      map[string]string
}

// NewInbox makes an empty one.
func NewInbox(o *Outbox) *Inbox {
	in := &Inbox{
		Outbox: o, conversations: map[string]*chat.Conversation{}, heard: map[string]chat.Receipt{},
		kvs: map[string]chat.KV{}, pictures: map[string]string{},
	}
	o.keep = in.keep
	return in
}

// Deliver is as chat.Inbox says.
func (in *Inbox) Deliver(_ context.Context, from chat.OpenRequest, m chat.Message) (chat.Receipt, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	key := strings.Join([]string{m.Channel, from.Account, from.Address, m.ExternalID}, " ")
	if d, ok := in.heard[key]; ok {
		d.Repeat = true
		return d, nil
	}
	at := strings.Join([]string{from.Channel, from.Account, from.Address}, " ")
	c, ok := in.conversations[at]
	if !ok {
		c = &chat.Conversation{
			ID: fmt.Sprintf("conversation-%d", len(in.conversations)+1), Channel: from.Channel, Account: from.Account,
			Address: from.Address, Customer: from.Customer, Device: from.Device, Holder: chat.HolderBot,
		}
		in.conversations[at] = c
	}
	d := chat.Receipt{Conversation: *c}
	m.Conversation = c.ID
	if in.Reply != nil {
		replies, err := in.Reply(*c, m)
		if err != nil {
			return chat.Receipt{}, err
		}
		d.Replies = replies
	}
	d.Message = in.number(c, chat.Entry{From: chat.FromCustomer, Text: m.Text, At: m.At, Attachments: m.Attachments})
	for i, e := range d.Replies {
		d.Replies[i] = in.number(c, e)
		if err := in.Outbox.AddEntry(*c, d.Replies[i], m.ReplyWindow); err != nil {
			return chat.Receipt{}, err
		}
	}
	for _, kv := range m.KV {
		kv.Conversation = c.ID
		in.set(kv)
	}
	if m.Cursor != nil {
		in.set(*m.Cursor)
	}
	in.heard[key] = d
	in.messages = append(in.messages, m)
	return d, nil
}

// number completes an entry. The lock is held.
func (in *Inbox) number(c *chat.Conversation, e chat.Entry) chat.Entry {
	c.LastSeq++
	e.Seq, e.ID = c.LastSeq, fmt.Sprintf("%s/%d", c.ID, c.LastSeq)
	return e
}

// Forget is as chat.Inbox says.
func (in *Inbox) Forget(_ context.Context, channel, account, address string) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	at := strings.Join([]string{channel, account, address}, " ")
	if c, ok := in.conversations[at]; ok {
		maps.DeleteFunc(in.kvs, func(_ string, m chat.KV) bool { return m.Conversation == c.ID })
		delete(in.conversations, at)
	}
	in.forgotten = append(in.forgotten, at)
	return nil
}

// Messages are what was kept, in order.
func (in *Inbox) Messages() []chat.Message {
	in.mu.Lock()
	defer in.mu.Unlock()
	return append([]chat.Message(nil), in.messages...)
}

// Forgotten are those who were erased: channel, account and address, with blanks between.
func (in *Inbox) Forgotten() []string {
	in.mu.Lock()
	defer in.mu.Unlock()
	return append([]string(nil), in.forgotten...)
}

// GetKV is as chat.KVStore says.
func (in *Inbox) GetKV(_ context.Context, key string) ([]byte, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	m, ok := in.kvs[key]
	if !ok || in.over(m) {
		return nil, fmt.Errorf("key %q: %w", key, chat.ErrNotFound)
	}
	return m.Value, nil
}

func (in *Inbox) over(m chat.KV) bool {
	return !m.ExpiresAt.IsZero() && !in.Outbox.now().Before(m.ExpiresAt)
}

// set keeps one value. The lock is held.
func (in *Inbox) set(m chat.KV) {
	if m.Value == nil {
		delete(in.kvs, m.Key)
		return
	}
	in.kvs[m.Key] = m
}

// SetKV is as chat.KVStore says.
func (in *Inbox) SetKV(_ context.Context, kvs ...chat.KV) error {
	in.keep(kvs)
	return nil
}

func (in *Inbox) keep(kvs []chat.KV) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, m := range kvs {
		in.set(m)
	}
}

// ClaimKV is as chat.KVStore says.
func (in *Inbox) ClaimKV(_ context.Context, m chat.KV) ([]byte, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if kept, ok := in.kvs[m.Key]; ok && !in.over(kept) {
		return kept.Value, nil
	}
	in.set(m)
	return m.Value, nil
}

// Save keeps the bytes as they are: package media is not here to look at them.
func (in *Inbox) Save(_ context.Context, r io.Reader) (chat.Attachment, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return chat.Attachment{}, err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	id := fmt.Sprintf("picture-%d", len(in.pictures)+1)
	in.pictures[id] = string(data)
	return chat.Attachment{ID: id, Type: "image/jpeg", Size: int64(len(data)), Width: 1, Height: 1}, nil
}

// Open is as chat.Pictures says.
func (in *Inbox) Open(_ context.Context, id string) (io.ReadCloser, chat.Attachment, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	data, ok := in.pictures[id]
	if !ok {
		return nil, chat.Attachment{}, fmt.Errorf("picture %q: %w", id, chat.ErrNotFound)
	}
	return io.NopCloser(strings.NewReader(data)), chat.Attachment{ID: id, Type: "image/jpeg", Size: int64(len(data)), Width: 1, Height: 1}, nil
}

// Delete is as chat.Pictures says.
func (in *Inbox) Delete(ids ...string) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, id := range ids {
		delete(in.pictures, id)
	}
	return nil
}
