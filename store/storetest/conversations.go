package storetest

import (
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/store"
)

func conversationsAreTheirOwners(t *testing.T, h *house) {
	s := h.node(t)
	in := chat.OpenRequest{
		Channel: "widget", Account: "default", Customer: chat.Customer{ID: "w", Name: "王"},
		Device: chat.Device{Serial: "SN1", Contact: "138****8000"}, SealContact: func(string) ([]byte, error) { return []byte("x"), nil },
	}
	c, token, err := s.OpenConversation(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	other, otherToken, err := s.OpenConversation(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(token) != 43 || token == otherToken || c.ID == other.ID {
		t.Errorf("tokens %q %q, ids %q %q", token, otherToken, c.ID, other.ID)
	}
	got, err := s.Authorize(t.Context(), c.ID, token)
	if err != nil || got != c || got.Device.Contact != "138****8000" || got.Device.Serial != "SN1" || got.Holder != chat.HolderBot {
		t.Errorf("authorized %+v, %v; opened %+v", got, err, c)
	}
	in.Device.Contact, in.SealContact = "13800138000", nil
	if bare, _, err := s.OpenConversation(t.Context(), in); err != nil || bare.Device.Contact != "" {
		t.Errorf("a contact that nobody sealed is kept: %+v, %v", bare, err)
	}
	pushed, err := s.EnsureConversation(t.Context(), chat.OpenRequest{Channel: "telegram", Address: "1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range [][2]string{{c.ID, otherToken}, {c.ID, ""}, {"none", token}, {"", ""}, {pushed.ID, ""}} {
		_, err := s.Authorize(t.Context(), in[0], in[1])
		wants(t, err, chat.ErrForbidden)
	}
	_, err = s.FindConversation(t.Context(), "none")
	wants(t, err, chat.ErrNotFound)
}

func findIsOneThread(t *testing.T, h *house) {
	nodes := []*store.Store{h.node(t), h.node(t)}
	var mu sync.Mutex
	ids := map[string]bool{}
	crowd(16, 64, func(i int) {
		c, err := nodes[i%2].EnsureConversation(t.Context(), chat.OpenRequest{Channel: "telegram", Account: "default", Address: "42"})
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		ids[c.ID] = true
	})
	if len(ids) != 1 || ids[""] {
		t.Errorf("found %v, want one thread", ids)
	}
	other, err := nodes[0].EnsureConversation(t.Context(), chat.OpenRequest{Channel: "telegram", Account: "second", Address: "42"})
	if err != nil || ids[other.ID] {
		t.Errorf("another account shares the thread: %v", err)
	}
}

func entriesPage(t *testing.T, h *house) {
	s := h.node(t)
	c := opened(t, s, "w")
	for i := range 5 {
		turn(t, s, said(c, fmt.Sprint(i), "q"), say("a"))
	}
	var seqs []int64
	for after := int64(0); ; {
		page, err := s.ListEntries(t.Context(), c.ID, after, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, e := range page {
			seqs = append(seqs, e.Seq)
		}
		after = seqs[len(seqs)-1]
	}
	if fmt.Sprint(seqs) != "[1 2 3 4 5 6 7 8 9 10]" {
		t.Errorf("paged %v", seqs)
	}
}

// newEntriesOfMany: what is read of many conversations at once is what is read of each.
func newEntriesOfMany(t *testing.T, h *house) {
	s := h.node(t)
	after := map[string]int64{"none": 0}
	for i := range 6 {
		c := opened(t, s, "w")
		for n := range []int{0, 1, 1, 2, 3, 20}[i] {
			m := said(c, fmt.Sprint(n), "q")
			if n == 1 {
				m.Attachments = []chat.Attachment{{ID: fmt.Sprint("p", i), Type: "image/jpeg", Size: 1, Width: 2, Height: 3}}
			}
			turn(t, s, m, say("a"))
		}
		after[c.ID] = []int64{0, 0, 2, 1, 0, 0}[i]
	}
	all, err := s.ListNewEntries(t.Context(), after)
	if err != nil {
		t.Fatal(err)
	}
	for id, seq := range after {
		want, err := s.ListEntries(t.Context(), id, seq, chat.NewEntriesRange)
		if got := all[id]; err != nil || len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("behind %d: %+v, want %+v, %v", seq, got, want, err)
		}
	}
	if len(all) != 4 {
		t.Errorf("entries of %d conversations, want 4", len(all))
	}
}

func ratingsAndAttachments(t *testing.T, h *house) {
	s := h.node(t)
	c, other := opened(t, s, "w"), opened(t, s, "x")
	keeps(t, s, "p2", true) // no entry has any picture: it may be the wrong database
	m := said(c, "1", "q")
	m.Attachments = []chat.Attachment{{ID: "p1", Type: "image/jpeg", Size: 1, Width: 2, Height: 3}}
	got := turn(t, s, m, say("a"))
	for _, helpful := range []bool{true, false} {
		if err := s.RateEntry(t.Context(), c.ID, got.Replies[0].ID, helpful); err != nil {
			t.Error(err)
		}
	}
	wants(t, s.RateEntry(t.Context(), c.ID, got.Message.ID, true), chat.ErrNotFound)
	wants(t, s.RateEntry(t.Context(), other.ID, got.Replies[0].ID, true), chat.ErrNotFound)
	p, err := s.FindAttachment(t.Context(), c.ID, "p1")
	if err != nil || p != m.Attachments[0] {
		t.Errorf("attachment %+v, %v", p, err)
	}
	_, err = s.FindAttachment(t.Context(), other.ID, "p1")
	wants(t, err, chat.ErrNotFound)
	keeps(t, s, "p1", true)
	keeps(t, s, "p2", false)
}

func keeps(t *testing.T, s *store.Store, picture string, want bool) {
	t.Helper()
	if got, err := s.AttachmentInUse(t.Context(), picture); got != want || err != nil {
		t.Errorf("AttachmentInUse(%s) = %v, %v; want %v", picture, got, err, want)
	}
}
