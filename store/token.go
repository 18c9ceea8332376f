package store

import (
	"context"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
)

// tokenRow is a row of tokens: those of conversations beside the first.
type tokenRow struct {
	Hash         []byte
	Conversation string
	CreatedAt    int64
}

func (*tokenRow) table() string { return "tokens" }

// maxTokens is how many further tokens a conversation has: the oldest go.
const maxTokens = 20

// Authorize is the conversation when token is one of its own.
func (s *Store) Authorize(ctx context.Context, id, token string) (chat.Conversation, error) {
	hash := hashSecret(token)
	if m := s.cache.get(id); m != nil && time.Since(m.cachedAt) < maxAuthorizedAge && subtle.ConstantTimeCompare(m.tokenHash, hash) == 1 {
		return m.Conversation, nil
	}
	q := s.reading("read a conversation")
	r, _, err := selectOne[conversationRow](ctx, q, `WHERE id = $1`, id)
	if err != nil {
		return chat.Conversation{}, err
	}
	if subtle.ConstantTimeCompare(r.TokenHash.V, hash) == 1 {
		return r.conversation(), nil
	}
	_, issued, err := selectOne[tokenRow](ctx, q, `WHERE hash = $1 AND conversation = $2`, hash, id)
	if err != nil {
		return chat.Conversation{}, err
	}
	if !issued {
		return chat.Conversation{}, fmt.Errorf("conversation: %w", chat.ErrForbidden)
	}
	return r.conversation(), nil
}

// IssueToken is another token of a conversation.
func (s *Store) IssueToken(ctx context.Context, id string) (string, error) {
	return transactValue(ctx, s, "issue a token", func(ctx context.Context, t *tx) (string, error) {
		if _, found, err := findConversation(ctx, t, `id = $1`, id); err != nil || !found {
			return "", rejectNotFound(orNotFound(found, err, "conversation %q", id))
		}
		return s.issueToken(ctx, t, id)
	})
}

func (s *Store) issueToken(ctx context.Context, t *tx, conversation string) (string, error) {
	token := s.newSecret()
	if _, err := insert(ctx, t, tokenRow{Hash: hashSecret(token), Conversation: conversation, CreatedAt: s.now()}); err != nil {
		return "", err
	}
	_, err := t.exec(ctx, `DELETE FROM tokens WHERE conversation = $1 AND hash NOT IN
		(SELECT hash FROM tokens WHERE conversation = $1 ORDER BY created_at DESC, hash LIMIT $2)`, conversation, maxTokens)
	return token, err
}

// JoinConversation is the conversation that goes on with a customer for whom his site vouches.
func (s *Store) JoinConversation(ctx context.Context, o chat.OpenRequest) (c chat.Conversation, token string, opened bool, err error) {
	if o.Customer.ID == "" {
		return c, "", false, fmt.Errorf("join a conversation on %q: the customer's id is missing", o.Channel)
	}
	first := s.newSecret()
	r, err := s.newConversation(o, hashSecret(first))
	if err != nil {
		return c, "", false, err
	}
	r.VouchedID = o.Customer.ID
	type joined struct {
		chat.Conversation
		token  string
		opened bool
	}
	j, err := transactValue(ctx, s, "join a conversation", func(ctx context.Context, t *tx) (joined, error) {
		n, err := insert(ctx, t, r) // where one goes on already, it stays as it is
		if err != nil || n == 1 {
			return joined{r.conversation(), first, true}, err
		}
		found, _, err := findConversation(ctx, t, `account = $1 AND vouched_id = $2 AND vouched_id <> ''`, r.Account, r.VouchedID)
		if err != nil {
			return joined{}, err
		}
		token, err := s.issueToken(ctx, t, found.ID)
		return joined{found, token, false}, err
	})
	return j.Conversation, j.token, j.opened, err
}

// LeaveConversation lets JoinConversation open another one.
func (s *Store) LeaveConversation(ctx context.Context, id string) error {
	return s.transact(ctx, "leave a conversation", statement(`UPDATE conversations SET vouched_id = '' WHERE id = $1`, id))
}
