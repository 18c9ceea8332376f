package bench

import (
	"testing"

	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

// database is a kind of database that conversations are kept in.
type database struct {
	name  string               // as the table of figures calls it
	fresh func() store.Options // of a new and empty one, until the benchmark ends
}

func databases(b *testing.B) []database {
	b.Helper()
	cluster := storetest.StartPostgres(b)
	return []database{
		{"sqlite", func() store.Options { return store.Options{Dir: b.TempDir()} }},
		{"postgres", func() store.Options { return store.Options{DSN: cluster.Database(b)} }},
	}
}

// startOn starts the program on a database.
func startOn(b *testing.B, o store.Options) *process {
	b.Helper()
	if o.DSN != "" {
		return startYingda(b, []string{"YINGDA_DATABASE=" + o.DSN})
	}
	return startYingda(b, nil, "-data", o.Dir)
}

// openStore opens a store until the benchmark ends.
func openStore(b *testing.B, o store.Options) *store.Store {
	b.Helper()
	s, err := store.Open(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}
