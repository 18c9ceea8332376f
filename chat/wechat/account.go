package wechat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/envelope"
	"github.com/yingda/yingda/chat/wechat/host"
)

// account is an Account at work.
type account struct {
	Account
	envelope *envelope.Envelope
	client   *host.Client
	kv       chat.KVStore
	now      func() time.Time
	log      *slog.Logger // tells the account's name

	mu        sync.Mutex
	forbidden bool      // what was last known of message/custom/send
	checkedAt time.Time // when that was
}

// newAccount checks an account's settings, without showing secrets.
func newAccount(a Account, c Config) (*account, error) {
	errs := []error{chat.ValidateAccountName(a.Name)}
	if a.AppID == "" {
		errs = append(errs, errors.New("the app ID (AppID) is empty"))
	}
	if a.Secret == "" {
		errs = append(errs, errors.New("the secret (AppSecret) is empty"))
	}
	if a.Token == "" {
		errs = append(errs, errors.New("the token (令牌) is empty: without it anybody could send messages in WeChat's name"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	e, err := envelope.New(a.Token, a.AESKey, a.AppID)
	if err != nil {
		return nil, fmt.Errorf("the AES key (消息加解密密钥): %w", err)
	}
	client, err := host.New(host.Config{ID: a.AppID, Secret: a.Secret, Base: a.API, Transport: c.Transport, Now: c.Now})
	if err != nil {
		return nil, fmt.Errorf("the API: %w", err)
	}
	return &account{Account: a, envelope: e, client: client, kv: c.KV, now: c.Now, log: c.Log.With("account", a.Name)}, nil
}

// key is where something of the account is kept.
func (a *account) key(kind, of string) string { return Name + "/" + a.Name + "/" + kind + "/" + of }

// Whether an account may send by itself is learnt from WeChat's refusal, kept for all nodes, and looked up
// again after a while.
const (
	forbiddenTTL      = 12 * time.Hour
	forbiddenCacheTTL = 30 * time.Second
)

func (a *account) forbiddenKey() string { return a.key("forbidden", "send") }

// sendForbidden tells whether the account may not send by itself, as far as it is known.
func (a *account) sendForbidden(ctx context.Context) bool {
	a.mu.Lock()
	cached, fresh := a.forbidden, a.now().Before(a.checkedAt.Add(forbiddenCacheTTL))
	a.mu.Unlock()
	if fresh {
		return cached
	}
	_, err := a.kv.GetKV(ctx, a.forbiddenKey())
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		return cached
	}
	a.cacheForbidden(err == nil)
	return err == nil
}

// sendForbiddenCached is sendForbidden without a look at the database.
func (a *account) sendForbiddenCached() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.forbidden
}

func (a *account) cacheForbidden(forbidden bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forbidden, a.checkedAt = forbidden, a.now()
}

// learnForbidden notes whether WeChat refused to send, and is what to keep of it; nil where nothing has changed.
func (a *account) learnForbidden(refused bool) []chat.KV {
	before := a.sendForbiddenCached()
	a.cacheForbidden(refused)
	kv := chat.KV{Key: a.forbiddenKey()}
	if refused {
		kv.Value, kv.ExpiresAt = []byte("48001"), a.now().Add(forbiddenTTL)
	} else if !before {
		return nil
	}
	return []chat.KV{kv}
}

func (a *account) continuationKey(openID string) string { return a.key("more", openID) }

// continuation notes that something waits in a lane for the customer to ask for it.
func (a *account) continuation(openID, lane string) chat.KV {
	return chat.KV{Key: a.continuationKey(openID), Value: []byte(lane), Conversation: lane, ExpiresAt: a.now().Add(48 * time.Hour)}
}
