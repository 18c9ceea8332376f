package chat_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
)

// TestRejections: every refused call is counted and answered; the log has one line a minute for an account and a reason.
func TestRejections(t *testing.T) {
	var log bytes.Buffer
	now, counted := time.Unix(1000, 0), 0
	r := chat.NewRejections(slog.New(slog.NewTextHandler(&log, nil)), func() time.Time { return now }, func(channel string, status int) {
		if channel == "wechat" && status == 403 {
			counted++
		}
	})
	stale, forged := errors.New("stale"), errors.New("forged")
	refuse := func(account string, err error) {
		w := httptest.NewRecorder()
		r.Reject(w, httptest.NewRequestWithContext(t.Context(), "POST", "/", nil), "wechat", account, 403, err)
		if w.Code != 403 {
			t.Errorf("answered %d", w.Code)
		}
	}
	lines := func() int { return strings.Count(log.String(), "\n") }
	for i := range 1000 {
		refuse("a", fmt.Errorf("%w: by %d s", stale, i))
		refuse("a", forged)
		refuse("b", forged)
	}
	if lines() != 3 || counted != 3000 {
		t.Errorf("%d lines, %d counted:\n%s", lines(), counted, &log)
	}
	now = now.Add(time.Minute)
	refuse("a", stale)
	if lines() != 4 || !strings.Contains(log.String(), "besides_since_last=999") {
		t.Errorf("a minute later:\n%s", &log)
	}
	for i := range 5000 { // whatever there are
		refuse("a", fmt.Errorf("reason %d", i))
	}
}
