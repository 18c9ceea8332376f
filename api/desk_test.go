package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// act does something to a ticket with a role's key and returns the ticket.
func (s *site) act(t testing.TB, as desk.Role, number, what, body string) (out desk.Ticket) {
	t.Helper()
	read(t, s.do(t, s.keys[as], http.MethodPost, "/api/v1/desk/tickets/"+number+"/"+what, body), http.StatusOK, &out)
	return out
}

// ticketList is a page of tickets.
type ticketList struct {
	Tickets []desk.Ticket
	Next    string
}

// TestTicket is the life of a ticket, from the button to the bot's return.
func TestTicket(t *testing.T) {
	s := newSite(t)
	c, number := s.escalated(t, `{"customer":{"name":"<script>alert(1)</script>"},"device":{"serial":"N900A1","contact":"13812345678"}}`)
	s.escalated(t, `{}`)

	var list ticketList
	read(t, s.do(t, s.keys[desk.RoleViewer], http.MethodGet, "/api/v1/desk/tickets?state=waiting", ""), http.StatusOK, &list)
	if len(list.Tickets) != 2 || list.Tickets[0].Number != number {
		t.Fatalf("the queue is %+v, want %s first", list.Tickets, number)
	}
	first := list.Tickets[0]
	if first.State != desk.StateWaiting || first.Reason != desk.ReasonAsked || first.Device.Serial != "N900A1" || first.Device.Contact != "138****5678" ||
		first.Customer.Name != "<script>alert(1)</script>" {
		t.Errorf("%+v", first)
	}
	if got := s.act(t, desk.RoleAgent, number, "claim", ""); got.State != desk.StateHeld || got.Assignee != "the agent" {
		t.Errorf("claimed: %+v", got)
	}
	s.act(t, desk.RoleAgent, number, "claim", "") // one's own: nothing happens
	s.act(t, desk.RoleAgent, number, "reply", `{"client_id":"5f0c","text":"您好，<b>我</b>来帮您。"}`)
	s.act(t, desk.RoleAgent, number, "reply", `{"client_id":"5f0c","text":"您好，<b>我</b>来帮您。"}`)
	s.act(t, desk.RoleAgent, number, "note", `{"text":"等银行回复"}`)

	var whole struct {
		desk.Ticket
		Messages []chat.Entry
		Notes    []desk.Note
	}
	read(t, s.do(t, s.keys[desk.RoleViewer], http.MethodGet, "/api/v1/desk/tickets/"+first.ID, ""), http.StatusOK, &whole)
	if said := count(whole.Messages, chat.FromAgent, "您好，<b>我</b>来帮您。"); said != 1 {
		t.Errorf("the reply was said %d times: %+v", said, whole.Messages)
	}
	if len(whole.Notes) != 1 || whole.Notes[0].Text != "等银行回复" || whole.Notes[0].By != "the agent" {
		t.Errorf("notes %+v", whole.Notes)
	}
	if count(c.messages(t, ""), chat.FromAgent, "等银行回复") != 0 {
		t.Error("the customer sees a note")
	}
	var contact struct{ Contact string }
	read(t, s.do(t, s.keys[desk.RoleAgent], http.MethodGet, "/api/v1/desk/tickets/"+number+"/contact", ""), http.StatusOK, &contact)
	if contact.Contact != "13812345678" {
		t.Errorf("contact %q", contact.Contact)
	}
	if silent := c.say(t, "1", "刷卡手续费是多少"); len(silent.Entries) != 0 {
		t.Errorf("the bot talks beside the agent: %+v", silent.Entries)
	}
	if got := s.act(t, desk.RoleAgent, number, "close", `{"text":"已经到账，再见。"}`); got.State != desk.StateClosed {
		t.Errorf("closed: %+v", got)
	}
	if back := c.say(t, "2", "刷卡手续费是多少"); len(back.Replies) != 1 || back.Replies[0].Decision != chat.Answer {
		t.Errorf("the bot does not come back: %+v", back)
	}
}

// count counts the entries of somebody with that text.
func count(entries []chat.Entry, from chat.Author, text string) (n int) {
	for _, e := range entries {
		if e.From == from && e.Text == text {
			n++
		}
	}
	return n
}

// TestDeskRoles: who may do what, and what the refusals are.
func TestDeskRoles(t *testing.T) {
	s := newSite(t)
	_, number := s.escalated(t, `{"device":{"contact":"13812345678"}}`)
	gone, _ := s.escalated(t, `{}`)
	other, err := s.store.AddKey(t.Context(), "another", desk.RoleAgent)
	must(t, err)
	keys := map[string]string{
		"viewer": s.keys[desk.RoleViewer], "worker": s.keys[desk.RoleAgent], "other": other, "admin": s.keys[desk.RoleAdmin],
		"nobody": "", "a customer": gone.Token, "wrong": "yd_" + strings.Repeat("A", 40), "NUL": "yd_\x00", "SQL": "' or 1=1 --",
	}
	for _, tt := range []struct {
		as, method, path, body string
		want                   int
	}{
		{"nobody", "GET", "", "", 401},
		{"a customer", "GET", "", "", 401},
		{"wrong", "GET", "", "", 401},
		{"NUL", "GET", "", "", 401},
		{"SQL", "GET", "", "", 401},
		{"viewer", "GET", "", "", 200},
		{"viewer", "GET", "/" + number, "", 200},
		{"viewer", "POST", "/" + number + "/claim", "", 403},
		{"viewer", "GET", "/" + number + "/contact", "", 403},
		{"worker", "POST", "/" + number + "/note", `{"text":" "}`, 400},
		{"worker", "POST", "/" + number + "/transfer", `{"to":"another"}`, 403}, // not claimed
		{"worker", "POST", "/" + number + "/claim", "", 200},
		{"other", "POST", "/" + number + "/claim", "", 409},
		{"other", "POST", "/" + number + "/reply", `{"text":"您好"}`, 403},
		{"other", "POST", "/" + number + "/close", "", 403},
		{"worker", "POST", "/" + number + "/reply", `{"text":" "}`, 400},
		{"worker", "POST", "/" + number + "/reply", `{"text":"` + strings.Repeat("好", 4001) + `"}`, 400},
		{"worker", "POST", "/" + number + "/reply", `{"text":"您好","client_id":"a b"}`, 400},
		{"worker", "POST", "/" + number + "/reply", `{"text":"您好","by":"admin"}`, 400},
		{"worker", "POST", "/" + number + "/close", `{"state":"closed"}`, 400},
		{"worker", "POST", "/" + number + "/transfer", `{"to":"another"}`, 200},
		{"worker", "POST", "/" + number + "/reply", `{"text":"您好"}`, 403},
		{"admin", "POST", "/" + number + "/reply", `{"text":"您好"}`, 200},
		{"other", "POST", "/" + number + "/close", "", 200},
		{"admin", "POST", "/" + number + "/reply", `{"text":"您好"}`, 409},
		{"admin", "GET", "/none", "", 404},
		{"admin", "GET", "/%00", "", 404},
		{"admin", "GET", "/..%2F..", "", 404},
		{"viewer", "GET", "?state=lost", "", 400},
		{"viewer", "GET", "?limit=501", "", 400},
		{"viewer", "GET", "?holder=%00", "", 400},
		{"viewer", "GET", "?holder=" + "%27%20or%201=1--", "", 200},
	} {
		w := s.do(t, keys[tt.as], tt.method, "/api/v1/desk/tickets"+tt.path, tt.body)
		if w.Code != tt.want {
			t.Errorf("%s: %s %s %s: status %d, want %d: %s", tt.as, tt.method, tt.path, tt.body, w.Code, tt.want, w.Body)
		} else if tt.want != http.StatusOK {
			wantProblem(t, w, tt.want)
		}
		if (w.Code == http.StatusUnauthorized) != (w.Header().Get("WWW-Authenticate") == "Bearer") {
			t.Errorf("%s: WWW-Authenticate %q", tt.as, w.Header().Get("WWW-Authenticate"))
		}
	}
}

// TestRevokedKey: a key that was taken back opens nothing any more.
func TestRevokedKey(t *testing.T) {
	s := newSite(t)
	key := s.keys[desk.RoleAdmin]
	if w := s.do(t, key, http.MethodGet, "/api/v1/desk/tickets", ""); w.Code != http.StatusOK {
		t.Fatal(w.Body)
	}
	must(t, s.store.RevokeKey(t.Context(), "the admin"))
	wantProblem(t, s.do(t, key, http.MethodGet, "/api/v1/desk/tickets", ""), http.StatusUnauthorized)
}

// quoting is conversations in which every entry quotes and corrects the first one.
type quoting struct{ chat.Conversations }

func (q quoting) ListEntries(ctx context.Context, id string, after int64, limit int) ([]chat.Entry, error) {
	entries, err := q.Conversations.ListEntries(ctx, id, after, limit)
	for i := range entries {
		entries[i].QuotesSeq, entries[i].CorrectsSeq = 1, 1
	}
	return entries, err
}

// TestQuotes: clients are told what an agent quotes and corrects, as the description says.
func TestQuotes(t *testing.T) {
	s := newSite(t, func(c *api.Config) { c.Conversations = quoting{c.Conversations} })
	c, number := s.escalated(t, `{}`)
	for _, e := range c.messages(t, "") { // each answer is compared with the description, too
		if e.QuotesSeq != 1 || e.CorrectsSeq != 1 {
			t.Errorf("the customer is told %+v", e)
		}
	}
	read(t, s.do(t, s.keys[desk.RoleViewer], http.MethodGet, "/api/v1/desk/tickets/"+number, ""), http.StatusOK, new(object))
}
