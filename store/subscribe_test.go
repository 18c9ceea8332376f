package store_test

import (
	"database/sql"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

// TestSubscribersMissNothing: what nobody was told of is found, by as few statements for hundreds of subscribers as for one:
// on SQLite what other processes commit, on PostgreSQL what a node did that died before it could tell, and what was said
// while the connection was lost by which it is heard.
func TestSubscribersMissNothing(t *testing.T) {
	pg := storetest.StartPostgres(t, "fsync = off")
	for _, tt := range []struct {
		name     string
		options  func(t *testing.T) store.Options
		interval time.Duration
		lose     bool // the connection
	}{
		{"sqlite", func(t *testing.T) store.Options { return store.Options{Dir: t.TempDir()} }, time.Hour, false},
		{"postgres, in time", func(t *testing.T) store.Options { return store.Options{DSN: pg.Database(t)} }, time.Second, false},
		{"postgres, connected again", func(t *testing.T) store.Options { return store.Options{DSN: pg.Database(t)} }, time.Hour, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var statements atomic.Int64
			o := tt.options(t).Patient().Resynced(tt.interval)
			a, b := open(t, o), open(t, o.Traced(func(text string) {
				if strings.Contains(text, "FROM conversations") || strings.Contains(text, "FROM entries") {
					statements.Add(1)
				}
			}))
			behind, upToDate := storetest.NewSubscriber(0), storetest.NewSubscriber(1)
			c, deleted := begun(t, a), begun(t, a)
			defer b.Subscribe(c.ID, behind)()
			defer b.Subscribe(c.ID, upToDate)()
			var idle []*storetest.Subscriber
			for range 300 {
				idle = append(idle, storetest.NewSubscriber(0))
				defer b.Subscribe(begun(t, a).ID, idle[len(idle)-1])()
			}
			gone := storetest.NewSubscriber(0)
			defer b.Subscribe(deleted.ID, gone)()
			if o.DSN != "" {
				eventually(t, "two nodes that listen", func() bool { return listeners(t, o.DSN, `COUNT(*)`) == 2 })
				time.Sleep(time.Second) // what they do then is over
			}
			before, start := statements.Load(), time.Now()
			for text, id := range map[string]string{`UPDATE conversations SET last_seq = 1 WHERE id = '%s'`: c.ID, `DELETE FROM conversations WHERE id = '%s'`: deleted.ID} {
				if err := a.Exec(t.Context(), fmt.Sprintf(text, id)); err != nil { // without a key, so nobody is told
					t.Fatal(err)
				}
			}
			if tt.lose {
				listeners(t, o.DSN, `COUNT(pg_terminate_backend(pid))`)
			}
			behind.WantWoken(t, "what was missed")
			gone.WantWoken(t, "an end that was missed")
			if n, most := statements.Load()-before, 4+int64(time.Since(start)/time.Second); n < 1 || n > most {
				t.Errorf("%d statements, want 1 to %d", n, most)
			}
			for _, s := range append(idle, upToDate) {
				if s.Wakes.Load() > 0 {
					t.Fatal("who has missed nothing was woken")
				}
			}
		})
	}
}

// TestManyAtOnceAreNameless: SQLite looks for each named parameter among all others, so what is read for hundreds of
// conversations at once has none.
func TestManyAtOnceAreNameless(t *testing.T) {
	var named, long atomic.Int64
	o := store.Options{Dir: t.TempDir()}.Patient().Resynced(time.Hour)
	a, b := open(t, o), open(t, o.Traced(func(text string) {
		if strings.Count(text, "?") >= 200 {
			long.Add(1)
		}
		if strings.Contains(text, "$200") {
			named.Add(1)
		}
	}))
	after := map[string]int64{}
	for i := range 200 {
		id := fmt.Sprint(i)
		after[id] = 0
		defer b.Subscribe(id, storetest.NewSubscriber(0))()
	}
	c := begun(t, a)
	behind := storetest.NewSubscriber(0)
	defer b.Subscribe(c.ID, behind)()
	if err := a.Exec(t.Context(), fmt.Sprintf(`UPDATE conversations SET last_seq = 1 WHERE id = '%s'`, c.ID)); err != nil {
		t.Fatal(err)
	}
	behind.WantWoken(t, "what was missed")
	if _, err := b.ListNewEntries(t.Context(), after); err != nil {
		t.Fatal(err)
	}
	if named.Load() > 0 || long.Load() < 2 {
		t.Errorf("%d statements with names, %d without", named.Load(), long.Load())
	}
}

// begun is a new conversation.
func begun(t *testing.T, s *store.Store) chat.Conversation {
	t.Helper()
	c, err := openPatiently(t, s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// listeners is what an expression makes of the connections by which nodes hear each other.
func listeners(t *testing.T, dsn, expression string) (n int) {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(t.Context(), `SELECT `+expression+` FROM pg_stat_activity WHERE query = 'LISTEN yingda' AND datname = current_database()`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
