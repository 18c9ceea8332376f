package wechat

import (
	"cmp"
	"context"
	"strings"

	"github.com/yingda/yingda/chat"
)

// silent tells the events that nothing is said to.
func (p push) silent() bool {
	if p.Type != "event" {
		return false
	}
	switch p.Event {
	case "subscribe", "scan", "click":
		return false
	}
	return true
}

// acts tells what WeChat counts as a tap and not as a message: it allows fewer sends. A tapped item of a
// msgmenu is taken for one as well, to be on the safe side.
func (p push) acts() bool { return p.Type == "event" || p.MenuID != "" }

// opening is the customer.
func (p push) opening(a *account) chat.OpenRequest {
	return chat.OpenRequest{
		Channel: Name, Account: a.Name, Address: p.From,
		Customer: chat.Customer{ID: p.From, Name: "微信用户 " + strings.TrimPrefix(tail(p.From), "…")}, // WeChat tells no names
	}
}

// message is what a customer said, with its picture and with what may be sent because of it.
func (c *Channel) message(ctx context.Context, f *flight) chat.Message {
	p := f.p
	m := chat.Message{Channel: Name, ExternalID: f.external, At: p.at, ReplyWindow: hold, KV: c.allowed(f)}
	medium := func(kind chat.Medium, text string) { m.Medium, m.Text = kind, text }
	switch p.Type {
	case "text":
		m.Text = p.Content
		if strings.Contains(p.Content, unsupported) && len(p.Content) < 100 {
			medium(chat.Sticker, wordSticker)
		}
	case "image":
		attachment, err := c.picture(ctx, f.a, p)
		if err != nil {
			c.c.Log.WarnContext(ctx, "a picture was not kept", "account", f.a.Name, "customer", tail(p.From), "error", err)
			medium(chat.Picture, wordPicture)
			break
		}
		m.Attachments = []chat.Attachment{attachment}
	case "voice":
		if m.Text = strings.TrimSpace(p.Recognition); m.Text == "" {
			medium(chat.Voice, wordVoice)
		}
	case "video", "shortvideo":
		medium(chat.Video, wordVideo)
	case "file":
		medium(chat.File, wordFile)
	case "location":
		if m.Text = strings.TrimSpace(p.Label); m.Text == "" {
			medium(chat.Location, wordLocation)
		}
	case "link":
		if m.Text = strings.TrimSpace(p.Title + "\n" + p.URL); m.Text == "" {
			medium(chat.Other, wordOther)
		}
	case "event":
		c.event(p, &m)
	default:
		medium(chat.Other, wordOther)
	}
	return m
}

// event is what following, scanning and a tap on the account's own menu say.
func (c *Channel) event(p push, m *chat.Message) {
	switch p.Event {
	case "subscribe":
		m.Welcome, m.Text = true, wordSubscribe
		if scene, ok := strings.CutPrefix(p.EventKey, "qrscene_"); ok {
			m.Device.Serial = chat.ParseSerialNumber(scene)
		}
	case "scan":
		m.Welcome, m.Text, m.Device.Serial = true, wordScan, chat.ParseSerialNumber(p.EventKey)
	case "click":
		switch p.EventKey {
		case "help":
			m.Welcome, m.Text = true, wordHelp
		case "human":
			m.Text = wordHuman
		case "ticket":
			m.Text = wordTicket
		default: // an article's id, or words
			m.Text = cmp.Or(c.c.Title(p.EventKey), p.EventKey)
		}
	}
}
