package telegram

import (
	"encoding/json"
	"time"
)

// message is one of a chat, as the server knows it.
type message struct {
	id, thread   int // thread 0: none
	from         int64
	date, edited time.Time
	text         string // or the caption
	entities     []Entity
	photo        []*file // its sizes, the smallest first
	document     *file
	voice        *file
	sticker      *file
	location     *Location
	kind         *Kind // what it is besides; nil for what the stand-in knows itself
	replyTo      int
	album        string
	buttons      *keyboard
	preview      json.RawMessage
	protected    bool
	silent       bool
	pinned       bool
	pinnedAt     int // order of pins

	// What happened, in a message of the service.
	created, renamed string // name of a topic
	color            int
	closed, reopened bool
	pin              int // id of the message that was pinned
	joined           []int64
	left             int64
	movedTo          int64 // ids of groups
	movedFrom        int64
}

// service tells whether a message says what happened rather than what somebody said.
func (m *message) service() bool {
	return m.created != "" || m.renamed != "" || m.closed || m.reopened || m.pin != 0 || len(m.joined) > 0 || m.left != 0 || m.movedTo != 0 || m.movedFrom != 0
}

// media tells whether the text is a caption.
func (m *message) media() bool {
	return m.photo != nil || m.document != nil || m.voice != nil || m.kind != nil
}

// post puts a message into a chat, and into the queues of the bots that see it. The lock is held.
func (s *Server) post(c *chat, m *message) *message {
	m.id, m.date = s.nextID(c), s.now()
	if m.created != "" {
		m.thread = m.id
	}
	if m.thread == 0 && c.kind == kindSupergroup && c.byID[m.replyTo] != nil {
		m.thread = c.root(m.replyTo)
	}
	c.messages = append(c.messages, m)
	c.byID[m.id] = m
	s.tell(c, m, "message")
	s.notify()
	return m
}

// root is the thread that a reply outside the topics belongs to: the message that the first reply answered.
func (c *chat) root(replyTo int) int {
	if answered := c.byID[replyTo]; answered.thread != 0 {
		return answered.thread
	}
	return replyTo
}

// hasTopics tells whether the chat has topics: a forum, or a private chat with a bot in Threaded Mode.
func (c *chat) hasTopics() bool { return c.forum || c.bot != nil && c.bot.threaded }

// inTopic tells whether the message is in a topic, and not merely in a thread of replies.
func (c *chat) inTopic(m *message) bool {
	return c.hasTopics() && c.topics[m.thread] != nil
}

// remove takes a message out of its chat.
func (c *chat) remove(id int) {
	delete(c.byID, id)
	for i, m := range c.messages {
		if m.id == id {
			c.messages = append(c.messages[:i:i], c.messages[i+1:]...)
			return
		}
	}
}

// wireMessage is a message as a bot gets it. The message that it answers is part of it unless bare.
func (s *Server) wireMessage(b *bot, c *chat, m *message, bare bool) *wireMessage {
	from := s.wireUser(m.from)
	w := &wireMessage{
		MessageID: m.id, From: &from, Chat: s.wireChat(c), Date: m.date.Unix(), ThreadID: m.thread, LinkPreview: m.preview,
		Location: m.location, Album: m.album, ReplyMarkup: m.buttons, Protected: m.protected, IsTopicMessage: c.inTopic(m),
		kind: m.kind, Document: s.wireFile(b, m.document), Voice: s.wireFile(b, m.voice), Sticker: s.wireFile(b, m.sticker),
	}
	if !m.edited.IsZero() {
		w.EditDate = m.edited.Unix()
	}
	for _, size := range m.photo {
		w.Photo = append(w.Photo, *s.wireFile(b, size))
	}
	if m.media() {
		w.Caption, w.CaptionEntities = m.text, m.entities
	} else {
		w.Text, w.Entities = m.text, m.entities
	}
	s.wireService(b, c, m, w)
	if !bare {
		w.ReplyTo = s.answered(b, c, m)
	}
	return w
}

// answered is the message that m answers. In a topic that is the one that created it, unless there is a
// better: so the real server does it.
func (s *Server) answered(b *bot, c *chat, m *message) *wireMessage {
	id := m.replyTo
	if id == 0 && c.inTopic(m) && m.thread != m.id {
		id = m.thread
	}
	if to := c.byID[id]; to != nil {
		return s.wireMessage(b, c, to, true)
	}
	return nil
}

func (s *Server) wireService(b *bot, c *chat, m *message, w *wireMessage) {
	w.MigrateToChatID, w.MigrateFromChatID = m.movedTo, m.movedFrom
	if m.created != "" {
		w.ForumTopicCreated = &wireTopic{Name: m.created, IconColor: m.color}
	}
	if m.renamed != "" {
		w.ForumTopicEdited = &wireTopic{Name: m.renamed}
	}
	if m.closed {
		w.ForumTopicClosed = &struct{}{}
	}
	if m.reopened {
		w.ForumTopicReopened = &struct{}{}
	}
	if to := c.byID[m.pin]; to != nil {
		w.PinnedMessage = s.wireMessage(b, c, to, true)
	}
	if m.left != 0 {
		who := s.wireUser(m.left)
		w.LeftChatMember = &who
	}
	for _, id := range m.joined {
		w.NewChatMembers = append(w.NewChatMembers, s.wireUser(id))
	}
}
