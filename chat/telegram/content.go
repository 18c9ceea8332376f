package telegram

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/yingda/yingda/chat"
)

// content is what a customer said with one message.
type content struct {
	text       string // what the conversation shows: the words, or what stands for them
	typed      string // the words as they were typed; "" for none
	fileID     string // the id of a picture's file
	tooLarge   bool   // the picture cannot be had
	medium     chat.Medium
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
	words := strings.TrimSpace(stripMention(m, me))
	if words != "" && m.Text != "" {
		return content{text: words, typed: m.Text}, true
	}
	if id, size, ok := largestPicture(m); ok {
		return content{text: words, typed: m.Caption, fileID: id, tooLarge: size > MaxFile}, true
	}
	text, medium := placeholder(m)
	switch {
	case m.Text != "": // nothing but the bot's name
		return content{text: textHelp, typed: m.Text, welcome: true}, true
	case text == "":
		return content{}, false
	case words != "": // they can be answered, whatever came with them
		return content{text: words, typed: m.Caption}, true
	}
	return content{text: text, medium: medium}, true
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

// words are the text or the caption of a message.
func (m *Message) words() string { return cmp.Or(m.Text, m.Caption) }

// stripMention is the words without the bot's name.
func stripMention(m *Message, me string) string {
	if me == "" {
		return m.words()
	}
	return regexp.MustCompile(`(?i)@`+regexp.QuoteMeta(me)+`\b`).ReplaceAllString(m.words(), "")
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

// largestPicture is the largest form of a picture that can be kept, with its size in bytes.
func largestPicture(m *Message) (id string, size int, ok bool) {
	best := -1
	for i, p := range m.Photo {
		fits := p.FileSize <= maxPicture
		if best < 0 || fits && p.Width*p.Height >= m.Photo[best].Width*m.Photo[best].Height {
			best = i
		}
	}
	if best >= 0 {
		return m.Photo[best].FileID, m.Photo[best].FileSize, true
	}
	d := m.Document
	if d == nil || m.Animation != nil {
		return "", 0, false
	}
	switch d.MimeType {
	case "image/jpeg", "image/png", "image/webp":
		return d.FileID, d.FileSize, true
	}
	return "", 0, false
}

// maxPicture is how many bytes a picture should have that Telegram offers in several sizes.
const maxPicture = 5 << 20

// placeholder is what stands for what is neither words nor a picture; "" for what is nothing that a customer says.
func placeholder(m *Message) (text string, medium chat.Medium) {
	switch {
	case m.Voice != nil:
		return "[语音]", chat.Voice
	case m.Video != nil, m.VideoNote != nil:
		return "[视频]", chat.Video
	case m.Audio != nil:
		return "[音频]", chat.Other
	case m.Sticker != nil:
		return "[表情]", chat.Sticker
	case m.Animation != nil, m.Dice != nil:
		return "[动图]", chat.Sticker
	case m.Document != nil:
		return "[文件]", chat.File
	case m.Venue != nil:
		if place := strings.TrimSpace(m.Venue.Title + " " + m.Venue.Address); place != "" {
			return place, "" // words, such as those of the city that was asked for
		}
		return "[位置]", chat.Location
	case m.Location != nil:
		return "[位置]", chat.Location
	case m.Contact != nil:
		if m.Contact.UserID != 0 && m.From != nil && m.Contact.UserID == m.From.ID && m.Contact.PhoneNumber != "" {
			return domesticNumber(m.Contact.PhoneNumber), "" // masked, and kept where it was asked for
		}
		return "[名片]", chat.Other
	case m.Poll != nil:
		return "[投票]", chat.Other
	case m.Story != nil, m.PaidMedia != nil, m.Game != nil, m.Invoice != nil, m.Checklist != nil:
		return "[消息]", chat.Other
	}
	return "", ""
}

// domesticNumber is a Chinese mobile number as people write it; any other stays as it is.
func domesticNumber(number string) string {
	if rest, ok := strings.CutPrefix(strings.TrimPrefix(number, "+"), "86"); ok && len(rest) == 11 {
		return rest
	}
	return number
}
