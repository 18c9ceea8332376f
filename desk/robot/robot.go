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
	Config
	client   *http.Client
	accounts chat.Accounts[Account]

	mu    sync.Mutex
	paces map[string]*pace // by account
}

// Limits of one attempt.
const (
	timeout      = 10 * time.Second
	maxBody      = 64 << 10    // bytes of a response
	tooOftenWait = time.Minute // after the host said that a robot speaks too often
	maxRefusals  = 10          // then a robot that is refused is given up: about eight minutes
)

// New makes a channel.
func New(c Config) (*Channel, error) {
	ch := &Channel{Config: c, accounts: chat.Accounts[Account]{}, paces: map[string]*pace{}, client: &http.Client{
		Transport: c.Transport, Timeout: timeout,
		// A redirect would carry the key to where nobody sent it.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for _, a := range c.Accounts {
		a.API = strings.TrimSuffix(cmp.Or(a.API, DefaultAPI), "/")
		if err := errors.Join(a.validate(), ch.accounts.Add(a.Name, a)); err != nil {
			return nil, fmt.Errorf("robot %q: %w", a.Name, err)
		}
		ch.paces[a.Name] = &pace{}
	}
	return ch, nil
}

// validate does not show the key in its errors.
func (a Account) validate() error {
	u, err := url.Parse(a.API)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", u.RawQuery != "":
		return errors.New("invalid API URL: want " + DefaultAPI)
	case a.Key == "":
		return errors.New("missing key: copy what follows key= in the address that enterprise WeChat shows for the robot")
	case strings.ContainsFunc(a.Key, func(r rune) bool { return !isKeyRune(r) }):
		return errors.New("invalid key: want only what follows key= in the robot's address, such as 693a91f6-…")
	case len(a.Link) > maxLink:
		return fmt.Errorf("the link has %d bytes: want at most %d", len(a.Link), maxLink)
	}
	return nil
}

func isKeyRune(r rune) bool {
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

// Send tells the group of a ticket that waits for somebody. Other announcements count as sent.
func (c *Channel) Send(ctx context.Context, s chat.Sending) ([]chat.KV, error) {
	account, err := c.accounts.Find(s)
	if err != nil {
		return nil, err
	}
	a, err := chat.DecodeBody[announcement](s)
	switch {
	case err != nil:
		return nil, err
	case a.ID == "" || a.Event == "":
		return nil, &chat.SendError{State: chat.SendingDead, Reason: reasonBody}
	case !callsAgents(a):
		return nil, nil
	}
	now := c.Now()
	if wait := c.reserve(account.Name, now); wait > 0 {
		return nil, &chat.SendError{State: chat.SendingQueued, RetryAfter: wait, PausesAccount: true, Reason: reasonPace}
	}
	m := message{Type: "text", Text: text{Content: render(account, c.Categories, a, now)}}
	if a.Ticket.Urgency == desk.UrgencyUrgent {
		m.Text.Mobiles = account.Mobiles
	}
	return nil, sendError(c.post(ctx, account, m), s.Attempts)
}

// callsAgents tells whether somebody in the group is needed: for a new ticket, and for one that is back in the queue.
func callsAgents(a announcement) bool {
	return a.Event == desk.EventOpened || a.Event == desk.EventTransferred && a.Ticket.State == desk.StateWaiting
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

// post sends a message. The error is a *refusal, which never holds the key, or one of the network, which does.
func (c *Channel) post(ctx context.Context, a Account, m message) error {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		return fmt.Errorf("encode a message: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.API+"/cgi-bin/webhook/send?key="+url.QueryEscape(a.Key), &body)
	if err != nil {
		return errors.New("invalid API URL")
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := c.client.Do(req)
	if err != nil {
		return err
	}
	response, err := chat.ReadBody(resp, maxBody)
	if err != nil {
		return err
	}
	return decodeResponse(a, resp.StatusCode, response)
}

// redact takes the key out of a text of somebody else's.
func redact(a Account, text string) string { return strings.ReplaceAll(text, a.Key, "…") }
