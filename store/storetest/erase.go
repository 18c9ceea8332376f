package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/store"
)

func retentionDeletesWhatIsOld(t *testing.T, h *house) {
	now := time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	h.clock = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	s := h.node(t)
	old, mixed, open, closed := opened(t, s, "o"), opened(t, s, "m"), opened(t, s, "t"), opened(t, s, "c")
	m := said(old, "1", "q")
	m.Attachments = []chat.Attachment{{ID: "p1"}}
	turn(t, s, m, say("a"))
	turn(t, s, said(mixed, "2", "old"), say("old"))
	turn(t, s, said(open, "3", "人工"), escalate("N1"))
	turn(t, s, said(closed, "4", "人工"), escalate("N2"))
	act(t, s, "N2", desk.Change{Event: desk.EventClosed, Ticket: desk.Ticket{State: desk.StateClosed}})
	mu.Lock()
	now = now.AddDate(0, 7, 0)
	mu.Unlock()
	turn(t, s, said(mixed, "5", "new"), say("new"))
	fresh := opened(t, s, "f")
	got, err := s.DeleteBefore(t.Context(), now.AddDate(0, -6, 0))
	if err != nil || got.Messages != 7 || got.Conversations != 2 || !slices.Equal(got.Attachments, []string{"p1"}) {
		t.Errorf("removed %+v, %v", got, err)
	}
	for _, c := range []chat.Conversation{old, closed} {
		_, err := s.FindConversation(t.Context(), c.ID)
		wants(t, err, chat.ErrNotFound)
	}
	entries, err := s.ListEntries(t.Context(), mixed.ID, 0, 10)
	if err != nil || len(entries) != 2 || entries[0].Seq != 3 || entries[0].Text != "new" {
		t.Errorf("kept %+v, %v", entries, err)
	}
	if len(lines(t, s, open.ID)) != 3 {
		t.Error("a conversation with an open ticket was cut")
	}
	if _, err := s.FindConversation(t.Context(), fresh.ID); err != nil {
		t.Error(err)
	}
	k, err := s.FindTicket(t.Context(), "N2")
	if err != nil || k.Device != (chat.Device{}) || k.Summary != "" || k.Conversation != "" {
		t.Errorf("ticket %+v, %v", k, err)
	}
	if again, err := s.DeleteBefore(t.Context(), now.AddDate(0, -6, 0)); err != nil || again.Messages+again.Conversations != 0 {
		t.Errorf("removed %+v again, %v", again, err)
	}
}

// Erased are words of the person whom ForgetMe leaves to be forgotten; none may be found on the disk.
func Erased() []string {
	return []string{"zzcustomer", "zzname", "zzquestion", "zzanswer", "zzserial", "zznote", "zzsummary"}
}

// LeaveTraces makes a person with all of Erased.
func LeaveTraces(t *testing.T, s *store.Store) chat.Conversation {
	t.Helper()
	c, err := s.EnsureConversation(t.Context(), chat.OpenRequest{
		Channel: "telegram", Address: "zzcustomer-address", Customer: chat.Customer{ID: "zzcustomer", Name: "zzname"},
		Device: chat.Device{Serial: "zzserial"}, SealContact: func(string) ([]byte, error) { return []byte("zzsealed"), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		m := said(c, fmt.Sprint(i), "zzquestion")
		m.Attachments = []chat.Attachment{{ID: fmt.Sprint("p", i)}}
		turn(t, s, m, say("zzanswer"))
	}
	k := turn(t, s, said(c, "t", "zzquestion"), escalate("N1")).Ticket
	_, err = s.UpdateTicket(t.Context(), k.ID, desk.Agent{Name: "li"}, func(k desk.Ticket) (desk.Change, error) {
		k.Summary = "zzsummary"
		return desk.Change{Ticket: k, Event: desk.EventNoted, Note: "zznote", Detail: "zzsummary"}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func forgetErasesAPerson(t *testing.T, h *house) {
	s := h.node(t)
	c := LeaveTraces(t, s)
	other := opened(t, s, "other")
	turn(t, s, said(other, "o", "q"), say("a"))
	got, err := s.Forget(t.Context(), "zzcustomer")
	if err != nil || got.Conversations != 1 || got.Messages != 43 || len(got.Attachments) != 20 {
		t.Errorf("removed %+v, %v", got, err)
	}
	_, err = s.FindConversation(t.Context(), c.ID)
	wants(t, err, chat.ErrNotFound)
	k, err := s.FindTicket(t.Context(), "N1")
	if err != nil || k.State != desk.StateClosed || k.Summary != "" || k.Customer != (chat.Customer{}) || k.Device != (chat.Device{}) {
		t.Errorf("ticket %+v, %v", k, err)
	}
	if notes, err := s.ListNotes(t.Context(), "N1"); err != nil || len(notes) != 0 {
		t.Errorf("notes %+v, %v", notes, err)
	}
	if out := drain(t, s); len(out) != 0 {
		t.Errorf("still sends %+v", out)
	}
	if audit, err := s.ListAudit(t.Context(), "", 10); err != nil || len(audit) != 1 || audit[0].Event != "customer.forgotten" {
		t.Errorf("audit %+v, %v", audit, err)
	}
	if got := lines(t, s, other.ID); len(got) != 2 {
		t.Errorf("another customer lost %q", got)
	}
	if got, err := s.Forget(t.Context(), other.ID); err != nil || got.Conversations != 1 {
		t.Errorf("removed %+v by the conversation's id, %v", got, err)
	}
	if _, err := s.Forget(t.Context(), ""); err == nil {
		t.Error("forgets the customer without an id")
	}
}

func nodesMigrateAtOnce(t *testing.T, h *house) {
	crowd(4, 4, func(int) {
		s, err := store.Open(t.Context(), h.fresh)
		if err != nil {
			t.Error(err)
			return
		}
		if _, _, err := s.OpenConversation(t.Context(), chat.OpenRequest{Channel: "widget"}); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func checkAndStats(t *testing.T, h *house) {
	s := h.node(t)
	c, err := s.EnsureConversation(t.Context(), chat.OpenRequest{Channel: "telegram", Address: "1"})
	if err != nil {
		t.Fatal(err)
	}
	turn(t, s, said(c, "1", "人工"), escalate("N1"))
	got, err := s.Check(t.Context())
	if err != nil || got.Integrity != "ok" || got.Schema == 0 || got.Schema != got.Newest || got.Size == 0 || got.Trip == 0 || got.Clock.Abs() > time.Minute {
		t.Errorf("check %+v, %v", got, err)
	}
	if st := got.Stats; st.Outbox[chat.SendingQueued] != 3 || st.Waiting != 1 || st.Held != 0 {
		t.Errorf("stats %+v", st)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}
