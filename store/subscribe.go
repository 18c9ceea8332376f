package store

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
)

// subscribers are those who are woken by what is said in a conversation, by its id.
type subscribers struct {
	mu             sync.Mutex
	byConversation map[string][]chat.Subscriber
}

func newSubscribers() *subscribers {
	return &subscribers{byConversation: map[string][]chat.Subscriber{}}
}

func (s *subscribers) add(id string, added chat.Subscriber) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byConversation[id] = append(s.byConversation[id], added)
}

func (s *subscribers) remove(id string, gone chat.Subscriber) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := slices.DeleteFunc(s.byConversation[id], func(o chat.Subscriber) bool { return o == gone })
	s.byConversation[id] = rest
	if len(rest) == 0 {
		delete(s.byConversation, id)
	}
}

// wake wakes those of some conversations.
func (s *subscribers) wake(ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		for _, sub := range s.byConversation[id] {
			sub.Wake()
		}
	}
}

// wakeBehind wakes those of some conversations that have not read up to its newest entry, or whose conversation has
// none because it is gone.
func (s *subscribers) wakeBehind(ids []string, newest map[string]int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		seq, found := newest[id]
		for _, sub := range s.byConversation[id] {
			if !found || seq > sub.After() {
				sub.Wake()
			}
		}
	}
}

// conversations are the ids of those that have subscribers.
func (s *subscribers) conversations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.byConversation))
}

func (s *subscribers) count() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, subs := range s.byConversation {
		n += len(subs)
	}
	return n
}

// Subscribe has a subscriber woken until cancel.
func (s *Store) Subscribe(id string, sub chat.Subscriber) (cancel func()) {
	s.hub.subscribers.add(id, sub)
	return func() { s.hub.subscribers.remove(id, sub) }
}

const (
	// resyncInterval is how often subscribers are held against the database where other nodes write to it: one that dies
	// between a commit and its notification tells nobody.
	resyncInterval = 15 * time.Second
	resyncBatch    = 512 // conversations of one statement; a power of two
)

// resync wakes the subscribers that have missed something, whenever somebody may have, until the store ends.
func (s *Store) resync() {
	var tick <-chan time.Time
	if s.db.listens {
		tick = time.Tick(s.opt.resyncInterval)
	}
	for {
		select {
		case <-s.hub.missed:
		case <-tick:
		case <-s.ending.Done():
			return
		}
		for err := s.wakeMissed(s.ending); err != nil; err = s.wakeMissed(s.ending) {
			if s.ending.Err() != nil {
				return
			}
			s.opt.Log.WarnContext(s.ending, "it is not known who missed something; trying again", "error", err)
			_ = chat.Sleep(s.ending, time.Second) // its only error is the end
		}
	}
}

// wakeMissed wakes the subscribers that have missed something, by few statements for all of them.
func (s *Store) wakeMissed(ctx context.Context) error {
	type head struct {
		id     string
		newest int64
	}
	for ids := range slices.Chunk(s.hub.subscribers.conversations(), resyncBatch) {
		in, args := inList(padded(ids), 1)
		heads, err := queryAll(ctx, s.reading("look for what was missed"), func(r scanner) (h head, err error) {
			return h, r.Scan(&h.id, &h.newest)
		}, `SELECT id, last_seq FROM conversations WHERE id `+in, args...)
		if err != nil {
			return err
		}
		newest := make(map[string]int64, len(heads))
		for _, h := range heads {
			newest[h.id] = h.newest
		}
		s.hub.subscribers.wakeBehind(ids, newest)
	}
	return nil
}

// padded repeats the first id until their number is a power of two, so that few texts of a statement are prepared.
func padded(ids []string) []string {
	out := slices.Clip(ids)
	for len(out)&(len(out)-1) != 0 {
		out = append(out, ids[0])
	}
	return out
}
