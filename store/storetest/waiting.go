package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/store"
)

// deskOf is where agents act, with short notices.
func deskOf(s *store.Store) *desk.Desk {
	return desk.New(desk.Config{
		Store: s, Mask: func(text string) string { return text },
		Notices: desk.Notices{Claimed: "接手", Transferred: "转交", Requeued: "排队", Closed: "结束"},
	})
}

// withdraw thinks that the customer calls the ticket off.
func withdraw(_ context.Context, s *bot.Session) (bot.Outcome, error) {
	if s.Ticket == nil || s.Ticket.State == desk.StateClosed {
		return bot.Outcome{Reply: chat.Reply{Text: "没有工单"}}, nil
	}
	s.Holder = chat.HolderBot
	return bot.Outcome{Reply: chat.Reply{Text: "已取消"}, Withdraw: true}, nil
}

// li is an agent.
func li() desk.Agent { return desk.Agent{Name: "li", Role: desk.RoleAgent} }

// clientIDsAreTheAgents: an agent's id says its reply once, refuses another one, and is nobody else's.
func clientIDsAreTheAgents(t *testing.T, h *house) {
	s := h.node(t)
	c := opened(t, s, "w")
	k := turn(t, s, said(c, "1", "人工"), escalate("N1")).Ticket
	d, admin := deskOf(s), desk.Agent{Name: "wang", Role: desk.RoleAdmin}
	reply := func(by desk.Agent, text string, pictures ...chat.Attachment) error {
		_, err := d.Reply(t.Context(), by, k.ID, desk.ReplyRequest{Text: text, ClientID: "r", Attachments: pictures})
		return err
	}
	picture := chat.Attachment{ID: "p1"}
	for _, test := range []struct {
		by       desk.Agent
		text     string
		pictures []chat.Attachment
		want     error
	}{
		{li(), "一", nil, nil},
		{li(), "一", nil, nil},
		{li(), "二", nil, desk.ErrClientIDUsed},
		{li(), "一", []chat.Attachment{picture}, desk.ErrClientIDUsed},
		{admin, "二", nil, nil},
		{admin, "一", nil, desk.ErrClientIDUsed},
	} {
		if err := reply(test.by, test.text, test.pictures...); !errors.Is(err, test.want) || (err != nil) != (test.want != nil) {
			t.Errorf("%s says %q: %v, want %v", test.by.Name, test.text, err, test.want)
		}
	}
	if got, want := lines(t, s, c.ID)[3:], []string{"system: 接手", "agent: 一", "agent: 二"}; !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
}

// closedTicketsPage: closed tickets come newest first, page by page, none twice, also where they closed at once.
func closedTicketsPage(t *testing.T, h *house) {
	now := time.UnixMilli(1_800_000_000_000)
	h.clock = func() time.Time { return now }
	s := h.node(t)
	const tickets = 7
	var want []string
	for i := range tickets {
		n := fmt.Sprint("N", i)
		turn(t, s, said(opened(t, s, "w"), n, "人工"), escalate(n))
	}
	for i := range tickets {
		if i%2 == 0 { // two close in the same millisecond
			now = now.Add(time.Minute)
		}
		act(t, s, fmt.Sprint("N", i), desk.Change{Event: desk.EventClosed, Ticket: desk.Ticket{State: desk.StateClosed}, Holder: chat.HolderBot})
	}
	closed := desk.Filter{States: []desk.State{desk.StateClosed}}
	want = numbers(t, s, closed)
	if len(want) != tickets || want[0] != "N6" || !slices.Contains(want[5:], "N0") || !slices.Contains(want[5:], "N1") {
		t.Fatalf("closed %q", want)
	}
	var got []string
	for closed.Limit = 2; ; closed.Before = got[len(got)-1] {
		page := numbers(t, s, closed)
		if len(page) == 0 {
			break
		}
		got = append(got, page...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("pages %q, want %q", got, want)
	}
	closed.Before = "none"
	_, err := s.ListTickets(t.Context(), closed)
	wants(t, err, chat.ErrNotFound)
}

// originsAreCounted: agents see how many tickets came from one network; what is not known counts for nobody.
func originsAreCounted(t *testing.T, h *house) {
	s := h.node(t)
	for i, origin := range []string{"a", "b", "a", "", "", "a"} {
		m := said(opened(t, s, fmt.Sprint("w", i)), "1", "人工")
		m.Origin = origin
		k := turn(t, s, m, escalate(fmt.Sprint("N", i))).Ticket
		if want := map[int]int{0: 1, 1: 1, 2: 2, 3: 0, 4: 0, 5: 3}[i]; k.SameOrigin != want {
			t.Errorf("ticket %d is opened as number %d of its origin, want %d", i, k.SameOrigin, want)
		}
	}
	act(t, s, "N0", desk.Change{Event: desk.EventNoted, Note: "x"}) // what changes a ticket keeps its origin
	for number, want := range map[string]int{"N0": 3, "N1": 1, "N3": 0, "N5": 3} {
		if k, err := s.FindTicket(t.Context(), number); err != nil || k.SameOrigin != want {
			t.Errorf("%s is one of %d, %v; want %d", number, k.SameOrigin, err, want)
		}
	}
	if _, err := s.Forget(t.Context(), "w0"); err != nil {
		t.Fatal(err)
	}
	if k, err := s.FindTicket(t.Context(), "N5"); err != nil || k.SameOrigin != 2 {
		t.Errorf("after one was forgotten it is one of %d, %v", k.SameOrigin, err)
	}
}

// customersWait: from the first word that no agent has answered.
func customersWait(t *testing.T, h *house) {
	now := time.UnixMilli(1_800_000_000_000)
	h.clock = func() time.Time { return now }
	nodes := []*store.Store{h.node(t), h.node(t)}
	c := opened(t, nodes[0], "w")
	d := deskOf(nodes[1])
	var n int
	step := func(what string, want time.Duration, do func() error) { // each a minute after the one before
		t.Helper()
		now = now.Add(time.Minute)
		n++
		if err := do(); err != nil {
			t.Fatal(what, err)
		}
		for _, s := range nodes {
			k, err := s.FindTicket(t.Context(), "N1")
			var got time.Duration
			if !k.CustomerAt.IsZero() {
				got = now.Sub(k.CustomerAt)
			}
			if err != nil || got != want {
				t.Errorf("%s: the customer has waited %s, %v; want %s", what, got, err, want)
			}
		}
	}
	says := func(think bot.StepFunc) func() error {
		return func() error {
			turn(t, nodes[n%2], said(c, fmt.Sprint(n), "q"), func(ctx context.Context, s *bot.Session) (bot.Outcome, error) {
				return think(ctx, s)
			})
			return nil
		}
	}
	acts := func(do func(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error)) func() error {
		return func() error {
			_, err := do(t.Context(), li(), "N1")
			return err
		}
	}
	reply := acts(func(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error) {
		return d.Reply(ctx, by, id, desk.ReplyRequest{Text: "好"})
	})
	step("opened", 0, says(escalate("N1")))
	if k, err := nodes[0].FindTicket(t.Context(), "N1"); err != nil || !k.CustomerAt.Equal(now) {
		t.Errorf("at first the customer waits since %v, %v", k.CustomerAt, err)
	}
	step("the bot answers", time.Minute, says(say("a")))
	step("claimed", 2*time.Minute, acts(d.Claim))
	step("answered", 0, reply)
	step("the customer says thanks", 0, says(say("a"))) // now
	step("and asks", time.Minute, says(say("a")))
	step("noted", 2*time.Minute, acts(func(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error) {
		return d.Note(ctx, by, id, "x")
	}))
	step("back to the queue", 3*time.Minute, acts(func(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error) {
		return d.Transfer(ctx, by, id, "")
	}))
	step("called off", 0, says(withdraw))
	step("asks the bot", 0, says(say("a")))
}

// withdrawalCloses: the customer closes the ticket in a turn, and everybody hears of it.
func withdrawalCloses(t *testing.T, h *house) {
	h.follow = []chat.Destination{{Channel: "telegram-desk", Account: "shop"}}
	s := h.node(t)
	c := found(t, s, "1")
	k := turn(t, s, said(c, "1", "人工"), escalate("N1")).Ticket
	act(t, s, k.ID, desk.Change{Event: desk.EventNoted, Note: "x"}) // the ticket's version moves, the conversation's does not
	drainActivities(t, s, chat.SendingSent)
	turn(t, s, said(c, "2", "取消"), withdraw)
	want := []string{`customer "取消" 2 ""`, `bot "已取消" "" ticket.closed`}
	if got := drainActivities(t, s, chat.SendingSent); !slices.Equal(got, want) {
		t.Errorf("followers heard %q, want %q", got, want)
	}
	after, err := s.FindTicket(t.Context(), k.ID)
	if err != nil || after.State != desk.StateClosed || after.Outcome != desk.OutcomeWithdrawn || after.Summary != k.Summary {
		t.Errorf("the ticket is %+v, %v", after, err)
	}
	audit, err := s.ListAudit(t.Context(), k.ID, 10)
	if err != nil || len(audit) != 3 || audit[2].By != "customer" || audit[2].Event != string(desk.EventClosed) {
		t.Errorf("audit %+v, %v", audit, err)
	}
	if got := turn(t, s, said(c, "3", "转人工"), escalate("N2")); got.Ticket == nil || got.Newest != "N2" {
		t.Errorf("afterwards %+v", got)
	}
	if newest, err := s.FindNewest(t.Context(), c.ID); err != nil || newest.Number != "N2" {
		t.Errorf("the newest is %+v, %v", newest, err)
	}
	_, err = s.FindNewest(t.Context(), opened(t, s, "none").ID)
	wants(t, err, chat.ErrNotFound)
	claimed, err := deskOf(s).Claim(t.Context(), li(), "N2")
	if err != nil {
		t.Fatal(err)
	}
	turn(t, s, said(c, "4", "取消"), withdraw) // that an agent holds, the bot asked before
	if after, err := s.FindTicket(t.Context(), claimed.ID); err != nil || after.State != desk.StateClosed || after.Assignee != "li" {
		t.Errorf("the held ticket is %+v, %v", after, err)
	}
}

// withdrawalOrClaim: of a customer who calls off and an agent who claims at the same time each sees what the other did.
func withdrawalOrClaim(t *testing.T, h *house) {
	nodes := []*store.Store{h.node(t), h.node(t)}
	const races = 40
	var withdrawn, claimed atomic.Int64
	crowd(8, races, func(i int) {
		number := fmt.Sprint("N", i)
		c, _, err := nodes[0].OpenConversation(t.Context(), chat.OpenRequest{Channel: "widget"})
		if err == nil {
			_, err = nodes[0].Turn(t.Context(), said(c, "1", "人工"), escalate(number))
		}
		if err != nil {
			t.Error(err)
			return
		}
		var both sync.WaitGroup
		var calledOff bool
		var claim error
		both.Go(func() {
			_, err := nodes[0].Turn(t.Context(), said(c, "2", "取消"), func(ctx context.Context, s *bot.Session) (bot.Outcome, error) {
				if calledOff = s.Holder != chat.HolderAgent; !calledOff {
					return bot.Outcome{Silent: true}, nil
				}
				return withdraw(ctx, s)
			})
			if err != nil {
				t.Error(err)
			}
		})
		both.Go(func() { _, claim = deskOf(nodes[1]).Claim(t.Context(), li(), number) })
		both.Wait()
		k, err := nodes[1].FindTicket(t.Context(), number)
		switch {
		case err != nil, claim != nil && !errors.Is(claim, chat.ErrConflict):
			t.Error(err, claim)
		case calledOff && k.State == desk.StateClosed:
			withdrawn.Add(1)
		case !calledOff && claim == nil && k.State == desk.StateHeld && k.Assignee == "li":
			claimed.Add(1)
		default:
			t.Errorf("the ticket is %s of %q, called off %t, claimed with %v", k.State, k.Assignee, calledOff, claim)
		}
	})
	t.Logf("%d called off, %d claimed", withdrawn.Load(), claimed.Load())
}

// unattendedReturnOnce: a held ticket goes back once, whatever number of nodes look, and only where the customer waits
// for somebody who is away.
func unattendedReturnOnce(t *testing.T, h *house) {
	var clock atomic.Int64
	clock.Store(1_800_000_000_000)
	h.clock = func() time.Time { return time.UnixMilli(clock.Load()) }
	pass := func(d time.Duration) { clock.Add(d.Milliseconds()) }
	nodes := []*store.Store{h.node(t), h.node(t), h.node(t)}
	s, d := nodes[0], deskOf(nodes[0])
	c := opened(t, s, "w")
	turn(t, s, said(c, "1", "人工"), escalate("N1"))
	if _, err := d.Reply(t.Context(), li(), "N1", desk.ReplyRequest{Text: "在"}); err != nil {
		t.Fatal(err)
	}
	const after = 10 * time.Minute
	sweep := func(want int64) {
		t.Helper()
		var returned atomic.Int64
		var all sync.WaitGroup
		for _, node := range nodes {
			all.Go(func() {
				n, err := deskOf(node).ReturnUnattended(t.Context(), &desk.Hours{}, after, h.clock())
				if err != nil {
					t.Error(err)
				}
				returned.Add(int64(n))
			})
		}
		all.Wait()
		if returned.Load() != want {
			t.Errorf("%d went back, want %d", returned.Load(), want)
		}
	}
	pass(time.Hour) // nobody waits for anything
	sweep(0)
	turn(t, s, said(c, "2", "还没到"), silent(nil))
	pass(after - time.Second)
	sweep(0)
	if err := s.NoteSeen(t.Context(), "li"); err != nil {
		t.Fatal(err)
	}
	pass(time.Minute) // the customer has waited long enough, but the agent is about
	sweep(0)
	pass(after)
	sweep(1)
	sweep(0)
	k, err := s.FindTicket(t.Context(), "N1")
	if err != nil || k.State != desk.StateWaiting || k.Assignee != "" || k.CustomerAt.IsZero() {
		t.Errorf("the ticket is %+v, %v", k, err)
	}
	if got := lines(t, s, c.ID); got[len(got)-1] != "system: 排队" {
		t.Errorf("the customer reads %q", got)
	}
	if c, err := s.FindConversation(t.Context(), c.ID); err != nil || c.Holder != chat.HolderBot {
		t.Errorf("the holder is %q, %v", c.Holder, err)
	}
}
