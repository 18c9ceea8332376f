package faults

import (
	"testing"

	"github.com/yingda/yingda/store/storetest"
)

// database is where a server keeps its data.
type database interface {
	// flags are what serve and the other commands are told.
	flags() []string
}

// sqliteFile is the default.
type sqliteFile struct{}

func (sqliteFile) flags() []string { return nil }

// postgres is a database of a PostgreSQL of the test's own, as durable as it comes.
type postgres struct {
	*storetest.Cluster
	dsn string
}

func newPostgres(t *testing.T) *postgres {
	t.Helper()
	c := storetest.StartPostgres(t)
	return &postgres{c, c.Database(t)}
}

func (p *postgres) flags() []string { return []string{"-database", p.dsn} }

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, db database)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, sqliteFile{}) })
	t.Run("postgres", func(t *testing.T) { test(t, newPostgres(t)) })
}

// eachOr runs a test on both databases where everything runs, else on one of them.
func eachOr(t *testing.T, short string, test func(t *testing.T, db database)) {
	t.Helper()
	if full() {
		each(t, test)
		return
	}
	t.Run(short, func(t *testing.T) {
		if short == "postgres" {
			test(t, newPostgres(t))
		} else {
			test(t, sqliteFile{})
		}
	})
}
