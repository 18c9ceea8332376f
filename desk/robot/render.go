package robot

import (
	"cmp"
	"net/url"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// Limits of a message, in bytes.
const (
	maxText   = 2048
	maxField  = 120 // what a customer can make long
	maxDevice = 400
)

// late is the age from which on an announcement says when it was made.
const late = 2 * time.Minute

// numberPlaceholder stands in Account.Link for the ticket's number.
const numberPlaceholder = "{number}"

// announcement is what it reads of a sending's body.
type announcement struct {
	ID     string      `json:"id"`
	Event  desk.Event  `json:"event"`
	At     time.Time   `json:"at"`
	Ticket desk.Ticket `json:"ticket"`

	Outage *desk.Outage `json:"outage"` // nil for what is told of a ticket
}

// callsAgents tells whether somebody in the group is needed: for a new ticket, for one that is back in the queue, and for a
// channel that stopped working, whose end is told too.
func callsAgents(a announcement) bool {
	return a.Outage != nil || a.Event == desk.EventOpened || isBack(a)
}

// isBack tells whether a ticket is back in the queue.
func isBack(a announcement) bool {
	return a.Event == desk.EventReturned || a.Event == desk.EventTransferred && a.Ticket.State == desk.StateWaiting
}

// render is the text of an announcement: what an agent needs to know before claiming the ticket. The contact is not
// in it.
func render(account Account, categories map[string]string, a announcement, now time.Time) string {
	t := a.Ticket
	head := field(desk.EventName(desk.EventOpened)) + " " + field(t.Number)
	if isBack(a) {
		head = "工单回到队列 " + field(t.Number)
	}
	if t.Urgency != desk.UrgencyNormal && t.Urgency != "" {
		head = "【" + field(desk.UrgencyName(t.Urgency)) + "】" + head
	}
	if !a.At.IsZero() && now.Sub(a.At) >= late {
		head += "（" + a.At.In(now.Location()).Format("1月2日15:04") + "）"
	}
	reason := cmp.Or(field(desk.ReasonName(t.Reason)), "没有说明")
	if t.Category != "" {
		reason += "（" + field(cmp.Or(categories[t.Category], t.Category)) + "）"
	}
	customer := cmp.Or(field(desk.ChannelName(t.Channel)), "未知渠道")
	if name := field(t.Customer.Name); name != "" {
		customer = name + desk.CustomerNote(t.Customer) + "（" + customer + "）"
	}
	rest := "\n原因：" + reason + "\n顾客：" + customer
	if note := desk.OriginNote(t); note != "" {
		rest += "\n注意：" + note
	}
	if d := deviceLine(t.Device); d != "" {
		rest += "\n机器：" + d
	}
	if account.Link != "" {
		rest += "\n处理：" + strings.ReplaceAll(account.Link, numberPlaceholder, url.PathEscape(field(t.Number)))
	}
	if summary := desk.OneLine(t.Summary); summary != "" {
		const label = "\n想问："
		head += label + chat.Shorten(summary, maxText-len(head)-len(label)-len(rest), chat.ByteLen)
	}
	return head + rest
}

// renderOutage is the text of an announcement of a channel that stopped working, or works again.
func renderOutage(a announcement, zone *time.Location) string {
	o := a.Outage
	account := field(desk.ChannelName(o.Channel)) + "（账号" + field(o.Account) + "）"
	since := o.Since.In(zone).Format("1月2日15:04")
	if string(a.Event) == string(desk.EventChannelUp) {
		return account + "已恢复正常，此前从" + since + "起不正常。"
	}
	return "【紧急】" + account + "从" + since + "起不正常，顾客可能等不到回复。\n请管理员运行 yingda channel check 看原因。"
}

// deviceLine is what is known of a terminal and of what happened on it; "" when nothing is.
func deviceLine(d chat.Device) string {
	d.Contact = ""
	var known []string
	for _, f := range desk.KnownDetails(d) {
		if v := field(*f.Value); v != "" {
			known = append(known, f.Name+" "+v)
		}
	}
	return chat.Shorten(strings.Join(known, "，"), maxDevice, chat.ByteLen)
}

// field is a text of somebody else's, in one short line.
func field(text string) string { return chat.Shorten(desk.OneLine(text), maxField, chat.ByteLen) }
