package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/yingda/yingda/chat"
)

// errSerialization is a transaction that another node's was in the way of; it may simply be tried again.
var errSerialization = errors.New("another node's transaction was in the way")

// connection is a writer's connection, opened when it is needed and dropped when it breaks.
type connection struct {
	database
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	texts map[textKey]string
}

// textKey tells the texts of bulk statements apart.
type textKey struct {
	table, tail string
	rows        int
}

func newConnection(db database) *connection {
	return &connection{database: db, texts: map[textKey]string{}}
}

func (c *connection) open(ctx context.Context) (err error) {
	if c.conn == nil {
		c.conn, err = c.write.Conn(ctx)
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

// prepared is the statement, prepared once; nil where the driver prepares itself.
func (c *connection) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	if !c.prepares {
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

// exec runs a statement and returns how many rows it touched.
func (c *connection) exec(ctx context.Context, text string, args ...any) (int64, error) {
	stmt, err := c.prepared(ctx, text)
	if err != nil {
		return 0, err
	}
	sanitize(args)
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
	stmt, err := c.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	sanitize(args)
	if stmt != nil {
		return stmt.QueryContext(ctx, args...)
	}
	return c.conn.QueryContext(ctx, text, args...)
}

// tx is a transaction under way on a connection.
type tx struct{ *connection }

// transact does all of do or nothing. Errors of the database's own state wrap chat.ErrBusy.
func (c *connection) transact(ctx context.Context, do func(*tx) error) error {
	err := c.open(ctx)
	if err == nil {
		_, err = c.exec(ctx, c.begin)
	}
	if err == nil {
		if err = do(&tx{c}); err == nil {
			_, err = c.exec(ctx, "COMMIT")
		}
		if err != nil {
			if _, undo := c.exec(ctx, "ROLLBACK"); undo != nil {
				c.drop()
			}
		}
	}
	if err != nil && serializationFailure(err) {
		return fmt.Errorf("%w: %w", errSerialization, err)
	}
	if err != nil && unavailable(err) {
		if c.listens {
			c.drop()
		}
		return fmt.Errorf("%w: %w", chat.ErrBusy, err)
	}
	return err
}
