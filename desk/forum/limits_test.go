package forum_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/desk/forum"
	standin "github.com/yingda/yingda/internal/standin/telegram"
)

// TestRush: tickets that come soon after each other share one announcement.
func TestRush(t *testing.T) {
	s := open(t)
	s.escalate()
	for i := range 3 {
		c, _, err := s.store.OpenConversation(t.Context(), chat.OpenRequest{Channel: "widget", Customer: chat.Customer{ID: fmt.Sprint(i), Name: fmt.Sprint("客人", i)}})
		s.must(err)
		s.receive(c, chat.Message{Text: "转人工", Handoff: true})
		s.topic(fmt.Sprint("客人", i))
	}
	general := 0
	for _, m := range s.server.Messages(standin.Place{Chat: group}) {
		if m.Thread == 0 && strings.Contains(m.Text, "新工单") {
			general++
			if !strings.HasPrefix(m.Text, "🔔 4张新工单") || strings.Count(m.Text, "客人") != 3 {
				t.Errorf("the announcement is\n%s", m.Text)
			}
		}
	}
	if general != 1 {
		t.Errorf("there are %d announcements", general)
	}
}

// TestUnknown: where nobody knows whether the customer got something, agents are warned and nothing is said again.
func TestUnknown(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	s.server.SetScript(func(c standin.Call) standin.Fault {
		if c.Method == "sendMessage" && c.Chat == customer && strings.Contains(c.Params["text"], "款已退") {
			return standin.Cut(standin.DropAfter)
		}
		return standin.Fault{}
	})
	mine := s.agentSays(jia, topic, "款已退回，请查收")
	warning := s.sees(topic, "可能没有送到")
	if !strings.Contains(warning.Text, "“款已退回，请查收”") || !strings.Contains(warning.Text, "不会自动重发") {
		t.Errorf("the warning is %q", warning.Text)
	}
	s.settled(topic)
	s.lose(topic, "款已退回，请查收", mine)
	s.must(s.server.Block(customer, 0, true))
	s.agentSays(jia, topic, "还在吗")
	lost := s.sees(topic, "“还在吗”")
	if !strings.Contains(lost.Text, "没有送到顾客") || !strings.Contains(lost.Text, "blocked") {
		t.Errorf("the warning is %q", lost.Text)
	}
	if n := s.count(private(), "款已退回"); n != 1 {
		t.Errorf("the customer got it %d times", n)
	}
}

// lose tells the group that an entry is lost, whose twin is known by now: the warning answers that.
func (s *scene) lose(topic standin.Place, text string, twin int) {
	s.t.Helper()
	k := s.ticket()
	c, err := s.store.FindConversation(s.t.Context(), k.Conversation)
	s.must(err)
	activity := desk.Activity{Conversation: c, Ticket: &k, Lost: "真的丢了", Entry: chat.Entry{From: chat.FromAgent, Text: text}}
	activity.Entry.Seq = int64(slices.Index(s.said(c.ID), "agent "+text) + 1)
	body, err := json.Marshal(activity)
	s.must(err)
	_, err = s.forum.Send(s.t.Context(), chat.Sending{ID: 1, Channel: forum.Name, Account: "shop", Body: body})
	s.must(err)
	if got := s.sees(topic, "真的丢了"); got.ReplyTo != twin {
		s.t.Errorf("the warning answers %d, want the agent's message %d", got.ReplyTo, twin)
	}
}

// TestTooMany: the group's limit holds up the whole group and is waited for; what has arrived is not said again.
func TestTooMany(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	k := s.ticket()
	c, err := s.store.FindConversation(t.Context(), k.Conversation)
	s.must(err)
	kept, err := s.pictures.Save(t.Context(), strings.NewReader(string(picture(t))))
	s.must(err)
	activity := desk.Activity{Conversation: c, Ticket: &k, Entry: chat.Entry{Seq: 50, From: chat.FromAgent, Text: "两张图", Attachments: []chat.Attachment{kept, kept}}, By: "前台"}
	body, err := json.Marshal(activity)
	s.must(err)
	sends := 0
	s.server.SetScript(func(c standin.Call) standin.Fault {
		if c.Method == "sendPhoto" {
			if sends++; sends == 2 {
				return standin.TooMany(7)
			}
		}
		return standin.Fault{}
	})
	sending := chat.Sending{ID: 1, Channel: forum.Name, Account: "shop", Body: body}
	_, err = s.forum.Send(t.Context(), sending)
	later, ok := err.(*chat.SendError) //nolint:errorlint // the courier looks at it as it is
	if !ok || later.State != chat.SendingQueued || later.RetryAfter != 7*time.Second || !later.PausesAccount || later.PartsSent != 1 {
		t.Fatalf("the error is %#v", err)
	}
	sending.PartsSent = later.PartsSent
	if _, err = s.forum.Send(t.Context(), sending); err != nil {
		t.Fatal(err)
	}
	photos := 0
	for _, m := range s.server.Messages(topic) {
		if m.Photo != nil {
			photos++
		}
	}
	if photos != 2 || s.count(topic, "两张图") != 1 {
		t.Errorf("%d pictures arrived:\n%s", photos, s.texts(topic))
	}
}

// TestOneTopic: of many nodes that bring activities of one conversation, one makes its topic.
func TestOneTopic(t *testing.T) {
	s := open(t)
	c, _, err := s.store.OpenConversation(t.Context(), chat.OpenRequest{Channel: "widget", Customer: chat.Customer{Name: "李女士"}})
	s.must(err)
	k := desk.Ticket{ID: "t1", Number: "N1", State: desk.StateWaiting, Conversation: c.ID}
	var sending sync.WaitGroup
	var mu sync.Mutex
	arrived := 0
	for i := range 8 {
		sending.Go(func() {
			activity := desk.Activity{Conversation: c, Ticket: &k, Entry: chat.Entry{Seq: int64(i + 1), From: chat.FromCustomer, Text: fmt.Sprint("第", i)}}
			body, err := json.Marshal(activity)
			if err != nil {
				t.Error(err)
			}
			for {
				_, err := s.forum.Send(t.Context(), chat.Sending{ID: int64(i + 1), Channel: forum.Name, Account: "shop", Body: body})
				if err == nil {
					break
				}
				if later, ok := err.(*chat.SendError); !ok || later.State != chat.SendingQueued { //nolint:errorlint // as above
					t.Error(err)
					return
				}
			}
			mu.Lock()
			defer mu.Unlock()
			arrived++
		})
	}
	sending.Wait()
	topics := s.server.Topics(group)
	if len(topics) != 1 || arrived != 8 {
		t.Fatalf("%d activities arrived in %d topics", arrived, len(topics))
	}
	at := standin.Place{Chat: group, Thread: topics[0].ID}
	if n := s.count(at, "第"); n != 8 || s.count(at, "工单 N1") != 1 {
		t.Errorf("the topic has\n%s", s.texts(at))
	}
}

// TestMoved: a group that becomes a supergroup with topics is found again, for what agents write as well.
func TestMoved(t *testing.T) {
	const basic = int64(-500)
	s := openIn(t, basic)
	next, err := s.server.Migrate(basic, true)
	s.must(err)
	s.group = next
	topic := s.escalate()
	s.agentSays(jia, topic, "搬家了也能回")
	s.inPrivate("搬家了也能回")
}

// TestForget: a customer who is erased leaves the group as well.
func TestForget(t *testing.T) {
	s := open(t)
	s.escalate()
	conversation := s.ticket().Conversation
	for range 2 { // once more does no harm
		s.must(s.forum.Forget(t.Context(), conversation))
	}
	if topics := s.server.Topics(s.group); len(topics) != 0 {
		t.Errorf("topics are left: %+v", topics)
	}
}

// TestWhoActs: bots and channels are not heard; an administrator who stays anonymous is.
func TestWhoActs(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	say := func(id int, from, sender, text string) {
		t.Helper()
		s.update(topic, id, fmt.Sprintf(`"from":%s%s,"text":%q`, from, sender, text))
	}
	say(9001, `{"id":77,"is_bot":true,"first_name":"别的机器人"}`, "", "机器人的话")
	say(9002, `{"id":136817688,"is_bot":true,"first_name":"Channel"}`, `,"sender_chat":{"id":-1009,"type":"channel"}`, "频道的话")
	say(9003, `{"id":1087968824,"is_bot":true,"first_name":"Group"}`, fmt.Sprintf(`,"sender_chat":{"id":%d,"type":"supergroup"}`, group), "匿名的话")
	s.inPrivate("匿名的话")
	if got := s.ticket().Assignee; got != "匿名管理员#0500" {
		t.Errorf("the ticket is held by %q", got)
	}
	if s.count(private(), "机器人的话")+s.count(private(), "频道的话") != 0 {
		t.Errorf("the customer sees\n%s", s.texts(private()))
	}
}

// TestAlbumOfNote: the pictures of an album whose words are a note stay inside with it.
func TestAlbumOfNote(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	who := fmt.Sprintf(`"from":{"id":%d,"first_name":"甲"},"photo":[{"file_id":"none","file_size":1,"width":1,"height":1}]`, jia)
	s.update(topic, 9001, who+`,"media_group_id":"a","caption":"//内部截图"`)
	s.update(topic, 9002, who+`,"media_group_id":"a"`)
	s.update(topic, 9003, who+`,"media_group_id":"b"`)
	s.settled(topic)
	if s.count(topic, "图片只留在群里") != 1 || s.count(topic, "图片取不下来，没有发给顾客") != 1 {
		t.Errorf("the topic has\n%s", s.texts(topic))
	}
}

// TestNames: two agents of one first name and the same end of their ids are told apart, and keep their names.
func TestNames(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	s.server.AddUser(standin.User{ID: 30010001, FirstName: "甲"})
	s.must(s.server.AddMember(group, 30010001))
	s.agentSays(jia, topic, "我是甲")
	s.inPrivate("我是甲")
	if got := s.ticket().Assignee; got != "甲#0001" {
		t.Errorf("the first is %q", got)
	}
	s.agentSays(30010001, topic, "//我也是")
	s.sees(topic, "备注已记下")
	s.server.AddUser(standin.User{ID: jia, FirstName: "改名了"})
	s.agentSays(jia, topic, "//改名之后")
	s.until("the second note", func() bool { return s.count(topic, "备注已记下") == 2 })
	notes, err := s.desk.ListNotes(t.Context(), desk.Agent{Name: "x", Role: desk.RoleViewer}, s.ticket().ID)
	s.must(err)
	if notes[0].By != "甲#30010001" || notes[1].By != "甲#0001" {
		t.Errorf("notes %+v", notes)
	}
}

func TestNew(t *testing.T) {
	client := telegram.NewClient(telegram.Account{Name: "shop", Group: group}, http.DefaultClient)
	s := &scene{}
	whole := forum.Config{
		Clients: []*telegram.Client{client}, Desk: desk.New(desk.Config{}), Conversations: s.store, KV: s.store,
		Pictures: s.pictures, Guide: func() forum.Guide { return forum.Guide{} }, Now: time.Now,
	}
	if _, err := forum.New(whole); err != nil {
		t.Error(err)
	}
	twice := whole
	twice.Clients = append(twice.Clients, client)
	if _, err := forum.New(twice); err == nil || !strings.Contains(err.Error(), `"shop"`) {
		t.Errorf("two accounts of one name: %v", err)
	}
	if _, err := forum.New(forum.Config{}); err == nil {
		t.Error("a forum without anything is made")
	}
}
