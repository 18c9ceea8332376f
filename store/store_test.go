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
