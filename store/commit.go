package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
)

// writeJob is one write that waits for a transaction: a turn, which is committed together with other
// turns in a few statements, or anything else that do does.
type writeJob struct {
	turn *turnRows
	do   func(ctx context.Context, t *tx) error
	wake []string // hub keys to wake once it is committed
	done chan error

	refused error // what do refused with, in a transaction that went on
}

// refusal is the error of a do that wrote nothing: the transaction goes on without it.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

// Errors inside of this package.
var (
	errStale = errors.New("the conversation was changed meanwhile")
	errLost  = errors.New("the connection to the database was lost")
)

// commit hands a write to the writers and waits until it is on disk. When ctx ends first the write
// may still be committed.
func (s *Store) commit(ctx context.Context, w *writeJob) error {
	w.done = make(chan error, 1)
	if s.ending.Err() != nil {
		return fmt.Errorf("%w: the program is stopping", chat.ErrBusy)
	}
	select {
	case s.queue <- w:
	default:
		return fmt.Errorf("%w: %d writes are waiting already", chat.ErrBusy, queued)
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ended:
		select {
		case err := <-w.done:
			return err
		default:
			return fmt.Errorf("%w: the program has stopped", chat.ErrBusy)
		}
	}
}

// writer commits what is queued, as much as has come together while the last transaction was under way.
func (s *Store) writer() {
	c := &connection{db: s.write, prepares: s.d.prepares}
	defer c.drop()
	watch := s.watchFile(c)
	defer watch.stop()
	for {
		select {
		case w := <-s.queue:
			s.group(c, w)
		case <-watch.tick:
			watch.look(s.ending)
		case <-s.ending.Done():
			for {
				select {
				case w := <-s.queue:
					s.group(c, w)
				default:
					return
				}
			}
		}
	}
}

// group commits first and whatever else waits. What fails together is tried alone, so that each
// write gets its own error; when the database itself is unavailable, all get that.
func (s *Store) group(c *connection, first *writeJob) {
	ws := append(make([]*writeJob, 0, s.opt.Group), first)
	for more := true; more && len(ws) < s.opt.Group; {
		select {
		case w := <-s.queue:
			ws = append(ws, w)
		default:
			more = false
		}
	}
	err := s.transact(c, ws)
	if err != nil && len(ws) > 1 && !errors.Is(err, chat.ErrBusy) {
		for i := range ws {
			s.finish(ws[i:i+1], s.transact(c, ws[i:i+1]))
		}
		return
	}
	s.finish(ws, err)
}

// finish tells the callers, and whoever waits for what they wrote.
func (s *Store) finish(ws []*writeJob, err error) {
	var keys []string
	for _, w := range ws {
		if err == nil && w.refused == nil {
			keys = append(keys, w.wake...)
		}
		w.done <- cmp.Or(err, w.refused)
	}
	if len(keys) > 0 {
		s.wake(keys)
	}
}

// transact runs writes in one transaction.
func (s *Store) transact(c *connection, ws []*writeJob) error {
	start := time.Now()
	ctx, cancel := s.d.within(s.ending)
	defer cancel()
	t := &tx{c: c, s: s}
	if err := t.run(ctx, func() error { return t.all(ctx, ws) }); err != nil {
		return err
	}
	if s.opt.Committed != nil {
		s.opt.Committed(len(ws), time.Since(start))
	}
	return nil
}

// all does the turns together, then the others one by one.
func (t *tx) all(ctx context.Context, ws []*writeJob) error {
	var turns []*turnRows
	for _, w := range ws {
		if w.turn != nil {
			turns = append(turns, w.turn)
		}
	}
	if err := t.turns(ctx, turns); err != nil {
		return err
	}
	for _, w := range ws {
		if w.do == nil {
			continue
		}
		w.refused = nil
		if err := w.do(ctx, t); err != nil {
			r := refusal{}
			if !errors.As(err, &r) {
				return err
			}
			w.refused = r.error
		}
	}
	return nil
}

// connection is a writer's connection, opened when it is needed and dropped when it breaks.
type connection struct {
	db       *sql.DB
	prepares bool
	conn     *sql.Conn
	stmts    map[string]*sql.Stmt
}

func (c *connection) open(ctx context.Context) (err error) {
	if c.conn == nil {
		c.conn, err = c.db.Conn(ctx)
		c.stmts = map[string]*sql.Stmt{}
	}
	return err
}

func (c *connection) drop() {
	if c.conn == nil {
		return
	}
	for _, stmt := range c.stmts {
		_ = stmt.Close() // the connection goes with it
	}
	_ = c.conn.Close()
	c.conn = nil
}

// statement is text, prepared once; nil where the driver prepares itself.
func (c *connection) statement(ctx context.Context, text string) (*sql.Stmt, error) {
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

func (c *connection) exec(ctx context.Context, text string, args ...any) (int64, error) {
	stmt, err := c.statement(ctx, text)
	if err != nil {
		return 0, err
	}
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
