package store_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

// counter notes what statements a store runs, each as what it does and to which table.
type counter struct {
	mu    sync.Mutex
	texts []string
}

// gist is what a statement does, and to which table.
var gist = regexp.MustCompile(`^(?s:BEGIN|COMMIT|(INSERT INTO|DELETE FROM|UPDATE) \w+|WITH v .*UPDATE conversations|SELECT)`)

func (c *counter) add(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	short := gist.FindString(text)
	if strings.HasPrefix(short, "WITH") {
		short = "UPDATE conversations"
	}
	c.texts = append(c.texts, short)
}

// during are the statements that a deed takes.
func (c *counter) during(t *testing.T, deed func() error) []string {
	t.Helper()
	c.mu.Lock()
	c.texts = nil
	c.mu.Unlock()
	if err := deed(); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.texts)
}

// TestStatements counts what an ordinary turn asks of either database: nothing but its commit where the node did the turn
// before, and one read more where it did not.
func TestStatements(t *testing.T) {
	pg := storetest.StartPostgres(t, "fsync = off")
	for name, o := range map[string]store.Options{"SQLite": {Dir: t.TempDir()}, "PostgreSQL": {DSN: pg.Database(t)}} {
		t.Run(name, func(t *testing.T) { countStatements(t, o.Patient()) })
	}
}

func countStatements(t *testing.T, o store.Options) {
	o.Push = func(channel string) bool { return channel == "telegram" }
	var warm, cold counter
	s, other, fresh := open(t, o.Traced(warm.add)), open(t, o.Traced(cold.add)), open(t, o.Traced(cold.add))
	ctx := t.Context()
	c, token, err := s.OpenConversation(ctx, chat.OpenRequest{Channel: "widget"})
	if err != nil {
		t.Fatal(err)
	}
	further, err := s.IssueToken(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	pushed, err := s.EnsureConversation(ctx, chat.OpenRequest{Channel: "telegram", Account: "default", Address: "1"})
	if err != nil {
		t.Fatal(err)
	}
	turn := func(s *store.Store, m chat.Message) func() error {
		return func() error {
			_, err := s.Turn(ctx, m, func(context.Context, *bot.Session) (bot.Outcome, error) {
				return bot.Outcome{Reply: chat.Reply{Decision: chat.Answer, Text: "答"}}, nil
			})
			return err
		}
	}
	said := func(c chat.Conversation, id string) chat.Message {
		return chat.Message{Conversation: c.ID, Channel: c.Channel, ExternalID: c.ID + id, Text: "问"}
	}
	if err := turn(s, said(c, "1"))(); err != nil {
		t.Fatal(err)
	}
	if err := turn(s, said(pushed, "1"))(); err != nil {
		t.Fatal(err)
	}
	withCursor := said(pushed, "2")
	withCursor.KV = []chat.KV{{Key: "a", Value: []byte("1")}, {Key: "b", Value: []byte("1")}}
	withCursor.Cursor = &chat.KV{Key: "cursor", Value: []byte("1")}
	var leased []chat.Sending
	kept := []string{"BEGIN", "UPDATE conversations", "INSERT INTO entries", "COMMIT"}
	for _, c := range []struct {
		name string
		of   *counter
		deed func() error
		want []string
	}{
		{"a turn", &warm, turn(s, said(c, "2")), kept},
		{"a turn behind another node's", &cold, turn(other, said(c, "3")), slices.Concat([]string{"SELECT"}, kept)},
		{"the bearer of the first token", &cold, func() error { _, err := fresh.Authorize(ctx, c.ID, token); return err }, []string{"SELECT"}},
		{"the bearer of a further token", &cold, func() error { _, err := other.Authorize(ctx, c.ID, further); return err }, []string{"SELECT", "SELECT"}},
		{"a stranger", &cold, func() error { _, _ = other.Authorize(ctx, "none", token); return nil }, []string{"SELECT", "SELECT"}},
		{
			"a turn of a channel that is pushed", &warm, turn(s, withCursor),
			[]string{"BEGIN", "UPDATE conversations", "INSERT INTO entries", "INSERT INTO outbox", "INSERT INTO marks", "INSERT INTO marks", "COMMIT"},
		},
		{"a lease", &warm, func() (err error) {
			leased, err = s.Lease(ctx, time.Now(), time.Minute, 1)
			return err
		}, []string{"SELECT", "BEGIN", "UPDATE outbox", "COMMIT"}},
		{"a settlement", &warm, func() error { return s.Settle(ctx, leased[0].ID, chat.Settlement{State: chat.SendingSent}) }, []string{"BEGIN", "UPDATE outbox", "COMMIT"}},
		{"an empty outbox", &cold, func() error { _, err := other.Lease(ctx, time.UnixMilli(1), time.Minute, 1); return err }, []string{"SELECT"}},
	} {
		if got := c.of.during(t, c.deed); !slices.Equal(got, c.want) {
			t.Errorf("%s takes %q, want %q", c.name, got, c.want)
		}
	}
}
