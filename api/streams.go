package api

import "sync"

// The most streams at once.
const (
	mostStreams = 10_000 // in all
	mostOfOne   = 4      // of one conversation
)

// streams counts who follows which conversation.
type streams struct {
	mu  sync.Mutex
	all int
	of  map[string][]*follower
}

type follower struct{ drop func() }

// enter lets one more in; drop must end it. When a conversation has too many, its oldest goes: a
// client that lost its connection comes back before we notice. It is false when all are too many.
func (s *streams) enter(conversation string, drop func()) (leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= mostStreams {
		return nil, false
	}
	s.all++
	f := &follower{drop}
	list := append(s.of[conversation], f)
	if len(list) > mostOfOne {
		list[0].drop()
		list = list[1:]
	}
	s.of[conversation] = list
	return func() { s.leave(conversation, f) }, true
}

func (s *streams) leave(conversation string, f *follower) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	var rest []*follower
	for _, other := range s.of[conversation] {
		if other != f {
			rest = append(rest, other)
		}
	}
	s.of[conversation] = rest
	if len(rest) == 0 {
		delete(s.of, conversation)
	}
}
