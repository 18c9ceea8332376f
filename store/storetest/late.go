package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/store"
)

// lanesAreReleased: what waits for long is due once its lane is released, and nothing else is.
func lanesAreReleased(t *testing.T, h *house) {
	s := h.node(t)
	c, other := found(t, s, "1"), found(t, s, "2")
	for _, c := range []chat.Conversation{c, other} {
		for i := range 2 {
			m := said(c, fmt.Sprint(c.Address, i), "q")
			m.ReplyWindow = time.Hour
			turn(t, s, m, say("a"))
		}
	}
	if err := s.ReleaseLane(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	sent := drain(t, s)
	if len(sent) != 2 || sent[0].Lane != c.ID || seqOf(sent[0]) != "2" || seqOf(sent[1]) != "4" || sent[1].Attempts != 1 {
		t.Errorf("sent %+v", sent)
	}
	if err := s.ReleaseLane(t.Context(), c.ID); err != nil || len(drain(t, s)) != 0 {
		t.Errorf("released what was sent, %v", err)
	}
}

// undeliveredAfterAll: what arrived, as it seemed, is dead once its host says so; agents hear of it once.
func undeliveredAfterAll(t *testing.T, h *house) {
	h.follow = []chat.Destination{{Channel: "telegram-desk", Account: "shop"}}
	s := h.node(t)
	c := found(t, s, "1")
	turn(t, s, said(c, "1", "人工"), escalate("N1"))
	drainActivities(t, s, chat.SendingSent)
	act(t, s, "N1", desk.Change{
		Event: desk.EventReplied, Ticket: desk.Ticket{State: desk.StateHeld}, Holder: chat.HolderAgent, Say: []chat.Entry{{From: chat.FromAgent, Text: "查到了"}},
	})
	var id int64
	for _, m := range drain(t, s) {
		if m.Lane == c.ID {
			id = m.ID
		}
	}
	if err := s.MarkUndelivered(t.Context(), id, "refused"); err != nil {
		t.Fatal(err)
	}
	wants(t, s.MarkUndelivered(t.Context(), id, "again"), chat.ErrConflict)
	wants(t, s.MarkUndelivered(t.Context(), id+1, "unknown"), chat.ErrConflict)
	if got, want := drainActivities(t, s, chat.SendingSent), []string{`agent "查到了" "" "" lost: refused`}; !slices.Equal(got, want) {
		t.Errorf("followers heard %q, want %q", got, want)
	}
	if got, err := s.ListUndelivered(t.Context(), c.ID); err != nil || got[seqOfLast(t, s, c)].State != chat.SendingDead {
		t.Errorf("undelivered %+v, %v", got, err)
	}
	// Whoever was still sending it comes too late.
	wants(t, s.Settle(t.Context(), id, chat.Settlement{State: chat.SendingSent}), chat.ErrConflict)
}

// seqOfLast is the number of a conversation's newest entry.
func seqOfLast(t *testing.T, s *store.Store, c chat.Conversation) int64 {
	t.Helper()
	c, err := s.FindConversation(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return c.LastSeq
}
