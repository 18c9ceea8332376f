package storetest

import (
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/yingda/yingda/store"
)

// Neighbour is another process on a store's database.
type Neighbour struct {
	db       *sql.DB
	postgres bool
}

// OpenNeighbour opens one on the database of these options, which a store has opened before, until the test ends.
func OpenNeighbour(t testing.TB, o store.Options) Neighbour {
	t.Helper()
	driver, source := "pgx", o.DSN
	if o.DSN == "" {
		driver, source = "sqlite", "file:"+filepath.Join(o.Dir, "yingda.db")+"?_pragma=busy_timeout(60000)"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return Neighbour{db, o.DSN != ""}
}

// Transactions is how many there were on PostgreSQL; SQLite does not count.
func (n Neighbour) Transactions(t testing.TB) (count float64) {
	t.Helper()
	if !n.postgres {
		return 0
	}
	if err := n.db.QueryRowContext(t.Context(), `SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()`).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}

// Broadcast says one thing in conversations in which nothing was said, which must be all that there are, by one commit;
// committing is called before that.
func (n Neighbour) Broadcast(t testing.TB, conversations []string, text string, committing func()) {
	t.Helper()
	tx, err := n.db.BeginTx(t.Context(), nil)
	exec := func(statement string, args ...any) {
		if err == nil {
			_, err = tx.ExecContext(t.Context(), statement, args...)
		}
	}
	exec(`INSERT INTO entries (conversation, seq, id, author, text, at, channel, pictures)
		SELECT id, 1, 'notice' || id, 'system', $1, 0, '', 0 FROM conversations`, text)
	exec(`UPDATE conversations SET last_seq = 1`)
	for ids := range slices.Chunk(conversations, 250) { // of a payload's 8,000 bytes
		if n.postgres {
			exec(`SELECT pg_notify('yingda', $1)`, "neighbour "+strings.Join(ids, " "))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	committing()
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}
