package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/yingda/yingda/chat"
	standin "github.com/yingda/yingda/internal/standin/telegram"
)

const (
	club   = -1001234567890 // a group of customers
	agents = -1009876543210
)

// inGroup adds a group with ann, ben and the bot, which sees everything that is said there.
func inGroup(t *testing.T, id int64, forum bool) func(*house) {
	return func(h *house) {
		t.Helper()
		if err := h.server.AddGroup(standin.Group{ID: id, Title: "群", Supergroup: id < -1e12, Forum: forum, Members: []int64{ann, ben}, Admins: []int64{ann}}); err != nil {
			t.Fatal(err)
		}
		if err := h.server.SetBot(id, 0, standin.AllRights()); err != nil {
			t.Fatal(err)
		}
	}
}

// sayIn has somebody write in a group.
func (h *house) sayIn(group, user int64, what standin.Content) int {
	h.t.Helper()
	id, err := h.server.Send(user, standin.Place{Chat: group}, what)
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// answerIn waits for the bot's message with a text in a group.
func (h *house) answerIn(group int64, text string) standin.Message {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), soon)
	defer cancel()
	m, err := h.server.WaitMessage(ctx, standin.Place{Chat: group}, func(m standin.Message) bool { return m.Bot && m.Text == text })
	if err != nil {
		h.t.Fatalf("no answer %q: %v\n%s", text, err, h.log)
	}
	return m
}

// TestGroupOfCustomers: the bot answers whoever addresses it, as an answer to them, and keeps people apart.
func TestGroupOfCustomers(t *testing.T) {
	h := newHouse(t, inGroup(t, club, false)).run()
	h.sayIn(club, ann, standin.Content{Text: "大家好"})
	h.sayIn(club, ann, standin.Content{Text: "/help"})
	h.sayIn(club, ann, standin.Content{Text: "/help@other_bot"})
	h.sayIn(club, ben, standin.Content{Text: "@yingda_botx 费率"})
	asked := h.sayIn(club, ann, standin.Content{Text: "@Yingda_Bot 选费率"})
	m := h.answerIn(club, "答：选费率")
	if m.ReplyTo != asked {
		t.Errorf("the answer is to message %d, want %d", m.ReplyTo, asked)
	}
	asked = h.sayIn(club, ben, standin.Content{Text: "押金呢", ReplyTo: m.ID})
	if got := h.answerIn(club, "答：押金呢"); got.ReplyTo != asked {
		t.Errorf("the second answer is to message %d, want %d", got.ReplyTo, asked)
	}
	h.sayIn(club, ben, standin.Content{Text: "/ticket@yingda_bot"})
	h.answerIn(club, "答：我的工单怎么样了")
	messages := h.heard(3)
	if messages[0].Conversation == messages[1].Conversation || messages[1].Conversation != messages[2].Conversation {
		t.Errorf("the conversations are %s, %s and %s", messages[0].Conversation, messages[1].Conversation, messages[2].Conversation)
	}
	if _, err := h.server.Press(ben, standin.Place{Chat: club}, m.ID, m.Buttons[0][0].Data); err != nil {
		t.Fatal(err)
	}
	h.until("a word to ben", func() bool { return len(h.server.Answers()) == 1 })
	if got := h.server.Answers()[0].Text; got != noticeOthers {
		t.Errorf("who taps another's button is told %q", got)
	}
	if _, err := h.server.Press(ann, standin.Place{Chat: club}, m.ID, m.Buttons[0][0].Data); err != nil {
		t.Fatal(err)
	}
	h.answerIn(club, "答：费率是多少")
}

// TestGroupMoves: what is said to somebody in a group arrives where the group has become a supergroup.
func TestGroupMoves(t *testing.T) {
	const small = -4711
	h := newHouse(t, inGroup(t, small, false)).run()
	h.sayIn(small, ann, standin.Content{Text: "@yingda_bot 费率"})
	h.answerIn(small, "答：费率")
	now, err := h.server.Migrate(small, false)
	if err != nil {
		t.Fatal(err)
	}
	c := chat.Conversation{ID: "conversation-1", Channel: "telegram", Account: "default", Address: fmt.Sprintf("%d/0/%d", small, ann)}
	key := MovedKey("default", small)
	kept := func() (moved int64) {
		h.until("the mark of it", func() bool {
			value, err := h.inbox.GetKV(t.Context(), key)
			return err == nil && json.Unmarshal(value, &moved) == nil
		})
		return moved
	}
	if got := kept(); got != now { // by what the group itself says of it
		t.Errorf("the group became %d as far as the marks go, want %d", got, now)
	}
	if err := h.inbox.SetKV(t.Context(), chat.KV{Key: key}); err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{"还在吗", "还在"} {
		if err := h.outbox.AddEntry(c, chat.Entry{Seq: int64(3 + i), From: chat.FromAgent, Text: text}, 0); err != nil {
			t.Fatal(err)
		}
		h.answerIn(now, text)
	}
	if got := kept(); got != now { // by Telegram's refusal
		t.Errorf("the group became %d as far as the marks go, want %d", got, now)
	}
	h.until("four calls for three messages: one was refused, and never again", func() bool {
		return len(h.server.Calls("sendMessage")) == 4
	})
}

// desk is a Group that remembers.
type desk struct {
	mu   sync.Mutex
	seen []Update
	fail error
}

func (d *desk) Update(_ context.Context, _ Account, u Update) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen = append(d.seen, u)
	err := d.fail
	d.fail = nil
	return err
}

func (d *desk) updates() []Update {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Update(nil), d.seen...)
}

// TestAgentsGroup: what happens there is the Group's, with the fields that the library does not know, and
// comes again when it failed.
func TestAgentsGroup(t *testing.T) {
	d := &desk{}
	h := newHouse(t, func(h *house) { h.config.Group, h.config.Accounts[0].Group = d, agents })
	inGroup(t, agents, true)(h)
	h.run()
	topic, err := h.server.CreateTopic(ann, agents, "客户")
	if err != nil {
		t.Fatal(err)
	}
	find := func(what string, fits func(Update) bool) (found Update) {
		t.Helper()
		h.until(what, func() bool {
			for _, u := range d.updates() {
				if fits(u) {
					found = u
					return true
				}
			}
			return false
		})
		return found
	}
	u := find("the topic", func(u Update) bool { return u.Message != nil && u.Message.TopicCreated != nil })
	if u.Message.TopicCreated.Name != "客户" || u.Topic() != topic {
		t.Errorf("the topic is %+v, %d", u.Message.TopicCreated, u.Topic())
	}
	d.mu.Lock()
	d.fail = errBroken
	d.mu.Unlock()
	first, err := h.server.Send(ann, standin.Place{Chat: agents, Thread: topic}, standin.Content{Text: "您好"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.server.Send(ann, standin.Place{Chat: agents, Thread: topic}, standin.Content{Text: "看这个", ReplyTo: first}); err != nil {
		t.Fatal(err)
	}
	u = find("the answer", func(u Update) bool { return u.Message != nil && u.Message.Text == "看这个" })
	if r := u.Message.Answers(); r == nil || r.MessageID != first || u.Topic() != topic || u.ChatID() != agents {
		t.Errorf("it answers %+v in topic %d of %d", r, u.Topic(), u.ChatID())
	}
	var texts []string
	for _, u := range d.updates() {
		if u.Message != nil && u.Message.Text != "" {
			texts = append(texts, u.Message.Text)
		}
	}
	if got := strings.Join(texts, " "); got != "您好 您好 看这个" {
		t.Errorf("the group was told %s", got)
	}
	if n := len(h.inbox.Messages()); n != 0 {
		t.Errorf("%d messages of agents went to the inbox", n)
	}
}

func standinRights(admin, topics, pins bool) standin.Rights {
	return standin.Rights{Admin: admin, ManageTopics: topics, PinMessages: pins}
}
