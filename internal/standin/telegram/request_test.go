package telegram_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/yingda/yingda/internal/standin/telegram"
)

// TestBodies sends the same call in each way that the Bot API takes.
func TestBodies(t *testing.T) {
	s := stand(t, off())
	const boundary = "b0und"
	for _, tt := range []struct{ name, query, kind, body string }{
		{"query", "?chat_id=1001&text=%E4%BD%A0%E5%A5%BD", "", ""},
		{"form", "", "application/x-www-form-urlencoded", "chat_id=1001&text=%E4%BD%A0%E5%A5%BD"},
		{"JSON", "", "application/json; charset=utf-8", `{"chat_id":1001,"text":"\u4f60好"}`},
		{"JSON of strings", "", "application/json", `{"chat_id":"1001","text":"你好"}`},
		{"query before body", "?text=%E4%BD%A0%E5%A5%BD", "application/json", `{"text":"no","chat_id":1001}`},
		{"multipart", "", `multipart/form-data; boundary="` + boundary + `"`, strings.ReplaceAll("--B\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n1001\r\n--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n你好\r\n--B--\r\n", "B", boundary)},
		{"broken JSON counts as far as it goes", "", "application/json", `{"chat_id":1001,"text":"你好","reply_markup":`},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/bot"+token+"/SENDmessage"+tt.query, strings.NewReader(tt.body))
		r.Header.Set("Content-Type", tt.kind)
		var m message
		if a := serve(t, s, r); !a.OK || json.Unmarshal(a.Result, &m) != nil || m.Text != "你好" {
			t.Errorf("%s: %s %s", tt.name, a.Result, a.Description)
		}
	}
	for _, tt := range []struct {
		name, kind, body string
		code             int
	}{
		{"a type that nobody knows", "text/plain", "chat_id=1001&text=hi", 400},
		{"no boundary", "multipart/form-data", "", 400},
		{"a megabyte", "application/json", `{"text":"` + strings.Repeat("x", 1<<20) + `"}`, 413},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/bot"+token+"/sendMessage", strings.NewReader(tt.body))
		r.Header.Set("Content-Type", tt.kind)
		if a := serve(t, s, r); a.Code != tt.code {
			t.Errorf("%s: %d %s, want %d", tt.name, a.Code, a.Description, tt.code)
		}
	}
}

func TestPaths(t *testing.T) {
	s := stand(t, off())
	for _, tt := range []struct{ path, want string }{
		{"/bot4242:practice-secret/getMe", ""},
		{"/bot4242:practice-secret/?method=getMe", ""},
		{"/bot4242:practice-secret", "Not Found"},
		{"/bot4242:practice-secret/", "Not Found: method not found"},
		{"/bot4242:wrong/getMe", "Unauthorized"},
		{"/bot4242/getMe", "Unauthorized: invalid token specified"},
		{"/bot0123:x/getMe", "Unauthorized: invalid token specified"},
		{"/botx:y/getMe", "Unauthorized: invalid token specified"},
		{"/elsewhere", "Not Found"},
		{"/file/bot4242:wrong/photos/file_1.jpg", "Unauthorized"},
		{"/file/bot4242:practice-secret/photos/file_1.jpg", "Not Found"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, tt.path, http.NoBody)
		if a := serve(t, s, r); a.Description != tt.want {
			t.Errorf("%s: %q, want %q", tt.path, a.Description, tt.want)
		}
	}
}

// FuzzRequest sends any body of any type to any method: it is always answered, in JSON, and never panics.
func FuzzRequest(f *testing.F) {
	f.Add("sendMessage", "application/json", []byte(`{"chat_id":1001,"text":"<b>x</b>","parse_mode":"HTML","reply_markup":{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}}`))
	f.Add("sendPhoto", "multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n\r\nGIF89a\r\n--b--\r\n"))
	f.Add("setMyCommands", "application/x-www-form-urlencoded", []byte(`commands=[{"command":"a","description":"b"}]&scope={"type":"chat","chat_id":-1000000000500}`))
	f.Add("getUpdates", "application/json", []byte(`{"offset":-1,"limit":1000,"allowed_updates":["message"]}`))
	f.Add("copyMessage", "application/json", []byte(`{"chat_id":-1000000000500,"from_chat_id":1001,"message_id":102,"message_thread_id":2}`))
	f.Add("editForumTopic", "application/x-www-form-urlencoded", []byte("chat_id=-1000000000500&message_thread_id=2&name=x"))
	s, n := stand(f, off()), 0
	f.Fuzz(func(t *testing.T, method, kind string, body []byte) {
		if n++; n%500 == 0 { // what was sent would pile up
			s.Close()
			s = telegram.New(off())
			furnish(t, s)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(string(body)))
		r.URL.Path = "/bot" + token + "/" + method
		r.Header.Set("Content-Type", kind)
		if strings.Contains(string(body), "timeout") || strings.Contains(strings.ToLower(method+string(body)), "webhook") {
			t.Skip("it may wait, or call somebody")
		}
		serve(t, s, r)
	})
}
