package wechat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Mode is how an official account's messages are enciphered (消息加解密方式).
type Mode int

// The modes of the platform's settings.
const (
	Plain      Mode = iota // 明文模式
	Compatible             // 兼容模式: pushes hold both; the reply may be either
	Safe                   // 安全模式: pushes and replies are enciphered
)

// Account is an official account (公众号) as it stands in the platform's settings.
type Account struct {
	AppID      string
	Secret     string
	Token      string
	AESKey     string // the EncodingAESKey, 43 characters; may be "" in plain mode
	Mode       Mode
	Certified  bool     // 已认证: may send by itself; without it message/custom/send answers 48001
	Hook       string   // our URL, which the platform pushes to
	OriginalID string   // 原始ID, gh_…: the ToUserName of pushes
	WhiteList  []string // IP addresses that may fetch tokens; empty: any
	Name       string   // shown on the page
}

// OfficialAccount is an Account in service. All methods are safe for concurrent use.
type OfficialAccount struct {
	server    *Server
	cfg       Account
	key       aesKey // nil without an AESKey
	followers map[string]*Follower
	order     []*Follower
	stable    source
	basic     source
	repeat    int
	menu      []menuButton
}

// AddAccount takes an account into service.
func (s *Server) AddAccount(cfg Account) (*OfficialAccount, error) {
	a := &OfficialAccount{server: s, cfg: cfg, followers: map[string]*Follower{}}
	switch {
	case cfg.AppID == "", cfg.Secret == "", cfg.Token == "":
		return nil, errors.New("an account needs an AppID, a Secret and a Token")
	case !strings.HasPrefix(cfg.OriginalID, "gh_"):
		return nil, fmt.Errorf("the original id of an account begins with gh_, and %q does not", cfg.OriginalID)
	case cfg.AESKey != "" || cfg.Mode != Plain:
		key, err := parseKey(cfg.AESKey)
		if err != nil {
			return nil, err
		}
		a.key = key
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accounts[cfg.AppID] != nil {
		return nil, fmt.Errorf("the account %s is in service already", cfg.AppID)
	}
	s.accounts[cfg.AppID] = a
	s.change()
	return a, nil
}

// Repeat makes every push come n times at once from now on, as happens when the platform is in trouble.
func (a *OfficialAccount) Repeat(n int) {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	a.repeat = n
}

// Revoke makes every access token that was given out until now answer with the errcode: 40001, 40014 or 42001.
func (a *OfficialAccount) Revoke(errcode int) {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	a.server.revoke(a, errcode)
	a.stable.token, a.basic.token = "", ""
}

// Handshake does what saving the hook in the platform's settings does: a GET with an echostr, which must come back
// as it is.
func (a *OfficialAccount) Handshake(ctx context.Context) error {
	echo := digits(a.server.random(19))
	query := a.signature()
	query.Set("echostr", echo)
	address, err := with(a.cfg.Hook, query)
	if err != nil {
		return err
	}
	body, err := a.server.get(ctx, address)
	if err != nil {
		return fmt.Errorf("shaking hands with the hook: %w", err)
	}
	if string(body) != echo {
		return fmt.Errorf("shaking hands with the hook: the echostr is %s, the answer %.60q", echo, body)
	}
	return nil
}

// signature returns the parameters that every request to the hook carries.
func (a *OfficialAccount) signature() url.Values {
	timestamp := strconv.FormatInt(a.server.cfg.Now().Unix(), 10)
	nonce := digits(a.server.random(10))
	return url.Values{
		"signature": {sign(a.cfg.Token, timestamp, nonce)},
		"timestamp": {timestamp},
		"nonce":     {nonce},
	}
}

// digits turns random bytes into as many decimal digits, the first of which is no zero.
func digits(random []byte) string {
	for i, b := range random {
		random[i] = '0' + b%10
	}
	random[0] = '1' + (random[0]-'0')%9
	return string(random)
}

// Request returns the POST with which the platform would push a message, an XML document, in the account's mode.
// Tests alter it to see what the hook refuses.
func (a *OfficialAccount) Request(ctx context.Context, openID string, message []byte) (*http.Request, error) {
	p, err := a.push(openID, message)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, strings.NewReader(string(p.body)))
	if err != nil {
		return nil, bare(err)
	}
	req.Header.Set("Content-Type", "text/xml")
	return req, nil
}

// push signs a message and, in the mode that asks for it, enciphers it.
func (a *OfficialAccount) push(openID string, message []byte) (push, error) {
	query := a.signature()
	query.Set("openid", openID)
	to := addressee{openID, 8}
	if bytes.Contains(message, []byte("<MsgId>")) {
		to.cards = 1 // after a message; after an event 8
	}
	if a.cfg.Mode != Plain {
		sealed := a.key.seal(a.server.random(16), message, a.cfg.AppID)
		query.Set("encrypt_type", "aes")
		query.Set("msg_signature", sign(a.cfg.Token, query.Get("timestamp"), query.Get("nonce"), sealed))
		encrypt := cdata("Encrypt", sealed)
		if a.cfg.Mode == Safe {
			message = []byte("<xml>" + cdata("ToUserName", a.cfg.OriginalID) + encrypt + "</xml>")
		} else {
			message = []byte(strings.TrimSuffix(string(message), "</xml>") + encrypt + "</xml>")
		}
	}
	address, err := with(a.cfg.Hook, query)
	return push{url: address, body: message, read: func(answer []byte) (*Bubble, error) { return a.readReply(to, answer) }}, err
}
