package telegram_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/internal/standin/telegram"
)

// TestTopics follows one topic: what the bot is told, and what it may do there.
func TestTopics(t *testing.T) {
	c := newClock()
	s := stand(t, telegram.Config{Now: c.now, Limits: telegram.Limits{Off: true}})
	drain(t, s)
	topic := sent(t, s, "createForumTopic", "chat_id=-1000000000500&name=%20%E9%A1%BE%E5%AE%A2%20%20A%20")
	in := telegram.Place{Chat: forum, Thread: topic}
	got(s.Say(agent, in, "有人吗")).must(t)
	list := updates(t, s, "")
	if m := list[0].Message; m == nil || m.Created == nil || m.Created.Name != "顾客 A" || m.ID != topic || m.Thread != topic || !m.IsTopic {
		t.Errorf("the bot is told of its own topic with %+v", list[0])
	}
	if m := list[1].Message; m.Thread != topic || !m.IsTopic || m.ReplyTo == nil || m.ReplyTo.ID != topic || m.ReplyTo.Created == nil {
		t.Errorf("a message in a topic answers nothing, so it must answer the one that created it: %+v", m)
	}

	general := got(s.Say(agent, telegram.Place{Chat: forum}, "大家好")).must(t)
	got(s.Send(agent, telegram.Place{Chat: forum}, telegram.Content{Text: "回复", ReplyTo: general})).must(t)
	list = updates(t, s, "")
	if m := list[3].Message; m.Thread != general || m.IsTopic || m.ReplyTo.ID != general {
		t.Errorf("a reply in General carries the id of its thread, which is no topic: %+v", m)
	}

	thread := fmt.Sprintf("chat_id=-1000000000500&message_thread_id=%d", topic)
	must(t, s.CloseTopic(agent, in, true))
	if a := ask(t, s, "sendMessage", thread+"&text=x"); a.Description != "Bad Request: TOPIC_CLOSED" {
		t.Errorf("a closed topic: %q", a.Description)
	}
	ask(t, s, "reopenForumTopic", thread)
	sent(t, s, "sendMessage", thread+"&text=x")
	ask(t, s, "editForumTopic", thread+"&name=B")
	if topics := s.Topics(forum); len(topics) != 1 || topics[0] != (telegram.Topic{ID: topic, Name: "B", By: botID}) {
		t.Errorf("topics are %+v", topics)
	}
	if n := len(s.Messages(in)); n != 6 {
		t.Errorf("%d messages in the topic, want 6: %+v", n, s.Messages(in))
	}

	must(t, s.DeleteTopic(agent, in))
	for _, tt := range []struct {
		after time.Duration
		want  string
	}{{0, "Bad Request: TOPIC_DELETED"}, {time.Minute, "Bad Request: message thread not found"}} {
		c.at = c.at.Add(tt.after)
		if a := ask(t, s, "sendMessage", thread+"&text=x"); a.Description != tt.want {
			t.Errorf("a topic deleted %v ago: %q, want %q", tt.after, a.Description, tt.want)
		}
	}
	if a := ask(t, s, "sendChatAction", thread+"&action=typing"); !a.OK {
		t.Errorf("the real server takes an action in a deleted topic, here: %s", a.Description)
	}
}

// TestPrivacy checks what a bot that is no administrator sees of a group.
func TestPrivacy(t *testing.T) {
	s := stand(t, off())
	mine := sent(t, s, "sendMessage", "chat_id=-700&text=hi")
	place := telegram.Place{Chat: group}
	theirs := got(s.Say(agent, place, "早")).must(t)
	for _, tt := range []struct {
		text     string
		replyTo  int
		private  bool // seen in privacy mode
		asPublic bool
	}{
		{"你们好", 0, false, true},
		{"/help", 0, true, true},
		{"/help@yingda_bot x", 0, true, true},
		{"/help@other_bot", 0, false, true},
		{"x /help", 0, false, true},
		{"问一下 @Yingda_Bot 好吗", 0, true, true},
		{"@other_bot", 0, false, true},
		{"好", mine, true, true},
		{"好", theirs, false, true},
	} {
		for _, private := range []bool{true, false} {
			s.SetPrivacy(0, private)
			next := drain(t, s)
			got(s.Send(customer, place, telegram.Content{Text: tt.text, ReplyTo: tt.replyTo})).must(t)
			want := tt.asPublic
			if private {
				want = tt.private
			}
			if seen := len(updates(t, s, next)) == 1; seen != want {
				t.Errorf("%q (reply to %d) in privacy mode %v: seen %v, want %v", tt.text, tt.replyTo, private, seen, want)
			}
		}
	}
}

func TestButtons(t *testing.T) {
	c := newClock()
	s := stand(t, telegram.Config{Now: c.now, Limits: telegram.Limits{Off: true}})
	place := telegram.Place{Chat: customer}
	id := sent(t, s, "sendMessage", `chat_id=1001&text=which&reply_markup={"inline_keyboard":[[{"text":"甲","callback_data":"a"},{"text":"乙","callback_data":"b"}],[{"text":"网站","url":"https://example.org"}]]}`)
	next := drain(t, s)
	if _, err := s.Press(customer, place, id, "c"); err == nil {
		t.Error("a button that is not there was pressed")
	}
	query := got(s.Press(customer, place, id, "b")).must(t)
	u := updates(t, s, next)[0].Callback
	if u == nil || u.ID != query || u.Data != "b" || u.Message.ID != id {
		t.Errorf("the bot is told %+v", u)
	}
	if a := ask(t, s, "answerCallbackQuery", "callback_query_id="+query+"&text="+strings.Repeat("x", 201)); a.Description != "Bad Request: MESSAGE_TOO_LONG" {
		t.Errorf("a long answer: %q", a.Description)
	}
	ask(t, s, "answerCallbackQuery", "callback_query_id="+query+"&text=ok&show_alert=true")
	if a := s.Answers(); len(a) != 1 || a[0].Text != "ok" || !a[0].Alert || a[0].User != customer {
		t.Errorf("answers are %+v", a)
	}
	ask(t, s, "editMessageReplyMarkup", "chat_id=1001&message_id="+strconv.Itoa(id))
	if m := s.Messages(place)[1]; m.Buttons != nil || m.Text != "which" {
		t.Errorf("without its buttons the message is %+v", m)
	}
	c.at = c.at.Add(3 * time.Minute)
	if a := ask(t, s, "answerCallbackQuery", "callback_query_id="+query); a.OK {
		t.Error("an old query could be answered")
	}
}

// TestCopy relays what a customer sends, and pins a card.
func TestCopy(t *testing.T) {
	s := stand(t, off())
	topic := sent(t, s, "createForumTopic", "chat_id=-1000000000500&name=x")
	card := sent(t, s, "sendMessage", fmt.Sprintf("chat_id=-1000000000500&message_thread_id=%d&text=card&protect_content=1", topic))
	ask(t, s, "pinChatMessage", fmt.Sprintf("chat_id=-1000000000500&message_id=%d", card))
	for _, what := range []telegram.Content{
		{Text: "见 https://a.example"},
		{Photo: picture(t, 50, 50), Text: "图"},
		{Voice: []byte("ogg"), Seconds: 3},
		{Sticker: "👍"},
		{Location: &telegram.Location{Latitude: 31.2, Longitude: 121.5}},
	} {
		id := got(s.Send(customer, telegram.Place{Chat: customer}, what)).must(t)
		sent(t, s, "copyMessage", fmt.Sprintf("chat_id=-1000000000500&message_thread_id=%d&from_chat_id=1001&message_id=%d&reply_parameters={\"message_id\":%d}", topic, id, card))
	}
	seen := s.Messages(telegram.Place{Chat: forum, Thread: topic})
	if !seen[1].Pinned || !seen[1].Protected || seen[2].Service != telegram.MessagePinned {
		t.Errorf("the card is %+v, then comes %+v", seen[1], seen[2])
	}
	copies := seen[3:]
	if copies[0].Text != "见 https://a.example" || copies[0].ReplyTo != card || copies[0].From != botID || copies[1].Photo == nil || copies[1].Text != "图" ||
		copies[2].Voice.Seconds != 3 || copies[3].Sticker != "👍" || copies[4].Location.Latitude != 31.2 {
		t.Errorf("the copies are %+v", copies)
	}
	if a := ask(t, s, "copyMessage", fmt.Sprintf("chat_id=1001&from_chat_id=-1000000000500&message_id=%d", card)); a.Description != "Bad Request: message can't be copied" {
		t.Errorf("what is protected was copied: %q", a.Description)
	}
}

// TestMigration turns a group into a forum under the bot's feet.
func TestMigration(t *testing.T) {
	s := stand(t, off())
	next := drain(t, s)
	moved := got(s.Migrate(group, true)).must(t)
	list := updates(t, s, next)
	if len(list) != 2 || list[0].Message.MigrateTo != moved || list[1].Message.MigrateFrom != group {
		t.Errorf("the bot is told %+v", list)
	}
	a := ask(t, s, "sendMessage", "chat_id=-700&text=x")
	if a.Description != "Bad Request: group chat was upgraded to a supergroup chat" || a.Parameters.MigrateTo != moved {
		t.Errorf("the old group says %+v", a)
	}
	sent(t, s, "sendMessage", fmt.Sprintf("chat_id=%d&text=x", moved))
}

// TestStart checks that a link carries only what a link can carry.
func TestStart(t *testing.T) {
	s := stand(t, off())
	drain(t, s)
	for _, payload := range []string{"序列号", "a b", strings.Repeat("x", 65)} {
		if _, err := s.Start(customer, 0, payload); !errors.Is(err, telegram.ErrPayload) {
			t.Errorf("a link with %q: %v", payload, err)
		}
	}
	got(s.Start(customer, 0, "SN_9-a")).must(t)
	if list := texts(updates(t, s, "")); len(list) != 1 || list[0] != "/start SN_9-a" {
		t.Errorf("the bot is told %v", list)
	}
}

// TestJoining checks what a bot is told of those who come and go.
func TestJoining(t *testing.T) {
	s := stand(t, off())
	drain(t, s)
	updates(t, s, `allowed_updates=["chat_member","message"]`)
	must(t, s.AddMember(forum, customer))
	must(t, s.RemoveMember(forum, customer))
	list := updates(t, s, "")
	if len(list) != 4 || list[1].Message == nil || list[1].Message.Joined == nil || list[3].Message == nil {
		t.Errorf("the bot is told %+v", list)
	}
	if _, err := s.Say(customer, telegram.Place{Chat: forum}, "x"); err == nil {
		t.Error("somebody who left could write")
	}
}

func TestMenusAndMembers(t *testing.T) {
	s := stand(t, off())
	ask(t, s, "setMyCommands", `commands=[{"command":"/help","description":"帮助"}]&scope={"type":"all_private_chats"}&language_code=zh`)
	ask(t, s, "setMyCommands", `commands=[{"command":"close","description":"结束"}]&scope={"type":"chat","chat_id":-1000000000500}`)
	if c := s.Commands(0, "all_private_chats", "zh"); len(c) != 1 || c[0] != (telegram.Command{Command: "help", Description: "帮助"}) {
		t.Errorf("the menu is %v", c)
	}
	if c := s.Commands(0, "chat -1000000000500", ""); len(c) != 1 {
		t.Errorf("the agents' menu is %v", c)
	}
	ask(t, s, "deleteMyCommands", `scope={"type":"chat","chat_id":-1000000000500}`)
	if c := s.Commands(0, "chat -1000000000500", ""); len(c) != 0 {
		t.Errorf("the agents' menu is %v after it was deleted", c)
	}
	if a := ask(t, s, "getMyCommands", ""); string(a.Result) != "[]" {
		t.Errorf("the default menu is %s", a.Result)
	}
	for _, tt := range []struct{ form, want string }{
		{"chat_id=-1000000000500&user_id=4242", `"status":"administrator","can_be_edited":false,"can_manage_chat":true`},
		{"chat_id=-700&user_id=4242", `"status":"member"`},
		{"chat_id=-1000000000500&user_id=2001", `"status":"creator"`},
		{"chat_id=-700&user_id=1001", `"status":"member"`},
		{"chat_id=-1000000000500&user_id=1001", `"status":"left"`},
	} {
		if a := ask(t, s, "getChatMember", tt.form); !strings.Contains(string(a.Result), tt.want) {
			t.Errorf("%s: %s %s, want %s", tt.form, a.Result, a.Description, tt.want)
		}
	}
	if a := ask(t, s, "getChat", "chat_id=-1000000000500"); !strings.Contains(string(a.Result), `"type":"supergroup","is_forum":true`) {
		t.Errorf("the forum is %s", a.Result)
	}
	ask(t, s, "sendChatAction", "chat_id=1001&action=typing")
	if a := s.Actions(telegram.Place{Chat: customer}); len(a) != 1 || a[0].Kind != "typing" {
		t.Errorf("actions are %v", a)
	}
	sent(t, s, "sendMessage", "chat_id=1001&text=x")
	if a := s.Actions(telegram.Place{Chat: customer}); len(a) != 0 {
		t.Errorf("actions after a message are %v", a)
	}
}

// TestSecondBot checks that two bots do not see each other's chats, messages and files.
func TestSecondBot(t *testing.T) {
	s := stand(t, off())
	other := s.AddBot("4343:other", "other_bot", "另一个")
	must(t, s.SetBot(forum, other, telegram.AllRights()))
	drain(t, s)
	got(s.Start(customer, other, "")).must(t)
	sent(t, s, "sendMessage", "chat_id=-1000000000500&text=x")
	if list := updates(t, s, ""); len(list) != 0 {
		t.Errorf("the first bot sees %+v", list)
	}
	if n := s.Pending(other); n != 3 { // that it was added, twice, and /start
		t.Errorf("%d updates wait for the other bot, want 3", n)
	}
	got(s.Send(customer, telegram.Place{Bot: other, Chat: customer}, telegram.Content{Photo: picture(t, 9, 9)})).must(t)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/bot4343:other/getUpdates?offset=-1", http.NoBody)
	var list []update
	must(t, json.Unmarshal(serve(t, s, r).Result, &list))
	if a := ask(t, s, "sendPhoto", "chat_id=1001&photo="+list[0].Message.Photo[0].FileID); a.Description != "Bad Request: wrong file identifier/HTTP URL specified" {
		t.Errorf("another bot's file: %q", a.Description)
	}
	if m := s.Messages(telegram.Place{Bot: other, Chat: customer}); len(m) != 2 {
		t.Errorf("its chat holds %+v", m)
	}
}
