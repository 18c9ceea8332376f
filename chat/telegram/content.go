package telegram

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/yingda/yingda/chat"
)

// content is what a customer said with one message.
type content struct {
	text       string // what the conversation shows: the words, or what stands for them
	typed      string // the words as they were typed; "" for none
	fileID     string // the id of a picture's file
	tooLarge   bool   // the picture cannot be had
	unique     string // what tells the file of a picture or a medium from every other; "" for none
	medium     chat.Medium
	enclosure  *chat.Enclosure
	copied     bool // agents may be shown the message as it is
	described  bool // words and enclosure say all of it
	welcome    bool
	handoff    bool
	serial     string
	scriptMenu bool // the menu of scripts is asked for
}

// What stands in a conversation for what is no words.
const (
	textStart   = "开始对话"
	textScanned = "扫码进入"
	textHelp    = "怎么用"
	textHuman   = "转人工"
	textTicket  = "我的工单怎么样了"
)

// decodeContent reads what m says; false where it says nothing, as when somebody joins a group. me is the bot's
// user name, without the @; "" in a private chat, where everything is meant for it.
func decodeContent(m *Message, me string) (content, bool) {
	if name, rest, ok := parseCommand(m, me); ok {
		return decodeCommand(name, rest, m.Text), true
	}
	c := content{text: strings.TrimSpace(stripMention(m, me)), typed: m.Words(), copied: !m.hasHiddenAddress(), described: true}
	if picture, ok := m.Picture(); ok {
		c.fileID, c.unique, c.tooLarge = picture.FileID, picture.FileUniqueID, picture.FileSize > MaxFile
		return c, true
	}
	switch {
	case c.text != "" && m.Caption == "":
		return c, true
	case m.Text != "": // nothing but the bot's name
		return content{text: textHelp, typed: m.Text, welcome: true}, true
	}
	k, ok := m.kind()
	if !ok {
		return content{}, false
	}
	b := m.body(k.field)
	if k.field == "contact" && m.From != nil && b.User == m.From.ID && b.Phone != "" {
		return content{text: domesticNumber(b.Phone)}, true // masked, and kept where it was asked for
	}
	c.unique, c.copied, c.described, c.enclosure = b.Unique, c.copied && k.copied, k.described, k.enclosure(b)
	if c.text == "" {
		c.text = b.words()
	}
	if strings.HasPrefix(c.text, c.enclosure.Name) {
		c.enclosure.Name = ""
	}
	if c.text == "" { // with words they can be answered, whatever came with them
		c.text, c.medium = k.label, k.medium
	}
	return c, true
}

func decodeCommand(name, rest, whole string) content {
	switch name {
	case "start":
		c := content{text: textStart, welcome: true, serial: chat.ParseSerialNumber(rest), typed: whole}
		if c.serial != "" {
			c.text = textScanned
		}
		return c
	case "help":
		return content{text: textHelp, welcome: true, typed: whole}
	case "human":
		return content{text: cmp.Or(rest, textHuman), handoff: true, typed: whole}
	case "ticket":
		return content{text: textTicket, typed: whole}
	case "lang":
		return content{scriptMenu: true, typed: whole}
	}
	return content{text: whole, typed: whole} // the bot says kindly that it does not know
}

// parseCommand reads a command at the beginning of m. One for another bot is none.
func parseCommand(m *Message, me string) (name, rest string, ok bool) {
	if len(m.Entities) == 0 || m.Entities[0].Type != "bot_command" || m.Entities[0].Offset != 0 {
		return "", "", false
	}
	name, rest = cutUTF16(m.Text, m.Entities[0].Length)
	name, to, addressed := strings.Cut(strings.TrimPrefix(name, "/"), "@")
	if addressed && me != "" && !strings.EqualFold(to, me) {
		return "", "", false
	}
	return strings.ToLower(name), strings.TrimSpace(rest), name != ""
}

// cutUTF16 cuts a text behind n UTF-16 units.
func cutUTF16(text string, n int) (before, behind string) {
	units := utf16.Encode([]rune(text))
	n = max(0, min(n, len(units)))
	return string(utf16.Decode(units[:n])), string(utf16.Decode(units[n:]))
}

// words are the text or the caption of a message as they were typed.
func (m *Message) words() string { return cmp.Or(m.Text, m.Caption) }

// stripMention is the words without the bot's name.
func stripMention(m *Message, me string) string {
	if me == "" {
		return m.Words()
	}
	return regexp.MustCompile(`(?i)@`+regexp.QuoteMeta(me)+`\b`).ReplaceAllString(m.Words(), "")
}

// isAddressed tells whether a message in a group is meant for the bot: it names it, answers it, or is a command to it.
func isAddressed(m *Message, bot int64, me string) bool {
	if r := m.Answers(); r != nil && r.From != nil && r.From.ID == bot {
		return true
	}
	if _, _, ok := parseCommand(m, me); ok && strings.Contains(strings.Fields(m.Text)[0], "@") {
		return true
	}
	for _, e := range append(slices.Clone(m.Entities), m.CaptionEntities...) { // a message has a text or a caption
		if e.Type == "text_mention" && e.User != nil && e.User.ID == bot {
			return true
		}
		_, from := cutUTF16(m.words(), e.Offset)
		if name, _ := cutUTF16(from, e.Length); e.Type == "mention" && me != "" && strings.EqualFold(name, "@"+me) {
			return true
		}
	}
	return false
}

// Picture is the largest form of a picture that can be kept; false where there is none.
func (m *Message) Picture() (picture tgbotapi.PhotoSize, ok bool) {
	sizes := m.Photo
	if len(sizes) == 0 {
		sizes = m.Rich.photo()
	}
	for _, p := range sizes {
		if !ok || p.FileSize <= maxPicture && p.Width*p.Height >= picture.Width*picture.Height {
			picture, ok = p, true
		}
	}
	d := m.Document
	if ok || d == nil || m.Animation != nil {
		return picture, ok
	}
	switch d.MimeType {
	case "image/jpeg", "image/png", "image/webp":
		return tgbotapi.PhotoSize{FileID: d.FileID, FileUniqueID: d.FileUniqueID, FileSize: d.FileSize}, true
	}
	return picture, false
}

// maxPicture is how many bytes a picture should have that Telegram offers in several sizes.
const maxPicture = 5 << 20

// domesticNumber is a Chinese mobile number as people write it; any other stays as it is.
func domesticNumber(number string) string {
	if rest, ok := strings.CutPrefix(strings.TrimPrefix(number, "+"), "86"); ok && len(rest) == 11 {
		return rest
	}
	return number
}
