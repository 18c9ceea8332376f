package desk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/yingda/yingda/chat"
)

// What agents read, wherever they work: one word for each thing. A value that has none shows itself.

func nameOf[T ~string](value T, names map[T]string) string {
	return cmp.Or(names[value], string(value))
}

// StateName is how far a ticket is.
func StateName(s State) string {
	return nameOf(s, map[State]string{
		StateWaiting: "等待接手",
		StateHeld:    "处理中",
		StateClosed:  "已结束",
	})
}

// StateSign is a ticket's state at a glance: the colour of its urgency while it waits.
func StateSign(t Ticket) string {
	switch t.State {
	case StateHeld:
		return "🟢"
	case StateClosed:
		return "✅"
	case StateWaiting:
		switch t.Urgency {
		case UrgencyUrgent:
			return "🔴"
		case UrgencyHigh:
			return "🟠"
		case UrgencyNormal:
		}
	}
	return "🟡"
}

// ReasonName is why the bot handed over.
func ReasonName(r Reason) string {
	return nameOf(r, map[Reason]string{
		ReasonAsked:    "顾客要求人工",
		ReasonArticle:  "须人工处理",
		ReasonUnhelped: "两次未解决",
		ReasonMoney:    "款未到账",
		ReasonFraud:    "疑似被骗",
		ReasonFrozen:   "资金冻结",
		ReasonAngry:    "情绪激动",
	})
}

// UrgencyName is how urgent a ticket is.
func UrgencyName(u Urgency) string {
	return nameOf(u, map[Urgency]string{
		UrgencyNormal: "普通",
		UrgencyHigh:   "较急",
		UrgencyUrgent: "紧急",
	})
}

// OutcomeName is how a ticket ended; "" where nobody said.
func OutcomeName(o Outcome) string {
	return nameOf(o, map[Outcome]string{OutcomeWithdrawn: "顾客取消"})
}

// manyTickets is how many tickets of one network on one day are worth a word.
const manyTickets = 3

// OriginNote is what agents should know of where a ticket came from; "" for nothing.
func OriginNote(t Ticket) string {
	if t.SameOrigin < manyTickets {
		return ""
	}
	return fmt.Sprintf("同一地址今天已有%d张工单", t.SameOrigin)
}

// CustomerNote marks a customer for whom nobody vouches although they give a name or an id; "" else.
func CustomerNote(c chat.Customer) string {
	if c.Verified || c.Name == "" && c.ID == "" {
		return ""
	}
	return "（未核实）"
}

// EventName is what happened to a ticket.
func EventName(e Event) string {
	return nameOf(e, map[Event]string{
		EventOpened:      "新工单",
		EventClaimed:     "已接手",
		EventReplied:     "已回复",
		EventNoted:       "已备注",
		EventTransferred: "已转交",
		EventTaken:       "已换人接手",
		EventReturned:    "已退回队列",
		EventUnseen:      "已请顾客重发",
		EventClosed:      "已结束",
		EventRevealed:    "查看了联系方式",
	})
}

// AuthorName is who wrote an entry.
func AuthorName(a chat.Author) string {
	return nameOf(a, map[chat.Author]string{
		chat.FromCustomer: "顾客",
		chat.FromBot:      "应答",
		chat.FromAgent:    "客服",
		chat.FromSystem:   "系统",
	})
}

// ChannelName is where a customer writes, or where announcements go.
func ChannelName(channel string) string {
	return nameOf(channel, map[string]string{
		"telegram":      "Telegram",
		"wechat":        "公众号",
		"wechat-kf":     "微信客服",
		"widget":        "网页",
		"api":           "接口",
		"telegram-desk": "Telegram客服群",
		"wecom-robot":   "企业微信群",
		"webhook":       "外部系统",
	})
}

// KnownDetails are the details of a device that are known, in the order in which agents read them.
func KnownDetails(d chat.Device) []chat.DeviceField {
	fields := d.Fields()
	return slices.DeleteFunc(fields[:], func(f chat.DeviceField) bool { return *f.Value == "" })
}

// EntryText is an entry's text with the mark of an agent's correction, and with what came instead of words or beside them.
func EntryText(e chat.Entry) string {
	text := e.Text
	switch {
	case e.CorrectsSeq != 0 && e.From != chat.FromCustomer:
		text = "（更正）" + text
	case e.Enclosure == nil:
	case text == "", text == e.Enclosure.Label:
		text = e.Enclosure.String()
	default:
		text += "\n" + e.Enclosure.String()
	}
	return text
}

// OneLine is a text of somebody else's on one line, with single spaces, as Printable has it.
func OneLine(text string) string { return strings.Join(strings.Fields(Printable(text)), " ") }

// Steers tells of a character whether it shows nothing itself, and steers what shows it: control characters, the
// beginning of a terminal's commands among them, and those that turn the direction of a text.
func Steers(r rune) bool {
	return unicode.Is(unicode.Cc, r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c
}

// Printable is a text of somebody else's on one line, without what Steers.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case Steers(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}
