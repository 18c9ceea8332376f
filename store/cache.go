package store

import (
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// cache keeps conversations as they were read or written last, so that a turn in a lively one reads
// nothing. It may be behind the database: every commit compares the version. What it holds is replaced and never changed,
// so that whoever got it needs no lock.
type cache struct {
	seed   maphash.Seed
	shards [cacheShards]cacheShard
}

// cacheShard is those conversations whose ids share a hash, under a lock of their own.
type cacheShard struct {
	mu      sync.Mutex
	entries map[string]*cachedConversation
}

// cachedConversation is all that a turn needs to know of a conversation.
type cachedConversation struct {
	chat.Conversation
	session     bot.Session // without what newSession fills in
	version     int64
	ticket      *desk.Ticket // the newest; nil for none
	customerAt  int64        // see conversationRow
	tokenHash   []byte
	externalIDs []string // of the last messages: they are looked up when they come again
	cachedAt    time.Time
}

const (
	cacheShards    = 64
	maxCached      = 128 // conversations of each
	maxExternalIDs = 16  // messages of each
	// maxAuthorizedAge is how old a cached conversation may be that is shown without another look.
	maxAuthorizedAge = time.Second
)

func newCache() *cache {
	c := &cache{seed: maphash.MakeSeed()}
	for i := range c.shards {
		c.shards[i].entries = map[string]*cachedConversation{}
	}
	return c
}

func (c *cache) shard(id string) *cacheShard {
	return &c.shards[maphash.String(c.seed, id)%cacheShards]
}

// get is the conversation as it is cached, nil for one that is not. It must not be changed.
func (c *cache) get(id string) *cachedConversation {
	shard := c.shard(id)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	return shard.entries[id]
}

// put keeps a conversation, which must not be changed any more, and evicts any other when there are too many.
func (c *cache) put(m *cachedConversation) {
	m.cachedAt = time.Now()
	shard := c.shard(m.ID)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if len(shard.entries) >= maxCached {
		for id := range shard.entries {
			delete(shard.entries, id)
			break
		}
	}
	shard.entries[m.ID] = m
}

// drop evicts what somebody else wrote to. ids may hold other keys of the hub.
func (c *cache) drop(ids ...string) {
	for _, id := range ids {
		shard := c.shard(id)
		shard.mu.Lock()
		delete(shard.entries, id)
		shard.mu.Unlock()
	}
}

// newSession is the session as a step gets it, to do with as it likes.
func (m *cachedConversation) newSession() bot.Session {
	s := m.session.Clone()
	s.Holder, s.Device = m.Holder, m.Device
	if m.ticket != nil {
		ticket := *m.ticket
		s.Ticket = &ticket
	}
	return s
}

// next is the conversation after a turn. The session is kept as reading it from the database would make it.
func (m *cachedConversation) next(c chat.Conversation, s bot.Session, ticket *desk.Ticket, customerAt int64, externalID string) *cachedConversation {
	after := *m
	s.Holder, s.Device, s.Ticket, s.At = "", chat.Device{}, nil, s.At.Round(0)
	after.Conversation, after.session, after.ticket, after.customerAt = c, s, ticket, customerAt
	after.version++
	if externalID != "" {
		after.externalIDs = append(slices.Clone(m.externalIDs[max(0, len(m.externalIDs)-maxExternalIDs+1):]), externalID)
	}
	return &after
}
