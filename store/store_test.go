package store_test

import (
	"testing"

	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Options { return store.Options{Dir: t.TempDir()} })
}

func TestPostgres(t *testing.T) {
	pg := storetest.StartPostgres(t, "fsync = off")
	storetest.Run(t, func(t *testing.T) store.Options { return store.Options{DSN: pg.Database(t)} })
}

// TestTables: every column of every table is written from and read into the field of its name.
func TestTables(t *testing.T) {
	pg := storetest.StartPostgres(t, "fsync = off")
	for name, o := range map[string]store.Options{"SQLite": {Dir: t.TempDir()}, "PostgreSQL": {DSN: pg.Database(t)}} {
		t.Run(name, func(t *testing.T) {
			if err := open(t, o).CheckTables(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}
