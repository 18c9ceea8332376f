package store_test

import (
	"errors"
	"testing"

	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

func TestSQLite(t *testing.T) {
	said := statements{}
	storetest.Run(t, func(t *testing.T) store.Options { return store.Options{Dir: t.TempDir()}.Traced(said.add).Patient() })
	t.Run("Plans", func(t *testing.T) {
		dir := t.TempDir()
		open(t, store.Options{Dir: dir})
		checkPlans(t, &said, "sqlite", "file:"+dir+"/yingda.db", sqlitePlan)
	})
}

func TestPostgres(t *testing.T) {
	pg := storetest.StartPostgres(t, "fsync = off")
	said := statements{}
	storetest.Run(t, func(t *testing.T) store.Options { return store.Options{DSN: pg.Database(t)}.Traced(said.add).Patient() })
	t.Run("Plans", func(t *testing.T) {
		dsn := pg.Database(t)
		open(t, store.Options{DSN: dsn})
		checkPlans(t, &said, "pgx", dsn+"&default_query_exec_mode=simple_protocol", postgresPlan)
	})
}

// TestSchema: a schema that is not the program's is brought up to date, refused or left, as the policy says.
func TestSchema(t *testing.T) {
	pg := storetest.StartPostgres(t, "fsync = off")
	for name, restored := range map[string]func(*testing.T) store.Options{
		"SQLite":   restoredFile,
		"Postgres": func(t *testing.T) store.Options { return restoredDump(t, pg.Database(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			o := restored(t)
			for _, step := range []struct {
				name    string
				policy  store.SchemaPolicy
				refused bool
				older   bool // the schema stays so
			}{
				{"older, left", store.AnySchema, false, true},
				{"older, required", store.RequireSchema, true, true},
				{"older, left once more", store.AnySchema, false, true},
				{"older, migrated", store.MigrateSchema, false, false},
				{"of now, required", store.RequireSchema, false, false},
			} {
				if o.Schema = step.policy; openSchema(t, o, step.name, step.refused) != step.older {
					t.Errorf("%s: it is older: %v", step.name, !step.older)
				}
			}
			if err := open(t, store.Options{Dir: o.Dir, DSN: o.DSN}).Exec(t.Context(), newerSchema); err != nil {
				t.Fatal(err)
			}
			for policy, refused := range map[store.SchemaPolicy]bool{store.MigrateSchema: true, store.RequireSchema: true, store.AnySchema: false} {
				o.Schema = policy
				openSchema(t, o, "newer", refused)
			}
		})
	}
}

// newerSchema is what a later program's migration leaves behind.
const newerSchema = `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, TRUE)`

// openSchema opens a database, which is refused or not, and tells whether its schema is older than the program's.
func openSchema(t *testing.T, o store.Options, name string, refused bool) bool {
	t.Helper()
	s, err := store.Open(t.Context(), o)
	if errors.Is(err, store.ErrSchema) != refused || (err != nil && !refused) {
		t.Fatalf("%s, policy %d: %v, refused should be %v", name, o.Schema, err, refused)
	}
	if err != nil {
		return true
	}
	h, err := s.Check(t.Context())
	if err := errors.Join(err, s.Close()); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return h.Schema < h.Newest
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
