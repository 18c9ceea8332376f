package api_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/media"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
)

// site is the whole server over a real database in a folder of the test, and its agents' keys.
type site struct {
	http.Handler
	store *store.Store
	keys  map[desk.Role]string
	log   *logs     // debug lines
	doc   document  // what every answer is compared with
	seen  *sync.Map // the answers so far: "GET /healthz 200"
}

// newSite makes a site; each change may alter its settings.
func newSite(t testing.TB, changes ...func(*api.Config)) *site {
	t.Helper()
	s := &site{keys: map[desk.Role]string{}, log: new(logs), seen: new(sync.Map)}
	registry := prometheus.NewRegistry()
	var err error
	s.store, err = store.Open(t.Context(), store.Options{Dir: t.TempDir(), Committed: api.ObserveCommits(registry)})
	must(t, err)
	t.Cleanup(func() { must(t, s.store.Close()) })
	for _, role := range desk.Roles() {
		s.keys[role], err = s.store.AddKey(t.Context(), "the "+string(role), role)
		must(t, err)
	}
	c := s.config(t, registry)
	for _, change := range changes {
		change(&c)
	}
	s.Handler = api.New(c)
	s.doc = describe(t, s)
	return s
}

// config wires the real parts together.
func (s *site) config(t testing.TB, registry *prometheus.Registry) api.Config {
	t.Helper()
	g := newGuide(t)
	prover := desk.NewProver(s.store, s.store, time.Now)
	withDesk := g.Bot.(*bot.Bot).WithHandover(bot.Handover{Hours: always{}, Number: bot.Numbers(time.Now, rand.Reader), Prover: prover})
	g.Bot = withDesk
	sealer, err := privacy.NewSealer(make([]byte, 32))
	must(t, err)
	pictures, err := media.New(t.TempDir(), nil)
	must(t, err)
	masker := privacy.NewMasker()
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return api.Config{
		Guide:         func() api.Guide { return g },
		Problems:      func() []string { return nil },
		Log:           log,
		Registry:      registry,
		Conversations: s.store,
		Inbox: bot.NewInbox(bot.InboxConfig{
			Store: s.store, Bot: func() bot.Stepper { return withDesk }, Masker: masker, Sealer: sealer, Log: log, Observe: api.ObserveTurns(registry),
		}),
		Media: pictures,
		Hook: func(channel, account string) (http.Handler, bool) {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), channel == "telegram" && account == "shop"
		},
		Desk: desk.New(desk.Config{
			Store: s.store, UnsealContact: sealer.UnsealContact, Mask: func(text string) string { return masker.Mask(text).Text }, Notices: desk.DefaultNotices(),
		}),
		Prover:   prover,
		Agents:   s.store,
		Database: s.store,
		Stats:    nothingWaits{},
	}
}

// logs are lines that may be written and read at once.
type logs struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// always is a desk that never closes.
type always struct{}

func (always) Open(time.Time) bool      { return true }
func (always) Next(time.Time) time.Time { return time.Time{} }
func (always) In(t time.Time) time.Time { return t }

// nothingWaits are the stats of a quiet day, but for one sending.
type nothingWaits struct{}

func (nothingWaits) Outbox(context.Context) (map[chat.SendingState]api.Backlog, error) {
	return map[chat.SendingState]api.Backlog{chat.SendingQueued: {Count: 1, Oldest: time.Now().Add(-time.Hour)}}, nil
}

func (nothingWaits) Tickets(context.Context) (map[desk.Urgency]api.Backlog, error) {
	return map[desk.Urgency]api.Backlog{desk.UrgencyUrgent: {}}, nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// do makes a request with a bearer token, "" for none; body is JSON, "" for none.
func (s *site) do(t testing.TB, token, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	kind := ""
	if body != "" {
		kind = echo.MIMEApplicationJSON
	}
	return s.send(t, token, kind, method, path, body)
}

// send makes a request with a body of that content type, "" for none, and compares the answer with
// its description.
func (s *site) send(t testing.TB, token, kind, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	return s.answer(t, r)
}

// again asks twice for what clients may store: the second time they have it.
func (s *site) again(t testing.TB, path string) {
	t.Helper()
	first := s.do(t, "", http.MethodGet, path, "")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	r.Header.Set("If-None-Match", first.Header().Get("ETag"))
	w := s.answer(t, r)
	if w.Code != http.StatusNotModified || w.Header().Get("Cache-Control") != "no-cache" || w.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("%s: status %d, headers %v", path, w.Code, w.Header())
	}
}

// answer compares what comes to a request with its description.
func (s *site) answer(t testing.TB, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	method, path := r.Method, r.URL.RequestURI()
	if described := s.doc.pathOf(path); described != "" && w.Code != http.StatusMethodNotAllowed {
		s.doc.checkResponse(t, described, method, w)
		s.seen.Store(fmt.Sprint(method, " ", described, " ", w.Code), true)
	}
	return w
}

// conversation is one that a test has opened.
type conversation struct {
	site      *site
	ID, Token string
}

// open opens a conversation; body is how.
func (s *site) open(t testing.TB, body string) conversation {
	t.Helper()
	c := conversation{site: s}
	read(t, s.do(t, "", http.MethodPost, "/api/v1/conversations", body), http.StatusCreated, &c)
	return c
}

// read decodes an answer that has that status and the fields of v and no others.
func read(t testing.TB, w *httptest.ResponseRecorder, status int, v any) {
	t.Helper()
	if w.Code != status {
		t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	d := json.NewDecoder(w.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil && err != io.EOF {
		t.Fatal(err)
	}
}

// do makes a request to the conversation.
func (c conversation) do(t testing.TB, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	return c.site.do(t, c.Token, method, "/api/v1/conversations/"+c.ID+path, body)
}

// turn is what a message leads to, as promised to clients.
type turn struct {
	Message chat.Entry
	Replies []chat.Reply
	Entries []chat.Entry
	Resumed *conversation
}

// say says a text, in the form that JSON has inside of quotes, under a client id.
func (c conversation) say(t testing.TB, client, text string) (out turn) {
	t.Helper()
	w := c.do(t, http.MethodPost, "/messages", `{"client_id":"`+client+`","text":"`+text+`"}`)
	read(t, w, http.StatusCreated, &out)
	return out
}

// messages are what was said behind a sequence number.
func (c conversation) messages(t testing.TB, query string) []chat.Entry {
	t.Helper()
	var out struct{ Messages []chat.Entry }
	read(t, c.do(t, http.MethodGet, "/messages"+query, ""), http.StatusOK, &out)
	return out.Messages
}

// escalated is a conversation whose customer has pressed the button for a person, and the ticket.
func (s *site) escalated(t testing.TB, body string) (conversation, string) {
	t.Helper()
	c := s.open(t, body)
	var out turn
	read(t, c.do(t, http.MethodPost, "/handoff", ""), http.StatusCreated, &out)
	if len(out.Replies) == 0 || out.Replies[0].Ticket == "" {
		t.Fatalf("no ticket in %+v", out)
	}
	return c, out.Replies[0].Ticket
}
