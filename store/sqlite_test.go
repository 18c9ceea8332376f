package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

// open opens a store that ends with the test.
func open(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// answer is a turn with a fixed reply in a conversation of its own.
func answer(ctx context.Context, s *store.Store, external string) (c chat.Conversation, turned bot.TurnResult, err error) {
	if c, _, err = s.OpenConversation(ctx, chat.OpenRequest{Channel: "widget"}); err == nil {
		turned, err = answerIn(ctx, s, c.ID, external)
	}
	return c, turned, err
}

func answerIn(ctx context.Context, s *store.Store, id, external string) (bot.TurnResult, error) {
	m := chat.Message{Conversation: id, Channel: "widget", ExternalID: external, Text: "问" + external}
	return s.Turn(ctx, m, func(context.Context, *bot.Session) (bot.Outcome, error) {
		return bot.Outcome{Reply: chat.Reply{Decision: chat.Answer, Text: "答" + external}}, nil
	})
}

// ledger is what was acknowledged: the conversation of each external id.
type ledger struct {
	mu   sync.Mutex
	said map[string]string
}

func (l *ledger) add(external, conversation string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.said == nil {
		l.said = map[string]string{}
	}
	l.said[external] = conversation
}

// check compares the ledger with the database: everything is there, once, with one answer.
func (l *ledger) check(t *testing.T, s *store.Store) {
	t.Helper()
	for external, id := range l.said {
		entries, err := s.ListEntries(t.Context(), id, 0, 10)
		if err != nil || len(entries) != 2 || entries[0].Text != "问"+external || entries[1].Text != "答"+external {
			t.Errorf("message %s: %+v, %v", external, entries, err)
		}
	}
}

func TestFileIsItsOwners(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b%3f#")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := open(t, store.Options{Dir: dir})
	if _, _, err := answer(t.Context(), s, "1"); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "yingda.db*"))
	if err != nil || len(files) != 3 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
	}
}

func TestDiskFull(t *testing.T) {
	s := open(t, store.Options{Dir: t.TempDir()})
	if err := s.Exec(t.Context(), `PRAGMA max_page_count = 60`); err != nil {
		t.Fatal(err)
	}
	var kept ledger
	var failed string
	c, _, err := answer(t.Context(), s, "first")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; failed == ""; i++ {
		external := fmt.Sprint(i)
		got, turned, err := answer(t.Context(), s, external)
		switch {
		case err == nil:
			kept.add(external, got.ID)
		case errors.Is(err, chat.ErrBusy) && turned.Replies == nil:
			failed = external
		default:
			t.Fatalf("disk full: %v", err)
		}
	}
	kept.check(t, s) // reads go on
	if len(kept.said) == 0 {
		t.Error("nothing fitted")
	}
	if err := s.Exec(t.Context(), `PRAGMA max_page_count = 1000000`); err != nil {
		t.Fatal(err)
	}
	turned, err := answerIn(t.Context(), s, c.ID, failed)
	if err != nil || turned.Repeat {
		t.Errorf("after there was room again: %+v, %v", turned, err)
	}
}

// TestOneServes: of two that serve one file the second is refused, others are not; the end of the first frees it.
func TestOneServes(t *testing.T) {
	dir := t.TempDir()
	first, err := store.Open(t.Context(), store.Options{Dir: dir, Serving: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), store.Options{Dir: dir, Serving: true}); !errors.Is(err, store.ErrServed) {
		t.Errorf("a second serve: %v", err)
	}
	if _, _, err := answer(t.Context(), open(t, store.Options{Dir: dir}), "beside"); err != nil {
		t.Errorf("a command beside it: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, store.Options{Dir: dir, Serving: true})
}

func TestLockedDatabase(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Options{Dir: dir})
	other, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "yingda.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	other.SetMaxOpenConns(1)
	c, _, err := s.OpenConversation(t.Context(), chat.OpenRequest{Channel: "widget"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.ExecContext(t.Context(), `BEGIN EXCLUSIVE`); err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	var kept ledger
	for i := range 100 {
		done.Go(func() {
			external := fmt.Sprint(i)
			c, _, err := answer(t.Context(), s, external)
			if err != nil {
				t.Error(err)
			}
			kept.add(external, c.ID)
		})
	}
	// Whoever gives up and comes again is answered once.
	impatient, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := answerIn(impatient, s, c.ID, "impatient"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a locked database: %v", err)
	}
	kept.add("impatient", c.ID)
	if _, err := s.FindConversation(t.Context(), c.ID); err != nil {
		t.Errorf("read while it is locked: %v", err)
	}
	time.Sleep(time.Second)
	if _, err := other.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	done.Wait()
	if _, err := answerIn(t.Context(), s, c.ID, "impatient"); err != nil {
		t.Error(err)
	}
	kept.check(t, s)
}

func TestForgottenWordsLeaveTheFile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Options{Dir: dir, Push: func(string) bool { return true }, Announce: []chat.Destination{{Channel: "webhook", Account: "ops"}}})
	storetest.LeaveTraces(t, s)
	if found := words(t, dir); len(found) != len(storetest.Erased()) {
		t.Fatalf("the control finds only %v", found)
	}
	if _, err := s.Forget(t.Context(), "zzcustomer"); err != nil {
		t.Fatal(err)
	}
	if found := words(t, dir); len(found) > 0 {
		t.Errorf("the files still hold %v", found)
	}
}

// words are those of storetest.Erased that the database's files hold.
func words(t *testing.T, dir string) (found []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "yingda.db*"))
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, raw...)
	}
	for _, word := range storetest.Erased() {
		if bytes.Contains(all, []byte(word)) {
			found = append(found, word)
		}
	}
	return found
}

func TestBackup(t *testing.T) {
	s := open(t, store.Options{Dir: t.TempDir()})
	var before ledger
	var stop atomic.Bool
	var done sync.WaitGroup
	started := make(chan struct{})
	for w := range 8 {
		done.Go(func() {
			for i := 0; !stop.Load(); i++ {
				if i == 50 && w == 0 {
					close(started)
				}
				external := fmt.Sprint(w, ":", i)
				c, _, err := answer(t.Context(), s, external)
				if err != nil {
					t.Error(err)
				}
				select {
				case <-started:
				default:
					before.add(external, c.ID)
				}
			}
		})
	}
	<-started
	dir := t.TempDir()
	path := filepath.Join(dir, "yingda.db")
	err := s.Backup(t.Context(), path)
	stop.Store(true)
	done.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("backup %v, %v", info, err)
	}
	restored := open(t, store.Options{Dir: dir})
	before.check(t, restored)
	if h, err := restored.Check(t.Context()); err != nil || h.Integrity != "ok" {
		t.Errorf("restored %+v, %v", h, err)
	}
	if _, _, err := answer(t.Context(), restored, "after"); err != nil {
		t.Errorf("a restored database takes no turns: %v", err)
	}
	if err := s.Backup(t.Context(), path); err == nil {
		t.Error("a backup was overwritten")
	}
}

// TestCheckBackup: a copy that this program could not serve is not restored.
func TestCheckBackup(t *testing.T) {
	for name, tt := range map[string]struct{ spoil, want string }{
		"whole":     {`SELECT 1`, ""},
		"newer":     {newerSchema, store.ErrSchema.Error()},
		"of others": {`DROP TABLE goose_db_version`, "no database of yingda's"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, store.Options{Dir: t.TempDir()})
			path := filepath.Join(t.TempDir(), "copy")
			if err := errors.Join(s.Exec(t.Context(), tt.spoil), s.Backup(t.Context(), path)); err != nil {
				t.Fatal(err)
			}
			if err := store.CheckBackup(t.Context(), path); (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestCloseLeavesOneFile: after a clean stop yingda.db alone is the whole database.
func TestCloseLeavesOneFile(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var kept ledger
	for i := range 20 {
		external := fmt.Sprint(i)
		c, _, err := answer(t.Context(), s, external)
		if err != nil {
			t.Fatal(err)
		}
		kept.add(external, c.ID)
	}
	kept.check(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if files, err := filepath.Glob(filepath.Join(dir, "yingda.db-*")); err != nil || len(files) > 0 {
		t.Errorf("a stop left %q behind, %v", files, err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "yingda.db"))
	if err != nil {
		t.Fatal(err)
	}
	alone := t.TempDir()
	if err := os.WriteFile(filepath.Join(alone, "yingda.db"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	kept.check(t, open(t, store.Options{Dir: alone}))
}

func TestCloseLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := answer(t.Context(), s, "1"); err != nil {
		t.Fatal(err)
	}
	waits := make(chan error)
	for range 50 {
		go func() { waits <- s.WaitDue(t.Context()) }()
	}
	for ready := false; !ready; {
		st, err := s.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ready = st.Waits == 50
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for range 50 {
		if err := <-waits; !errors.Is(err, chat.ErrBusy) {
			t.Errorf("a wait ended with %v", err)
		}
	}
	if _, _, err := s.OpenConversation(t.Context(), chat.OpenRequest{}); !errors.Is(err, chat.ErrBusy) {
		t.Errorf("a closed store: %v", err)
	}
	for deadline := time.Now().Add(patience); runtime.NumGoroutine() > before; {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left of %d", runtime.NumGoroutine(), before)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
