package telegram

import (
	"context"
	"slices"
	"time"
)

// Message is one as the members of a chat see it now.
type Message struct {
	ID        int
	Thread    int // the topic, or the thread of replies; 0 is none
	From      int64
	Name      string // of who sent it
	Bot       bool   // a bot did
	At        time.Time
	Edited    time.Time // zero: never
	Text      string    // or the caption, without its tags
	Entities  []Entity
	Photo     *File // in its largest size
	Document  *File
	Voice     *File
	Sticker   string // its emoji
	Location  *Location
	Kind      string // the name of its Kind; "" for what the stand-in knows itself
	ReplyTo   int
	Buttons   [][]Button
	Preview   string // link_preview_options, as JSON
	Protected bool
	Silent    bool
	Pinned    bool
	Service   Service // what happened; empty for what somebody said
	Detail    string  // of it: the name of a topic
}

// Service is what happened in a chat.
type Service string

// The kinds of messages that say what happened.
const (
	TopicCreated  Service = "topic created"
	TopicRenamed  Service = "topic renamed"
	TopicClosed   Service = "topic closed"
	TopicReopened Service = "topic reopened"
	MessagePinned Service = "message pinned"
	MemberJoined  Service = "member joined"
	MemberLeft    Service = "member left"
	GroupMoved    Service = "group moved"
)

// File is a file of a message.
type File struct {
	ID            string // the same for all bots: file_unique_id
	Path          string // of the file among all files
	Name          string
	MIME          string
	Size          int // bytes
	Width, Height int
	Seconds       int
	Data          []byte
}

// Topic is one of a forum.
type Topic struct {
	ID     int
	Name   string
	Closed bool
	By     int64
}

// Chat is one that a person takes part in.
type Chat struct {
	Place  Place
	Title  string // of the group, or the name of the bot
	Forum  bool
	Topics []Topic
}

// Messages returns what is in a place, in order. A Place without a thread is the whole chat.
func (s *Server) Messages(at Place) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.look(at)
	if c == nil {
		return nil
	}
	var messages []Message
	for _, m := range c.messages {
		if at.Thread == 0 || m.thread == at.Thread {
			messages = append(messages, s.view(m))
		}
	}
	return messages
}

// look finds a chat, or nil.
func (s *Server) look(at Place) *chat {
	if at.Chat < 0 {
		return s.groups[at.Chat]
	}
	if b := s.bot(at.Bot); b != nil {
		return s.private[[2]int64{b.id, at.Chat}]
	}
	return nil
}

func (s *Server) view(m *message) Message {
	from := s.wireUser(m.from)
	v := Message{
		ID: m.id, Thread: m.thread, From: m.from, Name: from.FirstName, Bot: from.IsBot, At: m.date, Edited: m.edited, Text: m.text,
		Entities: slices.Clone(m.entities), Document: m.document.view(), Voice: m.voice.view(), Location: m.location, ReplyTo: m.replyTo,
		Preview: string(m.preview), Protected: m.protected, Silent: m.silent, Pinned: m.pinned,
	}
	if n := len(m.photo); n > 0 {
		v.Photo = m.photo[n-1].view()
	}
	if m.sticker != nil {
		v.Sticker = m.sticker.emoji
	}
	if m.kind != nil {
		v.Kind = m.kind.Name
	}
	if m.buttons != nil {
		v.Buttons = m.buttons.Rows
	}
	v.Service, v.Detail = m.event()
	return v
}

// event is what a message says happened.
func (m *message) event() (Service, string) {
	switch {
	case m.created != "":
		return TopicCreated, m.created
	case m.renamed != "":
		return TopicRenamed, m.renamed
	case m.closed:
		return TopicClosed, ""
	case m.reopened:
		return TopicReopened, ""
	case m.pin != 0:
		return MessagePinned, ""
	case len(m.joined) > 0:
		return MemberJoined, ""
	case m.left != 0:
		return MemberLeft, ""
	case m.movedTo != 0, m.movedFrom != 0:
		return GroupMoved, ""
	}
	return "", ""
}

func (f *file) view() *File {
	if f == nil {
		return nil
	}
	return &File{ID: f.unique, Path: f.path, Name: f.name, MIME: f.mime, Size: len(f.data), Width: f.width, Height: f.height, Seconds: f.duration, Data: f.data}
}

// Topics returns those of a forum that are not deleted, in the order in which they were created. General is none of them.
func (s *Server) Topics(group int64) []Topic {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.groups[group]; c != nil {
		return c.list()
	}
	return nil
}

func (c *chat) list() []Topic {
	var topics []Topic
	for _, id := range c.order {
		if t := c.topic(id); t != nil {
			topics = append(topics, Topic{t.id, t.name, t.closed, t.by})
		}
	}
	return topics
}

// Chats returns the chats of a person: one with each bot, and the groups by their id.
func (s *Server) Chats(user int64) []Chat {
	s.mu.Lock()
	defer s.mu.Unlock()
	var chats []Chat
	for _, b := range s.bots {
		chats = append(chats, Chat{Place: Place{Bot: b.id, Chat: user}, Title: b.name})
	}
	var ids []int64
	for id, c := range s.groups {
		if c.members[user] && c.migratedTo == 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		c := s.groups[id]
		chats = append(chats, Chat{Place{Chat: id}, c.title, c.forum, c.list()})
	}
	return chats
}

// Answers returns what people were shown for pressing buttons, in order.
func (s *Server) Answers() []Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.answers)
}

// Actions returns what bots are seen doing in a place just now, such as typing.
func (s *Server) Actions(at Place) []Action {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.look(at)
	if c == nil {
		return nil
	}
	var actions []Action
	for _, a := range c.actions {
		if s.now().Sub(a.At) <= actionLife && (at.Thread == 0 || a.Thread == at.Thread) {
			actions = append(actions, a)
		}
	}
	return actions
}

// WaitMessage waits for the first message of a place that fits, and returns it.
func (s *Server) WaitMessage(ctx context.Context, at Place, fits func(Message) bool) (Message, error) {
	var seen Message
	err := s.Wait(ctx, func() bool {
		messages := s.Messages(at)
		i := slices.IndexFunc(messages, fits)
		if i >= 0 {
			seen = messages[i]
		}
		return i >= 0
	})
	return seen, err
}
