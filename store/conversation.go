package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/yingda/yingda/chat"
)

// conversationRow is a row of conversations.
type conversationRow struct {
	ID, Channel, Account, Address string // address is '' where the customer comes to read
	CustomerID, CustomerName      string
	Device                        asJSON[chat.Device]
	Holder                        chat.Holder
	Session                       string // JSON of bot.Session
	Version, LastSeq              int64  // version rises with every commit that touches the row
	Ticket                        string // id of the newest; '' for none
	TokenHash, Sealed             sql.Null[[]byte]
	CreatedAt, UpdatedAt          int64
	CustomerAt                    int64  // of the oldest word since an agent spoke; 0 for none, or without an open ticket
	CustomerVerified              int64  // 1 where somebody vouches for CustomerID
	VouchedID                     string // of the customer with whom it goes on; '' for nobody
}

func (*conversationRow) table() string { return "conversations" }

func (r *conversationRow) conversation() chat.Conversation {
	return chat.Conversation{
		ID: r.ID, Channel: r.Channel, Account: r.Account, Address: r.Address, Customer: chat.Customer{ID: r.CustomerID, Name: r.CustomerName, Verified: r.CustomerVerified == 1},
		Device: r.Device.V, Holder: r.Holder, LastSeq: r.LastSeq, CreatedAt: timeOf(r.CreatedAt),
	}
}

// newConversation is the row of a conversation that begins now.
func (s *Store) newConversation(o chat.OpenRequest, tokenHash []byte) (conversationRow, error) {
	now := s.now()
	r := conversationRow{
		ID: s.newID(), Channel: o.Channel, Account: o.Account, Address: o.Address, CustomerID: o.Customer.ID, CustomerName: o.Customer.Name,
		Holder: chat.HolderBot, Session: "{}", Version: 1, TokenHash: sql.Null[[]byte]{V: tokenHash, Valid: tokenHash != nil},
		CreatedAt: now, UpdatedAt: now, CustomerVerified: toInt(o.Customer.Verified || o.Address != ""), // a host knows whom it pushes to
	}
	if o.SealContact == nil {
		o.Device.Contact = "" // nobody veiled it either
	} else {
		sealed, err := o.SealContact(r.ID)
		if err != nil {
			return r, fmt.Errorf("seal the contact of conversation %q: %w", r.ID, err)
		}
		r.Sealed = sql.Null[[]byte]{V: sealed, Valid: true}
	}
	r.Device.V = o.Device
	return r, nil
}

// OpenConversation begins a conversation.
func (s *Store) OpenConversation(ctx context.Context, o chat.OpenRequest) (chat.Conversation, string, error) {
	token := s.newSecret()
	r, err := s.newConversation(o, hashSecret(token))
	if err != nil {
		return chat.Conversation{}, "", err
	}
	if err := s.transact(ctx, "open a conversation", func(ctx context.Context, t *tx) error { return insertAll(ctx, t, []conversationRow{r}) }); err != nil {
		return chat.Conversation{}, "", err
	}
	s.cache.put(&cachedConversation{Conversation: r.conversation(), version: r.Version, tokenHash: r.TokenHash.V})
	return r.conversation(), token, nil
}

// EnsureConversation is the thread with the customer at an address, made when there is none.
func (s *Store) EnsureConversation(ctx context.Context, o chat.OpenRequest) (chat.Conversation, error) {
	if o.Address == "" {
		return chat.Conversation{}, fmt.Errorf("find a conversation on %q: the address is missing", o.Channel)
	}
	const where = `channel = $1 AND account = $2 AND address = $3 AND address <> ''`
	c, found, err := findConversation(ctx, s.reading("find a conversation"), where, o.Channel, o.Account, o.Address)
	if err != nil || found {
		return c, err
	}
	r, err := s.newConversation(o, nil)
	if err != nil {
		return chat.Conversation{}, err
	}
	return transactValue(ctx, s, "open a conversation", func(ctx context.Context, t *tx) (chat.Conversation, error) {
		_, err := insert(ctx, t, r) // one with the same address stays as it is
		if err == nil {
			c, _, err = findConversation(ctx, t, where, o.Channel, o.Account, o.Address)
		}
		return c, err
	})
}

// FindConversation is one conversation.
func (s *Store) FindConversation(ctx context.Context, id string) (chat.Conversation, error) {
	c, found, err := findConversation(ctx, s.reading("read a conversation"), `id = $1`, id)
	return c, orNotFound(found, err, "conversation %q", id)
}

func findConversation(ctx context.Context, q querier, where string, args ...any) (chat.Conversation, bool, error) {
	r, found, err := selectOne[conversationRow](ctx, q, `WHERE `+where, args...)
	return r.conversation(), found, err
}
