package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"unicode/utf8"
)

// querier is what reads: the pool, or a transaction.
type querier interface {
	query(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// scanner is one row of a result.
type scanner interface{ Scan(dest ...any) error }

// queryOne scans the first row; false when there is none.
func queryOne(ctx context.Context, q querier, dest []any, text string, args ...any) (bool, error) {
	rows, err := q.query(ctx, text, args...)
	if err != nil {
		return false, err
	}
	found := rows.Next()
	if found {
		err = rows.Scan(dest...)
	}
	return found, errors.Join(err, rows.Err(), rows.Close())
}

// queryAll collects every row.
func queryAll[T any](ctx context.Context, q querier, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	rows, err := q.query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		out = append(out, v)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

// scanValue scans a row of one column.
func scanValue[T any](r scanner) (v T, err error) {
	err = r.Scan(&v)
	return v, err
}

// pool reads, with every statement prepared once where the driver does not do that itself.
type pool struct {
	db       *sql.DB
	prepares bool

	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

func newPool(db *sql.DB, prepares bool) *pool {
	return &pool{db: db, prepares: prepares, stmts: map[string]*sql.Stmt{}}
}

// query runs a statement that reads.
func (p *pool) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	sanitize(args)
	if !p.prepares {
		return p.db.QueryContext(ctx, text, args...)
	}
	stmt, err := p.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

func (p *pool) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if stmt, ok := p.stmts[text]; ok {
		return stmt, nil
	}
	stmt, err := p.db.PrepareContext(ctx, text)
	if err == nil {
		p.stmts[text] = stmt
	}
	return stmt, err
}

func (p *pool) close() error {
	var errs []error
	for _, stmt := range p.stmts {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, p.db.Close())...)
}

// sanitize takes out of texts what PostgreSQL refuses to keep: NUL, and bytes that are no UTF-8. Pointers it
// follows, which spares the driver from reflection.
func sanitize(args []any) {
	for i, arg := range args {
		var text string
		switch arg := arg.(type) {
		case string:
			text = arg
		case *string:
			text, args[i] = *arg, *arg
		case *int64:
			args[i] = *arg
		case *sql.NullString:
			text = arg.String
		}
		if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
			args[i] = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
		}
	}
}
