// Package store keeps conversations, tickets, the outbox, the guide's files and the agents' keys in one
// SQLite file, or in PostgreSQL for any number of nodes. The SQL is written once for both.
package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/panics"
)

var (
	_ bot.Store          = (*Store)(nil)
	_ chat.Conversations = (*Store)(nil)
	_ chat.Outbox        = (*Store)(nil)
	_ chat.KVStore       = (*Store)(nil)
	_ desk.Store         = (*Store)(nil)
	_ kb.Repository      = (*Store)(nil)
)

// Options is what a Store needs. Dir or DSN must be set; everything else has a default.
type Options struct {
	Dir string // holds yingda.db where there is no DSN
	DSN string // a PostgreSQL URL

	Schema  SchemaPolicy // MigrateSchema
	Serving bool         // refuse a SQLite file that another store has open with Serving

	Now    func() time.Time // time.Now
	Random io.Reader        // crypto/rand: ids, tokens and keys come from it
	Log    *slog.Logger     // nowhere
	Panics *panics.Handler  // one that only logs

	// Push tells whether what is said on a channel must be sent there; customers of others come and
	// read. nil: they all do.
	Push func(channel string) bool
	// Announce is where every ticket event is sent, as an Announcement.
	Announce []chat.Destination
	// Follow is where agents follow conversations: every desk.Activity is sent there.
	Follow []chat.Destination

	// Group is how many writes may share a transaction: 128. One is for comparison only.
	Group int
	// Committed is told how many writes one transaction took, and how long. It must not block.
	Committed func(writes int, took time.Duration)

	trace     func(text string) // for tests: is told every statement
	writeWait time.Duration     // for tests on busy machines: how long a write may take, 8 s
	// For tests: see the constant of this name.
	resyncInterval time.Duration
}

// Store is all of it. Open makes one, Close ends it.
type Store struct {
	opt       Options
	db        database
	read      *preparer // for what changes nothing
	committer *committer
	hub       *hub
	cache     *cache
	turns     *keyLock // one turn of a conversation at a time
	ping      ping

	stop   context.CancelFunc
	ending context.Context // ends with Close
	done   sync.WaitGroup
}

// ErrServed says that another process serves the database.
var ErrServed = errors.New("another serve runs on this SQLite file; only PostgreSQL is for several")

// Open opens the database, brings its schema up to date, unless the policy is another, and starts the writers.
func Open(ctx context.Context, o Options) (*Store, error) {
	o = o.withDefaults()
	db, err := openDatabase(o)
	if err != nil {
		return nil, err
	}
	if err := db.prepareSchema(ctx, o.Schema); err != nil {
		return nil, errors.Join(err, db.close())
	}
	db.trace = o.trace
	ending, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &Store{
		opt: o, db: db, read: newPreparer(db.read, db.prepares), hub: newHub(), cache: newCache(), turns: newKeyLock(),
		ending: ending, stop: stop,
	}
	s.read.trace = o.trace
	n := &notifier{
		hub: s.hub, cache: s.cache, log: o.Log, db: db.read, dsn: o.DSN, node: s.newID(), ending: ending,
		pending: map[string]bool{}, some: make(chan struct{}, 1),
	}
	s.committer = &committer{
		db: db, group: o.Group, log: o.Log, panics: o.Panics, observe: o.Committed, notifier: n,
		queue: make(chan *writeJob, maxQueued), ending: ending, ended: make(chan struct{}),
	}
	writers := db.writers
	if o.Group == 1 {
		writers = db.soloWriters
	}
	runs := append(slices.Repeat([]func(){s.committer.run}, writers), s.resync)
	if o.Serving {
		runs = append(runs, s.watchClock)
	}
	if db.listens {
		runs = append(runs, n.send, n.listen, n.poll)
	}
	for _, run := range runs {
		s.done.Go(func() {
			_ = o.Panics.Keep(ending, door, func() error { run(); return nil }) // it has no error
		})
	}
	return s, nil
}

// withDefaults fills in what was left out.
func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Push == nil {
		o.Push = func(string) bool { return false }
	}
	o.writeWait = cmp.Or(o.writeWait, writeTimeout)
	o.resyncInterval = cmp.Or(o.resyncInterval, resyncInterval)
	if o.trace == nil {
		o.trace = func(string) {}
	}
	o.Random = cmp.Or(o.Random, rand.Reader)
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	o.Panics = o.Panics.Or(o.Log)
	o.Group = cmp.Or(o.Group, 128)
	return o
}

// Close ends every wait, finishes the writes that are queued and closes the database.
func (s *Store) Close() error {
	s.stop()
	s.done.Wait()
	close(s.committer.ended)
	return errors.Join(s.read.closeStatements(), s.db.close())
}

// transact commits what do does, and wakes those who wait for keys. what names it in errors.
func (s *Store) transact(ctx context.Context, what string, do func(context.Context, *tx) error, keys ...string) error {
	if err := s.committer.commit(ctx, &writeJob{do: do, wake: keys}); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// transactValue is transact for a write that returns something.
func transactValue[T any](ctx context.Context, s *Store, what string, do func(context.Context, *tx) (T, error), keys ...string) (T, error) {
	var value, none T
	err := s.transact(ctx, what, func(ctx context.Context, t *tx) (err error) {
		value, err = do(ctx, t)
		return err
	}, keys...)
	if err != nil {
		return none, err
	}
	return value, nil
}

// statement is a write of one statement.
func statement(text string, args ...any) func(context.Context, *tx) error {
	return func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, text, args...)
		return err
	}
}

// reading is what a read for one purpose reads from.
func (s *Store) reading(purpose string) querier { return reader{s.read, purpose, s.ending} }

// now is the clock in the form that is kept: milliseconds UTC.
func (s *Store) now() int64 { return s.opt.Now().UnixMilli() }

// timeOf is a kept time.
func timeOf(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// randomBytes are n bytes that nobody guesses.
func (s *Store) randomBytes(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.opt.Random, b); err != nil {
		panic("store: the random source failed: " + err.Error()) // crypto/rand never does
	}
	return b
}

// newID is a new id: 120 random bits in letters and digits.
func (s *Store) newID() string {
	return strings.ToLower(base32.StdEncoding.EncodeToString(s.randomBytes(15)))
}

// newSendingID is a new id of an outbox row.
func (s *Store) newSendingID() int64 { return int64(binary.BigEndian.Uint64(s.randomBytes(8)) >> 1) }

// newSecret is a token or a key.
func (s *Store) newSecret() string { return base64.RawURLEncoding.EncodeToString(s.randomBytes(32)) }

// hashSecret is what is kept of a token or key, which are random and long: no salt is needed.
func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// toJSON is a value of plain fields as JSON.
func toJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("store: " + err.Error()) // strings, numbers and times always marshal
	}
	return string(raw)
}

// toInt is how the database keeps yes and no.
func toInt(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
