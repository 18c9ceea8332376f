package telegram

import (
	"fmt"
	"maps"
)

// CreateTopic opens a topic as a person does, in a forum or in their private chat with the first bot, and returns its id.
func (s *Server) CreateTopic(user, group int64, name string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.place(user, Place{Chat: group})
	if err != nil {
		return 0, err
	}
	if name = topicName(name); !c.hasTopics() || name == "" {
		return 0, fmt.Errorf("chat %d has no topics, or the topic has no name", group)
	}
	return s.makeTopic(c, user, name, topicColor).id, nil
}

// CloseTopic closes a topic as a person does, or reopens it.
func (s *Server) CloseTopic(user int64, at Place, closed bool) error {
	return s.onTopic(user, at, func(c *chat, t *topic) {
		if t.closed != closed {
			s.setClosed(c, t, user, closed)
		}
	})
}

// RenameTopic renames a topic as a person does.
func (s *Server) RenameTopic(user int64, at Place, name string) error {
	return s.onTopic(user, at, func(c *chat, t *topic) {
		if name = topicName(name); name != "" && name != t.name {
			t.name = name
			s.post(c, &message{from: user, thread: t.id, renamed: name})
		}
	})
}

// DeleteTopic deletes a topic with its messages as a person does. No bot is told. For a minute what is sent
// there fails with TOPIC_DELETED, then with message thread not found, as with the real server.
func (s *Server) DeleteTopic(user int64, at Place) error {
	return s.onTopic(user, at, s.dropTopic)
}

func (s *Server) onTopic(user int64, at Place, do func(*chat, *topic)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.place(user, at)
	if err != nil {
		return err
	}
	t := c.topic(at.Thread)
	if t == nil {
		return fmt.Errorf("no topic is named in chat %d", at.Chat)
	}
	do(c, t)
	return nil
}

// Pin pins a message as a person does, or unpins it.
func (s *Server) Pin(user int64, at Place, message int, pinned bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.place(user, at)
	if err != nil {
		return err
	}
	m := c.byID[message]
	if m == nil || m.service() {
		return fmt.Errorf("no message %d to pin in chat %d", message, at.Chat)
	}
	if pinned {
		s.pin(c, m, user)
		return nil
	}
	m.pinned = false
	s.notify()
	return nil
}

// Migrate turns a group into a supergroup, with or without topics, of the id -100… that it returns. The messages
// stay behind; both sides say where it went.
func (s *Server) Migrate(group int64, forum bool) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.groups[group]
	if old == nil || old.kind != kindGroup || old.migratedTo != 0 {
		return 0, fmt.Errorf("%d is no group that could become a supergroup", group)
	}
	c := newChat(-1_000_000_000_000+group, kindSupergroup)
	c.title, c.forum = old.title, forum
	maps.Copy(c.members, old.members)
	maps.Copy(c.bots, old.bots)
	c.admins = append(c.admins, old.admins...)
	s.groups[c.id] = c
	by := s.owner(old)
	s.post(old, &message{from: by, movedTo: c.id})
	old.migratedTo = c.id
	s.post(c, &message{from: by, movedFrom: old.id})
	return c.id, nil
}
