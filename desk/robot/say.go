package robot

import (
	"cmp"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// Limits of what is said, in bytes.
const (
	maxText   = 2048
	maxField  = 120 // what a customer can make long
	maxDevice = 400
	maxLink   = 400
)

// late is how old an announcement is that says when it was made.
const late = 2 * time.Minute

// numberMark stands in Account.Link for the ticket's number.
const numberMark = "{number}"

// say words an announcement: what an agent needs to know before claiming the ticket. The contact is not
// in it.
func say(a Account, categories map[string]string, what announcement, now time.Time) string {
	t := what.Ticket
	head := urgencyWord(t.Urgency) + eventWord(what.Event) + " " + field(t.Number)
	if !what.At.IsZero() && now.Sub(what.At) >= late {
		head += "（" + what.At.In(time.FixedZone("", 8*60*60)).Format("1月2日15:04") + "）"
	}
	reason, customer := reasonWord(t.Reason), channelWord(t.Channel)
	if t.Category != "" {
		reason += "（" + field(cmp.Or(categories[t.Category], t.Category)) + "）"
	}
	if name := field(t.Customer.Name); name != "" {
		customer = name + "（" + customer + "）"
	}
	rest := "\n原因：" + reason + "\n顾客：" + customer
	if d := deviceLine(t.Device); d != "" {
		rest += "\n机器：" + d
	}
	if a.Link != "" {
		rest += "\n处理：" + strings.ReplaceAll(a.Link, numberMark, url.PathEscape(t.Number))
	}
	if summary := oneLine(t.Summary); summary != "" {
		const label = "\n想问："
		head += label + shorten(summary, maxText-len(head)-len(label)-len(rest))
	}
	return head + rest
}

// deviceLine tells of a terminal, and of what happened on it, in a line; "" when nothing is known.
func deviceLine(d chat.Device) string {
	var known []string
	for _, f := range []struct{ name, value string }{
		{"", d.BrandModel},
		{"SN ", d.Serial},
		{"商户号 ", d.MerchantNo},
		{"终端号 ", d.TerminalNo},
		{"提示码 ", d.ErrorCode},
		{"时间 ", d.OccurredAt},
		{"金额 ", d.Amount},
	} {
		if v := field(f.value); v != "" {
			known = append(known, f.name+v)
		}
	}
	return shorten(strings.Join(known, "，"), maxDevice)
}

func urgencyWord(u desk.Urgency) string {
	switch u {
	case desk.UrgencyUrgent:
		return "【紧急】"
	case desk.UrgencyHigh:
		return "【优先】"
	case desk.UrgencyNormal:
	}
	return ""
}

func eventWord(e desk.Event) string {
	if e == desk.EventTransferred {
		return "工单回到队列"
	}
	return "新工单"
}

func reasonWord(r desk.Reason) string {
	switch r {
	case desk.ReasonAsked:
		return "顾客要求人工"
	case desk.ReasonArticle:
		return "这类问题须人工处理"
	case desk.ReasonUnhelped:
		return "两次没帮上忙"
	case desk.ReasonMoney:
		return "款项没到账"
	case desk.ReasonFraud:
		return "疑似受骗"
	case desk.ReasonFrozen:
		return "资金或商户被冻结"
	case desk.ReasonAngry:
		return "顾客很着急"
	}
	return cmp.Or(field(string(r)), "没有说明")
}

// channelWord is how agents call a channel.
func channelWord(channel string) string {
	switch channel {
	case "widget":
		return "网页"
	case "telegram":
		return "Telegram"
	case "wechat":
		return "公众号"
	case "wechat-kf":
		return "微信客服"
	case "api":
		return "接口"
	}
	return cmp.Or(field(channel), "未知渠道")
}

// field is what somebody wrote, in one short line.
func field(s string) string { return shorten(oneLine(s), maxField) }

// oneLine makes runs of blanks, line ends and characters that cannot be seen one blank.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf)
	}), " ")
}

// shorten cuts at a rune's edge so that at most so many bytes are left.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	const ellipsis = "…"
	end := max(most-len(ellipsis), 0)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + ellipsis
}
