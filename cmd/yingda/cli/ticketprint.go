package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

// ticketDetails is one ticket with everything about it. Its JSON form is a contract.
type ticketDetails struct {
	Ticket   desk.Ticket  `json:"ticket"`
	Contact  string       `json:"contact,omitempty"`
	Messages []chat.Entry `json:"messages"`
	Notes    []desk.Note  `json:"notes"`

	Undelivered map[int64]chat.Settlement `json:"-"` // by the message's number
}

func printTickets(w io.Writer, tickets []desk.Ticket) error {
	if len(tickets) == 0 {
		_, err := fmt.Fprintln(w, "没有工单。")
		return err
	}
	rows := [][]string{{"工单", "紧急", "状态", "原因", "建于", "客户", "事由"}}
	for _, t := range tickets {
		rows = append(rows, []string{
			t.Number, urgencyText(t.Urgency), stateText(t), reasonText(t.Reason), clock(t.CreatedAt),
			truncate(customerText(t), 16), truncate(t.Summary, 40),
		})
	}
	return printRows(w, rows)
}

func printTicket(w io.Writer, all ticketDetails) error {
	t := all.Ticket
	rows := [][]string{
		{"工单", t.Number},
		{"状态", stateText(t)},
		{"紧急", urgencyText(t.Urgency)},
		{"原因", reasonText(t.Reason)},
		{"建于", clock(t.CreatedAt)},
		{"客户", customerText(t) + "（" + t.Channel + "）"},
		{"事由", oneLine(t.Summary)},
	}
	for _, slot := range kb.Slots() {
		if value := *t.Device.Field(string(slot)); value != "" {
			rows = append(rows, []string{slotText(slot), oneLine(value)})
		}
	}
	if all.Contact != "" {
		rows = append(rows, []string{"联系电话", all.Contact})
	}
	for _, a := range t.Articles {
		rows = append(rows, []string{"答过", a.Title})
	}
	if err := printRows(w, rows); err != nil {
		return err
	}
	var b strings.Builder
	for _, e := range all.Messages {
		fmt.Fprintf(&b, "\n%s %s：%s", clock(e.At), authorText(e.From), indented(e.Text))
		for _, a := range e.Attachments {
			fmt.Fprintf(&b, "\n  [图片 %s，%d×%d]", a.ID, a.Width, a.Height)
		}
		if end, ok := all.Undelivered[e.Seq]; ok {
			fmt.Fprintf(&b, "\n  [%s%s]", undeliveredText(end.State), bracketed(oneLine(end.Reason)))
		}
	}
	for _, n := range all.Notes {
		fmt.Fprintf(&b, "\n%s 备注（%s）：%s", clock(n.At), oneLine(n.By), indented(n.Text))
	}
	_, err := fmt.Fprintln(w, b.String())
	return err
}

func clock(t time.Time) string { return t.Local().Format("01-02 15:04") }

func customerText(t desk.Ticket) string {
	if t.Customer.Name != "" {
		return oneLine(t.Customer.Name)
	}
	if t.Customer.ID != "" {
		return oneLine(t.Customer.ID)
	}
	return "访客"
}

func indented(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n  ")
}

func stateText(t desk.Ticket) string {
	switch t.State {
	case desk.StateWaiting:
		return "等待"
	case desk.StateHeld:
		return oneLine(t.Assignee) + "处理中"
	case desk.StateClosed:
		return "已结束"
	}
	return string(t.State)
}

func urgencyText(u desk.Urgency) string {
	return named(u, map[desk.Urgency]string{desk.UrgencyNormal: "普通", desk.UrgencyHigh: "高", desk.UrgencyUrgent: "紧急"})
}

func reasonText(r desk.Reason) string {
	return named(r, map[desk.Reason]string{
		desk.ReasonAsked: "要求人工", desk.ReasonArticle: "须人工处理", desk.ReasonUnhelped: "两次未解决", desk.ReasonMoney: "款未到账",
		desk.ReasonFraud: "疑似被骗", desk.ReasonFrozen: "资金冻结", desk.ReasonAngry: "情绪激动",
	})
}

func authorText(a chat.Author) string {
	return named(a, map[chat.Author]string{
		chat.FromCustomer: "客户", chat.FromBot: "应答", chat.FromAgent: "客服", chat.FromSystem: "系统",
	})
}

func undeliveredText(s chat.SendingState) string {
	return named(s, map[chat.SendingState]string{
		chat.SendingQueued: "还没送到，会再送", chat.SendingLeased: "正在送", chat.SendingDead: "没有送到，不会再送",
		chat.SendingUnknown: "可能没有送到，不会再送，请向客户确认",
	})
}

// bracketed is a remark behind something, nothing for "".
func bracketed(s string) string {
	if s == "" {
		return ""
	}
	return "（" + s + "）"
}

func slotText(s kb.Slot) string {
	return named(s, map[kb.Slot]string{
		kb.SlotBrandModel: "品牌型号", kb.SlotSerial: "机身号SN", kb.SlotMerchantNo: "商户号", kb.SlotTerminalNo: "终端号",
		kb.SlotAppVersion: "App版本", kb.SlotOccurredAt: "发生时间", kb.SlotAmount: "金额", kb.SlotReceiptMerchant: "小票商户名",
		kb.SlotStatementMerchant: "账单商户名", kb.SlotErrorCode: "错误码", kb.SlotCity: "城市", kb.SlotContact: "联系方式",
	})
}

// named is the name of a value, or the value where it has none.
func named[T ~string](value T, names map[T]string) string {
	if name, ok := names[value]; ok {
		return name
	}
	return string(value)
}
