package node

import (
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/chat"
)

// TestLostKey: once something is sealed no new key is made in silence, and a wrong one is told.
func TestLostKey(t *testing.T) {
	cfg := Config{Data: t.TempDir(), Content: smallGuide}
	path := cfg.File(KeyFile)
	var n *Node
	reopen := func() error {
		if n != nil {
			if err := n.Close(); err != nil {
				t.Fatal(err)
			}
			n = nil
		}
		again, err := Open(t.Context(), cfg, Environment{Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(), OpenStore: OpenStore})
		if err == nil {
			n = again
		}
		return err
	}
	t.Cleanup(func() { _ = n.Close() })
	if err := reopen(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := reopen(); err != nil {
		t.Fatalf("nothing is sealed yet, and still no new key is made: %v", err)
	}
	o := n.inbox.Sanitize(chat.OpenRequest{Channel: "api", Device: chat.Device{Contact: "13812345678"}})
	if _, _, err := n.store.OpenConversation(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	house := func() housekeeper { return housekeeper{n.store, n.media, 0, n.Log, n.panics} }
	if house().reseal(t.Context(), n.inbox.Sealer) || n.keyProblem() != "" {
		t.Error("its own key is called a wrong one")
	}
	key, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := reopen(); err == nil || !strings.Contains(err.Error(), "put your copy of it back") {
		t.Errorf("without its key it opens: %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a new key was made beside what is sealed")
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("5a", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := reopen(); err != nil {
		t.Fatal(err)
	}
	n.wrongKey.Store(house().reseal(t.Context(), n.inbox.Sealer))
	if got := strings.Join(n.problems(), ""); !strings.Contains(got, "a key that is not among ours") {
		t.Errorf("the problems are %q with a wrong key", got)
	}
	if err := os.WriteFile(path, append([]byte(strings.Repeat("5a", 32)+"\n"), key...), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := reopen(); err != nil {
		t.Fatal(err)
	}
	if house().reseal(t.Context(), n.inbox.Sealer) {
		t.Error("the key that sealed it is there again")
	}
}
