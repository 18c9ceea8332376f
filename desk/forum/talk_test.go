package forum_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	standin "github.com/yingda/yingda/internal/standin/telegram"
)

// TestEdits: what either side edits is edited on the other, and the record has both.
func TestEdits(t *testing.T) {
	s := open(t)
	topic := s.held()
	mine := s.customerSays("金额是3800")
	twin := s.sees(topic, "金额是3800")
	s.must(s.server.Edit(customer, private(), mine, "金额是3900"))
	s.sees(topic, "顾客改了这条消息")
	if got := s.message(topic, twin.ID).Text; got != "👤 王老板：金额是3900" {
		t.Errorf("the customer's edit left %q in the topic", got)
	}
	id := s.agentSays(jia, topic, "周三到账")
	told := s.inPrivate("周三到账")
	s.settled(topic)
	s.must(s.server.Edit(jia, topic, id, "周三到账")) // nothing changed
	s.must(s.server.Edit(jia, topic, id, "周四到账"))
	s.until("the customer's copy to be edited", func() bool { return s.message(private(), told.ID).Text == "周四到账" })
	s.must(s.server.Edit(jia, topic, id, "周五到账"))
	s.until("it to be edited again", func() bool { return s.message(private(), told.ID).Text == "周五到账" })
	s.settled(topic)
	if n := s.count(private(), "到账"); n != 3 { // with the question and the bot's answer
		t.Errorf("the customer sees\n%s", s.texts(private()))
	}
	said := s.said(s.ticket().Conversation)
	if n := len(slices.DeleteFunc(slices.Clone(said), func(line string) bool { return !strings.HasPrefix(line, "agent ") })); n != 3 {
		t.Errorf("an edit that changes nothing is kept as a correction:\n%s", strings.Join(said, "\n"))
	}
	for _, want := range []string{"customer 金额是3800", "customer 金额是3900", "agent 周三到账", "agent 周四到账", "agent 周五到账"} {
		if n := len(slices.DeleteFunc(slices.Clone(said), func(line string) bool { return line != want })); n != 1 {
			t.Errorf("%q stands %d times in the record:\n%s", want, n, strings.Join(said, "\n"))
		}
	}
}

// TestEqualTexts: of replies of the same text each quotes and corrects its own, and a quote stays one for customers of
// any channel.
func TestEqualTexts(t *testing.T) {
	s := open(t)
	topic := s.held()
	var questions, replies, told []int
	for i := range 2 {
		questions = append(questions, s.customerSays(fmt.Sprint("问题", i)))
		twin := s.sees(topic, fmt.Sprint("问题", i))
		s.settled(topic)
		id, err := s.server.Send(jia, topic, standin.Content{Text: "好的", ReplyTo: twin.ID})
		s.must(err)
		replies = append(replies, id)
		s.until("the reply", func() bool { return s.count(private(), "好的") == i+1 })
	}
	for _, m := range s.server.Messages(private()) {
		if m.Bot && m.Text == "好的" {
			if want := questions[len(told)]; m.ReplyTo != want {
				t.Errorf("reply %d quotes %d, want %d", len(told), m.ReplyTo, want)
			}
			told = append(told, m.ID)
		}
	}
	s.settled(topic)
	for i, id := range replies { // both to the same text
		s.must(s.server.Edit(jia, topic, id, "不行"))
		s.until("the edit", func() bool { return s.message(private(), told[i]).Text == "不行" })
		if i == 0 && s.message(private(), told[1]).Text != "好的" {
			t.Errorf("the wrong message was edited:\n%s", s.texts(private()))
		}
	}
	s.settled(topic)
	s.must(s.server.Edit(jia, topic, replies[0], "好的")) // as it was at first
	s.until("the edit back", func() bool { return s.message(private(), told[0]).Text == "好的" })
	if n := s.count(private(), "好的") + s.count(private(), "不行"); n != 2 {
		t.Errorf("the customer sees\n%s", s.texts(private()))
	}
	var kept []string
	entries, err := s.store.ListEntries(t.Context(), s.ticket().Conversation, 0, 1000)
	s.must(err)
	seqs := map[string]int64{}
	for _, e := range entries {
		if e.From == chat.FromCustomer {
			seqs[e.Text] = e.Seq
		}
		if e.From == chat.FromAgent {
			if e.QuotesSeq != 0 {
				seqs[fmt.Sprint("reply", len(kept))] = e.Seq
			}
			kept = append(kept, fmt.Sprint(e.Text, " ", e.QuotesSeq, " ", e.CorrectsSeq))
		}
	}
	want := []string{
		fmt.Sprintf("好的 %d 0", seqs["问题0"]), fmt.Sprintf("好的 %d 0", seqs["问题1"]),
		fmt.Sprintf("不行 0 %d", seqs["reply0"]), fmt.Sprintf("不行 0 %d", seqs["reply1"]), fmt.Sprintf("好的 0 %d", seqs["reply0"]),
	}
	if !slices.Equal(kept, want) {
		t.Errorf("kept %q, want %q", kept, want)
	}
}

// TestCorrectionElsewhere: a correction that was not made in the group is shown as one below what it corrects, here
// and in a topic that is made anew.
func TestCorrectionElsewhere(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	front := desk.Agent{Name: "前台", Role: desk.RoleAgent}
	_, err := s.desk.Reply(t.Context(), front, s.ticket().ID, desk.ReplyRequest{Text: "周三到账"})
	s.must(err)
	first := s.sees(topic, "周三到账")
	s.settled(topic)
	entries, err := s.store.ListEntries(t.Context(), s.ticket().Conversation, 0, 1000)
	s.must(err)
	i := slices.IndexFunc(entries, func(e chat.Entry) bool { return e.Text == "周三到账" })
	_, err = s.desk.Reply(t.Context(), front, s.ticket().ID, desk.ReplyRequest{Text: "周四到账", CorrectsSeq: entries[i].Seq})
	s.must(err)
	if got := s.sees(topic, "周四到账"); got.Text != "💬 前台（不在本群）：（更正）周四到账" || got.ReplyTo != first.ID {
		t.Errorf("it is shown as %q below %d, want below %d", got.Text, got.ReplyTo, first.ID)
	}
	s.must(s.server.DeleteTopic(jia, topic))
	s.customerSays("在吗")
	next := s.topicBut("王老板", topic.Thread)
	if got := s.sees(next, "之前的对话"); !strings.Contains(got.Text, "💬 客服：（更正）周四到账") {
		t.Errorf("the transcript is\n%s", got.Text)
	}
}

// TestEditsBetween: an edit never turns a note into words to the customer, nor takes back what was said.
func TestEditsBetween(t *testing.T) {
	s := open(t)
	topic := s.held()
	note := s.agentSays(jia, topic, "//内部的话")
	s.sees(topic, "备注已记下")
	s.must(s.server.Edit(jia, topic, note, "内部的话"))
	s.sees(topic, "备注或命令改成的话不会发给顾客")
	said := s.agentSays(jia, topic, "公开的话")
	s.inPrivate("公开的话")
	s.settled(topic)
	s.must(s.server.Edit(jia, topic, said, "//公开的话"))
	s.sees(topic, "改成备注也收不回来")
	wrong := s.agentSays(jia, topic, "/clsoe 再见")
	s.sees(topic, "没有 /clsoe 这个命令")
	s.must(s.server.Edit(jia, topic, wrong, "/close 再见"))
	s.inPrivate("再见")
	if n := s.count(private(), "内部的话"); n != 0 {
		t.Error("the customer sees the note")
	}
}

// TestAnswers: what either side answers is shown as the answer to its twin.
func TestAnswers(t *testing.T) {
	s := open(t)
	topic := s.held()
	question := s.customerSays("第一个问题")
	twin := s.sees(topic, "第一个问题")
	s.settled(topic)
	_, err := s.server.Send(jia, topic, standin.Content{Text: "答第一个", ReplyTo: twin.ID})
	s.must(err)
	if got := s.inPrivate("答第一个"); got.ReplyTo != question {
		t.Errorf("the customer sees an answer to %d, want %d", got.ReplyTo, question)
	}
	mine := s.agentSays(jia, topic, "再问一句")
	told := s.inPrivate("再问一句")
	if told.ReplyTo != 0 {
		t.Errorf("what answers nothing is shown as an answer to %d", told.ReplyTo)
	}
	s.settled(topic)
	_, err = s.server.Send(customer, private(), standin.Content{Text: "答您这句", ReplyTo: told.ID})
	s.must(err)
	if got := s.sees(topic, "答您这句"); got.ReplyTo != mine {
		t.Errorf("agents see an answer to %d, want %d", got.ReplyTo, mine)
	}
	_, err = s.server.Send(customer, private(), standin.Content{Text: "另外再问", ReplyTo: question})
	s.must(err)
	if got := s.sees(topic, "另外再问"); got.ReplyTo != twin.ID {
		t.Errorf("agents see an answer to %d, want %d", got.ReplyTo, twin.ID)
	}
}

// TestPictures go both ways; what is neither words nor a picture only to the agents.
func TestPictures(t *testing.T) {
	s := open(t)
	topic := s.held()
	_, err := s.server.Send(customer, private(), standin.Content{Photo: picture(t), Text: "小票"})
	s.must(err)
	if got := s.wait(topic, "小票", func(m standin.Message) bool { return m.Photo != nil }); !strings.HasSuffix(got.Text, "小票") {
		t.Errorf("the picture has the text %q", got.Text)
	}
	_, err = s.server.Send(jia, topic, standin.Content{Document: picture(t), MIME: "image/jpeg", Name: "a.jpg", Text: "按这张图操作"})
	s.must(err)
	if got := s.inPrivate("按这张图操作"); got.Photo == nil {
		t.Errorf("the customer sees %+v", got)
	}
	_, err = s.server.Send(customer, private(), standin.Content{Voice: []byte("OggS"), Seconds: 3})
	s.must(err)
	s.wait(topic, "the voice message", func(m standin.Message) bool { return m.Voice != nil })
	before := len(s.server.Messages(private()))
	for _, what := range []standin.Content{{Voice: []byte("OggS"), Seconds: 3}, {Sticker: "😀"}, {Document: []byte("%PDF"), MIME: "application/pdf", Name: "a.pdf", Text: "看文件"}} {
		_, err = s.server.Send(jia, topic, what)
		s.must(err)
	}
	s.until("three refusals", func() bool { return s.count(topic, "这一条没有发给顾客") == 3 })
	if n := len(s.server.Messages(private())); n != before {
		t.Errorf("the customer sees\n%s", s.texts(private()))
	}
}

// TestLookUp: an agent looks something up and sends it with one tap, once.
func TestLookUp(t *testing.T) {
	s := open(t)
	topic := s.held()
	s.agentSays(jia, topic, "/take")
	s.sees(topic, "已接手")
	s.agentSays(jia, topic, "/kb 怎么把押金要回来")
	found := s.wait(topic, "the look-up", func(m standin.Message) bool { return m.Buttons != nil })
	if !strings.HasPrefix(found.Text, "1. 押金怎么退\n押金在激活满一年后可以申请退还。") {
		t.Errorf("found %q", found.Text)
	}
	data := found.Buttons[0][0].Data
	for range 2 {
		_, err := s.server.Press(jia, topic, found.ID, data)
		s.must(err)
	}
	if got := s.sees(topic, "（插入的资料）"); got.Text != "💬 甲#0001（插入的资料）：押金在激活满一年后可以申请退还。" {
		t.Errorf("agents see %q", got.Text)
	}
	s.inPrivate("激活满一年")
	s.until("both taps to be answered", func() bool { return len(s.server.Answers()) == 2 })
	s.settled(topic)
	if n := s.count(private(), "激活满一年"); n != 1 {
		t.Errorf("the customer sees it %d times", n)
	}
	_, err := s.server.Press(yi, topic, found.ID, found.Buttons[1][0].Data)
	s.must(err)
	s.until("another agent to be refused", func() bool {
		answers := s.server.Answers()
		return len(answers) == 3 && strings.Contains(answers[2].Text, "甲#0001处理中")
	})
	s.agentSays(jia, standin.Place{Chat: group}, "/kb 押金")
	general := s.wait(standin.Place{Chat: group}, "a look-up in General", func(m standin.Message) bool {
		return m.Thread != topic.Thread && strings.HasPrefix(m.Text, "1. 押金怎么退")
	})
	if general.Buttons != nil {
		t.Error("a look-up in General has buttons")
	}
}

// TestCommands: transfer by name and by mention, the queue, what there is not.
func TestCommands(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	general := standin.Place{Chat: group}
	s.agentSays(yi, general, "/queue")
	s.wait(general, "the queue", func(m standin.Message) bool {
		return strings.HasPrefix(m.Text, "等待接手") && holds(m, fmt.Sprintf("/%d", topic.Thread))
	})
	s.agentSays(jia, topic, "/take")
	s.sees(topic, "甲#0001已接手")
	s.agentSays(jia, topic, "/give 没这人")
	s.sees(topic, "没有名叫“没这人”的客服")
	s.agentSays(jia, topic, "/give @yi")
	s.sees(topic, "已转给乙#0002")
	s.agentSays(yi, topic, "/give")
	s.sees(topic, "已转回队列")
	s.agentSays(yi, topic, "/contact")
	s.sees(topic, "没有 /contact 这个命令")
	s.agentSays(yi, topic, "/close@another_bot")
	s.agentSays(yi, topic, "/help@Yingda_Bot")
	s.sees(topic, "怎么用")
	s.agentSays(yi, general, "/close")
	s.sees(general, "请在顾客的话题里用")
	s.agentSays(yi, topic, "/close")
	s.sees(topic, "请先接手再操作")
	if s.closed(topic) {
		t.Error("the command for another bot was obeyed")
	}
	if menu := s.server.Commands(0, fmt.Sprintf("chat %d", group), ""); len(menu) != 6 {
		t.Errorf("the menu is %+v", menu)
	}
}
