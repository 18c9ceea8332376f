package node

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// pipes is a listener in memory; an error comes before what is accepted next.
type pipes struct {
	conns  chan net.Conn
	errs   chan error
	closed chan struct{}
}

func newPipes() pipes {
	return pipes{make(chan net.Conn), make(chan error, 1), make(chan struct{})}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case err := <-p.errs:
		return nil, err
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error   { close(p.closed); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial connects.
func (p pipes) dial() net.Conn {
	ours, theirs := net.Pipe()
	p.conns <- theirs
	return ours
}

// TestSilentConnectionsDoNotHoldUpAStop: neither does one that is used and idle, while what runs is finished.
func TestSilentConnectionsDoNotHoldUpAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // its clock counts what is waited for, and nothing else
		const work = 400 * time.Millisecond
		s := newServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(work) }), slog.New(slog.DiscardHandler))
		l := newPipes()
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		silent, busy := l.dial(), l.dial()
		defer func() { _ = errors.Join(silent.Close(), busy.Close()) }()
		if _, err := busy.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		answered := make(chan string, 1)
		go func() {
			answer := make([]byte, 64)
			n, _ := busy.Read(answer)
			answered <- string(answer[:n])
			for {
				if _, err := busy.Read(answer); err != nil {
					return
				}
			}
		}()
		begin := time.Now()
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took < work || took > 2*work+silentGrace {
			t.Errorf("the stop took %v", took)
		}
		if got := <-answered; !strings.HasPrefix(got, "HTTP/1.1 200 ") {
			t.Errorf("what ran was answered with %q", got)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}

// TestDescriptorsUsedUp: it is logged once in a while, counted, and a problem until it is over.
func TestDescriptorsUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(logBuffer)
		r := prometheus.NewRegistry()
		watch := newAcceptWatch(r, slog.New(slog.NewTextHandler(log, nil)), time.Now)
		s := newServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
		l := newPipes()
		go func() { _ = s.Serve(watchedListener{l, watch}) }()
		time.Sleep(time.Hour)
		if got := watch.problem(); got != "" {
			t.Errorf("the problem is %q before there is one", got)
		}
		for range 3 {
			l.errs <- &net.OpError{Op: "accept", Err: syscall.EMFILE}
			time.Sleep(2 * time.Second) // net/http waits before it tries again
		}
		if got := watch.problem(); !strings.Contains(got, "descriptors") {
			t.Errorf("the problem is %q", got)
		}
		if got := strings.Count(log.String(), "LimitNOFILE"); got != 1 {
			t.Errorf("it was logged %d times:\n%s", got, log)
		}
		families, err := r.Gather()
		if err != nil || len(families) != 1 || families[0].GetMetric()[0].GetCounter().GetValue() != 3 {
			t.Errorf("counted %v, %v", families, err)
		}
		time.Sleep(acceptInterval)
		if got := watch.problem(); got != "" {
			t.Errorf("the problem is %q after it", got)
		}
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
}
