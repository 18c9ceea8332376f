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
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

func TestOpenConversation(t *testing.T) {
	s := newSite(t)
	for _, tt := range []struct {
		name, in string
		want     int
	}{
		{"bare", `{}`, 201},
		{"widget", `{"channel":"widget"}`, 201},
		{"api", `{"channel":"api","customer":{},"device":{}}`, 201},
		{"whole", `{"customer":{"id":"u-17","name":"老陈便利店","signature":""},"device":{"serial":"N900A1","contact":"13812345678"}}`, 201},
		{"longest", `{"device":{"city":"` + strings.Repeat("杭", 64) + `"}}`, 201},
		{"too long", `{"device":{"city":"` + strings.Repeat("杭", 65) + `"}}`, 400},
		{"long name", `{"customer":{"name":"` + strings.Repeat("陈", 65) + `"}}`, 400},
		{"long id", `{"customer":{"id":"` + strings.Repeat("1", 129) + `"}}`, 400},
		{"a channel that pushes", `{"channel":"telegram"}`, 400},
		{"no channel", `{"channel":""}`, 400},
		{"an address", `{"address":"42"}`, 400},
		{"an account", `{"account":"default"}`, 400},
		{"a holder", `{"holder":"agent"}`, 400},
		{"a holder inside", `{"customer":{"holder":"agent"}}`, 400},
		{"unknown detail", `{"device":{"colour":"red"}}`, 400},
		{"upper case", `{"device":{"SERIAL":"1"}}`, 400},
		{"number", `{"device":{"serial":1}}`, 400},
		{"null", `{"device":null}`, 400},
		{"list", `{"customer":[]}`, 400},
		{"NUL", `{"customer":{"name":"a\u0000b"}}`, 400},
		{"bad UTF-8", "{\"customer\":{\"name\":\"\xff\"}}", 400},
		{"large", `{"customer":{"name":"` + strings.Repeat("a", 1<<20) + `"}}`, 413},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := s.do(t, "", http.MethodPost, "/api/v1/conversations", tt.in)
			if tt.want != http.StatusCreated {
				wantProblem(t, w, tt.want)
				return
			}
			var c conversation
			read(t, w, tt.want, &c)
			wantSecure(t, w)
			if len(c.ID) < 16 || len(c.Token) < 32 {
				t.Errorf("id %q and token %q can be guessed", c.ID, c.Token)
			}
		})
	}
}

// signed is the signature of a customer's id under a site's secret.
func signed(secret, id string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(id))
	return hex.EncodeToString(mac.Sum(nil))
}

func TestIdentity(t *testing.T) {
	secret := []byte("the site's secret")
	s := newSite(t, func(c *api.Config) { c.Identity = secret })
	good := signed(string(secret), "u-17")
	for _, tt := range []struct {
		id, signature string
		want          int
	}{
		{"u-17", good, 201},
		{"u-17", strings.ToUpper(good), 200}, // and joined it
		{"u-18", good, 403},
		{"u-17", "", 403},
		{"u-17", good[:62], 403},
		{"u-17", "zz", 403},
		{"", "", 201}, // a stranger
	} {
		body := fmt.Sprintf(`{"customer":{"id":%q,"signature":%q}}`, tt.id, tt.signature)
		if w := s.do(t, "", http.MethodPost, "/api/v1/conversations", body); w.Code != tt.want {
			t.Errorf("%s: status %d, want %d", body, w.Code, tt.want)
		}
	}
}

func TestMessages(t *testing.T) {
	c := newSite(t).open(t, `{}`)
	first := c.say(t, "m-1", "刷卡手续费是多少")
	switch {
	case first.Message.Seq != 1, first.Message.From != chat.FromCustomer, first.Message.Text != "刷卡手续费是多少":
		t.Errorf("message %+v", first.Message)
	case len(first.Replies) != 1 || first.Replies[0].Decision != chat.Answer || first.Replies[0].Articles[0].ID != "fee-rate":
		t.Errorf("replies %+v", first.Replies)
	case len(first.Entries) != 1 || first.Entries[0].Seq != 2 || first.Entries[0].From != chat.FromBot:
		t.Errorf("entries %+v", first.Entries)
	}
	w := c.do(t, http.MethodPost, "/messages", `{"client_id":"m-1","text":"刷卡手续费是多少"}`)
	var again turn
	read(t, w, http.StatusOK, &again)
	if again.Message.ID != first.Message.ID || len(again.Replies) != 1 || again.Replies[0].Text != first.Replies[0].Text {
		t.Errorf("repeated: %+v, want %+v", again, first)
	}
	list := c.messages(t, "")
	if len(list) != 2 || list[0].ID != first.Message.ID || list[1].ID != first.Entries[0].ID || list[0].Attachments == nil {
		t.Errorf("the conversation holds %+v", list)
	}
	if rest := c.messages(t, "?after=1"); len(rest) != 1 || rest[0].Seq != 2 {
		t.Errorf("behind 1: %+v", rest)
	}
	if rest := c.messages(t, "?after=2"); rest == nil || len(rest) != 0 {
		t.Errorf("behind 2: %+v", rest)
	}
}

// TestClientIDsAreOnesOwn: two customers may use the same client id, and neither sees the other's answer.
func TestClientIDsAreOnesOwn(t *testing.T) {
	s := newSite(t)
	a, b := s.open(t, `{}`), s.open(t, `{}`)
	a.say(t, "1", "刷卡手续费是多少")
	if got := b.say(t, "1", "打印机不出纸怎么办"); got.Message.Text != "打印机不出纸怎么办" {
		t.Errorf("the second customer got %+v", got)
	}
}

func TestMessagesRefuse(t *testing.T) {
	c := newSite(t, func(c *api.Config) { c.Limits.Messages = 1000 }).open(t, `{}`)
	for _, tt := range []struct {
		name, in string
		want     int
	}{
		{"no id", `{"text":"你好"}`, 400},
		{"no text", `{"client_id":"1"}`, 400},
		{"empty id", `{"client_id":"","text":"你好"}`, 400},
		{"blank-looking text", `{"client_id":"blank","text":"\u2800\u3164\u115f"}`, 400},
		{"long id", `{"client_id":"` + strings.Repeat("1", 65) + `","text":"你好"}`, 400},
		{"space in the id", `{"client_id":"a b","text":"你好"}`, 400},
		{"Chinese id", `{"client_id":"甲","text":"你好"}`, 400},
		{"control in the id", `{"client_id":"a\n","text":"你好"}`, 400},
		{"blank", `{"client_id":"1","text":" \n"}`, 400},
		{"longest", `{"client_id":"long","text":"` + strings.Repeat("跳", 4000) + `"}`, 201},
		{"too long", `{"client_id":"1","text":"` + strings.Repeat("跳", 4001) + `"}`, 400},
		{"large", `{"client_id":"1","text":"` + strings.Repeat("跳", 1<<20) + `"}`, 413},
		{"as an agent", `{"client_id":"1","text":"你好","from":"agent"}`, 400},
		{"with a reply", `{"client_id":"1","text":"你好","reply":{}}`, 400},
		{"elsewhere", `{"client_id":"1","text":"你好","conversation":"x"}`, 400},
		{"handoff", `{"client_id":"1","text":"你好","handoff":true}`, 400},
		{"NUL", `{"client_id":"1","text":"a\u0000"}`, 400},
		{"bad UTF-8", "{\"client_id\":\"1\",\"text\":\"\xff\"}", 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := c.do(t, http.MethodPost, "/messages", tt.in)
			if tt.want >= 400 {
				wantProblem(t, w, tt.want)
			} else if w.Code != tt.want {
				t.Errorf("status %d, want %d: %s", w.Code, tt.want, w.Body)
			}
		})
	}
	if list := c.messages(t, ""); len(list) != 2 {
		t.Errorf("%d lines were kept, want the one message and its answer", len(list))
	}
}

// TestHandoff: the button opens one ticket, however often it is pressed, until that is closed.
func TestHandoff(t *testing.T) {
	s := newSite(t)
	c, number := s.escalated(t, `{}`)
	var again turn
	read(t, c.do(t, http.MethodPost, "/handoff", ""), http.StatusOK, &again)
	if len(again.Replies) != 1 || again.Replies[0].Ticket != number || again.Message.From != chat.FromCustomer {
		t.Errorf("pressed again: %+v, want ticket %s", again, number)
	}
	if got := c.say(t, "1", "刷卡手续费是多少"); len(got.Replies) != 1 || got.Replies[0].Decision != chat.Answer || !strings.Contains(got.Replies[0].Text, "您也可以先问我") {
		t.Errorf("the bot is silent before anybody is there: %+v", got.Replies)
	}
	read(t, c.do(t, http.MethodPost, "/handoff", ""), http.StatusOK, &again)
	if len(again.Replies) != 1 || again.Replies[0].Ticket != number {
		t.Errorf("pressed behind an answer: %+v, want ticket %s", again, number)
	}
	for _, step := range []struct {
		act    string
		holder chat.Holder
		state  desk.State
	}{{"note", chat.HolderBot, desk.StateWaiting}, {"claim", chat.HolderAgent, desk.StateHeld}, {"close", chat.HolderBot, desk.StateClosed}} {
		body := map[string]string{"note": `{"text":"x"}`}[step.act]
		if w := s.do(t, s.keys[desk.RoleAgent], http.MethodPost, "/api/v1/desk/tickets/"+number+"/"+step.act, body); w.Code != http.StatusOK {
			t.Fatalf("%s: %s", step.act, w.Body)
		}
		var how struct {
			ID, Channel string
			Holder      chat.Holder
			Ticket      struct {
				Number string
				State  desk.State
			}
			LastSeq   int64  `json:"last_seq"`
			CreatedAt string `json:"created_at"`
		}
		read(t, c.do(t, http.MethodGet, "", ""), http.StatusOK, &how)
		if how.Holder != step.holder || how.Ticket.State != step.state || how.Ticket.Number != number || how.LastSeq < 3 {
			t.Errorf("after %s the conversation is %+v", step.act, how)
		}
	}
	read(t, c.do(t, http.MethodPost, "/handoff", ""), http.StatusCreated, &again)
	if len(again.Replies) == 0 || again.Replies[0].Ticket == "" || again.Replies[0].Ticket == number {
		t.Errorf("after the first was closed: %+v", again)
	}
}

// TestProgress: how a ticket stands is told by the system while an agent has it, and a client that reads the replies
// alone hears it too.
func TestProgress(t *testing.T) {
	s := newSite(t)
	c, number := s.escalated(t, `{}`)
	s.act(t, desk.RoleAgent, number, "claim", "")
	said := c.say(t, "1", "我的工单怎么样了")
	var again turn
	read(t, c.do(t, http.MethodPost, "/messages", `{"client_id":"1","text":"我的工单怎么样了"}`), http.StatusOK, &again)
	for name, got := range map[string]turn{"said": said, "repeated": again} {
		if len(got.Entries) != 1 || got.Entries[0].From != chat.FromSystem || got.Entries[0].Reply != nil {
			t.Errorf("%s: entries %+v", name, got.Entries)
		}
		if len(got.Replies) != 1 || got.Replies[0].Decision != chat.Escalate || got.Replies[0].Ticket != number || !strings.Contains(got.Replies[0].Text, number) {
			t.Errorf("%s: replies %+v, want how %s stands", name, got.Replies, number)
		}
	}
	read(t, c.do(t, http.MethodPost, "/handoff", ""), http.StatusOK, &again)
	if len(again.Replies) != 1 || again.Replies[0].Ticket != number {
		t.Errorf("the button again: %+v", again.Replies)
	}
}

func TestRating(t *testing.T) {
	s := newSite(t)
	c, other := s.open(t, `{}`), s.open(t, `{}`)
	said := c.say(t, "1", "刷卡手续费是多少")
	foreign := other.say(t, "1", "刷卡手续费是多少").Entries[0].ID
	rate := func(id, helpful string) string { return `{"message":"` + id + `","helpful":` + helpful + `}` }
	for _, tt := range []struct {
		name, in string
		want     int
	}{
		{"yes", rate(said.Entries[0].ID, "true"), 204},
		{"no after all", rate(said.Entries[0].ID, "false"), 204},
		{"the customer's own", rate(said.Message.ID, "true"), 404},
		{"of another conversation", rate(foreign, "true"), 404},
		{"none", rate("nothing", "true"), 404},
		{"no id", rate("", "true"), 404},
		{"no word", `{"message":"x"}`, 400},
		{"as another", `{"message":"x","helpful":true,"by":"agent"}`, 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := c.do(t, http.MethodPost, "/feedback", tt.in)
			if tt.want != http.StatusNoContent {
				wantProblem(t, w, tt.want)
			} else if w.Code != tt.want {
				t.Errorf("status %d: %s", w.Code, w.Body)
			}
		})
	}
	if text := s.do(t, "", http.MethodGet, "/metrics", "").Body.String(); !strings.Contains(text, `yingda_feedback_total{article="fee-rate",helpful="yes"} 1`) {
		t.Error("the rating is not counted for its article")
	}
}

// TestForeignConversation: with another conversation's token, or none, nothing is read or written, and
// the answer does not tell whether the conversation exists.
func TestForeignConversation(t *testing.T) {
	s := newSite(t)
	mine, other := s.open(t, `{}`), s.open(t, `{}`)
	mine.say(t, "1", "你好")
	routes := []struct{ method, path, body string }{
		{http.MethodGet, "", ""},
		{http.MethodPost, "/messages", `{"client_id":"1","text":"你好"}`},
		{http.MethodGet, "/messages", ""},
		{http.MethodGet, "/events", ""},
		{http.MethodPost, "/attachments", ""},
		{http.MethodGet, "/attachments/AAAAAAAAAAAAAAAAAAAA", ""},
		{http.MethodPost, "/feedback", `{"message":"x","helpful":true}`},
		{http.MethodPost, "/handoff", ""},
	}
	for _, r := range routes {
		var bodies []string
		for _, c := range []struct{ id, token string }{
			{mine.ID, other.Token},
			{"AAAAAAAAAAAAAAAA", other.Token},
			{"no-such", mine.Token},
			{mine.ID, "x"},
			{mine.ID, s.keys[desk.RoleAdmin]},
			{"a%2Fb", mine.Token},
			{"%00", mine.Token},
			{"%ff", mine.Token},
			{strings.Repeat("a", 5000), mine.Token},
		} {
			w := s.do(t, c.token, r.method, "/api/v1/conversations/"+c.id+r.path, r.body)
			wantProblem(t, w, http.StatusNotFound)
			bodies = append(bodies, w.Body.String())
		}
		if slices.Sort(bodies); bodies[0] != bodies[len(bodies)-1] {
			t.Errorf("%s %s: the refusals differ: %s", r.method, r.path, bodies)
		}
		w := s.do(t, "", r.method, "/api/v1/conversations/"+mine.ID+r.path, r.body)
		wantProblem(t, w, http.StatusUnauthorized)
		if w.Header().Get("WWW-Authenticate") != "Bearer" {
			t.Error("no WWW-Authenticate")
		}
	}
	if list := mine.messages(t, ""); len(list) != 2 {
		t.Errorf("%d lines, want 2", len(list))
	}
}

// TestEncodedSlash: an encoded slash leads around no guard.
func TestEncodedSlash(t *testing.T) {
	s := newSite(t)
	c := s.open(t, `{}`)
	for _, path := range []string{
		"/api/v1/conversations%2F" + c.ID + "/messages", "/api/v1/conversations/" + c.ID + "%2Fmessages", "/api/v1%2Fdesk/tickets",
		"/api/v1/desk%2Ftickets", "/api/v1/conversations/x/..%2F" + c.ID + "/messages", "//api/v1/desk/tickets", "/api/v1/desk/tickets/..%2F..",
	} {
		if w := s.do(t, "", http.MethodGet, path, ""); w.Code != http.StatusNotFound && w.Code != http.StatusUnauthorized && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: status %d: %s", path, w.Code, w.Body)
		}
	}
}

// broken is an inbox behind which nothing can be kept.
type broken struct {
	api.Inbox
	err error
}

func (b broken) Receive(context.Context, chat.Message) (bot.TurnResult, error) {
	return bot.TurnResult{}, b.err
}

// TestBusy: what is not on disk is not acknowledged, and the client learns to send it again.
func TestBusy(t *testing.T) {
	err := fmt.Errorf("commit: %w", chat.ErrBusy)
	c := newSite(t, func(c *api.Config) { c.Inbox = broken{c.Inbox, err} }).open(t, `{}`)
	for path, body := range map[string]string{"/messages": `{"client_id":"1","text":"你好"}`, "/handoff": ""} {
		w := c.do(t, http.MethodPost, path, body)
		wantProblem(t, w, http.StatusServiceUnavailable)
		if w.Header().Get("Retry-After") != "1" {
			t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
		}
	}
}

// TestSecretsAreNotTold: what a customer should not have typed is masked in every answer, and the log
// holds neither what was said nor any token or key.
func TestSecretsAreNotTold(t *testing.T) {
	s := newSite(t)
	c := s.open(t, `{"customer":{"name":"卡号6222021234567890128"},"device":{"contact":"13812345678"}}`)
	said := c.say(t, "1", "我的卡号6222021234567890128，手续费是多少")
	if strings.Contains(said.Message.Text, "6222021234567890128") {
		t.Errorf("not masked: %s", said.Message.Text)
	}
	var again turn
	read(t, c.do(t, http.MethodPost, "/handoff", ""), http.StatusCreated, &again)
	key := s.keys[desk.RoleAgent]
	ticket := s.do(t, key, http.MethodGet, "/api/v1/desk/tickets/"+again.Replies[0].Ticket, "").Body.String()
	for _, secret := range []string{"6222021234567890128", "13812345678"} {
		if strings.Contains(ticket, secret) {
			t.Errorf("%s is in the ticket: %s", secret, ticket)
		}
	}
	log := s.log.String()
	if !strings.Contains(log, "conversation="+c.ID) {
		t.Error("the log does not name the conversation")
	}
	for _, secret := range []string{"6222", "手续费", c.Token, key, "13812345678"} {
		if strings.Contains(log, secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}
