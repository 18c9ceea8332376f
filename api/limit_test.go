package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/desk"
)

// wantLimit does something that a limit of three allows three times, and then not.
func wantLimit(t *testing.T, do func(i int) *httptest.ResponseRecorder) {
	t.Helper()
	for i := range 3 {
		if w := do(i); w.Code == http.StatusTooManyRequests {
			t.Fatalf("refused after %d", i)
		}
	}
	w := do(3)
	wantProblem(t, w, http.StatusTooManyRequests)
	if wait, err := strconv.Atoi(w.Header().Get("Retry-After")); err != nil || wait < 1 || wait > 60 {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
}

func TestLimits(t *testing.T) {
	s := newSite(t, func(c *api.Config) { c.Limits = api.Limits{Messages: 3, Conversations: 5, BadKeys: 3} })
	c, other := s.open(t, `{}`), s.open(t, `{}`)
	t.Run("messages", func(t *testing.T) {
		wantLimit(t, func(i int) *httptest.ResponseRecorder {
			return c.do(t, http.MethodPost, "/messages", fmt.Sprintf(`{"client_id":"%d","text":"你好"}`, i))
		})
		for path, body := range map[string]string{"/handoff": "", "/feedback": `{"message":"x","helpful":true}`} {
			wantProblem(t, c.do(t, http.MethodPost, path, body), http.StatusTooManyRequests)
		}
		wantProblem(t, c.post(t, form{id: "p", picture: pixels(t, 8, 8)}), http.StatusTooManyRequests)
		other.say(t, "1", "你好") // another one's limit is its own
		if len(c.messages(t, "")) != 6 {
			t.Error("what was refused was kept")
		}
	})
	t.Run("conversations", func(t *testing.T) { // two are open
		wantLimit(t, func(int) *httptest.ResponseRecorder {
			return s.do(t, "", http.MethodPost, "/api/v1/conversations", `{}`)
		})
	})
	t.Run("keys", func(t *testing.T) {
		for range 20 { // a foreign page's pictures show none
			wantProblem(t, s.do(t, "", http.MethodGet, "/api/v1/desk/tickets", ""), http.StatusUnauthorized)
		}
		wantLimit(t, func(i int) *httptest.ResponseRecorder {
			return s.do(t, fmt.Sprint("yd_", i), http.MethodGet, "/api/v1/desk/tickets", "")
		})
		if w := s.do(t, s.keys[desk.RoleAdmin], http.MethodGet, "/api/v1/desk/tickets", ""); w.Code != http.StatusOK {
			t.Errorf("a right key from where wrong ones came: status %d", w.Code)
		}
	})
}

// TestForgedAddress: nobody escapes a limit by a header that names another address.
func TestForgedAddress(t *testing.T) {
	s := newSite(t, func(c *api.Config) { c.Limits.Conversations = 3 })
	wantLimit(t, func(i int) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/conversations", strings.NewReader(`{}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Forwarded-For", fmt.Sprint("203.0.113.", i))
		r.Header.Set("X-Real-IP", fmt.Sprint("203.0.113.", i))
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	})
}

// TestSiteMetrics: what an operator must see of conversations is counted.
func TestSiteMetrics(t *testing.T) {
	s := newSite(t)
	c, _ := s.escalated(t, `{}`)
	fresh := s.open(t, `{}`)
	fresh.say(t, "1", "刷卡手续费是多少")
	fresh.do(t, http.MethodPost, "/messages", `{"client_id":"1","text":"刷卡手续费是多少"}`)
	fresh.say(t, "2", "卡号6222021234567890128")
	text := s.do(t, "", http.MethodGet, "/metrics", "").Body.String()
	for _, want := range []string{
		`yingda_turns_total{channel="api",outcome="new"} 3`,
		`yingda_turns_total{channel="api",outcome="repeat"} 1`,
		`yingda_decisions_total{decision="answer"} 1`,
		`yingda_escalations_total{reason="asked"} 1`,
		`yingda_masked_total{kind="card"} 1`,
		`yingda_turn_seconds_count 3`,
		`yingda_commit_seconds_count`,
		`yingda_commit_writes_total`,
		`yingda_outbox_sendings{state="queued"} 1`,
		`yingda_outbox_oldest_seconds{state="queued"} 36`, // an hour and a little
		`yingda_tickets_waiting{urgency="urgent"} 0`,
		`yingda_tickets_oldest_seconds{urgency="urgent"} 0`,
		`yingda_streams 0`,
		`route="/api/v1/conversations/:id/messages"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	for line := range strings.Lines(text) {
		series := line[:strings.LastIndexByte(line, ' ')+1] // a value may hold any digits by chance
		for _, leak := range []string{c.ID, c.Token, "手续费", "6222"} {
			if strings.Contains(series, leak) {
				t.Errorf("%q became a label: %s", leak, series)
			}
		}
	}
}
