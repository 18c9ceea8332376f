package host

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
)

// tokens keeps the access token of one account. Several processes may ask WeChat, for it gives them all the
// same one until shortly before its end; within one process one at a time asks.
type tokens struct {
	fetch func(context.Context) (token string, lives time.Duration, err error)
	now   func() time.Time
	turn  chan struct{} // holds one while somebody asks

	mu    sync.Mutex
	token string // "" for none
	until time.Time
	last  string // the one before, which may still stand in an error
}

func newTokens(fetch func(context.Context) (string, time.Duration, error), now func() time.Time) *tokens {
	return &tokens{fetch: fetch, now: now, turn: make(chan struct{}, 1)}
}

// A token is used until five minutes before its end, when WeChat begins to give out the next one, but for
// at least nine tenths of its time.
const renewal = 5 * time.Minute

// get is the token. Its errors are *Error, with nothing sent.
func (t *tokens) get(ctx context.Context) (string, error) {
	if token := t.cached(); token != "" {
		return token, nil
	}
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", failed(chat.SendingQueued, "no access token in time")
	}
	if token := t.cached(); token != "" { // somebody got it meanwhile
		return token, nil
	}
	asked := t.now()
	token, lives, err := t.fetch(ctx)
	if err != nil {
		return "", unsent(err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token, t.until = token, asked.Add(lives-min(renewal, lives/10))
	return token, nil
}

func (t *tokens) cached() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != "" && t.now().Before(t.until) {
		return t.token
	}
	return ""
}

// drop forgets a token that was refused, unless it has been replaced already.
func (t *tokens) drop(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == token {
		t.token, t.last = "", token
	}
}

// secrets are the tokens that an answer might repeat.
func (t *tokens) secrets() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return []string{t.token, t.last}
}

// fetchToken asks for a token. It never forces a new one, which may be done 20 times a day only and would
// take the token from other processes.
func (c *Client) fetchToken(ctx context.Context) (string, time.Duration, error) {
	var answer struct {
		Token   string `json:"access_token"`
		Seconds int64  `json:"expires_in"`
	}
	ask := call{
		method: http.MethodGet, path: "/cgi-bin/gettoken",
		query: url.Values{"corpid": {c.id}, "corpsecret": {c.secret}},
	}
	if c.grant == Official {
		body, err := Marshal(map[string]any{"grant_type": "client_credential", "appid": c.id, "secret": c.secret, "force_refresh": false})
		if err != nil {
			return "", 0, err
		}
		ask = call{method: http.MethodPost, path: "/cgi-bin/stable_token", kind: jsonType, body: body}
	}
	if err := c.exchange(ctx, ask, &answer); err != nil {
		return "", 0, err
	}
	if answer.Token == "" || answer.Seconds <= 0 {
		return "", 0, failed(chat.SendingQueued, "%s: it answered no access token", ask.path)
	}
	return answer.Token, time.Duration(min(answer.Seconds, 7200)) * time.Second, nil
}
