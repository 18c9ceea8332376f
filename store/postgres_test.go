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

// TestPostgresReadOnly: sessions that begin while PostgreSQL takes no writes are read-only as long as they live. Writes
// are refused as busy meanwhile, probes tell, and both go on by themselves when PostgreSQL writes again.
func TestPostgresReadOnly(t *testing.T) {
	pg := storetest.StartPostgres(t, "fsync = off")
	dsn := pg.Database(t)
	s := open(t, store.Options{DSN: dsn})
	c, _, err := answer(t.Context(), s, "before")
	if err != nil {
		t.Fatal(err)
	}
	pg.SetReadOnly(t, dsn, true)
	for i := range 10 {
		if _, err := answerIn(t.Context(), s, c.ID, fmt.Sprint(i)); !errors.Is(err, chat.ErrBusy) {
			t.Errorf("a turn while PostgreSQL is read-only: %v", err)
		}
	}
	if _, err := s.ListEntries(t.Context(), c.ID, 0, 10); err != nil {
		t.Errorf("a read while PostgreSQL is read-only: %v", err)
	}
	eventually(t, "a probe that fails", func() bool { return s.Ping(t.Context()) != nil })
	if _, err := s.Forget(t.Context(), c.ID); !errors.Is(err, chat.ErrBusy) {
		t.Errorf("an erasure while PostgreSQL is read-only: %v", err)
	}
	pg.SetReadOnly(t, dsn, false)
	eventually(t, "a turn that is kept", func() bool {
		_, err := answerIn(t.Context(), s, c.ID, "after")
		return err == nil
	})
	eventually(t, "a probe that succeeds", func() bool { return s.Ping(t.Context()) == nil })
}

// patience is how long something that must happen may take on a machine that has other things to do.
const patience = 2 * time.Minute

// eventually fails unless ok comes true.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("there was not %s", what)
		}
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

// hears fails unless a turn on one node wakes another, by a notification and not by the poll: at once several times on
// end, which the poll of every two seconds hardly is, and a machine that has other things to do is at last.
func hears(t *testing.T, a, b *store.Store) {
	t.Helper()
	const wanted, tries, atOnce = 5, 100, 200 * time.Millisecond
	inARow := 0
	for i := 0; i < tries && inARow < wanted; i++ {
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
		if inARow++; time.Since(start) > atOnce {
			inARow = 0
		}
	}
	if inARow < wanted {
		t.Errorf("in %d tries nodes did not hear each other at once %d times on end", tries, wanted)
	}
}

// heard waits for the first entry.
func heard(t *testing.T, s *store.Store, id string) error {
	return storetest.WaitEntry(t.Context(), s, id, 0)
}
