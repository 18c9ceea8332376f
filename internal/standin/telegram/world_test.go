package telegram_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/internal/standin/telegram"
)

const (
	token     = "4242:practice-secret"
	botID     = int64(4242)
	customer  = int64(1001)
	blocker   = int64(1002) // has started the bot and blocked it
	stranger  = int64(1003) // has never written to it
	agent     = int64(2001)
	forum     = int64(-1_000_000_000_500)
	group     = int64(-700)               // a plain group with the bot as a simple member
	elsewhere = int64(-1_000_000_000_600) // a supergroup that the bot was thrown out of
)

// stand starts a stand-in with one bot, some people, and groups in which the bot may do all, little and nothing.
func stand(t testing.TB, config telegram.Config) *telegram.Server {
	t.Helper()
	s := telegram.New(config)
	t.Cleanup(s.Close)
	furnish(t, s)
	return s
}

// furnish adds what stand promises.
func furnish(t testing.TB, s *telegram.Server) {
	t.Helper()
	s.AddBot(token, "yingda_bot", "应答")
	for id, name := range map[int64]string{customer: "顾客", blocker: "走了的", stranger: "陌生人", agent: "客服"} {
		s.AddUser(telegram.User{ID: id, FirstName: name, Language: "zh-hans"})
	}
	for _, g := range []telegram.Group{
		{ID: forum, Title: "客服群", Supergroup: true, Forum: true, Admins: []int64{agent}},
		{ID: group, Title: "闲聊", Members: []int64{customer, agent}},
		{ID: elsewhere, Title: "别处", Supergroup: true, Members: []int64{agent}},
	} {
		must(t, s.AddGroup(g))
	}
	must(t, s.SetBot(forum, 0, telegram.AllRights()))
	must(t, s.SetBot(group, 0, telegram.Rights{}))
	must(t, s.SetBot(elsewhere, 0, telegram.Rights{}))
	must(t, s.RemoveBot(elsewhere, 0))
	got(s.Start(blocker, 0, "")).must(t)
	must(t, s.Block(blocker, 0, true))
	got(s.Start(customer, 0, "")).must(t)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// result is what a call returned.
type result[T any] struct {
	value T
	err   error
}

func got[T any](value T, err error) result[T] { return result[T]{value, err} }

func (r result[T]) must(t testing.TB) T {
	t.Helper()
	must(t, r.err)
	return r.value
}

// answer is the body of an answer of the Bot API.
type answer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
	retryAfter string // the header
}

// ask calls a method with a form, as in "chat_id=1001&text=hi".
func ask(t testing.TB, s *telegram.Server, method, form string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/bot"+token+"/"+method, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return serve(t, s, r)
}

func serve(t testing.TB, s http.Handler, r *http.Request) answer {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var a answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%s: the answer is no JSON: %v: %.200s", r.URL.Path, err, w.Body)
	}
	if a.OK != (w.Code == http.StatusOK) || !a.OK && a.Code != w.Code {
		t.Errorf("%s: status %d and body %s contradict each other", r.URL.Path, w.Code, w.Body)
	}
	a.retryAfter = w.Header().Get("Retry-After")
	return a
}

// sent calls a method and returns the id of the message that it made.
func sent(t testing.TB, s *telegram.Server, method, form string) int {
	t.Helper()
	a := ask(t, s, method, form)
	var m struct {
		ID     int `json:"message_id"`
		Thread int `json:"message_thread_id"`
	}
	if !a.OK || json.Unmarshal(a.Result, &m) != nil {
		t.Fatalf("%s %s: %d %s", method, form, a.Code, a.Description)
	}
	if method == "createForumTopic" {
		return m.Thread
	}
	return m.ID
}

// upload calls a method with a file.
func upload(t testing.TB, s *telegram.Server, method, field, name string, data []byte, params ...string) answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(params); i += 2 {
		must(t, form.WriteField(params[i], params[i+1]))
	}
	part := got(form.CreateFormFile(field, name)).must(t)
	got(part.Write(data)).must(t)
	must(t, form.Close())
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/bot"+token+"/"+method, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return serve(t, s, r)
}

func picture(t testing.TB, w, h int) []byte {
	t.Helper()
	var out bytes.Buffer
	must(t, jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, w, h)), nil))
	return out.Bytes()
}

// update is what a bot gets.
type update struct {
	ID       int      `json:"update_id"`
	Message  *message `json:"message"`
	Edited   *message `json:"edited_message"`
	Callback *struct {
		ID      string   `json:"id"`
		Data    string   `json:"data"`
		Message *message `json:"message"`
	} `json:"callback_query"`
	Member *struct {
		New struct {
			Status string `json:"status"`
		} `json:"new_chat_member"`
	} `json:"my_chat_member"`
}

type message struct {
	ID       int               `json:"message_id"`
	Text     string            `json:"text"`
	Caption  string            `json:"caption"`
	Album    string            `json:"media_group_id"`
	Thread   int               `json:"message_thread_id"`
	IsTopic  bool              `json:"is_topic_message"`
	Entities []telegram.Entity `json:"entities"`
	ReplyTo  *message          `json:"reply_to_message"`
	Created  *struct {
		Name string `json:"name"`
	} `json:"forum_topic_created"`
	Photo []struct {
		FileID string `json:"file_id"`
		Width  int    `json:"width"`
	} `json:"photo"`
	Joined      []any `json:"new_chat_members"`
	MigrateTo   int64 `json:"migrate_to_chat_id"`
	MigrateFrom int64 `json:"migrate_from_chat_id"`
}

// updates polls once.
func updates(t testing.TB, s *telegram.Server, form string) []update {
	t.Helper()
	a := ask(t, s, "getUpdates", form)
	var list []update
	if !a.OK || json.Unmarshal(a.Result, &list) != nil {
		t.Fatalf("getUpdates %s: %d %s", form, a.Code, a.Description)
	}
	return list
}

// drain confirms all that waits, and returns the offset that comes next.
func drain(t testing.TB, s *telegram.Server) string {
	t.Helper()
	next := 0
	for _, u := range updates(t, s, "") {
		next = u.ID + 1
	}
	offset := "offset=" + strconv.Itoa(next)
	updates(t, s, offset)
	return offset
}

// off has no limits.
func off() telegram.Config { return telegram.Config{Limits: telegram.Limits{Off: true}} }

// clock is one that a test moves.
type clock struct{ at time.Time }

func newClock() *clock { return &clock{time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time { return c.at }
