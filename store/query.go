package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
)

// querier is what reads: a reader, a preparer, or a transaction.
type querier interface {
	query(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	failed(err error) error // the error of a query as its caller returns it; nil of nil
}

// scanner is one row of a result.
type scanner interface{ Scan(dest ...any) error }

// queryOne scans the first row; false when there is none.
func queryOne(ctx context.Context, q querier, dest []any, text string, args ...any) (bool, error) {
	rows, err := q.query(ctx, text, args...)
	if err != nil {
		return false, q.failed(err)
	}
	found := rows.Next()
	if found {
		err = rows.Scan(dest...)
	}
	return found, q.failed(errors.Join(err, rows.Err(), rows.Close()))
}

// queryAll collects every row.
func queryAll[T any](ctx context.Context, q querier, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	rows, err := q.query(ctx, text, args...)
	if err != nil {
		return nil, q.failed(err)
	}
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, q.failed(errors.Join(err, rows.Close()))
		}
		out = append(out, v)
	}
	return out, q.failed(errors.Join(rows.Err(), rows.Close()))
}

// scanValue scans a row of one column.
func scanValue[T any](r scanner) (v T, err error) {
	err = r.Scan(&v)
	return v, err
}

// inList is IN (…) over ids, whose parameters begin with $from.
func inList[T ~string](ids []T, from int) (in string, args []any) {
	params := make([]string, len(ids))
	for i, id := range ids {
		params[i] = "$" + strconv.Itoa(from+i)
		args = append(args, string(id))
	}
	return `IN (` + strings.Join(params, ", ") + `)`, args
}

// orNotFound is err, or chat.ErrNotFound with a name of what was not found.
func orNotFound(found bool, err error, format string, args ...any) error {
	if err != nil || found {
		return err
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), chat.ErrNotFound)
}

// reader reads for one purpose, which its errors name; they are chat.ErrBusy while the database is unavailable.
type reader struct {
	*preparer
	purpose string
	ending  context.Context // ends with Close
}

func (r reader) failed(err error) error {
	if err == nil {
		return nil
	}
	if r.ending.Err() != nil || (unavailable(err) && !errors.Is(err, context.Canceled)) {
		err = fmt.Errorf("%w: %w", chat.ErrBusy, err)
	}
	return fmt.Errorf("%s: %w", r.purpose, err)
}

// preparer runs statements on a database or on one of its connections, each prepared once where the driver does
// not do that itself.
type preparer struct {
	db       sqlDB
	prepares bool

	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

// sqlDB is a sql.DB or a sql.Conn.
type sqlDB interface {
	PrepareContext(ctx context.Context, text string) (*sql.Stmt, error)
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	Close() error
}

func newPreparer(db sqlDB, prepares bool) *preparer {
	return &preparer{db: db, prepares: prepares, stmts: map[string]*sql.Stmt{}}
}

func (p *preparer) failed(err error) error { return err }

func (p *preparer) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
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

// exec runs a statement and returns how many rows it touched.
func (p *preparer) exec(ctx context.Context, text string, args ...any) (int64, error) {
	sanitize(args)
	var res sql.Result
	var err error
	if !p.prepares {
		res, err = p.db.ExecContext(ctx, text, args...)
	} else if stmt, failure := p.prepared(ctx, text); failure != nil {
		err = failure
	} else {
		res, err = stmt.ExecContext(ctx, args...)
	}
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (p *preparer) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
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

func (p *preparer) close() error {
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
