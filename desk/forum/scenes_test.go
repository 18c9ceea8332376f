package forum_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	standin "github.com/yingda/yingda/internal/standin/telegram"
)

// TestBothWays: a customer of Telegram comes to a person, they talk, and the bot has the floor again.
func TestBothWays(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	card := s.sees(topic, "工单")
	for _, want := range []string{"王老板（Telegram）", "答过：钱没到账怎么办", "之前的对话", "先看到账时间", "//"} {
		if !strings.Contains(card.Text, want) {
			t.Errorf("the card has no %q:\n%s", want, card.Text)
		}
	}
	if !s.message(topic, card.ID).Pinned {
		t.Error("the card is not pinned")
	}
	s.agentSays(jia, topic, "您好，请问刷的哪张卡？")
	s.inPrivate("请问刷的哪张卡")
	s.customerSays("招行的")
	if got := s.sees(topic, "招行的"); got.Text != "招行的" {
		t.Errorf("the customer's words are %q in the topic", got.Text)
	}
	if n := len(s.server.Calls("copyMessage")); n != 2 { // "转人工" and "招行的"
		t.Errorf("%d messages were copied, want 2", n)
	}
	s.until("the topic to show that somebody has it", func() bool { return strings.HasPrefix(s.name(topic), "🟢 王老板 · ") })
	s.agentSays(jia, topic, "/close 祝您顺利")
	s.inPrivate("祝您顺利")
	s.inPrivate("应答机器人")
	s.until("the topic to be closed", func() bool { return s.closed(topic) })
	if name := s.name(topic); !strings.HasPrefix(name, "✅ 王老板 · ") {
		t.Errorf("the topic is called %q", name)
	}
	s.customerSays("押金怎么退")
	s.inPrivate("激活满一年")
	if n := s.count(topic, "请问刷的哪张卡"); n != 1 {
		t.Errorf("the agent's own words stand %d times in the topic", n)
	}
	if n := s.count(topic, "押金"); n != 0 {
		t.Errorf("what the bot talks about alone was told to the agents:\n%s", s.texts(topic))
	}
}

// TestNextTicket: the customer's next ticket opens the same topic again, with a card of its own.
func TestNextTicket(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	s.agentSays(jia, topic, "/take")
	s.inPrivate("客服已接手")
	s.sees(topic, "已接手")
	s.agentSays(jia, topic, "/close")
	s.until("the topic to be closed", func() bool { return s.closed(topic) })
	s.customerSays("转人工")
	s.until("a second card", func() bool { return s.count(topic, "之前的对话") == 2 })
	s.until("the second announcement", func() bool { return len(s.server.Topics(group)) == 1 && !s.closed(topic) })
	s.agentSays(yi, topic, "又见面了")
	s.inPrivate("又见面了")
}

// TestNotes: what begins with two slashes, however they are typed, stays inside.
func TestNotes(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	s.agentSays(jia, topic, "/take")
	s.inPrivate("客服已接手")
	said := len(s.server.Messages(private()))
	for _, text := range []string{"//一号备注", "、、二号备注", "\u200b／／三号备注"} {
		s.agentSays(jia, topic, text)
	}
	_, err := s.server.Send(jia, topic, standin.Content{Photo: picture(t), Text: "//四号备注"})
	s.must(err)
	s.until("four confirmations", func() bool { return s.count(topic, "备注已记下") == 4 })
	notes, err := s.desk.ListNotes(t.Context(), desk.Agent{Name: "x", Role: desk.RoleViewer}, s.ticket().ID)
	s.must(err)
	var got []string
	for _, n := range notes {
		got = append(got, n.By+" "+n.Text)
	}
	if want := []string{"甲#0001 一号备注", "甲#0001 二号备注", "甲#0001 三号备注", "甲#0001 四号备注"}; !slices.Equal(got, want) {
		t.Errorf("notes %q, want %q", got, want)
	}
	if n := len(s.server.Messages(private())); n != said {
		t.Errorf("the customer sees them:\n%s", s.texts(private()))
	}
}

// TestRepeats: updates that come again say, note and refuse nothing twice.
func TestRepeats(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	s.agentSays(jia, topic, "只说一遍")
	s.agentSays(jia, topic, "//只记一遍")
	s.sees(topic, "备注已记下")
	s.inPrivate("只说一遍")
	s.settled(topic)
	before := s.texts(topic)
	told := len(s.server.Messages(private()))
	for range 3 {
		s.server.Redeliver(0)
		s.settled(topic)
	}
	for _, once := range []string{"只说一遍", "只记一遍", "工单 ", "转人工"} {
		if want, got := strings.Count(before, once), s.count(topic, once); got != want {
			t.Errorf("%q stands %d times in the topic, before %d times:\n%s", once, got, want, s.texts(topic))
		}
	}
	if n := s.count(topic, "备注已记下"); n != 1+4 { // four are the sentinels'
		t.Errorf("notes were confirmed %d times", n)
	}
	if n := len(s.server.Messages(private())); n != told+3 {
		t.Errorf("repeats changed what the customer sees:\n%s", s.texts(private()))
	}
}

// TestDeletedTopic: a topic that was deleted is made anew, with all that was said, and nothing is lost.
func TestDeletedTopic(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	s.agentSays(jia, topic, "第一句")
	s.inPrivate("第一句")
	s.customerSays("第二句")
	s.sees(topic, "第二句")
	s.must(s.server.DeleteTopic(jia, topic))
	s.customerSays("第三句")
	next := s.topicBut("王老板", topic.Thread)
	s.sees(next, "第三句")
	history := s.sees(next, "之前的对话")
	if !strings.HasPrefix(history.Text, "之前的对话") {
		t.Errorf("all that was said is squeezed into the card:\n%s", history.Text)
	}
	for _, want := range []string{"钱没到账怎么办", "💬 客服：第一句", "👤 顾客：第二句"} {
		if !strings.Contains(history.Text, want) {
			t.Errorf("the new topic does not tell %q:\n%s", want, s.texts(next))
		}
	}
	card := s.sees(next, "工单")
	if !s.message(next, card.ID).Pinned {
		t.Error("the card is not pinned again")
	}
	s.agentSays(jia, next, "第四句")
	s.inPrivate("第四句")
}

// TestClosedByHand: a topic that an agent closed without ending the ticket is opened for what the customer says.
func TestClosedByHand(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	s.must(s.server.CloseTopic(jia, topic, true))
	s.customerSays("还在吗")
	s.sees(topic, "还在吗")
	if s.closed(topic) {
		t.Error("the topic stays closed")
	}
}

// TestMasked: what masking changed is not copied as it was typed.
func TestMasked(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	s.customerSays("卡号是4111111111111111")
	s.sees(topic, "卡号是")
	s.settled(topic)
	if texts := s.texts(topic); strings.Contains(texts, "4111111111111111") {
		t.Errorf("agents see the card's number:\n%s", texts)
	}
	s.agentSays(jia, topic, "您的卡号4111111111111111对吗")
	if got := s.inPrivate("您的卡号"); strings.Contains(got.Text, "4111111111111111") {
		t.Errorf("the customer is told %q", got.Text)
	}
}

// TestElsewhere: what another agent says at the desk is shown with who said it.
func TestElsewhere(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	_, err := s.desk.Reply(t.Context(), desk.Agent{Name: "前台", Role: desk.RoleAgent}, s.ticket().ID, desk.ReplyRequest{Text: "网页上回的"})
	s.must(err)
	if got := s.sees(topic, "网页上回的"); got.Text != "💬 前台（不在本群）：网页上回的" {
		t.Errorf("it is shown as %q", got.Text)
	}
	s.agentSays(jia, topic, "我也说一句")
	s.sees(topic, "工单由前台处理中；要由您来处理，请先从对方手里接过来。发 /take 就由您接手。")
	s.settled(topic)
	if n := s.count(private(), "我也说一句"); n != 0 {
		t.Error("what the desk refused reached the customer")
	}
}

// TestWidget: customers of other channels appear as well, with how much they may still be sent.
func TestWidget(t *testing.T) {
	s := open(t)
	s.quota = &chat.SendQuota{Remaining: 3, ExpiresAt: time.Now().Add(time.Hour)}
	c, _, err := s.store.OpenConversation(t.Context(), chat.OpenRequest{Channel: "widget", Customer: chat.Customer{ID: "w1", Name: "李<女士>"}})
	s.must(err)
	kept, err := s.pictures.Save(t.Context(), strings.NewReader(string(picture(t))))
	s.must(err)
	s.receive(c, chat.Message{Text: "押金怎么退", Attachments: []chat.Attachment{kept}})
	s.receive(c, chat.Message{Text: "转人工", Handoff: true})
	topic := s.topic("李<女士>")
	card := s.sees(topic, "工单")
	if !strings.Contains(card.Text, "还能发：3条") || !strings.Contains(card.Text, "李<女士>（未核实）（网页）") {
		t.Errorf("the card is\n%s", card.Text)
	}
	s.wait(topic, "the picture of before", func(m standin.Message) bool { return m.Photo != nil })
	s.receive(c, chat.Message{Text: "急 & 急"})
	if got := s.sees(topic, "急 & 急"); !strings.HasPrefix(got.Text, "👤 李<女士>：急 & 急\n（还能发3条，") {
		t.Errorf("it is shown as %q", got.Text)
	}
	s.mu.Lock()
	s.quota.Remaining = 0
	s.mu.Unlock()
	s.agentSays(jia, topic, "马上看")
	s.sees(topic, "等顾客下次说话时自动送到")
	s.until("the reply to be kept", func() bool { return slices.Contains(s.said(c.ID), "agent 马上看") })
}

// TestRecall: what a customer took back leaves the topic, words and pictures, and agents read that it was.
func TestRecall(t *testing.T) {
	s := open(t)
	c, _, err := s.store.OpenConversation(t.Context(), chat.OpenRequest{Channel: "widget", Customer: chat.Customer{ID: "w1", Name: "李女士"}})
	s.must(err)
	s.receive(c, chat.Message{Text: "转人工", Handoff: true})
	topic := s.topic("李女士")
	kept, err := s.pictures.Save(t.Context(), strings.NewReader(string(picture(t))))
	s.must(err)
	s.receive(c, chat.Message{ExternalID: "words", Text: "发错人了"})
	s.receive(c, chat.Message{ExternalID: "picture", Attachments: []chat.Attachment{kept}})
	words := s.sees(topic, "发错人了")
	shown := s.wait(topic, "the picture", func(m standin.Message) bool { return m.Photo != nil })
	for i, id := range []string{"words", "picture"} {
		s.receive(c, chat.Message{ExternalID: fmt.Sprint("recall", i), Text: fmt.Sprint("撤回了", i), Recalls: id})
		s.sees(topic, fmt.Sprint("撤回了", i))
	}
	for _, m := range s.server.Messages(topic) {
		if strings.Contains(m.Text, "发错人了") || m.ID == shown.ID || m.ID == words.ID && !strings.Contains(m.Text, chat.RecalledText) {
			t.Errorf("the topic still has %+v", m)
		}
	}
}
