package node

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/internal/standin/telegram"
	"github.com/yingda/yingda/internal/standin/wechat"
	"github.com/yingda/yingda/store"
)

// entrance is one way in for what strangers and hosts send, with bodies to begin from.
type entrance struct {
	name  string
	node  *wired
	ask   func(ctx context.Context, body []byte) (*http.Request, error)
	seeds []string
}

// entrances are all of them that take a body: the hooks, with requests that the hosts sign whatever they hold, and the
// routes for customers and agents who have the right token.
func entrances(t testing.TB) []entrance {
	t.Helper()
	safe, plain := wire(t, wechat.Safe), wire(t, wechat.Plain)
	official := func(w *wired) func(context.Context, []byte) (*http.Request, error) {
		return func(ctx context.Context, body []byte) (*http.Request, error) {
			return w.official.Request(ctx, "o1", body)
		}
	}
	all := []entrance{
		{"telegram", safe, safe.telegramPush, telegramSeeds(t)},
		{"wechat, safe mode", safe, official(safe), hostile()},
		{"wechat, plain mode", plain, official(plain), hostile()},
		{"wechat-kf", safe, safe.corp.Request, []string{"<xml><Event>kf_msg_or_event</Event><Token>t</Token><OpenKfId>wk1</OpenKfId></xml>"}},
		{"ask", safe, safe.posts("/api/v1/ask", jsonType, ""), []string{`{"question":"手续费是多少"}`}},
		{"guide feedback", safe, safe.posts("/api/v1/feedback", jsonType, ""), []string{`{"article":"fee-rate","helpful":true}`}},
		{"conversations", safe, safe.posts("/api/v1/conversations", jsonType, ""), []string{
			`{}`, `{"channel":"web","customer":{"id":"c1","name":"顾客"},"device":{"brand_model":"A920","serial":"12345678","contact":"13800000000"}}`,
		}},
	}
	talk, token, err := safe.node.store.OpenConversation(t.Context(), chat.OpenRequest{Channel: "api"})
	if err != nil {
		t.Fatal(err)
	}
	r, _ := safe.posts("/api/v1/conversations/"+talk.ID+"/messages", jsonType, token)(t.Context(), []byte(`{"client_id":"first","text":"你好"}`))
	safe.handler.ServeHTTP(httptest.NewRecorder(), r)
	said, err := safe.node.store.ListEntries(t.Context(), talk.ID, 0, 2)
	if err != nil || len(said) != 2 {
		t.Fatalf("%d entries, %v", len(said), err)
	}
	for _, route := range []struct {
		path, contentType string
		seeds             []string
	}{
		{"messages", jsonType, []string{`{"client_id":"a","text":"手续费是多少"}`, `{"client_id":"b","text":"转人工"}`, `{"client_id":"c","text":"13800000000"}`}},
		{"attachments", "multipart/form-data; boundary=b", []string{upload(t)}},
		{"feedback", jsonType, []string{`{"message":"` + said[1].ID + `","helpful":false}`}},
		{"handoff", jsonType, []string{`{"client_id":"h"}`}},
	} {
		all = append(all, entrance{route.path, safe, safe.posts("/api/v1/conversations/"+talk.ID+"/"+route.path, route.contentType, token), route.seeds})
	}
	key, err := safe.node.store.(*store.Store).AddKey(t.Context(), "前台", desk.RoleAdmin)
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range []struct{ name, seed string }{
		{"claim", ``}, {"reply", `{"text":"您好","client_id":"r-1"}`}, {"note", `{"text":"已核对"}`}, {"transfer", `{"to":""}`}, {"close", `{"text":"办好了"}`},
	} {
		all = append(all, entrance{"desk " + act.name, safe, func(ctx context.Context, body []byte) (*http.Request, error) {
			number, err := safe.ticket(ctx)
			if err != nil {
				return nil, err
			}
			return safe.posts("/api/v1/desk/tickets/"+number+"/"+act.name, jsonType, key)(ctx, body)
		}, []string{act.seed}})
	}
	return all
}

const jsonType = "application/json"

// posts makes requests of the API's.
func (w *wired) posts(path, contentType, token string) func(ctx context.Context, body []byte) (*http.Request, error) {
	return func(ctx context.Context, body []byte) (*http.Request, error) {
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, path, bytes.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return r, nil
	}
}

func (w *wired) telegramPush(ctx context.Context, body []byte) (*http.Request, error) {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/hooks/telegram/default", bytes.NewReader(body))
	r.Header.Set("X-Telegram-Bot-Api-Secret-Token", pushSecret)
	return r, nil
}

// ticket is the number of one that is open: a new one where all are closed.
func (w *wired) ticket(ctx context.Context) (number string, err error) {
	for range 2 {
		open, err := w.node.store.ListTickets(ctx, desk.Filter{States: []desk.State{desk.StateWaiting, desk.StateHeld}, Limit: 1})
		if err != nil {
			return "", err
		}
		if len(open) > 0 {
			return open[0].Number, nil
		}
		c, token, err := w.node.store.OpenConversation(ctx, chat.OpenRequest{Channel: "api"})
		if err != nil {
			return "", err
		}
		r, err := w.posts("/api/v1/conversations/"+c.ID+"/handoff", jsonType, token)(ctx, []byte(`{"client_id":"h"}`))
		if err != nil {
			return "", err
		}
		w.handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	return "", errors.New("the button for a person opened no ticket")
}

// upload is a form with a picture, whose boundary is b.
func upload(t testing.TB) string {
	t.Helper()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	field := func(rest, value string) string {
		return "--b\r\nContent-Disposition: form-data; name=" + rest + "\r\n\r\n" + value + "\r\n"
	}
	return field("client_id", "p1") + field("file; filename=x.png", picture.String()) + "--b--\r\n"
}

// telegramSeeds are updates to begin from: some that lack much, and every kind of message, of a customer and in a topic.
func telegramSeeds(t testing.TB) (all []string) {
	t.Helper()
	for i, message := range []string{
		`{"message_id":1,"date":1764000000,"chat":{"id":1001,"type":"private"},"from":{"id":1001,"first_name":"顾"},"text":"手续费是多少"}`,
		`{"message_id":2,"date":1764000000,"chat":{"id":1001,"type":"private"},"from":{"id":1001},"voice":{"file_id":"x"},"caption":"a"}`,
		`{"message_id":3,"date":1764000000,"chat":{"id":-1001000000001,"type":"supergroup"},"from":{"id":2001,"first_name":"a"},"text":"/tickets"}`,
		`{"message_id":4,"date":0,"chat":{"id":1001,"type":"private"},"from":{"id":1001},"sticker":{},"entities":[{"type":"mention","offset":-1,"length":99}],"text":"😀"}`,
		`{"message_id":5}`, `null`,
	} {
		all = append(all,
			fmt.Sprintf(`{"update_id":%d,"message":%s}`, i+1, message),
			fmt.Sprintf(`{"update_id":%d,"edited_message":%s}`, i+100, message),
			fmt.Sprintf(`{"update_id":%d,"callback_query":{"id":"1","from":{"id":1001},"message":%s,"data":"x"}}`, i+200, message))
	}
	for i, k := range telegram.Kinds() {
		fields, err := json.Marshal(k.Fields)
		if err != nil {
			t.Fatal(err)
		}
		rest := "," + strings.TrimPrefix(string(fields), "{")
		for _, to := range []string{`{"id":1001,"type":"private"}`, `{"id":-1001000000001,"type":"supergroup"},"message_thread_id":7,"is_topic_message":true`} {
			all = append(all,
				fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":1764000000,"chat":%s,"from":{"id":1001,"first_name":"顾"}%s}`, i+300, i+300, to, rest),
				fmt.Sprintf(`{"update_id":%d,"edited_message":{"message_id":%d,"date":1764000000,"chat":%s,"from":{"id":1001},"caption":"看","caption_entities":[{"type":"text_link","offset":0,"length":1,"url":"http://a"}]%s}`, i+500, i+300, to, rest))
		}
	}
	return all
}

// FuzzPush brings anything, well signed, to every entrance of whole nodes on SQLite: nothing panics, and nobody is told
// that the server failed.
func FuzzPush(f *testing.F) {
	all := entrances(f)
	for i, e := range all {
		for _, seed := range e.seeds {
			f.Add(uint8(i), []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, i uint8, body []byte) {
		e := all[int(i)%len(all)]
		r, err := e.ask(t.Context(), body)
		if err != nil {
			t.Fatalf("%s: %v", e.name, err)
		}
		answer := httptest.NewRecorder()
		e.node.handler.ServeHTTP(answer, r)
		busy := answer.Code == http.StatusServiceUnavailable && answer.Header().Get("Retry-After") != ""
		if answer.Code >= http.StatusInternalServerError && !busy || e.node.panics(t) > 0 {
			t.Fatalf("%s: %d to %q\n%s", e.name, answer.Code, body, e.node.log)
		}
	})
}

// TestSeeds: each entrance lets something through, so that what is fuzzed is not the door alone.
func TestSeeds(t *testing.T) {
	for _, e := range entrances(t) {
		through := false
		for _, seed := range e.seeds {
			r, err := e.ask(t.Context(), []byte(seed))
			if err != nil {
				t.Fatal(err)
			}
			answer := httptest.NewRecorder()
			e.node.handler.ServeHTTP(answer, r)
			through = through || answer.Code < http.StatusBadRequest
		}
		if !through {
			t.Errorf("%s: every seed was refused", e.name)
		}
	}
}
