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

// rejection is the error of a write that wrote nothing: the transaction goes on without it.
type rejection struct{ error }

func (r rejection) Unwrap() error { return r.error }

// rejectNotFound makes a rejection of what is no fault of the database.
func rejectNotFound(err error) error {
	if errors.Is(err, chat.ErrNotFound) {
		return rejection{err}
	}
	return err
}

// connection is a writer's connection, opened when it is needed and dropped when it breaks.
type connection struct {
	database
	*preparer
	conn  *sql.Conn          // nil until it is open
	texts map[textKey]string // of bulk statements
}

// textKey tells the texts of bulk statements apart.
type textKey struct {
	table, tail string
	rows        int
}

func (c *connection) open(ctx context.Context) (err error) {
	if c.conn == nil {
		c.conn, err = c.write.Conn(ctx)
		c.preparer = newPreparer(c.conn, c.database.prepares)
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

// tx is a transaction under way on a connection.
type tx struct{ *connection }

// execOne runs a statement, and rejects the write with none where it touches no row.
func (t *tx) execOne(ctx context.Context, none error, text string, args ...any) error {
	n, err := t.exec(ctx, text, args...)
	if err == nil && n == 0 {
		return rejection{none}
	}
	return err
}

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
