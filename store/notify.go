package store

import (
	"context"
	"database/sql"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// notifier wakes everybody on this node at once, and on PostgreSQL other nodes soon.
type notifier struct {
	hub    *hub
	cache  *cache
	log    *slog.Logger
	db     *sql.DB
	dsn    string // "" where there are no other nodes
	node   string // tells this one from others
	ending context.Context

	mu      sync.Mutex
	pending map[string]bool // keys that other nodes must hear of
	some    chan struct{}   // full when there is something
}

// wake wakes those who wait for one of the keys.
func (n *notifier) wake(keys []string) {
	n.hub.wake(keys)
	if n.dsn != "" {
		n.add(keys)
	}
}

// add has other nodes hear of keys.
func (n *notifier) add(keys []string) {
	n.mu.Lock()
	for _, key := range keys {
		n.pending[key] = true
	}
	n.mu.Unlock()
	select {
	case n.some <- struct{}{}:
	default:
	}
}

// drain empties pending into payloads.
func (n *notifier) drain() (payloads []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for keys := range slices.Chunk(slices.Collect(maps.Keys(n.pending)), maxPayloadKeys) {
		payloads = append(payloads, strings.Join(keys, " "))
	}
	clear(n.pending)
	return payloads
}

// maxPayloadKeys keeps a payload, of ids of 24 letters, below the 8,000 bytes that PostgreSQL accepts.
const maxPayloadKeys = 250

// notifyInterval is how long wake-ups for other nodes are collected.
const notifyInterval = 10 * time.Millisecond

// send notifies the other nodes, after the commits. What cannot be sent is sent later.
func (n *notifier) send() {
	for {
		select {
		case <-n.some:
		case <-n.ending.Done():
			return
		}
		pause := notifyInterval
		for _, payload := range n.drain() {
			if err := n.notify(payload); err != nil && n.ending.Err() == nil {
				n.log.WarnContext(n.ending, "cannot wake the other nodes; trying again", "error", err)
				n.add(strings.Fields(payload))
				pause = time.Second
			}
		}
		if !n.pause(pause) {
			return
		}
	}
}

// notify sends one notification.
func (n *notifier) notify(payload string) error {
	ctx, cancel := context.WithTimeout(n.ending, time.Second)
	defer cancel()
	_, err := n.db.ExecContext(ctx, `SELECT pg_notify('yingda', $1)`, n.node+" "+payload)
	return err
}

// listen hears the other nodes, and connects again when it breaks.
func (n *notifier) listen() {
	for {
		if err := n.receive(); n.ending.Err() == nil {
			n.log.WarnContext(n.ending, "cannot hear the other nodes; trying again", "error", err)
		}
		if !n.pause(200 * time.Millisecond) {
			return
		}
	}
}

// receive listens first and wakes everybody then, so that what happened while it did not hear is read again.
func (n *notifier) receive() error {
	conn, err := pgx.Connect(n.ending, n.dsn)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(n.ending)) }() // nothing is lost with it
	if _, err := conn.Exec(n.ending, `LISTEN yingda`); err != nil {
		return err
	}
	n.hub.wakeAll()
	for {
		notification, err := conn.WaitForNotification(n.ending)
		if err != nil {
			return err
		}
		if node, keys, _ := strings.Cut(notification.Payload, " "); node != n.node {
			n.cache.drop(strings.Fields(keys)...)
			n.hub.wake(strings.Fields(keys))
		}
	}
}

// poll is the safety net below the notifications. Subscribers have their own: Store.resync.
func (n *notifier) poll() {
	for odd := true; n.pause(time.Second); odd = !odd {
		if odd {
			n.hub.wake([]string{guideKey})
		} else {
			n.hub.wake([]string{guideKey, outboxKey})
		}
	}
}

// pause sleeps; false when the store ends meanwhile.
func (n *notifier) pause(d time.Duration) bool { return sleep(n.ending, n.ending, nil, d) == nil }
