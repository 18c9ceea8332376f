// Package robot is the channel that tells agents of tickets in a group of enterprise WeChat (企业微信),
// through the group's robot (群机器人).
package robot

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// Name is the channel's.
const Name = "wecom-robot"

// Account is one robot, which belongs to one group.
type Account struct {
	Name    string   // the Sending.Account
	Key     string   // secret: what follows key= in the robot's address
	API     string   // base URL of the host; "": DefaultAPI
	Mobiles []string // telephone numbers of members who are called by name when a ticket is urgent; "@all" calls everybody
	Link    string   // where agents work on a ticket, with {number} for its number; "" for no link
}

// DefaultAPI is the platform's host.
const DefaultAPI = "https://qyapi.weixin.qq.com"

// Config is what a Channel works with.
type Config struct {
	Accounts   []Account
	Categories map[string]string // names of the tickets' categories, by id; may be nil
	Transport  http.RoundTripper // nil: http.DefaultTransport
	Now        func() time.Time
}

// Channel is a chat.Channel. What it carries must be Repeatable: a group may read an announcement twice.
type Channel struct {
	c        Config
	client   *http.Client
	accounts map[string]Account

	mu    sync.Mutex
	paces map[string]*pace // by account
}

// Limits of one attempt.
const (
	timeout      = 10 * time.Second
	maxAnswer    = 64 << 10    // bytes of an answer
	limitedWait  = time.Minute // after the host said that a robot speaks too often
	refusedTries = 10          // then a robot that is refused is given up: about eight minutes
)

// New makes a channel.
func New(c Config) (*Channel, error) {
	ch := &Channel{c: c, accounts: map[string]Account{}, paces: map[string]*pace{}, client: &http.Client{
		Transport: c.Transport, Timeout: timeout,
		// A redirect would carry the key to where nobody sent it.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for _, a := range c.Accounts {
		if err := a.check(); err != nil {
			return nil, fmt.Errorf("robot %q: %w", a.Name, err)
		}
		if _, ok := ch.accounts[a.Name]; ok {
			return nil, fmt.Errorf("robot %q: the name stands twice", a.Name)
		}
		a.API = strings.TrimSuffix(cmp.Or(a.API, DefaultAPI), "/")
		ch.accounts[a.Name], ch.paces[a.Name] = a, &pace{}
	}
	return ch, nil
}

// check does not show the key in its errors.
func (a Account) check() error {
	u, err := url.Parse(cmp.Or(a.API, DefaultAPI))
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", u.RawQuery != "":
		return errors.New("its API is no URL: want " + DefaultAPI)
	case a.Key == "":
		return errors.New("it has no key: copy what follows key= in the address that enterprise WeChat shows for the robot")
	case strings.ContainsFunc(a.Key, func(r rune) bool { return !keyRune(r) }):
		return errors.New("its key is none: want only what follows key= in the robot's address, such as 693a91f6-…")
	case len(a.Link) > maxLink:
		return fmt.Errorf("its link has %d bytes: want at most %d", len(a.Link), maxLink)
	}
	return nil
}

func keyRune(r rune) bool {
	return r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// Name is the channel's.
func (c *Channel) Name() string { return Name }

// announcement is what it reads of a sending's body.
type announcement struct {
	ID     string      `json:"id"`
	Event  desk.Event  `json:"event"`
	At     time.Time   `json:"at"`
	Ticket desk.Ticket `json:"ticket"`
}

// Send tells the group of a ticket that waits for somebody. Other announcements are settled unsaid.
func (c *Channel) Send(ctx context.Context, s chat.Sending) ([]chat.KV, error) {
	a, ok := c.accounts[s.Account]
	if !ok {
		return nil, &chat.SendError{State: chat.SendingQueued, Reason: fmt.Sprintf("no robot named %q is set up here", s.Account)}
	}
	var what announcement
	if err := json.Unmarshal(s.Body, &what); err != nil || what.ID == "" || what.Event == "" {
		return nil, &chat.SendError{State: chat.SendingDead, Reason: "the body is no announcement with id and event"}
	}
	if !worthSaying(what) {
		return nil, nil
	}
	now := c.c.Now()
	if wait := c.wait(a.Name, now); wait > 0 {
		return nil, &chat.SendError{State: chat.SendingQueued, RetryAfter: wait, PausesAccount: true, Reason: "the robot has said all that it may for a minute"}
	}
	m := message{Type: "text", Text: text{Content: say(a, c.c.Categories, what, now)}}
	if what.Ticket.Urgency == desk.UrgencyUrgent {
		m.Text.Mobiles = a.Mobiles
	}
	return nil, c.judge(c.post(ctx, a, m), s.Attempts)
}

// worthSaying is whether somebody in the group is wanted: for a new ticket, and for one that is back in the queue.
func worthSaying(a announcement) bool {
	return a.Event == desk.EventOpened || a.Event == desk.EventTransferred && a.Ticket.State == desk.StateWaiting
}

// judge tells what became of a post: nil that the group has it.
func (c *Channel) judge(err error, attempts int) error {
	if err == nil {
		return nil
	}
	e := &chat.SendError{State: chat.SendingQueued, Reason: err.Error()}
	r, refused := errors.AsType[*refusal](err)
	switch {
	case !refused:
	case r.code == tooOften:
		e.RetryAfter, e.PausesAccount = limitedWait, true
	case r.code != busy && attempts >= refusedTries:
		e.State, e.Reason = chat.SendingDead, fmt.Sprintf("%s, %d times", e.Reason, attempts)
	}
	return e
}

// message is what the host takes.
type message struct {
	Type string `json:"msgtype"`
	Text text   `json:"text"`
}

type text struct {
	Content string   `json:"content"`
	Mobiles []string `json:"mentioned_mobile_list,omitempty"`
}

// post gives the robot something to say. Its errors never hold the key.
func (c *Channel) post(ctx context.Context, a Account, m message) error {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		return fmt.Errorf("write a message: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.API+"/cgi-bin/webhook/send?key="+url.QueryEscape(a.Key), &body)
	if err != nil {
		return errors.New("its API is no URL")
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := c.client.Do(req)
	if err != nil {
		return errors.New(hide(a, chat.NetworkReason(err)))
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	_ = resp.Body.Close() // it was read, or is given up
	switch {
	case err != nil:
		return errors.New("the answer broke off")
	case resp.StatusCode == http.StatusOK:
		return read(a, answer)
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode/100 == 5:
		return fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	return &refusal{text: fmt.Sprintf("HTTP %d", resp.StatusCode)}
}

// hide takes the key out of what somebody else wrote.
func hide(a Account, text string) string { return strings.ReplaceAll(text, a.Key, "…") }
