package store

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// wake tells everybody on this node at once, and other nodes soon.
func (s *Store) wake(keys []string) {
	s.hub.wake(keys)
	if s.dirty != nil {
		s.dirty.add(keys)
	}
}

// dirty collects what other nodes must hear of.
type dirty struct {
	mu   sync.Mutex
	keys map[string]bool
	some chan struct{} // full when there is something
}

func newDirty() *dirty { return &dirty{keys: map[string]bool{}, some: make(chan struct{}, 1)} }

func (d *dirty) add(keys []string) {
	d.mu.Lock()
	for _, key := range keys {
		d.keys[key] = true
	}
	d.mu.Unlock()
	select {
	case d.some <- struct{}{}:
	default:
	}
}

// take empties it into payloads that PostgreSQL accepts (less than 8,000 bytes).
func (d *dirty) take() (payloads []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var b strings.Builder
	for key := range d.keys {
		if b.Len()+len(key) > 7000 {
			payloads = append(payloads, b.String())
			b.Reset()
		}
		b.WriteString(key)
		b.WriteByte(' ')
	}
	clear(d.keys)
	if b.Len() > 0 {
		payloads = append(payloads, b.String())
	}
	return payloads
}

// lull is how long wake-ups for other nodes are collected.
const lull = 10 * time.Millisecond

// announce sends what is dirty, after the commits that made it so. What cannot be sent is not missed for
// long: every node polls too.
func (s *Store) announce() {
	for {
		select {
		case <-s.dirty.some:
		case <-s.ending.Done():
			return
		}
		for _, payload := range s.dirty.take() {
			ctx, cancel := context.WithTimeout(s.ending, time.Second)
			_, err := s.read.db.ExecContext(ctx, `SELECT pg_notify('yingda', $1)`, payload)
			cancel()
			if err != nil && s.ending.Err() == nil {
				s.opt.Log.WarnContext(s.ending, "cannot wake the other nodes", "error", err)
			}
		}
		if !s.rest(lull) {
			return
		}
	}
}

// listen hears the other nodes. It listens first and wakes everybody then, so that what happened while it
// did not hear is read again.
func (s *Store) listen() {
	for {
		if err := s.hear(); s.ending.Err() == nil {
			s.opt.Log.WarnContext(s.ending, "cannot hear the other nodes; trying again", "error", err)
		}
		if !s.rest(200 * time.Millisecond) {
			return
		}
	}
}

func (s *Store) hear() error {
	conn, err := pgx.Connect(s.ending, s.opt.DSN)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(s.ending)) }() // nothing is lost with it
	if _, err := conn.Exec(s.ending, `LISTEN yingda`); err != nil {
		return err
	}
	s.hub.wakeAll()
	for {
		n, err := conn.WaitForNotification(s.ending)
		if err != nil {
			return err
		}
		if n.PID == 0 {
			continue
		}
		s.hub.wake(strings.Fields(n.Payload))
	}
}

// poll is the safety net below the notifications.
func (s *Store) poll() {
	for s.rest(time.Second) {
		s.hub.wakeAll()
	}
}

// rest sleeps; false when the store ends meanwhile.
func (s *Store) rest(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ending.Done():
		return false
	}
}
