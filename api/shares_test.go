package api_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/api"
)

// newSharedSite is a site behind a proxy, so that a test chooses where its requests come from.
func newSharedSite(t *testing.T, limits api.Limits) *site {
	t.Helper()
	_, all, err := net.ParseCIDR("0.0.0.0/0")
	must(t, err)
	return newSite(t, func(c *api.Config) { c.Limits, c.Proxies = limits, []*net.IPNet{all} })
}

// from makes a request from an address.
func (s *site) from(t *testing.T, address, token, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("X-Forwarded-For", address)
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", echo.MIMEApplicationJSON)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	s.doc.checkResponse(t, s.doc.pathOf(path), method, w)
	return w
}

// TestSharesOfAnAddress: what one address does too often is refused to it, and to nobody else.
func TestSharesOfAnAddress(t *testing.T) {
	s := newSharedSite(t, api.Limits{AddressMessages: 3, AddressFeedback: 3, AddressTickets: 3, Conversations: 3, AddressQuestions: 3})
	const root = "/api/v1/conversations"
	say := func(text string) func(address string, i int) *httptest.ResponseRecorder {
		return func(address string, i int) *httptest.ResponseRecorder {
			c := s.open(t, `{}`)
			return s.from(t, address, c.Token, http.MethodPost, root+"/"+c.ID+"/messages", fmt.Sprintf(`{"client_id":"%d","text":%q}`, i, text))
		}
	}
	tests := []struct {
		name string
		do   func(address string, i int) *httptest.ResponseRecorder
	}{
		{"messages", say("刷卡手续费是多少")},
		{"feedback", func(address string, _ int) *httptest.ResponseRecorder {
			return s.from(t, address, "", http.MethodPost, "/api/v1/feedback", `{"article":"fee-rate","helpful":true}`)
		}},
		{"conversations", func(address string, _ int) *httptest.ResponseRecorder {
			return s.from(t, address, "", http.MethodPost, root, `{}`)
		}},
		{"questions", func(address string, _ int) *httptest.ResponseRecorder {
			return s.from(t, address, "", http.MethodPost, "/api/v1/ask", `{"question":"手续费"}`)
		}},
		{"searches", func(address string, _ int) *httptest.ResponseRecorder {
			return s.from(t, address, "", http.MethodGet, "/api/v1/search?q=fee", "")
		}},
	}
	s.Handler = &opensElsewhere{s.Handler, 0}
	for n, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			here := fmt.Sprint("203.0.113.", n)
			wantLimit(t, func(i int) *httptest.ResponseRecorder { return tt.do(here, i) })
			if w := tt.do("198.51.100.7", 1); w.Code >= 300 {
				t.Errorf("another address: status %d", w.Code)
			}
			// A /64 is an address; a /48 may do eight times as much.
			at := func(network, host int) string { return fmt.Sprintf("2001:db8:%x:%x::%x", n, network, host) }
			wantLimit(t, func(i int) *httptest.ResponseRecorder { return tt.do(at(0, i), i) })
			for i := range 21 {
				if w := tt.do(at(1+i/3, i), i); w.Code >= 300 {
					t.Fatalf("network %d of a /48: status %d", 1+i/3, w.Code)
				}
			}
			wantProblem(t, tt.do(at(100, 1), 1), http.StatusTooManyRequests)
		})
	}
}

// opensElsewhere lets each conversation that a test opens be opened from an address of its own.
type opensElsewhere struct {
	http.Handler
	n int
}

func (o *opensElsewhere) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Forwarded-For") == "" {
		o.n++
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("192.0.%d.%d", o.n/250, o.n%250))
	}
	o.Handler.ServeHTTP(w, r)
}

// TestResumeFlood: an address may look for no more tickets than its share, right or wrong, in chats too.
func TestResumeFlood(t *testing.T) {
	s := newSharedSite(t, api.Limits{AddressResumes: 4})
	s.Handler = &opensElsewhere{s.Handler, 0}
	const here, elsewhere = "203.0.113.9", "198.51.100.7"
	_, number := s.escalated(t, `{"device":{"contact":"13812345678"}}`)
	try := func(address string) *httptest.ResponseRecorder {
		return s.from(t, address, "", http.MethodPost, resumePath, fmt.Sprintf(`{"ticket":%q,"proof":"5678"}`, number))
	}
	chat := func(address, text string) *httptest.ResponseRecorder {
		c := s.open(t, `{}`)
		return s.from(t, address, c.Token, http.MethodPost, "/api/v1/conversations/"+c.ID+"/messages", fmt.Sprintf(`{"client_id":"1","text":%q}`, text))
	}
	for i := range 2 {
		read(t, try(here), http.StatusOK, &conversation{})
		read(t, chat(here, fmt.Sprintf("工单0101-000%d，5678", i)), http.StatusCreated, &turn{})
	}
	for name, w := range map[string]*httptest.ResponseRecorder{"a request": try(here), "a chat": chat(here, "工单"+number+"，5678")} {
		wantProblem(t, w, http.StatusTooManyRequests)
		if w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", name)
		}
	}
	read(t, chat(here, "工单"+number), http.StatusCreated, &turn{}) // asks for the proof, and looks for nothing
	read(t, chat(elsewhere, "工单"+number+"，5678"), http.StatusCreated, &turn{})
	read(t, try(elsewhere), http.StatusOK, &conversation{})
}

// TestTicketFlood: whoever opens one ticket after another is refused further ones, by whatever way, and still answered.
func TestTicketFlood(t *testing.T) {
	s := newSharedSite(t, api.Limits{AddressTickets: 3})
	s.Handler = &opensElsewhere{s.Handler, 0}
	const here, elsewhere = "203.0.113.9", "198.51.100.7"
	do := func(c conversation, address, path, body string) *httptest.ResponseRecorder {
		return s.from(t, address, c.Token, http.MethodPost, "/api/v1/conversations/"+c.ID+path, body)
	}
	for range 3 {
		if w := do(s.open(t, `{}`), here, "/handoff", ""); w.Code != http.StatusCreated {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
	}
	c := s.open(t, `{}`)
	for _, tt := range []struct {
		name, address, path, body string
		want                      int
	}{
		{"the button", here, "/handoff", "", 429},
		{"a question", here, "/messages", `{"client_id":"1","text":"刷卡手续费是多少"}`, 201},
		{"the wish", here, "/messages", `{"client_id":"2","text":"转人工"}`, 429},
		{"the wish from elsewhere", elsewhere, "/messages", `{"client_id":"2","text":"转人工"}`, 201},
		{"what belongs to a ticket", here, "/messages", `{"client_id":"3","text":"还在吗"}`, 201},
	} {
		if w := do(c, tt.address, tt.path, tt.body); w.Code != tt.want {
			t.Errorf("%s: status %d, want %d: %s", tt.name, w.Code, tt.want, w.Body)
		}
	}
	if got := len(c.messages(t, "")); got != 6 { // question, answer, wish, ticket, and what the agent has to read, with the bot's answer
		t.Errorf("%d entries are kept", got)
	}
}

// TestShareOfStreams: streams and waiting polls of one address have places, of which those that end are free again.
// Whoever gets none may ask without waiting.
func TestShareOfStreams(t *testing.T) {
	s := newSharedSite(t, api.Limits{AddressStreams: 3})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c, other := s.open(t, `{}`), s.open(t, `{}`)
	const here, elsewhere = "X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 198.51.100.7"
	open := []stream{c.follow(t.Context(), t, server.URL, "", here), c.follow(t.Context(), t, server.URL, "", here)}
	ctx, cut := context.WithCancel(t.Context())
	open = append(open, other.follow(ctx, t, server.URL, "", here))
	for i, o := range open {
		if o.status != http.StatusOK {
			t.Fatalf("stream %d: status %d", i, o.status)
		}
	}
	if got := other.follow(t.Context(), t, server.URL, "", here); got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") == "" {
		t.Errorf("one more stream: status %d", got.status)
	}
	poll := func(wait int) int {
		return s.from(t, "203.0.113.9", c.Token, http.MethodGet, "/api/v1/conversations/"+c.ID+fmt.Sprint("/messages?wait=", wait), "").Code
	}
	if got := poll(1); got != http.StatusTooManyRequests {
		t.Errorf("a poll that waits: status %d", got)
	}
	if got := poll(0); got != http.StatusOK {
		t.Errorf("a poll: status %d", got)
	}
	if got := other.follow(t.Context(), t, server.URL, "", elsewhere); got.status != http.StatusOK {
		t.Errorf("from elsewhere: status %d", got.status)
	}
	cut()
	for end := time.Now().Add(patience); poll(1) != http.StatusOK; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("a place is not free again")
		}
	}
}

// TestShareOfPolls: one conversation cannot wait thousands of times.
func TestShareOfPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newNotebook().handler(t.Context())
		codes := make(chan int, 100)
		for range cap(codes) {
			go func() {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/conversations/c/messages?wait=30", nil)
				r.Header.Set("Authorization", "Bearer x")
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				codes <- w.Code
			}()
		}
		got := map[int]int{}
		for range cap(codes) {
			got[<-codes]++
		}
		if got[http.StatusOK] != 12 || got[http.StatusTooManyRequests] != 88 {
			t.Errorf("statuses %v", got)
		}
	})
}

// TestHalfOpenUpload: an upload holds its place only while bytes come, and not too slowly.
func TestHalfOpenUpload(t *testing.T) {
	for _, tt := range []struct {
		name  string
		every time.Duration // between two chunks
		chunk int
		ends  time.Duration
	}{
		{"nothing comes", time.Hour, 1, 10 * time.Second},
		{"drops", 3 * time.Second, 100, 10*time.Second + 40*time.Millisecond},
		{"for ever", time.Second, 20_000, 90 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dial := newNotebook().serve(t, t.Context())
				begin := func() (net.Conn, *bufio.Reader) {
					conn := dial()
					_, err := fmt.Fprint(conn, "POST /api/v1/conversations/c/attachments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n"+
						"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 4000000\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n")
					must(t, err)
					return conn, bufio.NewReader(conn)
				}
				start := time.Now()
				conn, answer := begin()
				_, second := begin()
				synctest.Wait()
				_, third := begin()                       // a conversation has two places
				res, err := http.ReadResponse(third, nil) //nolint:bodyclose // the connection is closed, and the body with it
				if err != nil || res.StatusCode != http.StatusTooManyRequests {
					t.Fatalf("a third upload: %v, %v", res, err)
				}
				ended := make(chan struct{})
				go func() {
					for {
						select {
						case <-time.After(tt.every):
							_, _ = conn.Write(make([]byte, tt.chunk)) // until the server has enough
						case <-ended:
							return
						}
					}
				}()
				res, err = http.ReadResponse(answer, nil) //nolint:bodyclose // likewise
				took := time.Since(start)
				close(ended)
				if err != nil || res.StatusCode != http.StatusBadRequest || took < tt.ends-time.Second || took > tt.ends+time.Second {
					t.Errorf("%v, %v after %s, want %s", res, err, took, tt.ends)
				}
				_, _ = io.ReadAll(second)
				_ = conn.Close()
			})
		})
	}
}
