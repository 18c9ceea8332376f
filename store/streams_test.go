package store_test

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

// TestSilentStreamsReadNothing: hundreds of streams in which nothing is said send their heartbeats, and no statement looks
// at a conversation, but for the few that look at all of them.
func TestSilentStreamsReadNothing(t *testing.T) {
	pg := storetest.StartPostgres(t, "fsync = off")
	for name, o := range map[string]store.Options{"sqlite": {Dir: t.TempDir()}, "postgres": {DSN: pg.Database(t)}} {
		t.Run(name, func(t *testing.T) {
			const many, heartbeats = 200, 5
			var statements atomic.Int64
			s := open(t, o.Patient().Traced(func(text string) {
				if strings.Contains(text, "FROM conversations") || strings.Contains(text, "FROM entries") || strings.Contains(text, "FROM tokens") {
					statements.Add(1)
				}
			}))
			server := httptest.NewServer(api.New(api.Config{
				Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(), Conversations: s, Heartbeat: 500 * time.Millisecond,
			}))
			defer server.Close()
			var streams []*bufio.Reader
			for range many {
				streams = append(streams, stream(t, s, server.Listener.Addr()))
			}
			beat := func(times int) {
				for _, r := range streams {
					for n := 0; n < times; {
						line, err := r.ReadString('\n')
						if err != nil {
							t.Fatal(err)
						}
						if line == ":\n" {
							n++
						}
					}
				}
			}
			beat(2) // they have read what they begin with
			before, start := statements.Load(), time.Now()
			beat(heartbeats)
			if n, most := statements.Load()-before, 1+int64(time.Since(start)/(15*time.Second)); n > most {
				t.Errorf("%d statements for %d streams, want at most %d", n, many, most)
			}
		})
	}
}

// stream opens the event stream of a new conversation.
func stream(t *testing.T, s *store.Store, at net.Addr) *bufio.Reader {
	t.Helper()
	c, token, err := s.OpenConversation(t.Context(), chat.OpenRequest{Channel: "widget"})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := new(net.Dialer).DialContext(t.Context(), at.Network(), at.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := fmt.Fprintf(conn, "GET /api/v1/conversations/%s/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", c.ID, token); err != nil {
		t.Fatal(err)
	}
	return bufio.NewReader(conn)
}
