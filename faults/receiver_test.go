package faults

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/desk/webhook"
)

// receiver is the test channel: a system that is told of tickets, and notes everything.
type receiver struct {
	t      testing.TB
	server *httptest.Server

	mu     sync.Mutex
	events map[string]announcement // by id
	times  int                     // requests, repeats included
	order  map[string][]desk.Event // by ticket's number, repeats left out
}

type announcement struct {
	ID     string
	Event  desk.Event
	Ticket desk.Ticket
}

const secret = "a secret of the harness, long enough"

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	r := &receiver{t: t, events: map[string]announcement{}, order: map[string][]desk.Event{}}
	r.server = httptest.NewServer(r)
	t.Cleanup(r.server.Close)
	return r
}

// flags are the settings of a server that tells it.
func (r *receiver) flags() []string {
	return []string{"-webhook", r.server.URL, "-webhook-secret", secret}
}

// ServeHTTP takes an announcement.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err == nil {
		err = webhook.Verify([]byte(secret), req.Header, body, time.Now())
	}
	var a announcement
	if err == nil {
		err = json.Unmarshal(body, &a)
	}
	if err != nil {
		r.t.Errorf("the webhook was told nonsense: %v", err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.times++
	if _, repeat := r.events[a.ID]; !repeat {
		r.events[a.ID] = a
		r.order[a.Ticket.Number] = append(r.order[a.Ticket.Number], a.Event)
	}
}

// of are the events of the ticket of that number, in the order in which they came.
func (r *receiver) of(ticket string) []desk.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.order[ticket]
}

// opened is how many tickets were announced.
func (r *receiver) opened() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.order)
}
