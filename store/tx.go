package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	"github.com/yingda/yingda/chat"
)

// connection is a writer's connection, opened when it is needed and dropped when it breaks.
type connection struct {
	db    *sql.DB
	d     dialect
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	texts map[bulkKey]string
}

func (c *connection) open(ctx context.Context) (err error) {
	if c.conn == nil {
		c.conn, err = c.db.Conn(ctx)
		c.stmts = map[string]*sql.Stmt{}
	}
	return err
}

// drop closes the connection for good; a half-done transaction goes with it.
func (c *connection) drop() {
	if c.conn == nil {
		return
	}
	_ = c.conn.Raw(func(any) error { return driver.ErrBadConn }) // so that the pool does not keep it
	_ = c.conn.Close()
	c.conn = nil
}

// statement is text, prepared once; nil where the driver prepares itself.
func (c *connection) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if !c.d.prepares {
		return nil, nil
	}
	if stmt, ok := c.stmts[text]; ok {
		return stmt, nil
	}
	stmt, err := c.conn.PrepareContext(ctx, text)
	if err == nil {
		c.stmts[text] = stmt
	}
	return stmt, err
}

func (c *connection) exec(ctx context.Context, text string, args ...any) (int64, error) {
	stmt, err := c.statement(ctx, text)
	if err != nil {
		return 0, err
	}
	clean(args)
	var res sql.Result
	if stmt != nil {
		res, err = stmt.ExecContext(ctx, args...)
	} else {
		res, err = c.conn.ExecContext(ctx, text, args...)
	}
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (c *connection) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	stmt, err := c.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	clean(args)
	if stmt != nil {
		return stmt.QueryContext(ctx, args...)
	}
	return c.conn.QueryContext(ctx, text, args...)
}

// tx is a transaction under way.
type tx struct {
	c *connection
	s *Store
}

// run does all of do or nothing. Errors of the database's own state wrap chat.ErrBusy.
func (t *tx) run(ctx context.Context, do func() error) error {
	err := t.c.open(ctx)
	if err == nil {
		_, err = t.c.exec(ctx, t.s.d.begin)
	}
	if err == nil {
		if err = do(); err == nil {
			_, err = t.c.exec(ctx, "COMMIT")
		}
		if err != nil {
			if _, undo := t.c.exec(ctx, "ROLLBACK"); undo != nil {
				t.c.drop()
			}
		}
	}
	if err != nil && entangled(err) {
		return fmt.Errorf("%w: %w", errEntangled, err)
	}
	if err != nil && unavailable(err) {
		if t.s.d.listens {
			t.c.drop()
		}
		return fmt.Errorf("%w: %w", chat.ErrBusy, err)
	}
	return err
}

func (t *tx) exec(ctx context.Context, text string, args ...any) (int64, error) {
	return t.c.exec(ctx, text, args...)
}

func (t *tx) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return t.c.query(ctx, text, args...)
}
