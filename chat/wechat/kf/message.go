package kf

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
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

// maxText is how many bytes a text of ours has at most, so that textLast still fits behind it.
const maxText = host.MaxText - len("\n\n") - len(textLast)

// part is one message of those that an entry becomes: words, with options to tap or without, or a picture.
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
	if len(options) > 0 && !fitMenu(options) {
		text, options = strings.TrimSpace(text+"\n"+host.NumberOptions(options)), nil
	}
	texts := chat.SplitText(text, maxText, chat.ByteLen)
	if n := len(texts); n > 0 && len(options) > 0 {
		texts = append(texts[:n-1], chat.SplitText(texts[n-1], maxHead, chat.ByteLen)...)
	}
	for _, t := range texts {
		parts = append(parts, part{text: t})
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

// fitMenu tells whether options can be a menu.
func fitMenu(options []chat.Option) bool {
	return len(options) <= maxItems && !slices.ContainsFunc(options, func(o chat.Option) bool {
		return o.ID == "" || len(o.ID) > maxItem || strings.TrimSpace(o.Title) == "" || len(o.Title) > maxItem
	})
}

// message is the body of send_msg, and with a code instead of a receiver of send_msg_on_event.
type message struct {
	ToUser string         `json:"touser,omitempty"`
	OpenKf string         `json:"open_kfid,omitempty"`
	Code   string         `json:"code,omitempty"`
	ID     string         `json:"msgid"`
	Type   string         `json:"msgtype"`
	Text   map[string]any `json:"text,omitempty"`
	Image  map[string]any `json:"image,omitempty"`
	Menu   map[string]any `json:"msgmenu,omitempty"`
}

// newMessage is a part as a message without a receiver; mediaID is that of its picture. A tapped option of a menu says
// its title.
func newMessage(p part, mediaID string) message {
	switch {
	case p.picture != "":
		return message{Type: "image", Image: map[string]any{"media_id": mediaID}}
	case len(p.options) == 0:
		return message{Type: "text", Text: map[string]any{"content": p.text}}
	}
	var list []map[string]any
	for _, o := range p.options {
		list = append(list, map[string]any{"type": "click", "click": map[string]string{"id": o.ID, "content": o.Title}})
	}
	menu := map[string]any{"list": list}
	if p.text != "" {
		menu["head_content"] = p.text
	}
	return message{Type: "msgmenu", Menu: menu}
}

// append puts a line below what is said; a picture has no place for it.
func (m *message) append(line string) {
	switch {
	case m.Text != nil:
		m.Text = map[string]any{"content": fmt.Sprint(m.Text["content"], "\n\n", line)}
	case m.Menu != nil:
		m.Menu = maps.Clone(m.Menu)
		m.Menu["tail_content"] = line
	}
}

// Calls by which a message goes, which tell its ids apart.
const (
	bySend  = "yd" // send_msg
	byEvent = "yw" // send_msg_on_event
)

// messageID is the id of an attempt at a sending's part at the host. A failure that the host tells later finds
// the sending by it.
func messageID(by string, s chat.Sending, n int) string {
	return strings.Join([]string{by, strconv.FormatInt(s.ID, 36), strconv.Itoa(n), strconv.Itoa(s.Attempts)}, "_")
}

// parseMessageID is the sending, and the number of its part, that has a message's id.
func parseMessageID(id string) (sending int64, n int, ok bool) {
	fields := strings.Split(id, "_")
	if len(fields) != 4 || fields[0] != bySend && fields[0] != byEvent {
		return 0, 0, false
	}
	sending, err := strconv.ParseInt(fields[1], 36, 64)
	if err != nil {
		return 0, 0, false
	}
	n, err = strconv.Atoi(fields[2])
	return sending, n, err == nil && sending >= 0 && n >= 0
}
