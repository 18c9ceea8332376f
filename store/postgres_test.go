package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

// TestPostgresRestart pulls the plug of PostgreSQL under load: what was acknowledged is there, what was not may be sent
// again, and both nodes hear of each other again.
func TestPostgresRestart(t *testing.T) {
	pg := storetest.StartPostgres(t)
	dsn := pg.Database(t)
	a, b := open(t, store.Options{DSN: dsn}), open(t, store.Options{DSN: dsn})
	var kept ledger
	var acknowledged, refused atomic.Int64
	var stop atomic.Bool
	var done sync.WaitGroup
	for w := range 8 {
		done.Go(func() {
			for i := 0; !stop.Load(); i++ {
				external := fmt.Sprint(w, ":", i)
				c, err := openPatiently(t, a)
				for err == nil {
					if _, err = answerIn(t.Context(), a, c.ID, external); errors.Is(err, chat.ErrBusy) {
						refused.Add(1)
						time.Sleep(10 * time.Millisecond)
						err = nil
						continue // the same message again
					}
					break
				}
				if err != nil {
					t.Error(err)
					return
				}
				kept.add(external, c.ID)
				acknowledged.Add(1)
			}
		})
	}
	more(&acknowledged, 200)
	pg.Stop(t, "immediate")
	time.Sleep(300 * time.Millisecond)
	pg.Start(t)
	more(&acknowledged, 200)
	stop.Store(true)
	done.Wait()
	if refused.Load() == 0 {
		t.Error("nothing was refused while PostgreSQL was down")
	}
	kept.check(t, b)
	hears(t, a, b)
	if err := a.Backup(t.Context(), filepath.Join(t.TempDir(), "x")); !errors.Is(err, store.ErrNoBackup) {
		t.Errorf("backup: %v", err)
	}
}

// more waits until a counter has risen by n.
func more(counter *atomic.Int64, n int64) {
	for until := counter.Load() + n; counter.Load() < until; {
		time.Sleep(time.Millisecond)
	}
}

// openPatiently opens a conversation as soon as the database takes it.
func openPatiently(t *testing.T, s *store.Store) (c chat.Conversation, err error) {
	for {
		if c, _, err = s.OpenConversation(t.Context(), chat.OpenRequest{Channel: "widget"}); !errors.Is(err, chat.ErrBusy) {
			return c, err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// hears fails unless a turn on one node wakes another, by a notification and not by the poll.
func hears(t *testing.T, a, b *store.Store) {
	t.Helper()
	worst := time.Duration(0)
	for i := range 5 {
		c, err := openPatiently(t, a)
		if err != nil {
			t.Fatal(err)
		}
		woken := make(chan error, 1)
		go func() { woken <- heard(t, b, c.ID) }()
		time.Sleep(300 * time.Millisecond)
		start := time.Now()
		if _, err := answerIn(t.Context(), a, c.ID, fmt.Sprint("hear", i)); err != nil {
			t.Fatal(err)
		}
		if err := <-woken; err != nil {
			t.Fatal(err)
		}
		worst = max(worst, time.Since(start))
	}
	if worst > 500*time.Millisecond {
		t.Errorf("nodes hear each other after %v", worst)
	}
}

// heard waits for the first entry.
func heard(t *testing.T, s *store.Store, id string) error {
	for {
		if err := s.WaitEntries(t.Context(), id, 0); err != nil {
			return err
		}
		if entries, err := s.ListEntries(t.Context(), id, 0, 1); err != nil || len(entries) > 0 {
			return err
		}
	}
}
