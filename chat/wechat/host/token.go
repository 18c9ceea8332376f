package host

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
)

// Grant is how calls are allowed.
type Grant int

// The closed set of grants, each with its server.
const (
	Official   Grant = iota // an access token by the app id and secret, from stable_token
	Enterprise              // an access token by the corporation's id and an application's secret, from gettoken
)

// base is the URL of the grant's server.
func (g Grant) base() string {
	if g == Official {
		return "https://api.weixin.qq.com"
	}
	return "https://qyapi.weixin.qq.com"
}

// tokenSource keeps the access token of one account. Several processes may ask WeChat, for it gives them all the
// same one until shortly before its end; within one process one at a time asks.
type tokenSource struct {
	transport *transport
	grant     Grant
	id        string
	secret    string
	fetching  chan struct{} // holds one while somebody asks

	cached Token
}

// Token is a secret that holds for a while. It is safe for concurrent use; the zero value is none.
type Token struct {
	mu        sync.Mutex
	token     string
	expiresAt time.Time
	dropped   string // the last one that was dropped, which may still stand in an error
}

// Get is the token, "" where none holds at a time.
func (t *Token) Get(now time.Time) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Before(t.expiresAt) {
		return t.token
	}
	return ""
}

// Set makes another one the token.
func (t *Token) Set(token string, expiresAt time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token, t.expiresAt = token, expiresAt
}

// Drop forgets a token that was refused, unless it has been replaced already.
func (t *Token) Drop(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == token {
		t.token, t.dropped = "", token
	}
}

// A token is used until five minutes before its end, when WeChat begins to give out the next one, but for
// at least nine tenths of its time.
const renewal = 5 * time.Minute

// get is the token. Its errors are *Error, with nothing sent.
func (s *tokenSource) get(ctx context.Context) (string, error) {
	if token := s.cached.Get(s.transport.now()); token != "" {
		return token, nil
	}
	select {
	case s.fetching <- struct{}{}:
		defer func() { <-s.fetching }()
	case <-ctx.Done():
		return "", newError(chat.SendingQueued, s.path(), "no access token in time", reasonNoToken)
	}
	if token := s.cached.Get(s.transport.now()); token != "" { // somebody got it meanwhile
		return token, nil
	}
	begin := s.transport.now()
	token, lifetime, err := s.fetch(ctx)
	if err != nil {
		return "", NotSent(err)
	}
	s.cached.Set(token, begin.Add(lifetime-min(renewal, lifetime/10)))
	return token, nil
}

// secrets are what an answer might repeat.
func (s *tokenSource) secrets() []string {
	s.cached.mu.Lock()
	defer s.cached.mu.Unlock()
	return []string{s.cached.token, s.cached.dropped, s.secret}
}

// path is that of the call that gives a token.
func (s *tokenSource) path() string {
	if s.grant == Official {
		return "/cgi-bin/stable_token"
	}
	return "/cgi-bin/gettoken"
}

// fetch asks for a token. It never forces a new one, which may be done 20 times a day only and would
// take the token from other processes.
func (s *tokenSource) fetch(ctx context.Context) (string, time.Duration, error) {
	var answer struct {
		Token   string `json:"access_token"`
		Seconds int64  `json:"expires_in"`
	}
	k := call{method: http.MethodGet, path: s.path(), query: url.Values{"corpid": {s.id}, "corpsecret": {s.secret}}}
	if s.grant == Official {
		body, err := Marshal(map[string]any{"grant_type": "client_credential", "appid": s.id, "secret": s.secret, "force_refresh": false})
		if err != nil {
			return "", 0, err
		}
		k = call{method: http.MethodPost, path: s.path(), contentType: jsonType, body: body}
	}
	if err := s.transport.exchange(ctx, k, &answer); err != nil {
		return "", 0, err
	}
	if answer.Token == "" || answer.Seconds <= 0 {
		return "", 0, newError(chat.SendingQueued, k.path, "the answer has no access token", reasonNoToken)
	}
	return answer.Token, time.Duration(min(answer.Seconds, 7200)) * time.Second, nil
}
