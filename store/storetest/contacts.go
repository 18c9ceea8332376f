package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/store"
)

// contactsAreResealed: two nodes at once seal every contact anew that needs it, once each; what cannot be opened,
// and what changes meanwhile, stays.
func contactsAreResealed(t *testing.T, h *house) {
	nodes := []*store.Store{h.node(t), h.node(t)}
	const old = 250
	want := map[string]string{} // what is sealed in the end, by the ticket's number
	add := func(sealed string) chat.Conversation {
		t.Helper()
		c, _, err := nodes[0].OpenConversation(t.Context(), chat.OpenRequest{
			Channel: "widget", SealContact: func(id string) ([]byte, error) { return []byte(strings.ReplaceAll(sealed, "ID", id)), nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		number := fmt.Sprint("N", len(want))
		turn(t, nodes[0], said(c, number, "人工"), escalate(number))
		want[number] = strings.NewReplacer("old", "new "+c.ID, "ID", c.ID).Replace(sealed)
		return c
	}
	if any, err := nodes[0].HasSealedContacts(t.Context()); any || err != nil {
		t.Errorf("before any contact is sealed one is: %v, %v", any, err)
	}
	for i := range old {
		add(fmt.Sprint("old ", i))
	}
	add("new ID bound already")
	add("of a stranger")
	busy := add("old busy")
	want[fmt.Sprint("N", len(want)-1)] = "new another"
	if any, err := nodes[1].HasSealedContacts(t.Context()); !any || err != nil {
		t.Errorf("no contact is sealed: %v", err)
	}
	unknownKey := errors.New("sealed with an unknown key")
	var resealed atomic.Int64
	var changed atomic.Bool
	crowd(2, 2, func(i int) {
		n, err := nodes[i].ResealContacts(t.Context(), func(conversation string, sealed []byte) ([]byte, error) {
			if conversation == busy.ID && changed.CompareAndSwap(false, true) { // the customer gives another one just now
				turn(t, nodes[i], said(busy, "another", "q"), silent([]byte("new another")))
			}
			if contact, ok := bytes.CutPrefix(sealed, []byte("old ")); ok {
				return fmt.Appendf(nil, "new %s %s", conversation, contact), nil
			}
			if !bytes.HasPrefix(sealed, []byte("new ")) {
				return nil, unknownKey
			}
			return nil, nil
		})
		resealed.Add(int64(n))
		wants(t, err, unknownKey)
	})
	if n := resealed.Load(); n != old && n != old+1 { // one node may have replaced the busy one's before the customer did
		t.Errorf("%d contacts were replaced, want %d", n, old)
	}
	for number, want := range want {
		if sealed, err := nodes[1].RevealContact(t.Context(), number, desk.Agent{Name: "li"}); string(sealed) != want || err != nil {
			t.Errorf("of ticket %s %q is kept, %v; want %q", number, sealed, err, want)
		}
	}
	failing := errors.New("no entropy")
	_, _, err := nodes[0].OpenConversation(t.Context(), chat.OpenRequest{Channel: "widget", SealContact: func(string) ([]byte, error) { return nil, failing }})
	wants(t, err, failing)
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
