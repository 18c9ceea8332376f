package cli

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// ticketDetails is one ticket with everything about it. Its JSON form is a contract.
type ticketDetails struct {
	Ticket   desk.Ticket  `json:"ticket"`
	Contact  string       `json:"contact,omitempty"`
	Messages []chat.Entry `json:"messages"`
	Notes    []desk.Note  `json:"notes"`

	Undelivered map[int64]chat.Settlement `json:"-"` // by the message's number
}

func printTickets(w io.Writer, hours *desk.Hours, tickets []desk.Ticket) error {
	if len(tickets) == 0 {
		_, err := fmt.Fprintln(w, "没有工单。")
		return err
	}
	rows := [][]string{{"工单", "紧急", "状态", "原因", "建于", "顾客", "事由"}}
	for _, t := range tickets {
		rows = append(rows, []string{
			t.Number, desk.UrgencyName(t.Urgency), stateText(t), desk.ReasonName(t.Reason), clock(hours, t.CreatedAt),
			truncate(customerText(t), 16) + desk.CustomerNote(t.Customer), truncate(t.Summary, 40),
		})
	}
	return printRows(w, rows)
}

func printTicket(w io.Writer, hours *desk.Hours, all ticketDetails) error {
	t := all.Ticket
	rows := [][]string{
		{"工单", t.Number},
		{"状态", stateText(t)},
		{"紧急", desk.UrgencyName(t.Urgency)},
		{"原因", desk.ReasonName(t.Reason)},
		{"建于", clock(hours, t.CreatedAt)},
		{"顾客", customerText(t) + desk.CustomerNote(t.Customer) + "（" + desk.OneLine(desk.ChannelName(t.Channel)) + "）"},
		{"事由", desk.OneLine(t.Summary)},
	}
	if note := desk.OriginNote(t); note != "" {
		rows = append(rows, []string{"注意", note})
	}
	for _, f := range desk.KnownDetails(t.Device) {
		rows = append(rows, []string{f.Name, desk.OneLine(*f.Value)})
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
		fmt.Fprintf(&b, "\n%s %s：%s", clock(hours, e.At), desk.AuthorName(e.From), indented(desk.EntryText(e)))
		for _, a := range e.Attachments {
			fmt.Fprintf(&b, "\n  [图片 %s，%d×%d]", a.ID, a.Width, a.Height)
		}
		if end, ok := all.Undelivered[e.Seq]; ok {
			text := undeliveredText(end.State)
			if reason := desk.OneLine(end.Reason); reason != "" {
				text += "（" + reason + "）"
			}
			fmt.Fprintf(&b, "\n  [%s]", text)
		}
	}
	for _, n := range all.Notes {
		fmt.Fprintf(&b, "\n%s 备注（%s）：%s", clock(hours, n.At), desk.OneLine(n.By), indented(n.Text))
	}
	_, err := fmt.Fprintln(w, b.String())
	return err
}

// clock is a moment as people of the desk read it.
func clock(hours *desk.Hours, t time.Time) string { return hours.In(t).Format("01-02 15:04") }

func customerText(t desk.Ticket) string {
	return cmp.Or(desk.OneLine(t.Customer.Name), desk.OneLine(t.Customer.ID), "访客")
}

func indented(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i, line := range lines {
		lines[i] = desk.Printable(line)
	}
	return strings.Join(lines, "\n  ")
}

func stateText(t desk.Ticket) string {
	if t.State == desk.StateHeld {
		return desk.OneLine(t.Assignee) + desk.StateName(t.State)
	}
	if name := desk.OutcomeName(t.Outcome); name != "" {
		return desk.StateName(t.State) + "（" + name + "）"
	}
	return desk.StateName(t.State)
}

func undeliveredText(s chat.SendingState) string {
	switch s {
	case chat.SendingQueued:
		return "还没送到，会再送"
	case chat.SendingLeased:
		return "正在送"
	case chat.SendingSent:
		return "已送到"
	case chat.SendingDead:
		return "没有送到，不会再送"
	case chat.SendingUnknown:
		return "可能没有送到，不会再送，请向顾客确认"
	}
	return string(s)
}
