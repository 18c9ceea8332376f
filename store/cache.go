package store

import (
	"slices"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// cache keeps conversations as they were read or written last, so that a turn in a lively one reads
// nothing. It may be behind the database: every commit compares the version.
type cache struct {
	mu      sync.Mutex
	entries map[string]cachedConversation
}

// cachedConversation is all that a turn needs to know of a conversation.
type cachedConversation struct {
	chat.Conversation
	session     string // JSON of bot.Session
	version     int64
	ticket      *desk.Ticket // the newest; nil for none
	customerAt  int64        // see conversationRow
	tokenHash   []byte
	externalIDs []string // of the last messages: they are looked up when they come again
	cachedAt    time.Time
}

const (
	maxCached      = 8192 // conversations
	maxExternalIDs = 16   // messages of each
	// maxAuthorizedAge is how old a cached conversation may be that is shown without another look.
	maxAuthorizedAge = time.Second
)

func newCache() *cache { return &cache{entries: map[string]cachedConversation{}} }

func (c *cache) get(id string) (cachedConversation, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, ok := c.entries[id]
	return m, ok
}

// put keeps a conversation, and evicts any other when there are too many.
func (c *cache) put(m cachedConversation) {
	m.cachedAt = time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= maxCached {
		for id := range c.entries {
			delete(c.entries, id)
			break
		}
	}
	c.entries[m.ID] = m
}

// drop evicts what somebody else wrote to. ids may hold other keys of the hub.
func (c *cache) drop(ids ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		delete(c.entries, id)
	}
}

// next is the conversation after a turn.
func (m cachedConversation) next(c chat.Conversation, session string, ticket *desk.Ticket, customerAt int64, externalID string) cachedConversation {
	m.Conversation, m.session, m.ticket, m.customerAt = c, session, ticket, customerAt
	m.version++
	if externalID != "" {
		m.externalIDs = append(slices.Clone(m.externalIDs[max(0, len(m.externalIDs)-maxExternalIDs+1):]), externalID)
	}
	return m
}
