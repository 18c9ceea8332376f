package panics_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/panics"
)

// TestTry: a panic becomes an error, is counted at its door, and the log has its stack and nothing of what was said.
func TestTry(t *testing.T) {
	var none map[string]int
	for _, tt := range []struct {
		name string
		do   func() error
		want error
		log  string // what it holds; "" for an empty log
	}{
		{"nothing", func() error { return nil }, nil, ""},
		{"an error", func() error { return http.ErrNoCookie }, http.ErrNoCookie, ""},
		{"words", func() error { panic("6222 0000 1111") }, panics.ErrPanic, "type=string"},
		{"an error with words", func() error { panic(errors.New("6222")) }, panics.ErrPanic, "type=*errors.errorString"},
		{"the runtime", func() error { none["6222"] = 1; return nil }, panics.ErrPanic, "assignment to entry in nil map"},
		{"a goroutine of its own", func() error {
			var g panics.Group
			g.Go(func() { panic("6222") })
			g.Go(func() {})
			g.Wait()
			return nil
		}, panics.ErrPanic, "type=string"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log strings.Builder
			counted := map[string]int{}
			h := panics.NewHandler(slog.New(slog.NewTextHandler(&log, nil)), func(door string) { counted[door]++ })
			if err := h.Try(t.Context(), "api", tt.do, "account", "main"); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			got := log.String()
			if tt.log == "" && (got != "" || counted["api"] != 0) {
				t.Errorf("%s, %v", got, counted)
			}
			if tt.log != "" && (!strings.Contains(got, tt.log) || !strings.Contains(got, "panics_test.go") || !strings.Contains(got, "account=main") ||
				strings.Contains(got, "6222") || counted["api"] != 1) {
				t.Errorf("%s, %v", got, counted)
			}
		})
	}
}

// TestAbort: a handler of net/http may drop its connection.
func TestAbort(t *testing.T) {
	defer func() {
		if r := recover(); r != http.ErrAbortHandler { //nolint:errorlint // it is the very one
			t.Errorf("%v", r)
		}
	}()
	panics.NewHandler(nil, nil).Do(t.Context(), "api", func() { panic(http.ErrAbortHandler) })
}

// TestKeep: what goes on for ever is begun again after every panic, until it returns or the program ends.
func TestKeep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, runs := panics.NewHandler(nil, nil), 0
		run := func() error {
			if runs++; runs < 5 {
				panic("no")
			}
			return http.ErrNoCookie
		}
		if err := h.Keep(t.Context(), "guide", run); !errors.Is(err, http.ErrNoCookie) || runs != 5 {
			t.Errorf("%v after %d", err, runs)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := h.Keep(ctx, "guide", func() error { runs++; panic("no") }); err != nil || runs > 5+80 {
			t.Errorf("%v after %d", err, runs)
		}
	})
}
