package kf

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

// Limits of a menu, the one in items and the others in bytes.
const (
	maxItems = 10
	maxHead  = 1024
	maxItem  = 128
)

// part is one message of what is said: words, with options to tap or without, or a picture.
type part struct {
	text    string
	options []chat.Option
	picture string // the attachment's id
}

// compose cuts an entry into messages: its words, at the ends of sentences, then its pictures. Options that
// fit into no menu are numbered, for the bot understands numbers.
func compose(e chat.Entry) (parts []part) {
	text, options := strings.TrimSpace(e.Text), []chat.Option(nil)
	if e.Reply != nil {
		options = e.Reply.Options
	}
	if len(options) > 0 && !fits(options) {
		lines := []string{text}
		for n, o := range options {
			lines = append(lines, fmt.Sprintf("%d. %s", n+1, o.Title))
		}
		text, options = strings.TrimSpace(strings.Join(lines, "\n")), nil
	}
	words := host.Split(text, host.MaxText)
	if n := len(words); n > 0 && len(options) > 0 {
		words = append(words[:n-1], host.Split(words[n-1], maxHead)...)
	}
	for _, w := range words {
		parts = append(parts, part{text: w})
	}
	switch n := len(parts); {
	case len(options) == 0:
	case n == 0:
		parts = append(parts, part{options: options})
	default:
		parts[n-1].options = options
	}
	for _, p := range e.Attachments {
		parts = append(parts, part{picture: p.ID})
	}
	return parts
}

// fits tells whether options can be a menu.
func fits(options []chat.Option) bool {
	return len(options) <= maxItems && !slices.ContainsFunc(options, func(o chat.Option) bool {
		return o.ID == "" || len(o.ID) > maxItem || strings.TrimSpace(o.Title) == "" || len(o.Title) > maxItem
	})
}

// message is the body of send_msg, and with a code instead of a receiver of send_msg_on_event.
type message struct {
	ToUser string `json:"touser,omitempty"`
	Desk   string `json:"open_kfid,omitempty"`
	Code   string `json:"code,omitempty"`
	ID     string `json:"msgid"`
	Kind   string `json:"msgtype"`
	Text   *text  `json:"text,omitempty"`
	Image  *media `json:"image,omitempty"`
	Menu   *menu  `json:"msgmenu,omitempty"`
}

type text struct {
	Content string `json:"content"`
}

type media struct {
	MediaID string `json:"media_id"`
}

type menu struct {
	Head string `json:"head_content,omitempty"`
	List []line `json:"list"`
}

type line struct {
	Type  string `json:"type"`
	Click click  `json:"click"`
}

type click struct {
	ID      string `json:"id"`
	Content string `json:"content"` // what the customer says by tapping it
}

// message makes a part ready; a picture is handed over to the host first.
func (o *outgoing) message(ctx context.Context, p part) (message, error) {
	switch {
	case p.picture != "":
		id, err := o.upload(ctx, p.picture)
		return message{Kind: "image", Image: &media{id}}, err
	case len(p.options) > 0:
		m := &menu{Head: p.text}
		for _, o := range p.options {
			m.List = append(m.List, line{"click", click{o.ID, o.Title}})
		}
		return message{Kind: "msgmenu", Menu: m}, nil
	}
	return message{Kind: "text", Text: &text{p.text}}, nil
}

// upload hands a picture over to the host.
func (o *outgoing) upload(ctx context.Context, id string) (string, error) {
	file, a, err := o.c.c.Pictures.Open(ctx, id)
	if errors.Is(err, chat.ErrNotFound) {
		return "", &chat.SendError{State: chat.SendingDead, Reason: "图片已经不在了"}
	}
	if err != nil {
		return "", &chat.SendError{State: chat.SendingQueued, Reason: "the picture cannot be read now"}
	}
	defer func() { _ = file.Close() }() // it was read, or is given up
	return o.a.client.Upload(ctx, "image", "picture."+strings.TrimPrefix(a.Type, "image/"), a.Type, file)
}
