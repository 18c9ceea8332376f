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
	"github.com/yingda/yingda/finding"
)

// Name is the channel's.
const Name = "wecom-robot"

// Config is what a Channel works with.
type Config struct {
	Accounts   []Account
	Categories map[string]string // names of the tickets' categories, by id; may be nil
	Transport  http.RoundTripper // nil: http.DefaultTransport
	Now        func() time.Time  // in the desk's zone
}

// Channel is a chat.Channel and a chat.Checker. What it carries must be Idempotent: a group may read an announcement twice.
type Channel struct {
	Config
	client   *http.Client
	accounts chat.Accounts[Account]

	mu    sync.Mutex
	paces map[string]*pace // by account
}

// Limits of one attempt.
const (
	timeout = 10 * time.Second
	maxBody = 64 << 10 // bytes of a response
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

// Name is the channel's.
func (c *Channel) Name() string { return Name }

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
	c.mu.Lock()
	wait := c.paces[account.Name].reserve(now)
	c.mu.Unlock()
	if wait > 0 {
		return nil, &chat.SendError{State: chat.SendingQueued, RetryAfter: wait, PausesAccount: true, Reason: reasonPace}
	}
	m := message{Type: "text"}
	if a.Outage != nil {
		m.Text.Content = renderOutage(a, now.Location())
	} else {
		m.Text.Content = render(account, c.Categories, a, now)
	}
	if a.Ticket.Urgency == desk.UrgencyUrgent {
		m.Text.Mobiles = account.Mobiles
	}
	return nil, sendError(c.post(ctx, account, m), s.Attempts)
}

// The host's rate limit of a robot.
const (
	perWindow = 20 // messages
	window    = time.Minute
)

// pace keeps a robot below the host's limit, in any minute and not only on average. Other nodes have
// their own: where they are too many together, the host says so.
type pace struct {
	sent [perWindow]time.Time // when the newest messages were sent, as a ring
	next int                  // the oldest of them
}

// reserve is how long the robot must still be silent; 0 lets it send one message now, and counts that.
func (p *pace) reserve(now time.Time) time.Duration {
	if oldest := p.sent[p.next]; !oldest.IsZero() && now.Sub(oldest) <= window {
		return window - now.Sub(oldest) + time.Second
	}
	p.sent[p.next] = now
	p.next = (p.next + 1) % perWindow
	return 0
}

// message is what the host takes.
type message struct {
	Type string      `json:"msgtype"`
	Text textContent `json:"text"`
}

type textContent struct {
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
	resp, err := c.client.Do(req) //nolint:bodyclose // chat.ReadBody closes it
	if err != nil {
		return err
	}
	response, err := chat.ReadBody(resp, maxBody)
	if err != nil {
		return err
	}
	return decodeResponse(a, resp.StatusCode, response)
}

// Check asks the host whether it knows a robot. Nobody in the group sees anything, for the message that is
// sent is empty, and refused for that alone.
func (c *Channel) Check(ctx context.Context, account string) (f finding.List) {
	a, ok := c.accounts[account]
	if !ok {
		f.Add(finding.Error, "name one of the accounts that are set up", "There is no robot %q.", account)
		return f
	}
	err := c.post(ctx, a, message{Type: "text"})
	r, refused := errors.AsType[*refusal](err)
	switch {
	case err == nil, refused && (r.code == codeEmptyContent || r.code == codeTooOften):
		f.Add(finding.OK, "", "Enterprise WeChat knows the robot, and takes what it says.")
	case refused && r.code == codeWrongKey:
		f.Add(finding.Error, "copy what follows key= in the address of the group's 消息推送 (群机器人) anew", "There is no robot with this key (errcode %d).", codeWrongKey)
	case refused && r.code != 0:
		f.Add(finding.Error, "look the errcode up among the return codes of enterprise WeChat (全局错误码)", "The robot may not speak: %s.", err)
	case refused:
		f.Add(finding.Error, "look whether the API's address is the right one", "Enterprise WeChat cannot be asked: %s.", err)
	default:
		f.Add(finding.Error, "look whether this machine reaches the API's address, and whether that is the right one", "Enterprise WeChat cannot be asked: %s.", chat.NetworkReason(err))
	}
	return f
}
