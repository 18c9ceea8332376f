package store

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
)

// conversationColumns is what conversationRow.into scans, of conversations AS c.
const conversationColumns = `c.id, c.channel, c.account, c.address, c.customer_id, c.customer_name, c.device, c.holder, c.last_seq, c.created_at`

type conversationRow struct {
	c       chat.Conversation
	device  string
	created int64
}

func (r *conversationRow) into() []any {
	c := &r.c
	return []any{&c.ID, &c.Channel, &c.Account, &c.Address, &c.Customer.ID, &c.Customer.Name, &r.device, &c.Holder, &c.LastSeq, &r.created}
}

func (r *conversationRow) conversation() (chat.Conversation, error) {
	if err := json.Unmarshal([]byte(r.device), &r.c.Device); err != nil {
		return r.c, fmt.Errorf("read a conversation's device: %w", err)
	}
	r.c.CreatedAt = moment(r.created)
	return r.c, nil
}

// OpenConversation begins a conversation.
func (s *Store) OpenConversation(ctx context.Context, o chat.OpenRequest) (chat.Conversation, string, error) {
	token := base64.RawURLEncoding.EncodeToString(s.random(32))
	c, values := s.begun(o, hashed(token))
	err := s.do(ctx, "open a conversation", func(ctx context.Context, t *tx) error { return t.opening(ctx, values) })
	if err != nil {
		return chat.Conversation{}, "", err
	}
	s.recent.put(remembered{conversation: c, session: "{}", device: text(c.Device), version: 1, hash: hashed(token)})
	return c, token, nil
}

// begun is a new conversation, and its row.
func (s *Store) begun(o chat.OpenRequest, hash []byte) (chat.Conversation, []any) {
	now := s.now()
	if len(o.SealedContact) == 0 {
		o.Device.Contact = "" // nobody veiled it either
	}
	c := chat.Conversation{
		ID: s.id(), Channel: o.Channel, Account: o.Account, Address: o.Address, Customer: o.Customer,
		Device: o.Device, Holder: chat.HolderBot, CreatedAt: moment(now),
	}
	return c, []any{
		c.ID, c.Channel, c.Account, c.Address, c.Customer.ID, c.Customer.Name, text(c.Device), string(c.Holder),
		"{}", int64(1), int64(0), "", blob(hash), blob(o.SealedContact), now, now,
	}
}

// opening inserts a conversation; one with the same address stays as it is.
func (t *tx) opening(ctx context.Context, values []any) error {
	_, err := t.bulk(ctx, insert("conversations", "id", "channel", "account", "address", "customer_id", "customer_name", "device", "holder",
		"session", "version", "last_seq", "ticket", "token_hash", "sealed", "created_at", "updated_at"), [][]any{values})
	return err
}

// EnsureConversation is the thread with the customer at an address, made when there is none.
func (s *Store) EnsureConversation(ctx context.Context, o chat.OpenRequest) (chat.Conversation, error) {
	if o.Address == "" {
		return chat.Conversation{}, fmt.Errorf("find a conversation on %q: the address is missing", o.Channel)
	}
	const where = `c.channel = $1 AND c.account = $2 AND c.address = $3`
	c, found, err := findConversation(ctx, s.read, where, o.Channel, o.Account, o.Address)
	if err != nil {
		return c, s.fault("find a conversation", err)
	}
	if found {
		return c, nil
	}
	_, values := s.begun(o, nil)
	var made chat.Conversation
	err = s.do(ctx, "open a conversation", func(ctx context.Context, t *tx) (err error) {
		if err := t.opening(ctx, values); err != nil {
			return err
		}
		made, _, err = findConversation(ctx, t, where, o.Channel, o.Account, o.Address)
		return err
	})
	if err != nil {
		return chat.Conversation{}, err
	}
	return made, nil
}

// FindConversation is one conversation.
func (s *Store) FindConversation(ctx context.Context, id string) (chat.Conversation, error) {
	c, found, err := findConversation(ctx, s.read, `c.id = $1`, id)
	if err != nil {
		return c, s.fault("read a conversation", err)
	}
	if !found {
		return c, fmt.Errorf("conversation %q: %w", id, chat.ErrNotFound)
	}
	return c, nil
}

func findConversation(ctx context.Context, q querier, where string, args ...any) (chat.Conversation, bool, error) {
	var r conversationRow
	found, err := first(ctx, q, r.into(), `SELECT `+conversationColumns+` FROM conversations c WHERE `+where, args...)
	if err != nil || !found {
		return chat.Conversation{}, false, err
	}
	c, err := r.conversation()
	return c, true, err
}

// Authorize is the conversation when token is its own.
func (s *Store) Authorize(ctx context.Context, id, token string) (chat.Conversation, error) {
	if m, ok := s.recent.get(id); ok && time.Since(m.at) < current && subtle.ConstantTimeCompare(m.hash, hashed(token)) == 1 {
		return m.conversation, nil
	}
	var r conversationRow
	var hash []byte
	_, err := first(ctx, s.read, append(r.into(), &hash), `SELECT `+conversationColumns+`, c.token_hash FROM conversations c WHERE c.id = $1`, id)
	if err != nil {
		return chat.Conversation{}, s.fault("read a conversation", err)
	}
	if subtle.ConstantTimeCompare(hash, hashed(token)) != 1 {
		return chat.Conversation{}, fmt.Errorf("conversation: %w", chat.ErrForbidden)
	}
	return r.conversation()
}

// hashed is what is kept of a token or key, which are random and long: no salt is needed.
func hashed(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// text is a value of plain fields as JSON.
func text(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("store: " + err.Error()) // strings, numbers and times always marshal
	}
	return string(raw)
}

// blob is NULL for nil, which the drivers do not agree on.
func blob(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}
