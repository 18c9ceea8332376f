package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// statements are the texts that a store ran, the shortest of those that differ in how many rows or ids they take.
type statements struct {
	mu    sync.Mutex
	texts map[string]string
}

// repeated are further parameters, or further rows of them.
var repeated = regexp.MustCompile(`(, *(\$\d+|\?|CAST\(\$\d+ AS \w+\)))+|(, *\([^()]*(\([^()]*\)[^()]*)*\))+`)

func (s *statements) add(text string) {
	verb, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	if !slices.Contains([]string{"SELECT", "UPDATE", "DELETE", "WITH"}, verb) { // an insert looks for nothing but its keys
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.texts == nil {
		s.texts = map[string]string{}
	}
	key := repeated.ReplaceAllString(text, "")
	if had, ok := s.texts[key]; !ok || len(text) < len(had) {
		s.texts[key] = text
	}
}

// scansAllowed are parts of statements whose plan may read, from end to end, what the second part tells, and why.
var scansAllowed = []struct{ statement, scan, why string }{
	{"FROM files f WHERE f.gone = 0", "", "the guide is loaded whole"},
	{"FROM revisions", "", "the guide is small"},
	{"FROM files f JOIN revisions", "", "the guide is small"},
	{"FROM bundled", "", "the bundled guide is read whole"},
	{"DELETE FROM outbox WHERE id IN\n", "Seq Scan on outbox", "a thousand of so few are found best by reading all; of a million by their ids"},
	{"FROM conversations c WHERE c.id > $1 AND c.created_at", "tickets_open", "only open tickets"},
	{"FROM keys", "", "as many as there are agents"},
	{"FROM agents", "on agents", "as many as there are agents"},
	{"FROM goose_db_version", "", "as many as there are migrations"},
	{"FROM pragma_page_count", "", "no table"},
	{"OR NOT EXISTS (SELECT 1 FROM attachments)", "", "ends at the first row"},
	{"FROM outbox WHERE state <> 'sent' GROUP BY", "outbox_unsent", "only what has not left"},
	{"FROM outbox WHERE state <> 'sent' GROUP BY", "tickets_", "only open tickets"},
	{"WHERE t.state <> 'closed' AND", "tickets_", "only open tickets"},
	{"FROM outbox o WHERE o.state IN ('queued', 'sending')", "outbox_", "only what is on its way"},
}

// scanAllowed tells whether a statement may do that.
func scanAllowed(text, scan string) bool {
	for _, a := range scansAllowed {
		if strings.Contains(text, a.statement) && strings.Contains(scan, a.scan) {
			return true
		}
	}
	return false
}

// checkPlans fails for every statement that scans a table.
func checkPlans(t *testing.T, said *statements, driver, dsn string, scans func(context.Context, *sql.DB, string) ([]string, error)) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	for _, text := range fill {
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	if len(said.texts) < 60 {
		t.Errorf("only %d statements were recorded", len(said.texts))
	}
	for _, text := range said.texts {
		found, err := scans(t.Context(), db, text)
		if err != nil {
			t.Errorf("%v: %s", err, text)
		}
		for _, scan := range found {
			if !scanAllowed(text, scan) {
				t.Errorf("%s: %s", scan, text)
			}
		}
	}
}

// sqlitePlan is the steps of a plan that go through a table from end to end.
func sqlitePlan(ctx context.Context, db *sql.DB, text string) (scans []string, err error) {
	rows, err := db.QueryContext(ctx, `EXPLAIN QUERY PLAN `+text, make([]any, parameters(text))...)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return nil, err
		}
		if strings.HasPrefix(detail, "SCAN ") && !strings.Contains(detail, "CONSTANT ROW") && detail != "SCAN v" {
			scans = append(scans, detail)
		}
	}
	return scans, rows.Close()
}

// postgresPlan is the same of a plan that was made without knowing the parameters, as for a prepared statement.
func postgresPlan(ctx context.Context, db *sql.DB, text string) (scans []string, err error) {
	for _, text := range []string{`SET plan_cache_mode = force_generic_plan`, `PREPARE p AS ` + text} {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return nil, err
		}
	}
	call := `EXPLAIN EXECUTE p`
	if n := parameters(text); n > 0 {
		call += `(NULL` + strings.Repeat(`, NULL`, n-1) + `)`
	}
	rows, err := db.QueryContext(ctx, call)
	if err != nil {
		return nil, err
	}
	var last string // an index scan whose condition has not come yet
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		if strings.Contains(line, "Index Cond:") {
			last = ""
		}
		if strings.Contains(line, "cost=") {
			if last != "" {
				scans = append(scans, last)
			}
			last = ""
			if strings.Contains(line, "Seq Scan on") {
				scans = append(scans, line)
			} else if strings.Contains(line, "Index") && strings.Contains(line, "Scan") {
				last = line
			}
		}
	}
	if last != "" {
		scans = append(scans, last)
	}
	if err := rows.Close(); err != nil {
		return nil, err
	}
	_, err = db.ExecContext(ctx, `DEALLOCATE p`)
	return scans, err
}

// parameters is how many a statement has.
func parameters(text string) (n int) {
	for _, p := range regexp.MustCompile(`\$(\d+)`).FindAllStringSubmatch(text, -1) {
		var i int
		if _, err := fmt.Sscan(p[1], &i); err == nil {
			n = max(n, i)
		}
	}
	return max(n, strings.Count(text, "?"))
}

// fill makes every growing table large: almost all tickets are closed, almost all sendings sent.
var fill = []string{
	`CREATE TABLE numbers (i BIGINT)`,
	`INSERT INTO numbers WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i FROM n`,
	`INSERT INTO conversations (id, channel, account, address, customer_id, customer_name, device, holder, session, version, last_seq, ticket, sealed, created_at, updated_at)
		SELECT 'c' || i, 'telegram', 'default', 'a' || i, 'u' || i, '', '{}', '', '{}', 1, 2, '', CASE WHEN i % 100 = 0 THEN CAST('x' AS BYTEA) END, i, i FROM numbers`,
	`INSERT INTO entries (conversation, seq, id, author, text, at, channel, external, pictures)
		SELECT 'c' || i, s, 'e' || i || '-' || s, 'customer', '', i, 'telegram', i || '-' || s, 0 FROM numbers, (SELECT 1 AS s UNION ALL SELECT 2) AS two`,
	`INSERT INTO attachments (id, conversation, seq, n, type, size, width, height) SELECT 'a' || i, 'c' || i, 1, 0, '', 0, 0, 0 FROM numbers`,
	`INSERT INTO tickets (id, number, state, reason, urgency, rank, category, conversation, device, articles, summary, holder, version, created_at, updated_at)
		SELECT 't' || i, 'n' || i, CASE WHEN i % 1000 = 0 THEN 'waiting' ELSE 'closed' END, '', '', 1, '', 'c' || i, '{}', '[]', '', '', 1, i, i FROM numbers`,
	`INSERT INTO notes (ticket, n, author, text, at) SELECT 't' || i, 1, '', '', i FROM numbers`,
	`INSERT INTO audit (id, at, author, event, ticket, detail) SELECT 'x' || i, i, '', '', 't' || i, '' FROM numbers`,
	`INSERT INTO outbox (id, lane, seq, conversation, channel, account, address, body, repeatable, state, attempts, not_before, lease_until, reason, created_at)
		SELECT i, 'c' || i, 1, 'c' || i, '', '', '', CAST('x' AS BYTEA), 1, CASE WHEN i % 1000 = 0 THEN 'queued' WHEN i % 100 = 1 THEN 'sending' WHEN i % 1000 = 2 THEN 'dead' ELSE 'sent' END, 1, i, i, '', i FROM numbers`,
	`INSERT INTO tokens (hash, conversation, created_at) SELECT CAST(CAST(i AS TEXT) AS BYTEA), 'c' || i, i FROM numbers`,
	`INSERT INTO marks (name, value, conversation, until) SELECT 'm' || i, CAST('x' AS BYTEA), 'c' || i, i FROM numbers`,
	`DROP TABLE numbers`,
	`ANALYZE`,
}
