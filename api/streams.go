package api

import (
	"slices"
	"sync"
)

// How many event streams may be open at once.
const (
	maxStreams             = 10_000 // in all
	maxConversationStreams = 4      // of one conversation
)

// streamRegistry knows the open event streams of each conversation.
type streamRegistry struct {
	mu             sync.Mutex
	total          int
	byConversation map[string][]*openStream
}

type openStream struct{ cancel func() }

// add registers a stream that cancel ends. When a conversation has too many, its oldest is cancelled: a
// client that lost its connection comes back before we notice. It is false when there are too many in all.
func (s *streamRegistry) add(conversation string, cancel func()) (remove func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total >= maxStreams {
		return nil, false
	}
	s.total++
	added := &openStream{cancel}
	list := append(s.byConversation[conversation], added)
	if len(list) > maxConversationStreams {
		list[0].cancel()
		list = list[1:]
	}
	s.byConversation[conversation] = list
	return func() { s.remove(conversation, added) }, true
}

func (s *streamRegistry) remove(conversation string, gone *openStream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	rest := slices.DeleteFunc(slices.Clone(s.byConversation[conversation]), func(o *openStream) bool { return o == gone })
	s.byConversation[conversation] = rest
	if len(rest) == 0 {
		delete(s.byConversation, conversation)
	}
}
