package node

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// acceptWatch notices that connections cannot be accepted, as when descriptors are used up: net/http goes on trying.
type acceptWatch struct {
	failures prometheus.Counter
	log      *slog.Logger
	now      func() time.Time

	mu     sync.Mutex
	last   time.Time
	logged time.Time
}

// acceptInterval is how often failures are logged, and how long after the last one they are a problem.
const acceptInterval = time.Minute

func newAcceptWatch(r *prometheus.Registry, log *slog.Logger, now func() time.Time) *acceptWatch {
	failures := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "yingda_accept_failures_total", Help: "Connections that could not be accepted, as when descriptors are used up.",
	})
	r.MustRegister(failures)
	return &acceptWatch{failures: failures, log: log, now: now}
}

// failed counts a failure, and tells the log of the first one in a while.
func (w *acceptWatch) failed(err error) {
	w.failures.Inc()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = w.now()
	if w.last.Sub(w.logged) < acceptInterval {
		return
	}
	w.logged = w.last
	fix := "see the error"
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		fix = "descriptors are used up: raise the limit of open files, LimitNOFILE of systemd"
	}
	w.log.ErrorContext(context.Background(), "a connection could not be accepted", "error", err, "fix", fix)
}

// problem is what is wrong with accepting; "" for nothing.
func (w *acceptWatch) problem() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last.IsZero() || w.now().Sub(w.last) >= acceptInterval {
		return ""
	}
	return "connections could not be accepted, a moment ago: descriptors may be used up; raise the limit of open files, the log says more"
}

// watchedListener tells an acceptWatch of failures.
type watchedListener struct {
	net.Listener
	watch *acceptWatch
}

// Accept implements net.Listener.
func (l watchedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil && !errors.Is(err, net.ErrClosed) {
		l.watch.failed(err)
	}
	return c, err
}
