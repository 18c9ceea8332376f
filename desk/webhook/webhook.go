// Package webhook is the channel that tells other systems of tickets: it posts each announcement to an
// address, signed, until the receiver has taken it.
package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	Secret []byte // signs what is sent; at least MinSecret bytes
}

// MinSecret is how many bytes a secret has at least.
const MinSecret = 16

// Channel is a chat.Channel. What it carries must be Repeatable: a receiver may get an announcement
// more than once, and knows it by its id.
type Channel struct {
	client   *http.Client
	accounts map[string]Account
	now      func() time.Time
}

// Limits of one attempt, and of what a receiver may ask for.
const (
	timeout      = 10 * time.Second
	maxAnswer    = 64 << 10  // bytes of the answer that are read, and dropped
	maxWait      = time.Hour // that Retry-After may ask for
	refusedTries = 10        // then a receiver that answers 3xx or 4xx is believed: about eight minutes
)

// New makes a channel. transport is http.DefaultTransport when nil.
func New(accounts []Account, transport http.RoundTripper, now func() time.Time) (*Channel, error) {
	c := &Channel{now: now, accounts: make(map[string]Account, len(accounts)), client: &http.Client{
		Transport: transport, Timeout: timeout,
		// A redirect would carry customers' details to where nobody sent them.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for _, a := range accounts {
		if err := a.check(); err != nil {
			return nil, fmt.Errorf("webhook %q: %w", a.Name, err)
		}
		if _, ok := c.accounts[a.Name]; ok {
			return nil, fmt.Errorf("webhook %q: the name stands twice", a.Name)
		}
		c.accounts[a.Name] = a
	}
	return c, nil
}

// check does not show the address in its errors, for it may hold a password.
func (a Account) check() error {
	u, err := url.Parse(a.URL)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return errors.New("its URL is none: want https://host/path")
	case len(a.Secret) == 0:
		return errors.New("it has no secret, so nobody could tell that an announcement is ours: set one, for example from `openssl rand -hex 32`")
	case len(a.Secret) < MinSecret:
		return fmt.Errorf("its secret has %d bytes, too few against guessing: want at least %d, for example from `openssl rand -hex 32`", len(a.Secret), MinSecret)
	}
	return nil
}

// Name is the channel's.
func (c *Channel) Name() string { return Name }

// Send posts an announcement.
func (c *Channel) Send(ctx context.Context, s chat.Sending) ([]chat.KV, error) {
	return nil, c.post(ctx, s)
}

func (c *Channel) post(ctx context.Context, s chat.Sending) error {
	a, ok := c.accounts[s.Account]
	if !ok {
		return &chat.SendError{State: chat.SendingQueued, Reason: fmt.Sprintf("no webhook named %q is set up here", s.Account)}
	}
	req, err := c.request(ctx, a, s)
	if err != nil {
		return &chat.SendError{State: chat.SendingDead, Reason: err.Error()}
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return &chat.SendError{State: chat.SendingQueued, Reason: chat.NetworkReason(err)}
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer)) // to use the connection again; a failure costs no more than that
	_ = resp.Body.Close()
	return c.judge(resp, s.Attempts)
}

func (c *Channel) request(ctx context.Context, a Account, s chat.Sending) (*http.Request, error) {
	var head struct {
		ID    string `json:"id"`
		Event string `json:"event"`
	}
	if err := json.Unmarshal(s.Body, &head); err != nil || head.ID == "" || head.Event == "" {
		return nil, errors.New("the body is no announcement with id and event")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL, bytes.NewReader(s.Body))
	if err != nil {
		return nil, errors.New("its URL is none")
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

// judge tells what a receiver's answer means: nil that it has the announcement.
func (c *Channel) judge(resp *http.Response, attempts int) error {
	code := resp.StatusCode
	e := &chat.SendError{State: chat.SendingQueued, Reason: fmt.Sprintf("HTTP %d", code)}
	switch {
	case code/100 == 2:
		return nil
	case code == http.StatusTooManyRequests, code/100 == 5:
		e.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), c.now())
		e.PausesAccount = e.RetryAfter > 0
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly:
	case code == http.StatusGone:
		e.State = chat.SendingDead
	case attempts >= refusedTries:
		e.State = chat.SendingDead
		e.Reason = fmt.Sprintf("HTTP %d, %d times", code, attempts)
	}
	return e
}

// retryAfter reads seconds or a date; 0 for none.
func retryAfter(text string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxWait)
}
