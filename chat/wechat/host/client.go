// Package host speaks to the JSON API of WeChat's servers: the access token, calls, media, and what the
// errors mean for what was to be sent. The official account (公众号), the enterprise edition (企业微信),
// with its customer service (微信客服), and its group robots (群机器人) use the same manners.
//
// Errors never hold an address that was called, a token or a secret.
package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
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

// base is the grant's server.
func (g Grant) base() string {
	if g == Official {
		return "https://api.weixin.qq.com"
	}
	return "https://qyapi.weixin.qq.com"
}

// Config is what a Client works with.
type Config struct {
	Grant     Grant
	ID        string                 // the app id or the corporation's id
	Secret    string                 // needed
	Base      string                 // the server; the grant's own when empty
	Transport http.RoundTripper      // http.DefaultTransport when nil
	Now       func() time.Time       // time.Now when nil
	Timeout   time.Duration          // of one call: 10 s
	Codes     map[int]chat.SendError // what errcodes mean besides the common ones, or instead
}

// Client is one account's. It is safe for concurrent use; make one an account, for it keeps the token.
type Client struct {
	grant   Grant
	id      string
	secret  string
	base    string
	http    *http.Client
	timeout time.Duration
	codes   map[int]chat.SendError
	tokens  *tokens
	now     func() time.Time
	skew    atomic.Int64 // nanoseconds
}

// New makes a client.
func New(c Config) (*Client, error) {
	switch {
	case c.Secret == "":
		return nil, errors.New("it has no secret")
	case c.ID == "" && c.Grant == Official:
		return nil, errors.New("it has no app id")
	case c.ID == "":
		return nil, errors.New("it has no corporation's id (corpid)")
	}
	base := strings.TrimRight(cmp.Or(c.Base, c.Grant.base()), "/")
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("its base URL is none: want %s or the like", c.Grant.base())
	}
	now := c.Now
	if now == nil {
		now = time.Now
	}
	client := &Client{
		now:   now,
		grant: c.Grant, id: c.ID, secret: c.Secret, base: base, timeout: cmp.Or(c.Timeout, 10*time.Second), codes: merged(c.Codes),
		http: &http.Client{
			Transport: c.Transport,
			// A redirect would carry the token to where nobody sent it.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	client.tokens = newTokens(client.fetchToken, now)
	return client, nil
}

// Host is the name of the server, and its port where the base URL has one.
func (c *Client) Host() string {
	u, err := url.Parse(c.base)
	if err != nil { // New has looked
		return ""
	}
	return u.Host
}

// Skew is how far ahead the clock of this machine was of the server's, at the last answer that told the time.
func (c *Client) Skew() time.Duration { return time.Duration(c.skew.Load()) }

// Post calls path with in as JSON, and reads the answer into out, unless that is nil. The error is an
// *Error: what was to be sent has certainly not arrived where its state is queued, and may have where it
// is unknown.
func (c *Client) Post(ctx context.Context, path string, in, out any) error {
	body, err := Marshal(in)
	if err != nil {
		return failed(chat.SendingDead, "%s: %v", path, err)
	}
	return c.authorized(ctx, func(query url.Values) error {
		return c.exchange(ctx, call{http.MethodPost, path, query, jsonType, body}, out)
	})
}

// Get calls path with a query, as Post does.
func (c *Client) Get(ctx context.Context, path string, query url.Values, out any) error {
	return c.authorized(ctx, func(grant url.Values) error {
		for k, v := range query {
			grant[k] = v
		}
		return c.exchange(ctx, call{http.MethodGet, path, grant, "", nil}, out)
	})
}

// Authorize gets an access token anew, to see whether the account may: for tests of a setting.
func (c *Client) Authorize(ctx context.Context) error {
	if token, err := c.tokens.get(ctx); err == nil {
		c.tokens.drop(token)
	}
	_, err := c.tokens.get(ctx)
	return err
}

// authorized calls with what allows it. A token that is refused is dropped, and the call made once more.
func (c *Client) authorized(ctx context.Context, do func(query url.Values) error) error {
	token, err := c.tokens.get(ctx)
	if err != nil {
		return err
	}
	err = do(url.Values{"access_token": {token}})
	if code := Code(err); code == CodeCredential || code == CodeToken || code == CodeExpired {
		c.tokens.drop(token)
		if token, err = c.tokens.get(ctx); err != nil {
			return err
		}
		return do(url.Values{"access_token": {token}})
	}
	return err
}

// Code is the errcode of an error of a Client's; 0 for any other.
func Code(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return 0
}

// failed is an error without an errcode.
func failed(state chat.SendingState, format string, args ...any) *Error {
	return &Error{send: chat.SendError{State: state, Reason: fmt.Sprintf(format, args...)}}
}

// unsent is the error of a call that sends nothing to a customer: whatever is unknown of it, nothing arrived.
func unsent(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.send.State == chat.SendingUnknown {
		e.send.State = chat.SendingQueued
	}
	return err
}
