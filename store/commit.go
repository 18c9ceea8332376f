package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/panics"
)

// writeJob is one write that waits for a transaction: rows, which are committed together with others of
// their kind in a few statements, or anything else that do does.
type writeJob struct {
	rows  batchable
	do    func(ctx context.Context, t *tx) error
	locks string   // what do locks; groups lock in this order, so that nodes do not block each other
	wake  []string // hub keys to wake once it is committed
	done  chan error

	rejected error // what do rejected it with, in a transaction that went on
}

// batchable are rows that share statements with others of their kind.
type batchable interface {
	// writeBatch writes all, the receiver among them.
	writeBatch(ctx context.Context, t *tx, all []batchable) error
}

// door is what panics of the database's goroutines are counted as.
const door = "store"

const (
	maxQueued   = 4096 // writes that may wait; more are refused with chat.ErrBusy
	maxAttempts = 16   // how often a write is tried while others are in its way
)

// committer commits what is queued, many writes in one transaction.
type committer struct {
	db       database
	group    int // how many writes may share a transaction
	log      *slog.Logger
	panics   *panics.Handler
	observe  func(writes int, took time.Duration) // nil for nobody
	queue    chan *writeJob
	notifier *notifier
	ending   context.Context // ends with Close
	ended    chan struct{}   // closed once nothing is committed any more
}

// commit hands a write to the writers and waits until it is on disk. When ctx ends first the write
// may still be committed.
func (c *committer) commit(ctx context.Context, w *writeJob) error {
	w.done = make(chan error, 1)
	if c.ending.Err() != nil {
		return fmt.Errorf("%w: the program is stopping", chat.ErrBusy)
	}
	select {
	case c.queue <- w:
	default:
		return fmt.Errorf("%w: %d writes are waiting already", chat.ErrBusy, maxQueued)
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-c.ended:
		select {
		case err := <-w.done:
			return err
		default:
			return fmt.Errorf("%w: the program has stopped", chat.ErrBusy)
		}
	}
}

// run commits what is queued, as much as has come together while the last transaction was under way.
func (c *committer) run() {
	conn := &connection{database: c.db, texts: map[textKey]string{}}
	defer conn.drop()
	watch := fileWatch{hub: c.notifier.hub, log: c.log, conn: conn}
	var tick <-chan time.Time
	if !c.db.listens {
		tick = time.Tick(watchInterval)
	}
	for {
		select {
		case w := <-c.queue:
			c.commitGroup(conn, w)
		case <-tick:
			c.panics.Do(c.ending, door, func() { watch.check(c.ending) })
		case <-c.ending.Done():
			for {
				select {
				case w := <-c.queue:
					c.commitGroup(conn, w)
				default:
					return
				}
			}
		}
	}
}

// commitGroup commits a write and whatever else waits. What fails together is tried alone, so that each
// write gets its own error; when the database itself is unavailable, all get that.
func (c *committer) commitGroup(conn *connection, w *writeJob) {
	group := append(make([]*writeJob, 0, c.group), w)
	for more := true; more && len(group) < c.group; {
		select {
		case w := <-c.queue:
			group = append(group, w)
		default:
			more = false
		}
	}
	slices.SortStableFunc(group, func(a, b *writeJob) int { return cmp.Compare(a.locks, b.locks) })
	err := c.attempt(conn, group)
	if err == nil || errors.Is(err, chat.ErrBusy) || (len(group) == 1 && !errors.Is(err, errSerialization)) {
		c.finish(group, err)
		return
	}
	for i := range group {
		c.commitAlone(conn, group[i:i+1])
	}
}

// commitAlone commits one write by itself, however often another node's transaction is in the way.
func (c *committer) commitAlone(conn *connection, w []*writeJob) {
	err := errSerialization
	for n := 0; n < maxAttempts && errors.Is(err, errSerialization); n++ {
		err = c.attempt(conn, w)
	}
	if errors.Is(err, errSerialization) {
		err = fmt.Errorf("%w: %w", chat.ErrBusy, err)
	}
	c.finish(w, err)
}

// finish tells the callers, and whoever waits for what they wrote.
func (c *committer) finish(group []*writeJob, err error) {
	var keys []string
	for _, w := range group {
		if err == nil && w.rejected == nil {
			keys = append(keys, w.wake...)
			if w.rows == nil {
				c.notifier.cache.drop(w.wake...)
			}
		}
		w.done <- cmp.Or(err, w.rejected)
	}
	if len(keys) > 0 {
		c.notifier.wake(keys)
	}
}

// attempt runs writes in one transaction.
func (c *committer) attempt(conn *connection, group []*writeJob) error {
	start := time.Now()
	ctx, cancel := c.db.writeContext(c.ending)
	defer cancel()
	write := func(t *tx) error {
		return c.panics.Try(ctx, door, func() error { return applyWrites(ctx, t, group) })
	}
	if err := conn.transact(ctx, write); err != nil {
		return err
	}
	if c.observe != nil {
		c.panics.Do(c.ending, door, func() { c.observe(len(group), time.Since(start)) }) // it is committed, whatever that does
	}
	return nil
}

// applyWrites writes all rows together, then does the others one by one.
func applyWrites(ctx context.Context, t *tx, group []*writeJob) error {
	var batch []batchable
	for _, w := range group {
		if w.rows != nil {
			batch = append(batch, w.rows)
		}
	}
	if len(batch) > 0 {
		if err := batch[0].writeBatch(ctx, t, batch); err != nil {
			return err
		}
	}
	for _, w := range group {
		if w.do == nil {
			continue
		}
		w.rejected = nil
		if err := w.do(ctx, t); err != nil {
			r := rejection{}
			if !errors.As(err, &r) {
				return err
			}
			w.rejected = r.error
		}
	}
	return nil
}
