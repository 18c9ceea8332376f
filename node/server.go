package node

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// The server's limits. A question is answered in milliseconds: whoever takes seconds to send or to
// read is broken or hostile. Streams and uploads have limits of their own.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 15 * time.Second
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 16 << 10
)

// server is an http.Server that does not wait, when it stops, for connections that have not sent a byte: browsers open
// them ahead of need, and net/http holds a stop up for five seconds while there is one.
type server struct {
	*http.Server
	mu     sync.Mutex
	silent map[net.Conn]bool
}

func newServer(h http.Handler, log *slog.Logger) *server {
	s := &server{silent: map[net.Conn]bool{}}
	s.Server = &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ConnState:         s.track,
	}
	return s
}

// track notes which connections have sent nothing yet.
func (s *server) track(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateNew {
		s.silent[c] = true
	} else {
		delete(s.silent, c)
	}
}

// silentGrace is how long a connection has, when the server stops, to send its first byte, which may be under way.
const silentGrace = 250 * time.Millisecond

// Shutdown lets running requests finish.
func (s *server) Shutdown(ctx context.Context) error {
	timer := time.AfterFunc(silentGrace, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for c := range s.silent {
			_ = c.Close() // nothing was said on it
		}
	})
	defer timer.Stop()
	return s.Server.Shutdown(ctx)
}
