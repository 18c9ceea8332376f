package api_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// TestClientIDsOfAgents: a used id says its reply once, refuses another one aloud, and is nobody else's.
func TestClientIDsOfAgents(t *testing.T) {
	s := newSite(t)
	c, number := s.escalated(t, `{}`)
	reply := func(as desk.Role, text string, want int) {
		t.Helper()
		body := fmt.Sprintf(`{"client_id":"one","text":%q}`, text)
		w := s.do(t, s.keys[as], http.MethodPost, "/api/v1/desk/tickets/"+number+"/reply", body)
		if w.Code != want || want == http.StatusConflict && !strings.Contains(w.Body.String(), "client_id") {
			t.Errorf("%s says %q: status %d, want %d: %s", as, text, w.Code, want, w.Body)
		}
	}
	reply(desk.RoleAgent, "您好", http.StatusOK)
	reply(desk.RoleAgent, "您好", http.StatusOK)
	reply(desk.RoleAgent, "另一句", http.StatusConflict)
	reply(desk.RoleAdmin, "另一句", http.StatusOK)
	said := c.messages(t, "")
	if one, other := count(said, chat.FromAgent, "您好"), count(said, chat.FromAgent, "另一句"); one != 1 || other != 1 {
		t.Errorf("said %d and %d times, want once each: %+v", one, other, said)
	}
}

// TestTakeOver: a held ticket is another agent's only when he says that he means it.
func TestTakeOver(t *testing.T) {
	s := newSite(t)
	c, number := s.escalated(t, `{}`)
	s.act(t, desk.RoleAgent, number, "claim", `{"take_over":true}`) // of what waits it is a claim
	for body, want := range map[string]int{"": http.StatusConflict, `{"take_over":false}`: http.StatusConflict} {
		if w := s.do(t, s.keys[desk.RoleEditor], http.MethodPost, "/api/v1/desk/tickets/"+number+"/claim", body); w.Code != want {
			t.Errorf("claimed with %q: status %d: %s", body, w.Code, w.Body)
		}
	}
	if got := s.act(t, desk.RoleEditor, number, "claim", `{"take_over":true}`); got.Assignee != "the editor" {
		t.Errorf("taken over: %+v", got)
	}
	if count(c.messages(t, ""), chat.FromSystem, desk.DefaultNotices().Transferred) != 1 {
		t.Error("the customer does not hear of it")
	}
}

// TestClosedTickets pages through them.
func TestClosedTickets(t *testing.T) {
	s := newSite(t)
	var want, got []string
	for range 5 {
		_, number := s.escalated(t, `{}`)
		s.act(t, desk.RoleAdmin, number, "close", "")
		want = slices.Insert(want, 0, number)
	}
	for next := ""; ; {
		var page ticketList
		read(t, s.do(t, s.keys[desk.RoleViewer], http.MethodGet, "/api/v1/desk/tickets?state=closed&limit=2&before="+next, ""), http.StatusOK, &page)
		for _, k := range page.Tickets {
			got = append(got, k.Number)
		}
		if next = page.Next; next == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("pages %q, want %q", got, want)
	}
}

// TestWhoAndWhence: agents see whether somebody vouches for a customer, and how many tickets came from one network, of
// which the address is kept nowhere.
func TestWhoAndWhence(t *testing.T) {
	origin := func(network string) string { return "of " + strings.Map(func(r rune) rune { return r + 1 }, network) }
	s := newSite(t, func(c *api.Config) { c.Identity, c.Origin = []byte("secret"), origin })
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write([]byte("u-17"))
	for body, verified := range map[string]bool{
		fmt.Sprintf(`{"customer":{"id":"u-17","name":"王","signature":%q}}`, hex.EncodeToString(mac.Sum(nil))): true,
		`{"customer":{"name":"管理员"}}`: false,
		`{}`:                          false,
	} {
		_, number := s.escalated(t, body)
		var k desk.Ticket
		read(t, s.do(t, s.keys[desk.RoleViewer], http.MethodGet, "/api/v1/desk/tickets/"+number, ""), http.StatusOK, &struct {
			*desk.Ticket
			Messages []chat.Entry
			Notes    []desk.Note
		}{Ticket: &k})
		if k.Customer.Verified != verified || (desk.CustomerNote(k.Customer) != "") != (k.Customer.Name != "" && !verified) {
			t.Errorf("%s: %+v", body, k.Customer)
		}
	}
	var list ticketList
	read(t, s.do(t, s.keys[desk.RoleViewer], http.MethodGet, "/api/v1/desk/tickets", ""), http.StatusOK, &list)
	for _, k := range list.Tickets {
		if k.SameOrigin != 3 || desk.OriginNote(k) != "同一地址今天已有3张工单" {
			t.Errorf("%s is one of %d: %q", k.Number, k.SameOrigin, desk.OriginNote(k))
		}
	}
}

// TestAgentsAreSeen: whoever only looks is there.
func TestAgentsAreSeen(t *testing.T) {
	seen := &watchedDesk{}
	s := newSite(t, func(c *api.Config) {
		seen.Store = c.Desk.Store
		d := *c.Desk
		d.Store = seen
		c.Desk = &d
	})
	read(t, s.do(t, s.keys[desk.RoleViewer], http.MethodGet, "/api/v1/desk/tickets", ""), http.StatusOK, new(ticketList))
	if !slices.Equal(seen.agents, []string{"the viewer"}) {
		t.Errorf("seen %q", seen.agents)
	}
}

// watchedDesk notes who was seen.
type watchedDesk struct {
	desk.Store
	agents []string
}

func (w *watchedDesk) NoteSeen(_ context.Context, agent string) error {
	w.agents = append(w.agents, agent)
	return nil
}

// TestUnknownParameters: the refusal names what the route has. What cannot be read, or is there twice, is refused too.
func TestUnknownParameters(t *testing.T) {
	s := newSite(t)
	for target, want := range map[string]string{
		"/api/v1/desk/tickets?stat=closed":           "“stat”，可用的有 state、holder、limit、before。",
		"/api/v1/articles?q=x":                       "“q”，它不带参数。",
		"/api/v1/search?q=51&Limit=3":                "“Limit”，可用的有 q、limit。",
		"/api/v1/search?q=51&" + "%00=3":             "可用的有 q、limit。",
		"/api/v1/search?" + strings.Repeat("x", 300): "…”，可用的有 q、limit。",

		"/api/v1/desk/tickets?state=waiting&state=closed": "参数 “state” 只能写一次",
		"/api/v1/desk/tickets?state=closed;limit=5":       "写法不对",
		"/api/v1/search?q=%&limit=3":                      "写法不对",
	} {
		w := s.do(t, s.keys[desk.RoleViewer], http.MethodGet, target, "")
		if wantProblem(t, w, http.StatusBadRequest); !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %s, want %q", target, w.Body, want)
		}
	}
}
