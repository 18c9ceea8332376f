package store_test

import (
	"database/sql"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

// TestUpgradeNotesBundled: of a guide that an earlier program put in and people edited, the upgrade notes what the
// program had put.
func TestUpgradeNotesBundled(t *testing.T) {
	pg := storetest.StartPostgres(t, "fsync = off").Database(t)
	for name, old := range map[string]struct {
		options     store.Options
		driver, dsn string
	}{
		"SQLite":   {driver: "sqlite", options: restoredFile(t)},
		"Postgres": {driver: "pgx", options: restoredDump(t, pg), dsn: pg},
	} {
		t.Run(name, func(t *testing.T) {
			if old.dsn == "" {
				old.dsn = filepath.Join(old.options.Dir, "yingda.db")
			}
			db, err := sql.Open(old.driver, old.dsn)
			if err != nil {
				t.Fatal(err)
			}
			_, err = db.ExecContext(t.Context(), `UPDATE revisions SET author = 'bundled' WHERE revision = 1`)
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
			s := open(t, old.options)
			noted, err := s.BundledFiles(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := []string{"guide/fees/fee-money-not-arrived.md", "guide/maintenance/device-printer-paper.md", "guide/maintenance/device-wont-boot.md", "guide/merchant-jump/jump-what-to-do.md", "hosts.txt", "outside.txt"}
			if got := slices.Sorted(maps.Keys(noted)); !slices.Equal(got, want) {
				t.Errorf("noted %q, want %q", got, want)
			}
			for path, data := range noted {
				history, err := s.GuideHistory(t.Context(), path, 10)
				if err != nil || string(history[len(history)-1].Data) != string(data) {
					t.Errorf("%s is noted as %q, and revision 1 was %q, %v", path, data, history[len(history)-1].Data, err)
				}
			}
		})
	}
}
