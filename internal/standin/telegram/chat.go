package telegram

import (
	"strconv"
	"time"
)

type kind int

const (
	kindPrivate kind = iota
	kindGroup
	kindSupergroup
)

// day is how long updates are kept.
const day = 24 * time.Hour

// chat is one conversation: of a person with a bot, or of a group.
type chat struct {
	id    int64
	kind  kind
	title string
	forum bool

	bot     *bot // of a private chat
	started bool // the person wrote to the bot once
	blocked bool

	members map[int64]bool
	admins  []int64
	bots    map[int64]standing

	messages   []*message
	byID       map[int]*message
	lastID     int // in a supergroup
	topics     map[int]*topic
	order      []int // of topics
	migratedTo int64
	actions    []Action
}

// topic is one of a forum; its id is that of the message that created it.
type topic struct {
	id        int
	name      string
	color     int
	by        int64
	closed    bool
	deletedAt time.Time
}

func newChat(id int64, k kind) *chat {
	return &chat{id: id, kind: k, members: map[int64]bool{}, bots: map[int64]standing{}, byID: map[int]*message{}, topics: map[int]*topic{}}
}

// topic returns one that was not deleted, or nil.
func (c *chat) topic(id int) *topic {
	if t := c.topics[id]; t != nil && t.deletedAt.IsZero() {
		return t
	}
	return nil
}

// nextID draws the id of a chat's next message: supergroups count for themselves, all others together.
func (s *Server) nextID(c *chat) int {
	if c.kind == kindSupergroup {
		c.lastID++
		return c.lastID
	}
	s.lastID++
	return s.lastID
}

// privateChat returns the chat of a bot with a person, made when there is none yet.
func (s *Server) privateChat(b *bot, user int64) *chat {
	key := [2]int64{b.id, user}
	c := s.private[key]
	if c == nil {
		c = newChat(user, kindPrivate)
		c.bot = b
		c.members[user] = true
		s.private[key] = c
	}
	return c
}

// access is what a method wants to do with a chat.
type access int

const (
	toRead access = iota
	toEdit
	toWrite
)

// chatFor finds the chat that a parameter names and checks that the bot may do that there.
func (s *Server) chatFor(b *bot, text string, want access) (*chat, *apiError) {
	if text == "" {
		return nil, bad("chat_id is empty")
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, bad("chat not found") // also public names, which nobody has here
	}
	if id > 0 {
		c := s.private[[2]int64{b.id, id}]
		if c == nil || !c.started {
			return nil, bad("chat not found")
		}
		return c, nil
	}
	c := s.groups[id]
	if c == nil || c.bots[b.id].status == "" {
		return nil, bad("chat not found")
	}
	return c, c.mayAccess(b, want)
}

// mayAccess checks a bot's standing in a group.
func (c *chat) mayAccess(b *bot, want access) *apiError {
	if c.migratedTo != 0 {
		if want != toWrite {
			return nil
		}
		err := bad("group chat was upgraded to a supergroup chat")
		err.migrateTo = c.migratedTo
		return err
	}
	name := "group chat"
	if c.kind == kindSupergroup {
		name = "supergroup chat"
	} else if want == toRead {
		return nil
	}
	switch c.bots[b.id].status {
	case "kicked":
		return forbidden("bot was kicked from the " + name)
	case "left":
		return forbidden("bot is not a member of the " + name)
	}
	return nil
}

// mayReach tells whether what the bot sends would arrive.
func (c *chat) mayReach() *apiError {
	if c.kind == kindPrivate && c.blocked {
		return forbidden("bot was blocked by the user")
	}
	return nil
}

func (s *Server) wireChat(c *chat) wireChat {
	w := wireChat{ID: c.id, Title: c.title, IsForum: c.forum}
	switch c.kind {
	case kindPrivate:
		w.Type = "private"
		u := s.wireUser(c.id)
		w.FirstName, w.LastName, w.Username = u.FirstName, u.LastName, u.Username
	case kindGroup:
		w.Type = "group"
	case kindSupergroup:
		w.Type = "supergroup"
	}
	return w
}
