package store

import (
	"slices"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// recent remembers conversations as they were read or written last, so that a turn in a lively one reads
// nothing. It may be behind the database: every commit compares the version.
type recent struct {
	mu   sync.Mutex
	kept map[string]remembered
}

// remembered is all that a turn needs to know of a conversation.
type remembered struct {
	conversation chat.Conversation
	session      string // JSON of bot.Session
	device       string // JSON of the conversation's device
	version      int64
	ticket       *desk.Ticket // the newest; nil for none
	hash         []byte       // of the token
	heard        []string     // external ids of the last messages: they are looked up when they come again
	at           time.Time
}

const (
	remember = 8192 // conversations
	hearing  = 16   // messages of each
	// current is how old a conversation may be that is shown without another look.
	current = time.Second
)

func newRecent() *recent { return &recent{kept: map[string]remembered{}} }

func (r *recent) get(id string) (remembered, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.kept[id]
	return m, ok
}

// put remembers a conversation, and forgets any other when there are too many.
func (r *recent) put(m remembered) {
	m.at = time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.kept) >= remember {
		for id := range r.kept {
			delete(r.kept, id)
			break
		}
	}
	r.kept[m.conversation.ID] = m
}

// drop forgets what somebody else wrote to. ids may hold other keys of the hub.
func (r *recent) drop(ids ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		delete(r.kept, id)
	}
}

// next is the conversation after a turn.
func (m remembered) next(c chat.Conversation, session, device string, ticket *desk.Ticket, external string) remembered {
	m.conversation, m.session, m.device, m.ticket = c, session, device, ticket
	m.version++
	if external != "" {
		m.heard = append(slices.Clone(m.heard[max(0, len(m.heard)-hearing+1):]), external)
	}
	return m
}
