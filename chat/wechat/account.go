package wechat

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/envelope"
	"github.com/yingda/yingda/chat/wechat/host"
)

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

// account is one at work.
type account struct {
	Account
	envelope *envelope.Envelope
	client   *host.Client

	mu        sync.Mutex
	forbidden bool      // what was last known of message/custom/send
	asked     time.Time // when that was
}

// open checks an account's settings, without showing secrets.
func open(a Account, c Config) (*account, error) {
	var errs []error
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`).MatchString(a.Name) {
		errs = append(errs, errors.New("the name is not 1 to 64 of a-z, 0-9, _ and -"))
	}
	if a.AppID == "" {
		errs = append(errs, errors.New("the app id (AppID) is empty"))
	}
	if a.Secret == "" {
		errs = append(errs, errors.New("the secret (AppSecret) is empty"))
	}
	if a.Token == "" {
		errs = append(errs, errors.New("the token (令牌) is empty: without it anybody could send messages in WeChat's name"))
	}
	if errs != nil {
		return nil, errors.Join(errs...)
	}
	e, err := envelope.New(a.Token, a.AESKey, a.AppID)
	if err != nil {
		return nil, fmt.Errorf("the AES key (消息加解密密钥): %w", err)
	}
	client, err := host.New(host.Config{ID: a.AppID, Secret: a.Secret, Base: a.API, Transport: c.Transport, Now: c.Now})
	if err != nil {
		return nil, fmt.Errorf("the API: %w", err)
	}
	return &account{Account: a, envelope: e, client: client}, nil
}

// Whether an account may send by itself is learnt from WeChat's refusal, kept for all nodes, and asked
// again after a while.
const (
	forbiddenFor = 12 * time.Hour
	askAgain     = 30 * time.Second
)

// forbidden tells whether the account may not send by itself, as far as it is known.
func (c *Channel) forbidden(ctx context.Context, a *account) bool {
	a.mu.Lock()
	known, fresh := a.forbidden, c.c.Now().Before(a.asked.Add(askAgain))
	a.mu.Unlock()
	if fresh {
		return known
	}
	_, err := c.c.Marks.GetKV(ctx, a.key("forbidden", "send"))
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		return known
	}
	a.learn(err == nil, c.c.Now())
	return err == nil
}

// guess is forbidden without a look at the database.
func (a *account) guess() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.forbidden
}

func (a *account) learn(forbidden bool, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forbidden, a.asked = forbidden, now
}

// forbid notes that WeChat refused, or did not, and is the mark to keep; nil where nothing has changed.
func (c *Channel) forbid(a *account, refused bool) []chat.KV {
	now := c.c.Now()
	before := a.guess()
	a.learn(refused, now)
	m := chat.KV{Key: a.key("forbidden", "send")}
	if refused {
		m.Value, m.ExpiresAt = []byte("48001"), now.Add(forbiddenFor)
	} else if !before {
		return nil
	}
	return []chat.KV{m}
}
