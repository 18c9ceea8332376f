package storetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/store"
)

// kvIsKept: with a message, with a settling, by themselves; claimed once; gone when their time is
// over or their conversation is erased.
func kvIsKept(t *testing.T, h *house) {
	s := h.node(t)
	c := found(t, s, "1")
	m := said(c, "1", "q")
	m.KV = []chat.KV{{Key: "own", Value: []byte("a")}, {Key: "own", Value: []byte("b")}, {Key: "brief", Value: []byte("x")}, {Key: "brief"}}
	m.Cursor = &chat.KV{Key: "cursor", Value: []byte{0, 1}}
	turn(t, s, m, say("a"))
	taken, err := s.Lease(t.Context(), time.Now(), time.Minute, 1)
	if err != nil || len(taken) != 1 {
		t.Fatalf("took %v, %v", taken, err)
	}
	end := chat.Settlement{State: chat.SendingSent, KV: []chat.KV{{Key: "twin", Value: []byte("7"), Conversation: c.ID}}}
	if err := s.Settle(t.Context(), taken[0].ID, end); err != nil {
		t.Fatal(err)
	}
	if err := s.SetKV(t.Context(), chat.KV{Key: "short", Value: []byte("s"), ExpiresAt: time.Now().Add(-time.Second)},
		chat.KV{Key: "long", Value: []byte("l"), ExpiresAt: time.Now().Add(time.Hour)}, chat.KV{Key: "gone", Value: []byte("g")}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetKV(t.Context(), chat.KV{Key: "gone"}); err != nil {
		t.Fatal(err)
	}
	if got, want := values(t, s, "own", "brief", "cursor", "twin", "short", "long", "gone"), []string{"b", "", "\x00\x01", "7", "", "l", ""}; !slices.Equal(got, want) {
		t.Errorf("values %q, want %q", got, want)
	}
	for i, want := range []string{"first", "first"} {
		got, err := s.ClaimKV(t.Context(), chat.KV{Key: "claimed", Value: []byte([]string{"first", "second"}[i])})
		if err != nil || string(got) != want {
			t.Errorf("claimed %q, %v, want %q", got, err, want)
		}
	}
	if got, err := s.ClaimKV(t.Context(), chat.KV{Key: "short", Value: []byte("anew")}); err != nil || string(got) != "anew" {
		t.Errorf("claimed %q over one whose time is over, %v", got, err)
	}
	if err := s.SetKV(t.Context(), chat.KV{Key: "big", Value: make([]byte, chat.MaxKVValue+1)}); err == nil {
		t.Error("a value of any size is kept")
	}
	if _, err := s.Forget(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteExpiredKV(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := values(t, s, "own", "cursor", "twin"), []string{"", "\x00\x01", ""}; !slices.Equal(got, want) {
		t.Errorf("values %q after the erasure, want %q", got, want)
	}
}

// claimsHaveOneWinner lets two nodes claim one key.
func claimsHaveOneWinner(t *testing.T, h *house) {
	nodes := []*store.Store{h.node(t), h.node(t)}
	const each = 8
	got := make([]string, each)
	crowd(each, each, func(i int) {
		kept, err := nodes[i%2].ClaimKV(t.Context(), chat.KV{Key: "topic", Value: []byte(fmt.Sprint(i))})
		if err != nil {
			t.Error(err)
		}
		got[i] = string(kept)
	})
	slices.Sort(got)
	if got[0] == "" || got[0] != got[each-1] {
		t.Errorf("the claims got %q", got)
	}
}

// lanesAreHandedOver: what is said is left to the channel for a while, which may take the whole lane.
func lanesAreHandedOver(t *testing.T, h *house) {
	s := h.node(t)
	c := found(t, s, "1")
	for i := range 2 {
		m := said(c, fmt.Sprint(i), "q")
		m.ReplyWindow = time.Hour
		turn(t, s, m, say(fmt.Sprint("a", i)))
	}
	if taken := drain(t, s); len(taken) != 0 {
		t.Fatalf("the courier took %d that are left to the channel", len(taken))
	}
	taken, err := s.LeaseLane(t.Context(), c.ID, 0, time.Minute)
	if err != nil || len(taken) != 2 || seqOf(taken[0]) != "2" || seqOf(taken[1]) != "4" {
		t.Fatalf("took %+v, %v", taken, err)
	}
	if again, err := s.LeaseLane(t.Context(), c.ID, 0, time.Minute); err != nil || len(again) != 0 {
		t.Errorf("took %+v twice, %v", again, err)
	}
	settle(t, s, taken[0].ID, chat.Settlement{State: chat.SendingSent})
	settle(t, s, taken[1].ID, chat.Settlement{State: chat.SendingQueued, Untried: true, PartsSent: 3})
	head, err := s.Lease(t.Context(), time.Now(), time.Minute, 1)
	if err != nil || len(head) != 1 || head[0].ID != taken[1].ID || head[0].Attempts != 1 || head[0].PartsSent != 3 {
		t.Fatalf("the courier took %+v, %v", head, err)
	}
	m := said(c, "3", "q")
	turn(t, s, m, say("a3"))
	if busy, err := s.LeaseLane(t.Context(), c.ID, 0, time.Minute); err != nil || len(busy) != 0 {
		t.Errorf("took %+v over a lease, %v", busy, err)
	}
	rest, err := s.LeaseLane(t.Context(), c.ID, head[0].ID, time.Minute)
	if err != nil || len(rest) != 1 || seqOf(rest[0]) != "6" {
		t.Errorf("took %+v behind its own, %v", rest, err)
	}
}

// followersHearAll: while a conversation has an open ticket every entry is told, and what opens and closes
// it; an entry that did not reach the customer is told as lost.
func followersHearAll(t *testing.T, h *house) {
	h.follow = []chat.Destination{{Channel: "telegram-desk", Account: "shop"}}
	s := h.node(t)
	c := found(t, s, "1")
	turn(t, s, said(c, "1", "q"), say("a"))
	turn(t, s, said(c, "2", "人工"), escalate("N1"))
	turn(t, s, said(c, "3", "在吗"), say("请先问我"))
	act(t, s, "N1", desk.Change{
		Event: desk.EventReplied, ClientID: "tg:9", Ticket: desk.Ticket{State: desk.StateHeld}, Holder: chat.HolderAgent,
		Say: []chat.Entry{{From: chat.FromSystem, Text: "已接手"}, {From: chat.FromAgent, Text: "在的"}},
	})
	act(t, s, "N1", desk.Change{Event: desk.EventNoted, Note: "内部"})
	want := []string{
		`customer "人工" 2 ""`, `bot "转人工" "" ""`, `system "等待人工" "" ticket.opened`,
		`customer "在吗" 3 ""`, `bot "请先问我" "" ""`, `system "已接手" "" ""`, `agent "在的" by li tg:9 ticket.replied`,
	}
	if got := drainActivities(t, s, chat.SendingSent); !slices.Equal(got, want) {
		t.Errorf("followers heard\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	act(t, s, "N1", desk.Change{
		Event: desk.EventReplied, Ticket: desk.Ticket{State: desk.StateHeld}, Say: []chat.Entry{{From: chat.FromAgent, Text: "查到了"}},
	})
	want = []string{`agent "查到了" by li "" ticket.replied`, `agent "查到了" "" "" maybe lost: no answer`}
	if got := drainActivities(t, s, chat.SendingUnknown); !slices.Equal(got, want) {
		t.Errorf("of what may be lost followers heard %q, want %q", got, want)
	}
	if got, err := s.ListUndelivered(t.Context(), c.ID); err != nil || len(got) != 1 || got[10].State != chat.SendingUnknown || got[10].Reason != "no answer" {
		t.Errorf("undelivered %+v, %v", got, err)
	}
	act(t, s, "N1", desk.Change{
		Event: desk.EventClosed, Ticket: desk.Ticket{State: desk.StateClosed}, Holder: chat.HolderBot,
		Say: []chat.Entry{{From: chat.FromSystem, Text: "结束"}},
	})
	turn(t, s, said(c, "4", "q"), say("a"))
	if got, want := drainActivities(t, s, chat.SendingSent), []string{`system "结束" "" ticket.closed`}; !slices.Equal(got, want) {
		t.Errorf("at the end followers heard %q, want %q", got, want)
	}
}

// drainActivities empties the outbox: what customers get ends in state, and the lines of followers are returned.
func drainActivities(t *testing.T, s *store.Store, state chat.SendingState) (told []string) {
	t.Helper()
	for {
		taken, err := s.Lease(t.Context(), time.Now(), time.Minute, 50)
		if err != nil {
			t.Fatal(err)
		}
		if len(taken) == 0 {
			return told
		}
		for _, m := range taken {
			end := chat.Settlement{State: chat.SendingSent}
			switch m.Channel {
			case "telegram-desk":
				told = append(told, activityOf(t, m))
			case "telegram":
				end = chat.Settlement{State: state, Reason: "no answer"}
			}
			settle(t, s, m.ID, end)
		}
	}
}

// activityOf is a desk.Activity on one line.
func activityOf(t *testing.T, m chat.Sending) string {
	t.Helper()
	var l desk.Activity
	if err := json.Unmarshal(m.Body, &l); err != nil {
		t.Fatal(err)
	}
	if l.Ticket == nil || l.Ticket.Number != "N1" || l.Conversation.Address != "1" || m.Account != "shop" {
		t.Errorf("line %+v to %q", l, m.Account)
	}
	quoted := func(s string) string {
		if s == "" {
			return `""`
		}
		return s
	}
	by := ""
	if l.By != "" {
		by = "by " + l.By + " "
	}
	text := fmt.Sprintf("%s %q %s%s %s", l.Entry.From, l.Entry.Text, by, quoted(l.ExternalID), quoted(string(l.Event)))
	switch {
	case l.Unknown:
		text += " maybe lost: " + l.Lost
	case l.Lost != "":
		text += " lost: " + l.Lost
	}
	return text
}

func found(t *testing.T, s *store.Store, address string) chat.Conversation {
	t.Helper()
	c, err := s.EnsureConversation(t.Context(), chat.OpenRequest{Channel: "telegram", Account: "default", Address: address})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func settle(t *testing.T, s *store.Store, id int64, end chat.Settlement) {
	t.Helper()
	if err := s.Settle(t.Context(), id, end); err != nil {
		t.Fatal(err)
	}
}

// values are the values of keys, "" for what is missing.
func values(t *testing.T, s *store.Store, keys ...string) (out []string) {
	t.Helper()
	for _, key := range keys {
		value, err := s.GetKV(t.Context(), key)
		if value == nil {
			wants(t, err, chat.ErrNotFound)
		}
		out = append(out, string(value))
	}
	return out
}
