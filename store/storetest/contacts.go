package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
)

// contactsAreResealed: contacts that were sealed for no conversation are bound to theirs, by two nodes at once and
// once each, and open before and after; what cannot be opened, and what changes meanwhile, stays.
func contactsAreResealed(t *testing.T, h *house) {
	nodes := []*store.Store{h.node(t), h.node(t)}
	sealer, err := privacy.NewSealer(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := privacy.NewSealer(append(make([]byte, 31), 1))
	if err != nil {
		t.Fatal(err)
	}
	const old = 250
	before := map[string]string{} // by the ticket's number
	numbers := map[string]string{}
	add := func(contact string, seal func(conversation string) ([]byte, error)) chat.Conversation {
		t.Helper()
		c, _, err := nodes[0].OpenConversation(t.Context(), chat.OpenRequest{Channel: "widget", SealContact: seal})
		if err != nil {
			t.Fatal(err)
		}
		number := fmt.Sprint("N", len(before))
		turn(t, nodes[0], said(c, number, "人工"), escalate(number))
		before[number], numbers[c.ID] = contact, number
		return c
	}
	for i := range old {
		contact := fmt.Sprint(13800000000 + i)
		add(contact, func(string) ([]byte, error) { return sealer.Seal(contact, "contact") })
	}
	add("13900000000", func(conversation string) ([]byte, error) { return sealer.SealContact(conversation, "13900000000") })
	add("", func(string) ([]byte, error) { return stranger.Seal("x", "contact") })
	busy := add("13700000002", func(string) ([]byte, error) { return sealer.Seal("13700000001", "contact") })
	var resealed atomic.Int64
	var changed atomic.Bool
	crowd(2, 2, func(i int) {
		n, err := nodes[i].ResealContacts(t.Context(), func(conversation string, sealed []byte) ([]byte, error) {
			if conversation == busy.ID && changed.CompareAndSwap(false, true) { // the customer gives another one just now
				if _, err := sealAnother(t, nodes[i], sealer, busy); err != nil {
					t.Error(err)
				}
			}
			return sealer.ResealContact(conversation, sealed)
		})
		resealed.Add(int64(n))
		wants(t, err, privacy.ErrUnknownKey)
	})
	if resealed.Load() != old {
		t.Errorf("%d contacts were replaced, want %d", resealed.Load(), old)
	}
	if n, err := nodes[0].ResealContacts(t.Context(), sealer.ResealContact); n != 0 || !errors.Is(err, privacy.ErrUnknownKey) {
		t.Errorf("again %d contacts were replaced, %v", n, err)
	}
	for conversation, number := range numbers {
		sealed, err := nodes[1].RevealContact(t.Context(), number, desk.Agent{Name: "li"})
		if err != nil {
			t.Fatal(err)
		}
		got, err := sealer.UnsealContact(conversation, sealed)
		if got != before[number] || (err == nil) != (got != "") {
			t.Errorf("the contact of %s is %q, %v; want %q", number, got, err, before[number])
		}
		if got, err := sealer.UnsealContact("another", sealed); err == nil {
			t.Errorf("the contact of %s opens in another conversation as %q", number, got)
		}
	}
}

// sealAnother does a turn in which the customer gives another contact.
func sealAnother(t *testing.T, s *store.Store, sealer *privacy.Sealer, c chat.Conversation) (bot.TurnResult, error) {
	t.Helper()
	sealed, err := sealer.SealContact(c.ID, "13700000002")
	if err != nil {
		return bot.TurnResult{}, err
	}
	return s.Turn(t.Context(), said(c, "another", "13700000002"), silent(sealed))
}

// quotesAndCorrections are kept with an agent's entry, and travel to the customer and the followers; what the
// conversation does not have is dropped, and the words stay.
func quotesAndCorrections(t *testing.T, h *house) {
	h.follow = []chat.Destination{{Channel: "telegram-desk", Account: "shop"}}
	s := h.node(t)
	c := found(t, s, "1")
	turn(t, s, said(c, "1", "人工"), escalate("N1")) // entries 1 to 3
	for _, test := range []struct{ quotes, corrects, wantQuotes, wantCorrects int64 }{
		{1, 0, 1, 0},   // 4
		{0, 4, 0, 4},   // 5
		{2, 4, 2, 4},   // 6
		{9, 1, 0, 0},   // 7: no such entry, and none of an agent
		{-1, 99, 0, 0}, // 8
		{8, 9, 8, 0},   // 9: not itself
	} {
		act(t, s, "N1", desk.Change{
			Event: desk.EventReplied, Ticket: desk.Ticket{State: desk.StateHeld},
			Say: []chat.Entry{{From: chat.FromAgent, Text: "同样的话", QuotesSeq: test.quotes, CorrectsSeq: test.corrects}},
		})
		entries, err := s.ListEntries(t.Context(), c.ID, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		last := entries[len(entries)-1]
		if last.Text != "同样的话" || last.QuotesSeq != test.wantQuotes || last.CorrectsSeq != test.wantCorrects {
			t.Errorf("%+v: kept %+v", test, last)
		}
	}
	type references struct{ seq, quotes, corrects int64 }
	want := []references{{4, 1, 0}, {5, 0, 4}, {6, 2, 4}, {7, 0, 0}, {8, 0, 0}, {9, 8, 0}}
	sent := map[string][]references{}
	for _, m := range drain(t, s) {
		if e, ok := entryOf(t, m); ok && e.From == chat.FromAgent {
			sent[m.Channel] = append(sent[m.Channel], references{e.Seq, e.QuotesSeq, e.CorrectsSeq})
		}
	}
	for _, channel := range []string{"telegram", "telegram-desk"} {
		if !slices.Equal(sent[channel], want) {
			t.Errorf("%s got %v, want %v", channel, sent[channel], want)
		}
	}
}
