package store

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
)

// subscribers are those who are woken by what is said in a conversation, by its id.
type subscribers struct {
	mu             sync.Mutex
	byConversation map[string][]chat.Subscriber
	n              int
}

func newSubscribers() *subscribers {
	return &subscribers{byConversation: map[string][]chat.Subscriber{}}
}

func (s *subscribers) add(id string, added chat.Subscriber) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byConversation[id] = append(s.byConversation[id], added)
	s.n++
}

func (s *subscribers) remove(id string, gone chat.Subscriber) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := slices.DeleteFunc(s.byConversation[id], func(o chat.Subscriber) bool { return o == gone })
	s.n += len(rest) - len(s.byConversation[id])
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

func (s *subscribers) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
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
		params, args := s.idParams(ids)
		heads, err := queryAll(ctx, s.reading("look for what was missed"), func(r scanner) (h head, err error) {
			return h, r.Scan(&h.id, &h.newest)
		}, `SELECT id, last_seq FROM conversations WHERE id IN (`+params+`)`, args...)
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

// idParams are the parameters for some ids, and the ids. The first is repeated until their number is a power of two, so that
// few texts of a statement are prepared.
func (s *Store) idParams(ids []string) (params string, args []any) {
	var list []string
	for i := 0; i < len(ids) || i&(i-1) != 0; i++ {
		id := ids[0]
		if i < len(ids) {
			id = ids[i]
		}
		list, args = append(list, s.db.param(i+1)), append(args, id)
	}
	return strings.Join(list, ", "), args
}
