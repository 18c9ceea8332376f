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
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
)

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
	*transport
	tokens *tokenSource
}

// New makes a client.
func New(c Config) (*Client, error) {
	switch {
	case c.Secret == "":
		return nil, errors.New("the secret is empty")
	case c.ID == "" && c.Grant == Official:
		return nil, errors.New("the app ID is empty")
	case c.ID == "":
		return nil, errors.New("the corporation's ID (corpid) is empty")
	}
	base := strings.TrimRight(cmp.Or(c.Base, c.Grant.base()), "/")
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("invalid base URL: want one such as %s", c.Grant.base())
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	t := &transport{
		base: base, host: u.Host, timeout: cmp.Or(c.Timeout, 10*time.Second), now: c.Now, codes: sendErrors(c.Codes),
		http: &http.Client{
			Transport: c.Transport,
			// A redirect would carry the token to where nobody sent it.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	tokens := &tokenSource{transport: t, grant: c.Grant, id: c.ID, secret: c.Secret, fetching: make(chan struct{}, 1)}
	t.secrets = tokens.secrets
	return &Client{t, tokens}, nil
}

// Post calls path with in as JSON, and decodes the answer into out, unless that is nil. The error is an
// *Error: what was to be sent has certainly not arrived where its state is queued, and may have where it
// is unknown.
func (c *Client) Post(ctx context.Context, path string, in, out any) error {
	body, err := Marshal(in)
	if err != nil {
		return newError(chat.SendingDead, path, err.Error(), reasonEncode)
	}
	return c.authorized(ctx, func(query url.Values) error {
		return c.exchange(ctx, call{http.MethodPost, path, query, jsonType, body}, out)
	})
}

// Get calls path with a query, likewise.
func (c *Client) Get(ctx context.Context, path string, query url.Values, out any) error {
	return c.authorized(ctx, func(token url.Values) error {
		maps.Copy(token, query)
		return c.exchange(ctx, call{method: http.MethodGet, path: path, query: token}, out)
	})
}

// Authorize gets an access token anew, to see whether the account may: for tests of a setting.
func (c *Client) Authorize(ctx context.Context) error {
	if token, err := c.tokens.get(ctx); err == nil {
		c.tokens.cached.Drop(token)
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
		c.tokens.cached.Drop(token)
		if token, err = c.tokens.get(ctx); err != nil {
			return err
		}
		return do(url.Values{"access_token": {token}})
	}
	return err
}
