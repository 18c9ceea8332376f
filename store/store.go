// Package store keeps conversations, tickets, the outbox, the guide's files and the agents' keys in one
// SQLite file, or in PostgreSQL for any number of nodes. The SQL is written once for both.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
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

	Now    func() time.Time // time.Now
	Random io.Reader        // crypto/rand: ids, tokens and keys come from it
	Log    *slog.Logger     // nowhere

	// Push tells whether what is said on a channel must be sent there; customers of others come and
	// read. nil: they all do.
	Push func(channel string) bool
	// Announce is where every ticket event is sent, as an Announcement.
	Announce []chat.Destination
	// Follow is where agents follow conversations: every desk.Line is sent there.
	Follow []chat.Destination

	// Group is how many writes may share a transaction: 128. One is for comparison only.
	Group int
	// Committed is told how many writes one transaction took, and how long. It must not block.
	Committed func(writes int, took time.Duration)
}

// Store is all of it. Open makes one, Close ends it.
type Store struct {
	opt    Options
	d      dialect
	read   *pool   // for what changes nothing
	write  *sql.DB // for the writers' connections
	queue  chan *writeJob
	hub    *hub
	recent *recent
	turns  *keyed // one turn of a conversation at a time

	node   string // tells this one from others
	dirty  *dirty // what other nodes must hear of; nil on SQLite
	stop   context.CancelFunc
	ending context.Context // ends with Close
	done   sync.WaitGroup
	ended  chan struct{} // closed once nothing is committed any more
}

// queued is how many writes may wait; more are refused with chat.ErrBusy.
const queued = 4096

// Open opens the database, brings its schema up to date and starts the writers.
func Open(ctx context.Context, o Options) (*Store, error) {
	o = o.withDefaults()
	d, read, write, err := connect(o)
	if err != nil {
		return nil, err
	}
	if err := d.migrate(ctx, write); err != nil {
		return nil, errors.Join(fmt.Errorf("bring the database's schema up to date: %w", err), read.Close(), write.Close())
	}
	ending, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &Store{
		opt: o, d: d, read: newPool(read, d.prepares), write: write,
		queue: make(chan *writeJob, queued), hub: newHub(), recent: newRecent(), turns: newKeyed(),
		ending: ending, stop: stop, ended: make(chan struct{}),
	}
	s.node = s.id()
	s.start()
	return s, nil
}

// start runs what goes on beside the callers.
func (s *Store) start() {
	writers := s.d.writers
	if s.opt.Group == 1 {
		writers = s.d.loners
	}
	for range writers {
		s.done.Go(s.writer)
	}
	if s.d.listens {
		s.dirty = newDirty()
		s.done.Go(s.announce)
		s.done.Go(s.listen)
		s.done.Go(s.poll)
	}
}

// withDefaults fills in what was left out.
func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Push == nil {
		o.Push = func(string) bool { return false }
	}
	if o.Group == 0 {
		o.Group = 128
	}
	return o
}

// Close ends every wait, finishes the writes that are queued and closes the database.
func (s *Store) Close() error {
	s.stop()
	s.done.Wait()
	close(s.ended)
	return errors.Join(s.read.close(), s.write.Close())
}

// now is the clock in the form that is kept.
func (s *Store) now() int64 { return s.opt.Now().UnixMilli() }

// moment is a kept time.
func moment(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// random are n bytes that nobody guesses.
func (s *Store) random(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.opt.Random, b); err != nil {
		panic("store: the random source failed: " + err.Error()) // crypto/rand never does
	}
	return b
}

// id is a new id: 120 random bits in letters and digits.
func (s *Store) id() string {
	return strings.ToLower(base32.StdEncoding.EncodeToString(s.random(15)))
}

// number is a new id of an outbox row.
func (s *Store) number() int64 { return int64(binary.BigEndian.Uint64(s.random(8)) >> 1) }
