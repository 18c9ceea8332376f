package wechat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Corp is a company that uses 微信客服, as it stands in the settings. Its callbacks are always enciphered.
type Corp struct {
	ID     string // the corpid, ww…: the receiver in the ciphertext
	Secret string // of 微信客服
	Token  string
	AESKey string // the EncodingAESKey, 43 characters
	Hook   string // our URL, which the platform pushes to
	Name   string // shown on the page
}

// Enterprise is a Corp in service. All methods are safe for concurrent use.
type Enterprise struct {
	server *Server
	cfg    Corp
	key    aesKey
	tokens source
	desks  []*Desk
	people map[string]*person   // by external_userid
	log    []entry              // what sync_msg hands out, in order
	syncs  map[string]time.Time // when the tokens of callbacks end
	bare   []time.Time          // when sync_msg was called without one
	repeat int
	empty  int // pages of sync_msg that are still to come empty, with has_more
	codes  map[string]*eventCode
	sent   map[string]bool // open_kfid and msgid of what was sent
}

// person is who may write to any desk of the corp.
type person struct{ id, name string }

// AddCorp takes a company into service.
func (s *Server) AddCorp(cfg Corp) (*Enterprise, error) {
	if cfg.ID == "" || cfg.Secret == "" || cfg.Token == "" {
		return nil, errors.New("a corp needs an ID, a Secret and a Token")
	}
	key, err := parseKey(cfg.AESKey)
	if err != nil {
		return nil, err
	}
	e := &Enterprise{
		server: s, cfg: cfg, key: key,
		people: map[string]*person{}, syncs: map[string]time.Time{}, codes: map[string]*eventCode{}, sent: map[string]bool{},
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.corps[cfg.ID] != nil {
		return nil, fmt.Errorf("the corp %s is in service already", cfg.ID)
	}
	s.corps[cfg.ID] = e
	s.change()
	return e, nil
}

// Repeat makes every callback come n times at once from now on.
func (e *Enterprise) Repeat(n int) {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	e.repeat = n
}

// EmptyPages has the next n answers of sync_msg come without messages, but with has_more 1 and the cursor unmoved.
func (e *Enterprise) EmptyPages(n int) {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	e.empty = n
}

// Revoke makes every access token that was given out until now answer with the errcode: 40014 or 42001.
func (e *Enterprise) Revoke(errcode int) {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	e.server.revoke(e, errcode)
	e.tokens.token = ""
}

// Handshake does what saving the hook in the settings does: a GET with an enciphered echostr, which must come back
// in plain text.
func (e *Enterprise) Handshake(ctx context.Context) error {
	echo := digits(e.server.random(19))
	query, sealed := e.seal([]byte(echo))
	query.Set("echostr", sealed)
	address, err := with(e.cfg.Hook, query)
	if err != nil {
		return err
	}
	body, err := e.server.get(ctx, address)
	if err != nil {
		return fmt.Errorf("shaking hands with the hook: %w", err)
	}
	if string(body) != echo {
		return fmt.Errorf("shaking hands with the hook: the echostr is %s, the answer %.60q", echo, body)
	}
	return nil
}

// seal enciphers a message and signs it.
func (e *Enterprise) seal(message []byte) (query url.Values, sealed string) {
	sealed = e.key.seal(e.server.random(16), message, e.cfg.ID)
	timestamp, nonce := strconv.FormatInt(e.server.cfg.Now().Unix(), 10), digits(e.server.random(10))
	return url.Values{
		"msg_signature": {sign(e.cfg.Token, timestamp, nonce, sealed)},
		"timestamp":     {timestamp},
		"nonce":         {nonce},
	}, sealed
}

// Request returns the POST with which the platform would push an XML document. Tests alter it to see what is refused.
func (e *Enterprise) Request(ctx context.Context, message []byte) (*http.Request, error) {
	p, err := e.push(message)
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

// push enciphers a message for the hook, of which success or nothing is the good answer.
func (e *Enterprise) push(message []byte) (push, error) {
	query, sealed := e.seal(message)
	address, err := with(e.cfg.Hook, query)
	body := "<xml>" + cdata("ToUserName", e.cfg.ID) + cdata("Encrypt", sealed) + cdata("AgentID", "") + "</xml>"
	return push{url: address, body: []byte(body), read: func(answer []byte) (*Bubble, error) {
		if len(answer) > 0 && string(answer) != "success" {
			return nil, fmt.Errorf("the answer to a callback of 微信客服 is success or nothing, not %.60q", answer)
		}
		return nil, nil // nobody sees the answer, and nothing is wrong
	}}, err
}

// notify pushes kf_msg_or_event: there is something new at the desk. The message itself is fetched by sync_msg.
func (e *Enterprise) notify(ctx context.Context, d *Desk, id string) Delivery {
	s := e.server
	token := "ENC" + s.word(45)
	s.mu.Lock()
	e.syncs[token] = s.cfg.Now().Add(syncTokenLasts)
	repeat := e.repeat
	s.mu.Unlock()
	p, err := e.push([]byte("<xml>" + cdata("ToUserName", e.cfg.ID) +
		"<CreateTime>" + strconv.FormatInt(s.cfg.Now().Unix(), 10) + "</CreateTime>" + cdata("MsgType", "event") +
		cdata("Event", "kf_msg_or_event") + cdata("Token", token) + cdata("OpenKfId", d.id) + "</xml>"))
	if err != nil {
		return Delivery{ID: id, Fault: err.Error()}
	}
	attempts, _, err := s.copies(ctx, p, repeat)
	delivery := Delivery{ID: id, Attempts: attempts}
	if err != nil {
		delivery.Fault = err.Error()
		s.cfg.Log.WarnContext(ctx, "the hook gave no good answer", "corp", e.cfg.ID, "attempts", len(attempts), "fault", delivery.Fault)
	}
	return delivery
}
