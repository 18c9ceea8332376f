package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/store"
)

// act commits a change that leaves the ticket's fields as they are, unless it names a state.
func act(t *testing.T, s *store.Store, id string, c desk.Change) desk.Ticket {
	t.Helper()
	k, err := s.UpdateTicket(t.Context(), id, desk.Agent{Name: "li", Role: desk.RoleAgent}, func(k desk.Ticket) (desk.Change, error) {
		c := c
		c.Ticket, k.State = k, c.Ticket.State
		if k.State != "" {
			c.Ticket.State = k.State
		}
		return c, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func ticketsQueue(t *testing.T, h *house) {
	s := h.node(t)
	for i, urgency := range []desk.Urgency{desk.UrgencyNormal, desk.UrgencyHigh, desk.UrgencyUrgent, desk.UrgencyNormal, desk.UrgencyUrgent} {
		think := escalate(fmt.Sprint("N", i))
		c := opened(t, s, "w")
		turn(t, s, said(c, fmt.Sprint(i), "人工"), func(ctx context.Context, session *bot.Session) (bot.Outcome, error) {
			out, err := think(ctx, session)
			out.Ticket.Urgency = urgency
			return out, err
		})
	}
	if got, want := numbers(t, s, desk.Filter{}), []string{"N2", "N4", "N1", "N0", "N3"}; !slices.Equal(got, want) {
		t.Errorf("queue %v, want %v", got, want)
	}
	k, err := s.FindTicket(t.Context(), "N1")
	if err != nil || k.Customer.Name != "王" || k.Channel != "widget" || k.Device.Serial != "SN1" || k.Summary != "想找人" {
		t.Errorf("ticket %+v, %v", k, err)
	}
	held := act(t, s, "N1", desk.Change{Event: desk.EventClaimed, Ticket: desk.Ticket{State: desk.StateHeld}})
	act(t, s, "N0", desk.Change{Event: desk.EventClosed, Ticket: desk.Ticket{State: desk.StateClosed}})
	for _, test := range []struct {
		in   desk.Filter
		want []string
	}{
		{desk.Filter{}, []string{"N2", "N4", "N1", "N3"}},
		{desk.Filter{Limit: 2}, []string{"N2", "N4"}},
		{desk.Filter{States: []desk.State{desk.StateHeld}}, []string{"N1"}},
		{desk.Filter{States: []desk.State{desk.StateHeld, desk.StateClosed}}, []string{"N1", "N0"}},
		{desk.Filter{Assignee: "nobody"}, nil},
		{desk.Filter{States: desk.States(), Limit: 4}, []string{"N2", "N4", "N1", "N3"}}, // closed ones come last
		{desk.Filter{States: desk.States()}, []string{"N2", "N4", "N1", "N3", "N0"}},
	} {
		if got := numbers(t, s, test.in); !slices.Equal(got, test.want) {
			t.Errorf("%+v: %v, want %v", test.in, got, test.want)
		}
	}
	if got, err := s.FindTicket(t.Context(), held.ID); err != nil || got.State != desk.StateHeld {
		t.Errorf("by id: %+v, %v", got, err)
	}
	_, err = s.FindTicket(t.Context(), "none")
	wants(t, err, chat.ErrNotFound)
}

func numbers(t *testing.T, s *store.Store, f desk.Filter) (out []string) {
	t.Helper()
	tickets, err := s.ListTickets(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range tickets {
		out = append(out, k.Number)
	}
	return out
}

// oneClaimWins races agents on two nodes for tickets.
func oneClaimWins(t *testing.T, h *house) {
	nodes := []*store.Store{h.node(t), h.node(t)}
	const agents = 20
	races := 10_000
	if raceDetector || testing.Short() {
		races = 2_000
	}
	tickets := races / agents
	crowd(64, tickets, func(i int) {
		c, _, err := nodes[0].OpenConversation(t.Context(), chat.OpenRequest{Channel: "widget"})
		if err == nil {
			_, err = nodes[0].Turn(t.Context(), said(c, fmt.Sprint("m", i), "人工"), escalate(fmt.Sprint("N", i)))
		}
		if err != nil {
			t.Error(err)
		}
	})
	wins := make([]atomic.Int64, tickets)
	crowd(64, races, func(i int) {
		name := fmt.Sprint("agent", i%agents)
		_, err := nodes[i%2].UpdateTicket(t.Context(), fmt.Sprint("N", i/agents), desk.Agent{Name: name}, func(k desk.Ticket) (desk.Change, error) {
			if k.State != desk.StateWaiting {
				return desk.Change{}, chat.ErrConflict
			}
			k.State, k.Assignee = desk.StateHeld, name
			return desk.Change{Ticket: k, Event: desk.EventClaimed}, nil
		})
		if err == nil {
			wins[i/agents].Add(1)
		} else {
			wants(t, err, chat.ErrConflict)
		}
	})
	for i := range wins {
		if n := wins[i].Load(); n != 1 {
			t.Errorf("ticket %d was claimed %d times", i, n)
		}
	}
}

func actCommitsAsAWhole(t *testing.T, h *house) {
	s := h.node(t)
	c, err := s.EnsureConversation(t.Context(), chat.OpenRequest{Channel: "telegram", Address: "7"})
	if err != nil {
		t.Fatal(err)
	}
	k := turn(t, s, said(c, "1", "人工"), escalate("N1")).Ticket
	drain(t, s)
	reply := desk.Change{
		Event: desk.EventReplied, ClientID: "r1", Note: "记一下", Detail: "reply",
		Say: []chat.Entry{{From: chat.FromAgent, Text: "您好"}, {From: chat.FromSystem, Text: "已处理"}}, Holder: chat.HolderBot,
	}
	for range 3 { // said once, whatever is sent again
		act(t, s, k.ID, reply)
	}
	if got, want := lines(t, s, c.ID)[3:], []string{"agent: 您好", "system: 已处理"}; !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
	if out := drain(t, s); len(out) != 3 { // two bubbles, one announcement
		t.Errorf("%d sendings, want 3", len(out))
	}
	notes, err := s.ListNotes(t.Context(), "N1")
	if err != nil || len(notes) != 1 || notes[0].By != "li" || notes[0].Text != "记一下" {
		t.Errorf("notes %+v, %v", notes, err)
	}
	if _, err := s.RevealContact(t.Context(), k.ID, desk.Agent{Name: "zhao"}); err != nil {
		t.Error(err)
	}
	audit, err := s.ListAudit(t.Context(), k.ID, 10)
	if err != nil || len(audit) != 3 || audit[1].Event != string(desk.EventReplied) || audit[1].By != "li" || audit[2].By != "zhao" {
		t.Errorf("audit %+v, %v", audit, err)
	}
	after, err := s.FindConversation(t.Context(), c.ID)
	if err != nil || after.Holder != chat.HolderBot {
		t.Errorf("holder %q, %v", after.Holder, err)
	}
	_, err = s.UpdateTicket(t.Context(), k.ID, desk.Agent{}, func(desk.Ticket) (desk.Change, error) { return desk.Change{}, chat.ErrForbidden })
	wants(t, err, chat.ErrForbidden)
	_, err = s.UpdateTicket(t.Context(), "none", desk.Agent{}, nil)
	wants(t, err, chat.ErrNotFound)
}
