package wechat

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Via tells how a bubble came into a chat.
type Via string

// The ways into a chat.
const (
	Own      Via = "own"      // the person said it
	Passive  Via = "passive"  // in the answer to a push
	Custom   Via = "custom"   // by the API: message/custom/send, kf/send_msg
	OnEvent  Via = "on_event" // by kf/send_msg_on_event
	Servicer Via = "servicer" // by a person at WeCom
	Platform Via = "platform" // WeChat itself says it
)

// Bubble is one thing in a chat, as it is seen on the telephone. Which fields are filled, Type tells.
type Bubble struct {
	ID       string    `json:"id"` // the message's id: MsgId, or msgid of 微信客服; "" where there is none
	At       time.Time `json:"at"`
	Via      Via       `json:"via"`
	Type     string    `json:"type"` // text, image, voice, video, file, location, link, news, msgmenu, event …
	Text     string    `json:"text"` // text: as shown; event and others: a word on what it was
	MediaID  string    `json:"media_id,omitempty"`
	Menu     *Menu     `json:"menu,omitempty"`
	Articles []Article `json:"articles,omitempty"` // news
}

// Menu is a message with things to tap (msgmenu).
type Menu struct {
	Head  string     `json:"head"`
	Items []MenuItem `json:"items"`
	Tail  string     `json:"tail"`
}

// MenuItem is one line of a Menu. One without an id cannot be chosen: a link, or a line of text.
type MenuItem struct {
	ID   string `json:"id"`
	Text string `json:"text"`
	URL  string `json:"url,omitempty"`
}

// Article is one card of a news message.
type Article struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	PicURL      string `json:"pic_url"`
	URL         string `json:"url"`
}

// chat is what one person has on the telephone.
type chat struct {
	server  *Server
	bubbles []Bubble
	typing  time.Time // until when 正在输入 is shown
}

// typingLasts is how long one Typing command shows 对方正在输入.
const typingLasts = 15 * time.Second

// show adds a bubble. It is called with the lock held. What is shown ends the typing.
func (c *chat) show(b Bubble) {
	if b.At.IsZero() {
		b.At = c.server.cfg.Now()
	}
	if b.Via != Own {
		c.typing = time.Time{}
	}
	c.bubbles = append(c.bubbles, b)
	c.server.change()
}

// Seen returns what came to the person, in order; what they said themselves is left out.
func (c *chat) Seen() []Bubble {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.seen()
}

func (c *chat) seen() []Bubble {
	return slices.DeleteFunc(slices.Clone(c.bubbles), func(b Bubble) bool { return b.Via == Own })
}

// Chat returns the whole chat, in order.
func (c *chat) Chat() []Bubble {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return slices.Clone(c.bubbles)
}

// Wait returns Seen as soon as it holds n bubbles or more, or the context's error with what there is.
func (c *chat) Wait(ctx context.Context, n int) ([]Bubble, error) {
	for {
		c.server.mu.Lock()
		seen, changed := c.seen(), c.server.changed
		c.server.mu.Unlock()
		if len(seen) >= n {
			return seen, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return seen, fmt.Errorf("%d of %d bubbles were seen: %w", len(seen), n, ctx.Err())
		}
	}
}

// Typing says whether 对方正在输入 is shown.
func (c *chat) Typing() bool {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.typing.After(c.server.cfg.Now())
}

// talked says whether a message went either way within the time. It is called with the lock held.
func (c *chat) talked(within time.Duration) bool {
	for _, b := range slices.Backward(c.bubbles) {
		if b.Type != "event" {
			return c.server.cfg.Now().Sub(b.At) <= within
		}
	}
	return false
}
