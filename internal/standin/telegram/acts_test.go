package telegram_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/yingda/yingda/internal/standin/telegram"
)

// TestPins pins and unpins, as a bot and as a person.
func TestPins(t *testing.T) {
	s := stand(t, off())
	topic := sent(t, s, "createForumTopic", "chat_id=-1000000000500&name=x")
	thread := fmt.Sprintf("chat_id=-1000000000500&message_thread_id=%d", topic)
	var ids []int
	for _, form := range []string{thread + "&text=a", thread + "&text=b", "chat_id=-1000000000500&text=c"} {
		ids = append(ids, sent(t, s, "sendMessage", form))
	}
	pinned := func() []int {
		var list []int
		for _, m := range s.Messages(telegram.Place{Chat: forum}) {
			if m.Pinned {
				list = append(list, slices.Index(ids, m.ID))
			}
		}
		return list
	}
	pin := func(i int) { ask(t, s, "pinChatMessage", fmt.Sprintf("chat_id=-1000000000500&message_id=%d", ids[i])) }
	pin(1)
	pin(0)
	for _, tt := range []struct {
		do   func()
		want []int
	}{
		{func() {}, []int{0, 1}},
		{func() { ask(t, s, "unpinChatMessage", "chat_id=-1000000000500") }, []int{1}}, // the one that was pinned last
		{func() { must(t, s.Pin(agent, telegram.Place{Chat: forum}, ids[2], true)) }, []int{1, 2}},
		{func() { ask(t, s, "unpinAllForumTopicMessages", thread) }, []int{2}},
		{func() { pin(0) }, []int{0, 2}},
		{func() { must(t, s.Pin(agent, telegram.Place{Chat: forum}, ids[0], false)) }, []int{2}},
		{func() { ask(t, s, "unpinAllChatMessages", "chat_id=-1000000000500") }, nil},
	} {
		tt.do()
		if got := pinned(); !slices.Equal(got, tt.want) {
			t.Errorf("pinned are %v, want %v", got, tt.want)
		}
	}
}

// TestEdits changes texts, captions and entities.
func TestEdits(t *testing.T) {
	s := stand(t, off())
	id := sent(t, s, "sendMessage", `chat_id=1001&text=hello&entities=[{"type":"bold","offset":0,"length":4},{"type":"mention","offset":0,"length":2}]`)
	edit := fmt.Sprintf("chat_id=1001&message_id=%d", id)
	for _, tt := range []struct{ form, want string }{
		{`&text=hello&entities=[{"type":"bold","offset":0,"length":4}]`, "message is not modified"},
		{`&text=hello&entities=[{"type":"bold","offset":0,"length":5}]`, ""},
		{`&text=<b>hello</b>&parse_mode=HTML`, "message is not modified"},
		{`&text=hello`, ""},
		{`&text=hello&reply_markup={"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}`, ""},
		{`&text=hello&reply_markup={"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}`, "message is not modified"},
		{`&text=x&entities=[7]`, "can't parse MessageEntity"},
	} {
		a := ask(t, s, "editMessageText", edit+tt.form)
		if a.OK != (tt.want == "") || !strings.Contains(a.Description, tt.want) {
			t.Errorf("%s: %q, want %q", tt.form, a.Description, tt.want)
		}
	}
	photo := upload(t, s, "sendPhoto", "photo", "a.jpg", picture(t, 9, 9), "chat_id", "1001")
	var m message
	must(t, json.Unmarshal(photo.Result, &m))
	edit = fmt.Sprintf("chat_id=1001&message_id=%d", m.ID)
	if a := ask(t, s, "editMessageCaption", edit+"&caption=图"); !a.OK {
		t.Errorf("a caption: %s", a.Description)
	}
	if a := ask(t, s, "editMessageText", edit+"&text=x"); a.Description != "Bad Request: there is no text in the message to edit" {
		t.Errorf("a photo's text: %q", a.Description)
	}
	if seen := s.Messages(telegram.Place{Chat: customer}); seen[2].Text != "图" {
		t.Errorf("the photo is %+v", seen[2])
	}
}

// TestRefusedConnection checks the words for a webhook where nobody listens.
func TestRefusedConnection(t *testing.T) {
	s := stand(t, off())
	nobody := httptest.NewServer(http.NotFoundHandler())
	nobody.Close()
	ask(t, s, "setWebhook", "url="+nobody.URL)
	got(s.Say(customer, telegram.Place{Chat: customer}, "x")).must(t)
	must(t, s.Wait(t.Context(), func() bool { return s.Webhook(0).LastErrorMessage != "" }))
	a := ask(t, s, "getWebhookInfo", "")
	if !strings.Contains(string(a.Result), `"last_error_message":"Connection refused"`) {
		t.Errorf("getWebhookInfo says %s", a.Result)
	}
}

// TestPopulate checks the world of `make play`.
func TestPopulate(t *testing.T) {
	s := telegram.New(telegram.Config{})
	t.Cleanup(s.Close)
	d := got(s.Populate(telegram.Demo{})).must(t)
	if chats := s.Chats(d.Agents[0].ID); len(chats) != 2 || !chats[1].Forum || chats[1].Title != "客服群" {
		t.Errorf("an agent's chats are %+v", chats)
	}
	if users := s.Users(); len(users) != 3 || users[0].FirstName != "顾客" {
		t.Errorf("people are %+v", users)
	}
	if _, err := s.Populate(telegram.Demo{Token: "nonsense"}); err == nil {
		t.Error("a token of nonsense was taken")
	}
}

// TestActs does by the page's routes what the page does by clicks.
func TestActs(t *testing.T) {
	s := stand(t, off())
	topic := got(s.CreateTopic(agent, forum, "x")).must(t)
	said := got(s.Say(agent, telegram.Place{Chat: forum, Thread: topic}, "你好")).must(t)
	for _, tt := range []struct {
		act  string
		want int
	}{
		{`{"act":"start","user":1003,"bot":4242,"chat":1003,"text":"SN1"}`, 200},
		{`{"act":"start","user":1003,"bot":4242,"chat":1003,"text":"序列号"}`, 400},
		{`{"act":"say","user":1002,"bot":4242,"chat":1002,"text":"x"}`, 400}, // blocked
		{`{"act":"unblock","user":1002,"bot":4242,"chat":1002}`, 200},
		{`{"act":"say","user":1002,"bot":4242,"chat":1002,"text":"x"}`, 200},
		{`{"act":"say","user":9,"bot":4242,"chat":9,"text":"x"}`, 400},
		{`{"act":"open topic","user":2001,"chat":-1000000000500,"text":"y"}`, 200},
		{fmt.Sprintf(`{"act":"pin","user":2001,"chat":-1000000000500,"thread":%d,"message":%d}`, topic, said), 200},
		{fmt.Sprintf(`{"act":"unpin","user":2001,"chat":-1000000000500,"thread":%d,"message":%d}`, topic, said), 200},
		{fmt.Sprintf(`{"act":"close topic","user":2001,"chat":-1000000000500,"thread":%d}`, topic), 200},
		{fmt.Sprintf(`{"act":"reopen topic","user":2001,"chat":-1000000000500,"thread":%d}`, topic), 200},
		{fmt.Sprintf(`{"act":"delete","user":2001,"chat":-1000000000500,"thread":%d,"message":%d}`, topic, said), 200},
		{fmt.Sprintf(`{"act":"delete topic","user":2001,"chat":-1000000000500,"thread":%d}`, topic), 200},
		{`{"act":"dance","user":2001}`, 400},
		{`nonsense`, 400},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/play/act", strings.NewReader(tt.act))
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s: %d %s, want %d", tt.act, w.Code, w.Body, tt.want)
		}
	}
	if topics := s.Topics(forum); len(topics) != 1 || topics[0].Name != "y" {
		t.Errorf("topics are %+v", topics)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/play/act", strings.NewReader(`{}`))
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, r); w.Code != http.StatusForbidden {
		t.Errorf("another site's page could act: %d", w.Code)
	}
}

// TestRename renames a topic as a person does, and checks that it is told.
func TestRename(t *testing.T) {
	s := stand(t, off())
	topic := got(s.CreateTopic(agent, forum, "甲")).must(t)
	must(t, s.RenameTopic(agent, telegram.Place{Chat: forum, Thread: topic}, "乙"))
	seen := s.Messages(telegram.Place{Chat: forum, Thread: topic})
	if last := seen[len(seen)-1]; last.Service != telegram.TopicRenamed || last.Detail != "乙" {
		t.Errorf("the topic ends with %+v", last)
	}
}
