package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
)

// newGuide is the guide in testdata with its real index and bot.
func newGuide(t testing.TB) api.Guide {
	t.Helper()
	lib, faults, err := kb.Load(os.DirFS("testdata/guide"), nil, nil)
	if err := errors.Join(err, faults.Err()); err != nil {
		t.Fatal(err)
	}
	ix, err := search.New(lib, search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ix.Close(); err != nil {
			t.Error(err)
		}
	})
	return api.Guide{Library: lib, Searcher: ix, Bot: bot.New(lib, ix, bot.DefaultPolicy(), time.Now)}
}

// routes serves a guide; problems are what keeps a newer one from being served.
func routes(g api.Guide, log io.Writer, problems ...string) http.Handler {
	return api.New(api.Config{
		Guide:    func() api.Guide { return g },
		Problems: func() []string { return problems },
		Log:      slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Registry: prometheus.NewRegistry(),
	})
}

// call makes a request; kind is its content type, "" for none.
func call(t testing.TB, h http.Handler, method, path, kind, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func get(t testing.TB, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	return call(t, h, http.MethodGet, path, "", "")
}

func post(t testing.TB, h http.Handler, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	return call(t, h, http.MethodPost, path, echo.MIMEApplicationJSON, body)
}

// decode reads a JSON answer that has the fields of T and no others.
func decode[T any](t testing.TB, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	d := json.NewDecoder(w.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// problem is RFC 9457's JSON, as promised to clients.
type problem struct {
	Type, Title, Detail string
	Status              int
}

// wantProblem checks that w is an error in the one form that all errors have.
func wantProblem(t testing.TB, w *httptest.ResponseRecorder, status int) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("status %d: %v in %q", w.Code, err, w.Body)
	}
	if kind := w.Header().Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("content type %q, want application/problem+json", kind)
	}
	if w.Code != status || p.Status != status {
		t.Errorf("status %d, in the body %d, want %d: %s", w.Code, p.Status, status, p.Detail)
	}
	if p.Type != "about:blank" || p.Title != http.StatusText(status) {
		t.Errorf("type %q and title %q, want about:blank and %q", p.Type, p.Title, http.StatusText(status))
	}
	if !strings.ContainsFunc(p.Detail, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		t.Errorf("detail %q is not Chinese", p.Detail)
	}
	wantSecure(t, w)
	return p
}

func wantSecure(t testing.TB, w *httptest.ResponseRecorder) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Content-Type-Options":  "nosniff",
		"Referrer-Policy":         "no-referrer",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		"Cache-Control":           "no-store",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

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
		{"？？？", chat.Decline, "", ""},
		{"\u200b", chat.Decline, "", "没看到文字"},
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

func cut(s string) string { return string([]rune(s)[:min(20, len([]rune(s)))]) }

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

func TestWrongRoutes(t *testing.T) {
	h := routes(newGuide(t), io.Discard)
	for _, tt := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/api/v1/ask", 405},
		{http.MethodDelete, "/api/v1/articles/fee-rate", 405},
		{http.MethodPost, "/api/v1/search", 405},
		{http.MethodPut, "/healthz", 405},
		{"BREW", "/api/v1/ask", 405},
		{http.MethodGet, "/api/v1", 404},
		{http.MethodGet, "/api/v2/ask", 404},
		{http.MethodGet, "/nowhere", 404},
		{http.MethodGet, "/api/v1/articles/no-such", 404},
		{http.MethodGet, "/api/v1/articles/..%2F..%2Fetc%2Fpasswd", 404},
		{http.MethodGet, "/api/v1/articles/fee-rate/asks", 404},
		{http.MethodGet, "/api/v1/search?q=费&limit=0", 400},
		{http.MethodGet, "/api/v1/search?q=费&limit=51", 400},
		{http.MethodGet, "/api/v1/search?q=费&limit=-1", 400},
		{http.MethodGet, "/api/v1/search?q=费&limit=8.5", 400},
		{http.MethodGet, "/api/v1/search?q=费&limit=99999999999999999999", 400},
		{http.MethodGet, "/api/v1/search?q=%ff", 400},
		{http.MethodGet, "/api/v1/search?q=%00", 400},
	} {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			wantProblem(t, call(t, h, tt.method, tt.path, "", ""), tt.want)
		})
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

// summary is an article in a list, as promised to clients.
type summary struct{ ID, Title, Category, Lead, Reviewed string }

func TestArticles(t *testing.T) {
	h := routes(newGuide(t), io.Discard)
	got := decode[struct {
		Revision   string
		Categories []struct{ ID, Name string }
		Articles   []summary
	}](t, get(t, h, "/api/v1/articles"))
	if got.Revision == "" || len(got.Categories) != 2 || got.Categories[0].Name != "费用" {
		t.Errorf("revision %q, categories %v", got.Revision, got.Categories)
	}
	var ids []string
	for _, a := range got.Articles {
		ids = append(ids, a.ID)
	}
	if list, want := strings.Join(ids, " "), "fee-late fee-rate printer txn-response-code"; list != want {
		t.Errorf("articles %s, want %s", list, want)
	}
	want := summary{"fee-rate", "刷卡手续费是多少", "fees", "费率以您的合同为准，常见报价约0.6%。", "2026-11-23"}
	if len(got.Articles) > 1 && got.Articles[1] != want {
		t.Errorf("got %v, want %v", got.Articles[1], want)
	}
}

func TestArticle(t *testing.T) {
	h := routes(newGuide(t), io.Discard)
	got := decode[struct {
		summary
		Asks             []string
		Body, Escalate   string
		Related          []struct{ ID, Title string }
		Collect, Sources []string
		From             string `json:"valid_from"`
		Until            string `json:"valid_until"`
	}](t, get(t, h, "/api/v1/articles/fee-late"))
	switch {
	case got.ID != "fee-late", got.Escalate != "always", len(got.Asks) != 5:
		t.Errorf("got %+v", got)
	case !strings.HasPrefix(got.Body, "先看结算周期"):
		t.Errorf("body %q", got.Body)
	case len(got.Related) != 1 || got.Related[0].Title != "刷卡手续费是多少":
		t.Errorf("related %v", got.Related)
	case strings.Join(got.Collect, " ") != "merchant_no occurred_at amount":
		t.Errorf("collect %v", got.Collect)
	}
}

// results are what the look-up gets.
type results struct {
	Query    string
	Articles []struct {
		ID, Title, Category, Lead string
		CategoryName              string `json:"category_name"`
		Score                     float64
	}
	Codes []struct{ Code, Title, Owner, Retry, Text string }
}

func TestSearch(t *testing.T) {
	h := routes(newGuide(t), io.Discard)
	for _, tt := range []struct {
		in      string
		article string // the first one; "" for none
		codes   string
	}{
		{"q=手续费", "fee-rate", ""},
		{"q=手续费&limit=1", "fee-rate", ""},
		{"q=手续费&limit=50", "fee-rate", ""},
		{"q=0", "", "05"},
		{"q=５", "", "51"},
		{"q=报05", "txn-response-code", "05"},
		{"q=承兑", "", "05"},
		{"q=", "", ""},
		{"", "", ""},
		{"q=%E3%80%80", "", ""},
		{"q=%E2%80%8B", "", ""}, // a zero-width space
	} {
		t.Run(tt.in, func(t *testing.T) {
			got := decode[results](t, get(t, h, "/api/v1/search?"+tt.in))
			if tt.article != "" && (len(got.Articles) == 0 || got.Articles[0].ID != tt.article) {
				t.Errorf("articles %v, want %s first", got.Articles, tt.article)
			}
			if strings.HasSuffix(tt.in, "limit=1") && len(got.Articles) != 1 {
				t.Errorf("%d articles, want 1", len(got.Articles))
			}
			var codes []string
			for _, c := range got.Codes {
				codes = append(codes, c.Code)
			}
			if list := strings.Join(codes, " "); list != tt.codes {
				t.Errorf("codes %q, want %q", list, tt.codes)
			}
			if got.Articles == nil || got.Codes == nil {
				t.Error("a list is null, want []")
			}
		})
	}
}

func TestProbes(t *testing.T) {
	g := newGuide(t)
	type ready struct {
		Status, Revision string
		Articles         int
		Problems         []string
	}
	for _, tt := range []struct {
		problems []string
		want     string
	}{
		{nil, "ok"},
		{[]string{"guide/fees/fee-rate.md:3: error: no title"}, "degraded"},
	} {
		t.Run(tt.want, func(t *testing.T) {
			h := routes(g, io.Discard, tt.problems...)
			got := decode[ready](t, get(t, h, "/readyz"))
			if got.Status != tt.want || got.Articles != 4 || got.Revision != g.Library.Revision {
				t.Errorf("got %+v, want status %s with 4 articles", got, tt.want)
			}
			if got.Problems == nil || strings.Join(got.Problems, "\n") != strings.Join(tt.problems, "\n") {
				t.Errorf("problems %q, want %q", got.Problems, tt.problems)
			}
			if live := decode[map[string]string](t, get(t, h, "/healthz")); live["status"] != "ok" {
				t.Errorf("healthz says %v", live)
			}
		})
	}
}

func TestMetrics(t *testing.T) {
	h := routes(newGuide(t), io.Discard)
	post(t, h, "/api/v1/ask", `{"question":"刷卡手续费是多少"}`)
	post(t, h, "/api/v1/ask", `{"question":"打印机不出纸怎么办"}`)
	post(t, h, "/api/v1/ask", `{"question":"转人工"}`)
	post(t, h, "/api/v1/ask", `{"question":""}`)
	post(t, h, "/api/v1/feedback", `{"article":"fee-rate","helpful":false}`)
	get(t, h, "/a-strangers-path")
	call(t, h, "BREW", "/api/v1/ask", "", "")
	text := get(t, h, "/metrics").Body.String()
	for _, want := range []string{
		`yingda_decisions_total{decision="answer"} 2`,
		`yingda_decisions_total{decision="escalate"} 1`,
		`yingda_feedback_total{article="fee-rate",helpful="no"} 1`,
		`yingda_http_requests_total{method="POST",route="/api/v1/ask",status="200"} 3`,
		`yingda_http_requests_total{method="POST",route="/api/v1/ask",status="400"} 1`,
		`yingda_http_requests_total{method="GET",route="none",status="404"} 1`,
		`yingda_http_requests_total{method="other",route="/api/v1/ask",status="405"} 1`,
		`yingda_http_request_seconds_count{route="/api/v1/ask"} 5`,
		"go_goroutines",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, leak := range []string{"a-strangers-path", "BREW", "手续费"} {
		if strings.Contains(text, leak) {
			t.Errorf("%q became a label", leak)
		}
	}
}

// stepper makes a func a Stepper.
type stepper func() (bot.Outcome, error)

func (f stepper) Step(context.Context, *bot.Session, chat.Message) (bot.Outcome, error) { return f() }

// TestFailures: what breaks inside goes to the log, whole, and the client learns only that it broke.
func TestFailures(t *testing.T) {
	g := newGuide(t)
	for _, tt := range []struct {
		name string
		step stepper
	}{
		{"error", func() (bot.Outcome, error) { return bot.Outcome{}, errors.New("the index is torn") }},
		{"panic", func() (bot.Outcome, error) { panic("the index is torn") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			g.Bot = tt.step
			w := post(t, routes(g, &log), "/api/v1/ask", `{"question":"我的秘密"}`)
			if p := wantProblem(t, w, http.StatusInternalServerError); strings.Contains(p.Detail, "torn") {
				t.Errorf("the client is told %q", p.Detail)
			}
			if !strings.Contains(log.String(), "the index is torn") {
				t.Errorf("the log says only %s", &log)
			}
			if strings.Contains(log.String(), "我的秘密") {
				t.Errorf("the question is in the log: %s", &log)
			}
		})
	}
}

// TestLog: a request is logged without what was asked.
func TestLog(t *testing.T) {
	var log bytes.Buffer
	h := routes(newGuide(t), &log)
	post(t, h, "/api/v1/ask", `{"question":"刷卡手续费是多少"}`)
	get(t, h, "/api/v1/search?q=6222000000000000")
	if text := log.String(); !strings.Contains(text, "route=/api/v1/ask") || !strings.Contains(text, "status=200") {
		t.Errorf("the log says only %s", text)
	}
	for _, leak := range []string{"手续费", "6222"} {
		if strings.Contains(log.String(), leak) {
			t.Errorf("%q is in the log: %s", leak, &log)
		}
	}
}

func TestOpenAPIIsServed(t *testing.T) {
	w := get(t, routes(newGuide(t), io.Discard), "/openapi.json")
	if !json.Valid(w.Body.Bytes()) || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%s that is no JSON: %.80s", w.Header().Get("Content-Type"), w.Body)
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
