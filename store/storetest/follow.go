package storetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// linesFollow reads what agents who follow a conversation are told, from its ticket to what comes after.
func linesFollow(t *testing.T, h *house) {
	h.fresh.Follow = []chat.Destination{{Channel: "forum", Account: "a"}}
	s := h.node(t)
	c := opened(t, s, "w")
	turn(t, s, said(c, "1", "没到账"), say("请稍等"))
	k := turn(t, s, said(c, "2", "人工"), escalate("N1")).Ticket
	turn(t, s, said(c, "3", "还没到"), say("不会说的"))
	act(t, s, k.ID, desk.Change{
		Event: desk.Replied, Ticket: desk.Ticket{State: desk.Held}, External: "r1",
		Say: []chat.Entry{{From: chat.FromSystem, Text: "已接手"}, {From: chat.FromAgent, Text: "您好"}}, Holder: chat.HolderAgent,
	})
	act(t, s, k.ID, desk.Change{
		Event: desk.ClosedEvent, Ticket: desk.Ticket{State: desk.Closed}, External: "r2",
		Say: []chat.Entry{{From: chat.FromSystem, Text: "已结束"}}, Holder: chat.HolderBot,
	})
	turn(t, s, said(c, "4", "谢谢"), say("不客气"))
	var got []string
	for _, m := range drain(t, s) {
		if m.Channel != "forum" {
			continue
		}
		var l desk.Line
		if err := json.Unmarshal(m.Body, &l); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%d %s %s|%s|%s|%s|%s", l.Entry.Seq, l.Entry.From, l.Entry.Text, l.By, l.External, l.Event, l.Ticket.State))
	}
	want := []string{
		"3 customer 人工||2||waiting", "4 bot 转人工||||waiting", "5 system 等待人工|||ticket.opened|waiting",
		"6 customer 还没到||3||waiting",
		"7 system 已接手||||held", "8 agent 您好|li|r1|ticket.replied|held",
		"9 system 已结束||r2|ticket.closed|closed",
	}
	if !slices.Equal(got, want) {
		t.Errorf("lines\n%q\nwant\n%q", got, want)
	}
}
