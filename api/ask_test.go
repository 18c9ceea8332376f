package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/chat"
)

func TestAsk(t *testing.T) {
	h := routes(newGuide(t), io.Discard)
	for _, tt := range []struct {
		in       string
		decision chat.Decision
		article  string // the first one; "" whatever it is
		text     string // part of the answer
	}{
		{"刷卡手续费是多少", chat.Answer, "fee-rate", "以您的合同为准"},
		{"刷一万扣多少钱", chat.Answer, "fee-rate", "以您的合同为准"},
		{"刷卡的錢沒到賬怎麼辦", chat.Answer, "fee-late", "这类情况需要人工处理"},
		{"打印機不出紙怎麼辦？？？", chat.Answer, "printer", "热敏纸"},
		{"报05", chat.Answer, "txn-response-code", "提示05，意思是"},
		{"错误码Z9", chat.Answer, "txn-response-code", "“Z9”不在我的资料里"},
		{"转人工", chat.Escalate, "", "转人工"},
		{"你好", chat.Greet, "", "我是应答"},
		{"谢谢", chat.Greet, "", "不客气"},
		{"再见", chat.Greet, "", "再见"},
		{"qwfpgj", chat.Decline, "", "不在我的资料里"},
		{"？？？", chat.Greet, "", "我是应答"},
		{`\u0000`, chat.Decline, "", ""}, // six characters, no NUL
		{strings.Repeat("打印机不出纸", 1000), chat.Answer, "printer", ""},
	} {
		t.Run(cut(tt.in), func(t *testing.T) {
			t.Parallel()
			question, err := json.Marshal(map[string]string{"question": tt.in})
			if err != nil {
				t.Fatal(err)
			}
			w := post(t, h, "/api/v1/ask", string(question))
			wantSecure(t, w)
			r := decode[chat.Reply](t, w)
			if r.Decision != tt.decision || !strings.Contains(r.Text, tt.text) {
				t.Errorf("got %s %q, want %s with %q", r.Decision, r.Text, tt.decision, tt.text)
			}
			if tt.article != "" && (len(r.Articles) == 0 || r.Articles[0].ID != tt.article) {
				t.Errorf("articles %v, want %s first", r.Articles, tt.article)
			}
			wantSound(t, r)
		})
	}
}

// wantSound checks what holds for every reply.
func wantSound(t testing.TB, r chat.Reply) {
	t.Helper()
	switch {
	case r.Text == "":
		t.Error("nothing was said")
	case r.Confidence < 0 || r.Confidence > 1:
		t.Errorf("confidence %v is no probability", r.Confidence)
	case r.Articles == nil || r.Options == nil:
		t.Error("a list is null, want []")
	case len(r.Articles) > 5:
		t.Errorf("%d articles, want at most 5", len(r.Articles))
	case (r.Decision == chat.Decline || r.Decision == chat.Clarify) && (len(r.Options) == 0 || r.Options[len(r.Options)-1].ID != "human"):
		t.Errorf("options %v do not end with a person", r.Options)
	}
}

func TestAskRefuses(t *testing.T) {
	h := routes(newGuide(t), io.Discard)
	const kind = echo.MIMEApplicationJSON
	for _, tt := range []struct {
		name, kind, in string
		want           int
	}{
		{"nothing", kind, ``, 400},
		{"empty", kind, `{"question":""}`, 400},
		{"blank-looking", kind, `{"question":"\u2800\u3164\uffa0\u200b\ufe0f"}`, 400},
		{"blank", kind, `{"question":" \t\n\u3000"}`, 400},
		{"no field", kind, `{}`, 400},
		{"null", kind, `null`, 400},
		{"null question", kind, `{"question":null}`, 400},
		{"array", kind, `[{"question":"你好"}]`, 400},
		{"text", kind, `"你好"`, 400},
		{"number", kind, `{"question":51}`, 400},
		{"list", kind, `{"question":["你好"]}`, 400},
		{"upper case", kind, `{"QUESTION":"你好"}`, 400},
		{"unknown field", kind, `{"question":"你好","role":"admin"}`, 400},
		{"trailing garbage", kind, `{"question":"你好"} x`, 400},
		{"two objects", kind, `{"question":"你好"}{"question":"你好"}`, 400},
		{"cut off", kind, `{"question":"你`, 400},
		{"deep", kind, strings.Repeat(`[`, 60_000), 400},
		{"invalid UTF-8", kind, "{\"question\":\"\xff\xfe\"}", 400},
		{"GBK", kind, "{\"question\":\"\xc4\xe3\xba\xc3\"}", 400},
		{"NUL", kind, "{\"question\":\"a\x00b\"}", 400},
		{"escaped NUL", kind, `{"question":"a\u0000b"}`, 400},
		{"NUL in a name", kind, `{"question\u0000":"a"}`, 400},
		{"64 KB", kind, `{"question":"` + strings.Repeat("a", 64<<10) + `"}`, 413},
		{"1 MB", kind, `{"question":"` + strings.Repeat("a", 1<<20) + `"}`, 413},
		{"no content type", "", `{"question":"你好"}`, 415},
		{"form", echo.MIMEApplicationForm, `question=你好`, 415},
		{"plain text", "text/plain", `{"question":"你好"}`, 415},
		{"almost JSON", "application/jsonp", `{"question":"你好"}`, 415},
		{"broken content type", "application/json; charset", `{"question":"你好"}`, 415},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wantProblem(t, call(t, h, http.MethodPost, "/api/v1/ask", tt.kind, tt.in), tt.want)
		})
	}
	t.Run("charset is fine", func(t *testing.T) {
		w := call(t, h, http.MethodPost, "/api/v1/ask", "application/json; charset=utf-8", `{"question":"你好"}`)
		decode[chat.Reply](t, w)
	})
}

// TestAskLargeBody sends 1 MB over a real connection: the client must get to read the refusal.
func TestAskLargeBody(t *testing.T) {
	s := httptest.NewServer(routes(newGuide(t), io.Discard))
	t.Cleanup(s.Close)
	body := strings.NewReader(`{"question":"` + strings.Repeat("跳", 1<<20/3) + `"}`)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/v1/ask", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d, want 413", resp.StatusCode)
	}
}

func TestFeedback(t *testing.T) {
	h := routes(newGuide(t), io.Discard)
	for _, tt := range []struct {
		in   string
		want int
	}{
		{`{"article":"fee-rate","helpful":true}`, 204},
		{`{"article":"fee-rate","helpful":false}`, 204},
		{`{"article":"no-such","helpful":true}`, 404},
		{`{"article":"","helpful":true}`, 404},
		{`{"article":"fee-rate"}`, 400},
		{`{"helpful":true}`, 400},
		{`{"article":"fee-rate","helpful":"yes"}`, 400},
		{`{"article":"fee-rate","helpful":null}`, 400},
		{`{"article":"fee-rate","helpful":true,"who":"me"}`, 400},
	} {
		t.Run(tt.in, func(t *testing.T) {
			w := post(t, h, "/api/v1/feedback", tt.in)
			if tt.want != http.StatusNoContent {
				wantProblem(t, w, tt.want)
			} else if w.Code != tt.want || w.Body.Len() > 0 {
				t.Errorf("status %d with %q, want %d with nothing", w.Code, w.Body, tt.want)
			}
			wantSecure(t, w)
		})
	}
}

// FuzzAsk sends the bytes as a body and, where they are text, as a question.
func FuzzAsk(f *testing.F) {
	for _, in := range []string{
		``, `null`, `[]`, `{}`, `{"question":"报05"}`, `{"question":"a\u0000"}`, `{"question":"\ud800"}`, `{"QUESTION":"a"}`,
		`{"question":{"question":1}}`, `{"question":"a"}{}`, "\xff\xfe\x00", "zhuan rengong", "刷一万扣多少钱", "错误码9９", "💳\u202e\u0301",
	} {
		f.Add([]byte(in))
	}
	h := routes(newGuide(f), io.Discard)
	f.Fuzz(func(t *testing.T, in []byte) {
		question, err := json.Marshal(map[string]string{"question": string(in)})
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range []string{string(in), string(question)} {
			w := post(t, h, "/api/v1/ask", body)
			switch w.Code {
			case http.StatusOK:
				wantSound(t, decode[chat.Reply](t, w))
			case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
				wantProblem(t, w, w.Code)
			default:
				t.Errorf("status %d: %s", w.Code, w.Body)
			}
		}
	})
}
