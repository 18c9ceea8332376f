package storetest

import (
	"database/sql"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
)

// Dump is everything in a PostgreSQL database, what is binary too.
func Dump(t *testing.T, dsn string) string {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var tables string
	if err := db.QueryRowContext(t.Context(), `SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'`).Scan(&tables); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for table := range strings.FieldsSeq(tables) {
		var text sql.NullString
		if err := db.QueryRowContext(t.Context(), `SELECT string_agg(t::text, E'\n') FROM `+table+` t`).Scan(&text); err != nil {
			t.Fatal(err)
		}
		all.WriteString(text.String)
		for _, binary := range regexp.MustCompile(`\\x([0-9a-f]{2,})`).FindAllStringSubmatch(text.String, -1) {
			if raw, err := hex.DecodeString(binary[1]); err == nil {
				all.Write(raw)
			}
		}
	}
	return all.String()
}
