package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/store"
)

const resumePath = "/api/v1/conversations/resume"

// resume looks for a ticket by its number and a proof.
func (s *site) resume(t *testing.T, ticket, proof string, want int, v any) {
	t.Helper()
	read(t, s.do(t, "", http.MethodPost, resumePath, fmt.Sprintf(`{"ticket":%q,"proof":%q}`, ticket, proof)), want, v)
}

// pushedTicket is the number of a ticket of a customer on Telegram, whose terminal's serial ends with A123.
func (s *site) pushedTicket(t *testing.T) string {
	t.Helper()
	const number = "1123-PSHD"
	c, err := s.store.EnsureConversation(t.Context(), chat.OpenRequest{Channel: "telegram", Account: "shop", Address: "42", Device: chat.Device{Serial: "N900A123"}})
	must(t, err)
	_, err = s.store.Turn(t.Context(), chat.Message{Conversation: c.ID, Channel: c.Channel, ExternalID: "1", Text: "转人工", At: time.Now()},
		bot.StepFunc(func(_ context.Context, session *bot.Session) (bot.Outcome, error) {
			session.Holder = chat.HolderAgent
			return bot.Outcome{Silent: true, Ticket: &desk.TicketDraft{Number: number, Reason: desk.ReasonAsked, Urgency: desk.UrgencyNormal}}, nil
		}))
	must(t, err)
	return number
}

// TestResume: whoever knows the number and the end of the telephone number, the serial or the terminal number reads
// the conversation with another token; the first one goes on.
func TestResume(t *testing.T) {
	s := newSite(t, func(c *api.Config) { c.Limits.AddressResumes = 1000 })
	first, number := s.escalated(t, `{"device":{"serial":"N900a1b2","terminal_no":"10203040","contact":"13812345678"}}`)
	s.act(t, desk.RoleAgent, number, "claim", "")
	s.act(t, desk.RoleAgent, number, "reply", `{"text":"款已到账"}`)
	for _, tt := range []struct{ ticket, proof string }{
		{number, "5678"}, {strings.ToLower(number), "５６７８"}, {strings.Replace(number, "-", "", 1), "13812345678"}, {"YD-" + number, "A1B2"}, {number, "a1b2"}, {number, "3040"},
	} {
		again := conversation{site: s}
		s.resume(t, tt.ticket, tt.proof, http.StatusOK, &again)
		if again.ID != first.ID || again.Token == first.Token {
			t.Errorf("%v: %+v, want another token of %s", tt, again, first.ID)
		}
		if got, want := len(again.messages(t, "")), len(first.messages(t, "")); got != want || count(again.messages(t, ""), chat.FromAgent, "款已到账") != 1 {
			t.Errorf("%v: %d messages, want %d with the agent's", tt, got, want)
		}
	}
}

// TestResumeRefuses: a wrong number, a wrong proof, and a right one behind five wrong ones are answered alike; an hour
// later the right one counts again.
func TestResumeRefuses(t *testing.T) {
	now := time.Now()
	s := newSite(t, func(c *api.Config) {
		db := c.Agents.(*store.Store)
		c.Limits.AddressResumes, c.Prover = 1000, desk.NewProver(db, db, func() time.Time { return now })
	})
	_, number := s.escalated(t, `{"device":{"contact":"13812345678"}}`)
	_, bare := s.escalated(t, `{"device":{"serial":"见照片","contact":"wx12345"}}`)
	said := map[string]bool{}
	refused := func(ticket, proof string) {
		t.Helper()
		w := s.do(t, "", http.MethodPost, resumePath, fmt.Sprintf(`{"ticket":%q,"proof":%q}`, ticket, proof))
		wantProblem(t, w, http.StatusNotFound)
		said[w.Body.String()] = true
	}
	for _, proof := range []string{"", "678", "****", "X345", "2345", "见照片"} {
		refused(bare, proof)
	}
	refused("0101-0000", "5678")
	refused("no number", "5678")
	for i := range 5 {
		refused(number, fmt.Sprintf("000%d", i))
	}
	refused(number, "5678")
	if len(said) != 1 {
		t.Errorf("refusals differ: %v", said)
	}
	now = now.Add(time.Hour)
	var c conversation
	s.resume(t, number, "5678", http.StatusOK, &c)
}

// TestResumeInChat: who names a ticket of another conversation is asked for the proof, and with it gets that
// conversation, also when the answer was lost and the proof is sent again.
func TestResumeInChat(t *testing.T) {
	s := newSite(t)
	first, number := s.escalated(t, `{"device":{"contact":"13812345678"}}`)
	s.act(t, desk.RoleAgent, number, "claim", "")
	s.act(t, desk.RoleAgent, number, "reply", `{"text":"款已到账"}`)
	c := s.open(t, `{}`)
	for i, text := range []string{"我的工单" + number + "有回复吗", "0000"} {
		if out := c.say(t, fmt.Sprint(i), text); out.Resumed != nil || len(out.Replies) != 1 || out.Replies[0].Decision != chat.Collect || strings.Contains(out.Replies[0].Text, "款已到账") {
			t.Fatalf("%s: %+v", text, out)
		}
	}
	out := c.say(t, "2", "5678")
	if out.Resumed == nil || out.Resumed.ID != first.ID || !strings.Contains(out.Replies[0].Text, "款已到账") || out.Replies[0].Ticket != number {
		t.Fatalf("%+v", out)
	}
	out.Resumed.site = s
	if count(out.Resumed.messages(t, ""), chat.FromAgent, "款已到账") != 1 {
		t.Error("the token does not read the ticket's conversation")
	}
	var repeated turn
	read(t, c.do(t, http.MethodPost, "/messages", `{"client_id":"2","text":"5678"}`), http.StatusOK, &repeated)
	if repeated.Resumed == nil || repeated.Resumed.ID != first.ID {
		t.Errorf("sent again: %+v", repeated)
	}
	if out := c.say(t, "3", "谢谢"); out.Resumed != nil {
		t.Errorf("the next message: %+v", out)
	}
	pushed := s.pushedTicket(t)
	c.say(t, "4", "工单 "+pushed)
	if out := c.say(t, "5", "A123"); out.Resumed != nil || !strings.Contains(out.Replies[0].Text, "核对上了") {
		t.Errorf("a ticket on Telegram: %+v", out)
	}
}

// TestJoin: a signed id comes back to its conversation until that is left; an unsigned one never does.
func TestJoin(t *testing.T) {
	s := newSite(t, func(c *api.Config) { c.Identity = []byte("secret") })
	body := fmt.Sprintf(`{"channel":"widget","customer":{"id":"u-17","signature":%q}}`, signed("secret", "u-17"))
	c := s.open(t, body)
	c.say(t, "1", "刷卡手续费是多少")
	other := conversation{site: s}
	read(t, s.do(t, "", http.MethodPost, "/api/v1/conversations", body), http.StatusOK, &other)
	if other.ID != c.ID || other.Token == c.Token || len(other.messages(t, "")) != 2 {
		t.Errorf("joined %+v, want %+v", other, c)
	}
	if stranger := s.open(t, `{}`); stranger.ID == c.ID {
		t.Error("somebody without an id joined")
	}
	read(t, other.do(t, http.MethodPost, "/leave", ""), http.StatusNoContent, nil)
	if len(c.messages(t, "")) != 2 {
		t.Error("a token ended with the leaving")
	}
	if next := s.open(t, body); next.ID == c.ID {
		t.Error("joined what was left")
	}
	unsigned := newSite(t)
	if a, b := unsigned.open(t, `{"customer":{"id":"u-17"}}`), unsigned.open(t, `{"customer":{"id":"u-17"}}`); a.ID == b.ID {
		t.Error("an id that nobody vouches for joined")
	}
}
