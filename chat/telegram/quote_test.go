package telegram

import (
	"fmt"
	"testing"

	"github.com/yingda/yingda/chat"
	standin "github.com/yingda/yingda/internal/standin/telegram"
)

// TestQuotes: what an agent's entry quotes or corrects is found by its seq, whether it is the customer's or ours. A
// message is shown as "text", and as "text>n" where it answers the n-th of the chat, both from 1.
func TestQuotes(t *testing.T) {
	agent := func(seq, quotes, corrects int64, text string) chat.Entry {
		return chat.Entry{Seq: seq, From: chat.FromAgent, Text: text, QuotesSeq: quotes, CorrectsSeq: corrects}
	}
	noEdit := standin.Refuse(400, "Bad Request: message can't be edited")
	for _, tt := range []struct {
		name string
		edit []standin.Fault
		in   []chat.Entry // behind the customer's 第一 and 第二, which are 1 and 2
		want string       // behind the customer's
	}{
		{"no quote", nil, []chat.Entry{agent(3, 0, 0, "好的")}, "[好的]"},
		{"a customer's", nil, []chat.Entry{agent(3, 1, 0, "好的"), agent(4, 2, 0, "可以")}, "[好的>1 可以>2]"},
		{"the same words twice", nil, []chat.Entry{agent(3, 1, 0, "好的"), agent(4, 2, 0, "好的"), agent(5, 0, 0, "好的")}, "[好的>1 好的>2 好的]"},
		{"an agent's", nil, []chat.Entry{agent(3, 0, 0, "周三"), agent(4, 3, 0, "补充")}, "[周三 补充>3]"},
		{"one that is not there", nil, []chat.Entry{agent(3, 99, 0, "好的")}, "[好的]"},
		{"an edit", nil, []chat.Entry{agent(3, 0, 0, "周三"), agent(4, 0, 3, "周四")}, "[周四]"},
		{"an edit of one of two with the same words", nil, []chat.Entry{agent(3, 0, 0, "周三"), agent(4, 0, 0, "周三"), agent(5, 0, 4, "周四")}, "[周三 周四]"},
		{"an edit of an edit", nil, []chat.Entry{agent(3, 0, 0, "周三"), agent(4, 0, 3, "周四"), agent(5, 0, 4, "周五")}, "[周五]"},
		{"two edits to the same words", nil, []chat.Entry{agent(3, 0, 0, "周三"), agent(4, 0, 0, "周五"), agent(5, 0, 3, "周四"), agent(6, 0, 4, "周四")}, "[周四 周四]"},
		{"an edit that Telegram refuses", []standin.Fault{noEdit}, []chat.Entry{agent(3, 0, 0, "周三"), agent(4, 0, 3, "周四")}, "[周三 （更正）周四>3]"},
		{"an edit of what was never sent", nil, []chat.Entry{agent(4, 0, 3, "周四")}, "[（更正）周四]"},
		{"queued by the version before", nil, []chat.Entry{agent(3, 0, 0, "周三"), agent(4, 0, 0, "（更正）周四")}, "[周三 （更正）周四]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t).run()
			h.inbox.Reply = nil
			first := h.say(ann, "第一")
			h.say(ann, "第二")
			h.heard(2)
			h.script("editMessageText", tt.edit...)
			for _, e := range tt.in {
				if i := h.settled(h.queue(e)); i.State != chat.SendingSent {
					t.Fatalf("%s: %s: %s", e.Text, i.State, i.Reason)
				}
			}
			var got []string
			for _, m := range h.server.Messages(standin.Place{Chat: ann})[2:] {
				line := m.Text
				if m.ReplyTo != 0 {
					line += fmt.Sprintf(">%d", m.ReplyTo-first+1)
				}
				got = append(got, line)
			}
			if fmt.Sprint(got) != tt.want {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
}

// TestQuotesInAGroup: what quotes nothing that is there answers the customer's newest message.
func TestQuotesInAGroup(t *testing.T) {
	h := newHouse(t, inGroup(t, club, false))
	h.inbox.Reply = nil
	h.run()
	var ids []int
	for _, text := range []string{"@yingda_bot 第一", "@yingda_bot 第二"} {
		ids = append(ids, h.sayIn(club, ann, standin.Content{Text: text}))
	}
	h.heard(2)
	c := chat.Conversation{ID: "conversation-1", Channel: "telegram", Account: "default", Address: Address{Chat: club, User: ann}.String()}
	for i, e := range []chat.Entry{
		{Seq: 3, From: chat.FromAgent, Text: "答一", QuotesSeq: 1},
		{Seq: 4, From: chat.FromAgent, Text: "答二", QuotesSeq: 99},
		{Seq: 5, From: chat.FromAgent, Text: "改", CorrectsSeq: 99},
	} {
		if err := h.outbox.AddEntry(c, e, 0); err != nil {
			t.Fatal(err)
		}
		if item := h.settled(int64(i) + 1); item.State != chat.SendingSent {
			t.Fatalf("%s: %s", item.State, item.Reason)
		}
	}
	var got []string
	for _, m := range h.server.Messages(standin.Place{Chat: club}) {
		if m.Bot {
			got = append(got, fmt.Sprint(m.Text, m.ReplyTo-ids[0]))
		}
	}
	if want := "[答一0 答二1 （更正）改1]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
