package forum

import (
	"strings"
	"time"
	"unicode"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// named is the name of a value, or the value where it has none.
func named[T ~string](value T, names map[T]string) string {
	if name, ok := names[value]; ok {
		return name
	}
	return string(value)
}

// sign is how far a ticket is, at a glance in the list of topics: the colour of its urgency while it waits.
func sign(t desk.Ticket) string {
	switch t.State {
	case desk.StateClosed:
		return "✅"
	case desk.StateHeld:
		return "🟢"
	}
	return named(t.Urgency, map[desk.Urgency]string{desk.UrgencyNormal: "🟡", desk.UrgencyHigh: "🟠", desk.UrgencyUrgent: "🔴"})
}

func urgencyText(u desk.Urgency) string {
	return named(u, map[desk.Urgency]string{desk.UrgencyNormal: "普通", desk.UrgencyHigh: "较急", desk.UrgencyUrgent: "紧急"})
}

func reasonText(r desk.Reason) string {
	return named(r, map[desk.Reason]string{
		desk.ReasonAsked: "顾客要求人工", desk.ReasonArticle: "须人工处理", desk.ReasonUnhelped: "两次未解决", desk.ReasonMoney: "款未到账",
		desk.ReasonFraud: "疑似被骗", desk.ReasonFrozen: "资金冻结", desk.ReasonAngry: "情绪激动",
	})
}

func channelText(channel string) string {
	return named(channel, map[string]string{
		"telegram": "Telegram", "wechat": "微信公众号", "wechat-kf": "微信客服", "widget": "网页", "api": "接口",
	})
}

func authorText(a chat.Author) string {
	return named(a, map[chat.Author]string{
		chat.FromCustomer: "👤 顾客", chat.FromBot: "🤖 应答", chat.FromAgent: "💬 客服", chat.FromSystem: "ℹ️ 系统",
	})
}

// maxName is how many runes of a name are shown.
const maxName = 32

// customerText names a customer: as the channel knows them, else by the end of an id.
func customerText(c chat.Customer, conversation string) string {
	if name := plainLine(c.Name, maxName); name != "" {
		return name
	}
	id := []rune(plainLine(c.ID, maxText))
	if len(id) == 0 {
		id = []rune(conversation)
	}
	const end = 6
	return "访客" + string(id[max(0, len(id)-end):])
}

// maxText is far more than any line that is shown.
const maxText = 4000

// plainLine is at most so many runes of a text on one line, without what would steer the one who reads it.
func plainLine(text string, most int) string {
	text = strings.Join(strings.Fields(strings.Map(printable, text)), " ")
	if runes := []rune(text); len(runes) > most {
		return strings.TrimSpace(string(runes[:most-1])) + "…"
	}
	return text
}

// printable leaves out control characters and those that turn the direction of a text; lines become blanks.
func printable(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.Is(unicode.Cc, r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f:
		return -1
	}
	return r
}

// clock is a moment as agents read it; on another day than now with its date.
func clock(t, now time.Time) string {
	t, now = t.In(now.Location()), now.In(now.Location())
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("01-02 15:04")
}
