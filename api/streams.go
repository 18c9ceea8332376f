package api

import (
	"slices"
	"sync"
)

// maxConversationStreams is how many event streams of one conversation may be open at once.
const maxConversationStreams = 4

// streamRegistry knows the open event streams of each conversation.
type streamRegistry struct {
	mu             sync.Mutex
	byConversation map[string][]*openStream
}

type openStream struct{ cancel func() }

// add registers a stream that cancel ends. When a conversation has too many, its oldest is cancelled: a
// client that lost its connection comes back before we notice.
func (s *streamRegistry) add(conversation string, cancel func()) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	added := &openStream{cancel}
	list := append(s.byConversation[conversation], added)
	if len(list) > maxConversationStreams {
		list[0].cancel()
		list = list[1:]
	}
	s.byConversation[conversation] = list
	return func() { s.remove(conversation, added) }
}

func (s *streamRegistry) remove(conversation string, gone *openStream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := slices.DeleteFunc(slices.Clone(s.byConversation[conversation]), func(o *openStream) bool { return o == gone })
	s.byConversation[conversation] = rest
	if len(rest) == 0 {
		delete(s.byConversation, conversation)
	}
}
