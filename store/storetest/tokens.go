package storetest

import (
	"sync"
	"testing"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/store"
)

// furtherTokens gives a conversation more tokens than it may have: all of the newest open it and no other, on every
// node, beside the first, and go with it.
func furtherTokens(t *testing.T, h *house) {
	nodes := []*store.Store{h.node(t), h.node(t)}
	c, first, err := nodes[0].OpenConversation(t.Context(), chat.OpenRequest{Channel: "widget", Account: "default"})
	if err != nil {
		t.Fatal(err)
	}
	other := opened(t, nodes[0], "other")
	var tokens []string
	for range 20 {
		token, err := nodes[0].IssueToken(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, token)
	}
	for _, token := range append(tokens, first) {
		if got, err := nodes[1].Authorize(t.Context(), c.ID, token); err != nil || got.ID != c.ID {
			t.Errorf("authorized %+v, %v", got, err)
		}
		_, err := nodes[1].Authorize(t.Context(), other.ID, token)
		wants(t, err, chat.ErrForbidden)
	}
	if _, err := nodes[0].IssueToken(t.Context(), c.ID); err != nil {
		t.Error(err)
	}
	open := 0
	for _, token := range tokens {
		if _, err := nodes[1].Authorize(t.Context(), c.ID, token); err == nil {
			open++
		}
	}
	if open != len(tokens)-1 {
		t.Errorf("behind one more token, %d of %d open the conversation still", open, len(tokens))
	}
	_, err = nodes[0].IssueToken(t.Context(), "none")
	wants(t, err, chat.ErrNotFound)
	if _, err := nodes[0].Forget(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	_, err = nodes[1].Authorize(t.Context(), c.ID, tokens[len(tokens)-1])
	wants(t, err, chat.ErrForbidden)
}

// oneConversationForAVouchedCustomer lets many devices of one customer come at once, on two nodes, and clears it.
func oneConversationForAVouchedCustomer(t *testing.T, h *house) {
	nodes := []*store.Store{h.node(t), h.node(t)}
	vouched := chat.OpenRequest{Channel: "widget", Account: "default", Customer: chat.Customer{ID: "u1", Name: "王"}}
	unsigned, _, err := nodes[0].OpenConversation(t.Context(), vouched)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	ids, began := map[string]bool{}, 0
	crowd(8, 16, func(i int) {
		c, token, opened, err := nodes[i%2].JoinConversation(t.Context(), vouched)
		if err == nil {
			_, err = nodes[(i+1)%2].Authorize(t.Context(), c.ID, token)
		}
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		ids[c.ID] = true
		if opened {
			began++
		}
	})
	if len(ids) != 1 || began != 1 || ids[unsigned.ID] {
		t.Errorf("joined %v, opened %d; the unsigned one is %s", ids, began, unsigned.ID)
	}
	stranger, _, opened, err := nodes[0].JoinConversation(t.Context(), chat.OpenRequest{Channel: "widget", Account: "default", Customer: chat.Customer{ID: "u2"}})
	if err != nil || !opened || ids[stranger.ID] {
		t.Errorf("another customer joined %+v, %v, %v", stranger, opened, err)
	}
	for id := range ids {
		if err := nodes[0].LeaveConversation(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	next, _, opened, err := nodes[1].JoinConversation(t.Context(), vouched)
	if err != nil || !opened || ids[next.ID] {
		t.Errorf("behind clearing joined %+v, %v, %v", next, opened, err)
	}
	if _, _, _, err := nodes[0].JoinConversation(t.Context(), chat.OpenRequest{Channel: "widget"}); err == nil {
		t.Error("nobody joined something")
	}
}
