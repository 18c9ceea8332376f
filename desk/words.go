package desk

import (
	"slices"
	"strings"
	"unicode"

	"github.com/yingda/yingda/chat"
)

// What agents read, wherever they work: one word for each thing. A value that has none shows itself.

// StateName is how far a ticket is.
func StateName(s State) string {
	switch s {
	case StateWaiting:
		return "等待接手"
	case StateHeld:
		return "处理中"
	case StateClosed:
		return "已结束"
	}
	return string(s)
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
	switch r {
	case ReasonAsked:
		return "顾客要求人工"
	case ReasonArticle:
		return "须人工处理"
	case ReasonUnhelped:
		return "两次未解决"
	case ReasonMoney:
		return "款未到账"
	case ReasonFraud:
		return "疑似被骗"
	case ReasonFrozen:
		return "资金冻结"
	case ReasonAngry:
		return "情绪激动"
	}
	return string(r)
}

// UrgencyName is how urgent a ticket is.
func UrgencyName(u Urgency) string {
	switch u {
	case UrgencyNormal:
		return "普通"
	case UrgencyHigh:
		return "较急"
	case UrgencyUrgent:
		return "紧急"
	}
	return string(u)
}

// RoleName is what an agent may do.
func RoleName(r Role) string {
	switch r {
	case RoleViewer:
		return "只读"
	case RoleAgent:
		return "客服"
	case RoleEditor:
		return "编辑"
	case RoleAdmin:
		return "管理员"
	}
	return string(r)
}

// EventName is what happened to a ticket.
func EventName(e Event) string {
	switch e {
	case EventOpened:
		return "新工单"
	case EventClaimed:
		return "已接手"
	case EventReplied:
		return "已回复"
	case EventNoted:
		return "已备注"
	case EventTransferred:
		return "已转交"
	case EventClosed:
		return "已结束"
	case EventRevealed:
		return "查看了联系方式"
	}
	return string(e)
}

// AuthorName is who wrote an entry.
func AuthorName(a chat.Author) string {
	switch a {
	case chat.FromCustomer:
		return "顾客"
	case chat.FromBot:
		return "应答"
	case chat.FromAgent:
		return "客服"
	case chat.FromSystem:
		return "系统"
	}
	return string(a)
}

// ChannelName is where a customer writes, or where announcements go.
func ChannelName(channel string) string {
	switch channel {
	case "telegram":
		return "Telegram"
	case "wechat":
		return "公众号"
	case "wechat-kf":
		return "微信客服"
	case "widget":
		return "网页"
	case "api":
		return "接口"
	case "telegram-desk":
		return "Telegram客服群"
	case "wecom-robot":
		return "企业微信群"
	case "webhook":
		return "外部系统"
	}
	return channel
}

// DeviceField is a detail of a device under the name that agents read.
type DeviceField struct{ ID, Name, Value string }

// DeviceFields lists what is known of a device and of what happened on it, in the order in which agents read it.
func DeviceFields(d chat.Device) []DeviceField {
	all := []DeviceField{
		{"brand_model", "品牌型号", d.BrandModel},
		{"serial", "机身号SN", d.Serial},
		{"merchant_no", "商户号", d.MerchantNo},
		{"terminal_no", "终端号", d.TerminalNo},
		{"app_version", "App版本", d.AppVersion},
		{"occurred_at", "发生时间", d.OccurredAt},
		{"amount", "金额", d.Amount},
		{"receipt_merchant", "小票商户名", d.ReceiptMerchant},
		{"statement_merchant", "账单商户名", d.StatementMerchant},
		{"error_code", "错误码", d.ErrorCode},
		{"city", "城市", d.City},
		{"contact", "联系方式", d.Contact},
	}
	return slices.DeleteFunc(all, func(f DeviceField) bool { return f.Value == "" })
}

// EntryText is an entry's text with the mark of a correction.
func EntryText(e chat.Entry) string {
	if e.CorrectsSeq != 0 {
		return "（更正）" + e.Text
	}
	return e.Text
}

// OneLine is a text of somebody else's on one line, without what would steer the one who reads it: control characters
// and those that turn the direction of a text.
func OneLine(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cc, r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f:
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))), " ")
}
