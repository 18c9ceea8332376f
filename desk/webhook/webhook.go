// Package webhook is the channel that tells other systems of tickets: it posts each announcement to an
// address, signed, until the receiver has taken it.
package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/yingda/yingda/chat"
)

// Name is the channel's.
const Name = "webhook"

// Account is one receiver.
type Account struct {
	Name   string // the Sending.Account
	URL    string // http or https; may hold a user and a password
	Secret []byte // signs what is sent; at least chat.MinSecret bytes
}

// Channel is a chat.Channel. What it carries must be Idempotent: a receiver may get an announcement
// more than once, and knows it by its id.
type Channel struct {
	client   *http.Client
	accounts chat.Accounts[Account]
	now      func() time.Time
}

// Limits of one attempt, and of what a receiver may ask for.
const (
	timeout       = 10 * time.Second
	maxBody       = 64 << 10  // bytes of a response that are read, and dropped
	maxRetryAfter = time.Hour // that Retry-After may ask for
	maxRefusals   = 10        // then a receiver that answers 3xx or 4xx is believed: about eight minutes
)

// New makes a channel. transport is http.DefaultTransport when nil.
func New(accounts []Account, transport http.RoundTripper, now func() time.Time) (*Channel, error) {
	c := &Channel{now: now, accounts: chat.Accounts[Account]{}, client: &http.Client{
		Transport: transport, Timeout: timeout,
		// A redirect would carry customers' details to where nobody sent them.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for _, a := range accounts {
		if err := errors.Join(a.validate(), c.accounts.Add(a.Name, a)); err != nil {
			return nil, fmt.Errorf("webhook %q: %w", a.Name, err)
		}
	}
	return c, nil
}

// validate does not show the URL in its errors, for it may hold a password.
func (a Account) validate() error {
	u, err := url.Parse(a.URL)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return errors.New("invalid URL: want https://host/path")
	case len(a.Secret) == 0:
		return errors.New("missing secret, without which nobody can verify an announcement: set one, for example from `openssl rand -hex 32`")
	}
	return chat.ValidateSecret(string(a.Secret))
}

// Name is the channel's.
func (c *Channel) Name() string { return Name }

// Send posts an announcement.
func (c *Channel) Send(ctx context.Context, s chat.Sending) ([]chat.KV, error) {
	a, err := c.accounts.Find(s)
	if err != nil {
		return nil, err
	}
	req, err := c.request(ctx, a, s)
	if err != nil {
		return nil, err
	}
	resp, err := c.client.Do(req) //nolint:bodyclose // chat.DiscardBody closes it
	if err != nil {
		return nil, &chat.SendError{State: chat.SendingQueued, Reason: chat.NetworkReason(err)}
	}
	chat.DiscardBody(resp, maxBody)
	return nil, c.sendError(resp, s.Attempts)
}

// request is the signed request of an announcement. Its error is a *chat.SendError.
func (c *Channel) request(ctx context.Context, a Account, s chat.Sending) (*http.Request, error) {
	head, err := chat.DecodeBody[struct {
		ID    string `json:"id"`
		Event string `json:"event"`
	}](s)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL, bytes.NewReader(s.Body))
	if err != nil || head.ID == "" || head.Event == "" {
		return nil, &chat.SendError{State: chat.SendingDead, Reason: reasonBody}
	}
	timestamp := strconv.FormatInt(c.now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "yingda-webhook")
	req.Header.Set(HeaderEvent, head.Event)
	req.Header.Set(HeaderID, head.ID)
	req.Header.Set(HeaderTimestamp, timestamp)
	req.Header.Set(HeaderSignature, Sign(a.Secret, timestamp, s.Body))
	return req, nil
}

// sendError is what a receiver's response means: nil that it has the announcement.
func (c *Channel) sendError(resp *http.Response, attempts int) error {
	code := resp.StatusCode
	e := &chat.SendError{State: chat.SendingQueued, Reason: chat.HTTPReason(code)}
	switch {
	case code/100 == 2:
		return nil
	case code == http.StatusTooManyRequests, code/100 == 5:
		e.RetryAfter = min(chat.ParseRetryAfter(resp.Header.Get("Retry-After"), c.now()), maxRetryAfter)
		e.PausesAccount = e.RetryAfter > 0
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly:
	case code == http.StatusGone:
		e.State = chat.SendingDead
	case attempts >= maxRefusals:
		e.State = chat.SendingDead
		e.Reason = fmt.Sprintf(reasonRefused, e.Reason, attempts)
	}
	return e
}
