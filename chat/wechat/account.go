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

// Name is the channel's.
const Name = "wechat"

// Account is one official account.
type Account struct {
	Name       string // ours, unique: "default"
	AppID      string // 开发者ID (AppID): "wx…"
	Secret     string // 开发者密码 (AppSecret)
	Token      string // 令牌 (Token), of the server's settings
	AESKey     string // 消息加解密密钥 (EncodingAESKey); "" for plain mode (明文模式)
	API        string // base URL; https://api.weixin.qq.com when empty
	OriginalID string // 原始ID: "gh_…"; "" when it is not checked
}

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

// newAccount checks the settings of an account that calls as hc says. Its errors hold no secret.
func newAccount(a Account, hc host.Config, kv chat.KVStore, log *slog.Logger) (*account, error) {
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
		return nil, fmt.Errorf("the token (令牌) and the AES key (消息加解密密钥): %w", err)
	}
	hc.ID, hc.Secret, hc.Base = a.AppID, a.Secret, a.API
	client, err := host.New(hc)
	if err != nil {
		return nil, fmt.Errorf("the API: %w", err)
	}
	return &account{Account: a, envelope: e, client: client, kv: kv, now: hc.Now, log: log.With("account", a.Name)}, nil
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
