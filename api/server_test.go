package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/panics"
)

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

func TestProbes(t *testing.T) {
	g := newGuide(t)
	type ready struct {
		Status, Revision string
		Database         string
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
		log  string // says at least this
	}{
		{"error", func() (bot.Outcome, error) { return bot.Outcome{}, errors.New("the index is torn") }, "the index is torn"},
		{"panic", func() (bot.Outcome, error) { panic("我的秘密: the index is torn") }, "server_test.go"}, // its stack
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			g.Bot = tt.step
			w := post(t, routes(g, &log), "/api/v1/ask", `{"question":"我的秘密"}`)
			if p := wantProblem(t, w, http.StatusInternalServerError); strings.Contains(p.Detail, "torn") {
				t.Errorf("the client is told %q", p.Detail)
			}
			if !strings.Contains(log.String(), tt.log) {
				t.Errorf("the log says only %s", &log)
			}
			if strings.Contains(log.String(), "我的秘密") {
				t.Errorf("the question is in the log: %s", &log)
			}
		})
	}
}

// TestLog: a request is logged without what was asked.
// TestHookPanics: a panic in what takes a channel's calls, before the channel recovers itself, is counted as the hook's,
// and the next call is taken.
func TestHookPanics(t *testing.T) {
	counted, calls := map[string]int{}, 0
	s := newSite(t, func(c *api.Config) {
		c.Panics = panics.NewHandler(c.Log, func(door string) { counted[door]++ })
		c.Hook = func(string, string) (http.Handler, bool) {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				if calls++; calls == 1 {
					panic("我的秘密")
				}
			}), true
		}
	})
	for _, want := range []int{http.StatusInternalServerError, http.StatusOK} {
		if w := s.do(t, "", http.MethodPost, "/hooks/telegram/default", ""); w.Code != want {
			t.Errorf("status %d, want %d", w.Code, want)
		}
	}
	if counted["hook"] != 1 || len(counted) != 1 || strings.Contains(s.log.String(), "我的秘密") {
		t.Errorf("counted %v; the log:\n%s", counted, s.log.String())
	}
}

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
