package telegram

import "strings"

// maxTopicName is in characters; longer names are cut.
const maxTopicName = 128

// topicColor is what a topic gets when none is asked for.
const topicColor = 0x6FB9F0

// forumFor finds the forum that a method on topics means, and checks the bot's right to manage them.
func (s *Server) forumFor(c *call, refusal string) (*chat, *apiError) {
	in, err := s.chatFor(c.bot, c.q.args["chat_id"], toWrite)
	if err != nil {
		return nil, err
	}
	if !in.forum {
		return nil, bad("the chat is not a forum")
	}
	if !in.bots[c.bot.id].rights.ManageTopics {
		return nil, bad("not enough rights to %s", refusal)
	}
	return in, nil
}

func topicName(name string) string {
	name = strings.Join(strings.Fields(strings.ToValidUTF8(name, "")), " ")
	if runes := []rune(name); len(runes) > maxTopicName {
		name = strings.TrimSpace(string(runes[:maxTopicName]))
	}
	return name
}

func createForumTopic(s *Server, c *call) (any, *apiError) {
	in, err := s.forumFor(c, "create a topic")
	if err != nil {
		return nil, err
	}
	name := topicName(c.q.args["name"])
	if name == "" {
		return nil, bad("name must be non-empty")
	}
	color := c.q.integer("icon_color", topicColor, 0, 0xFFFFFF)
	t := s.makeTopic(in, c.bot.id, name, color)
	c.made = t.id
	return wireTopic{ThreadID: t.id, Name: name, IconColor: color}, nil
}

func (s *Server) makeTopic(in *chat, by int64, name string, color int) *topic {
	id := s.lastID + 1 // the message that says so gives the topic its id, and is in it
	if in.kind == kindSupergroup {
		id = in.lastID + 1
	}
	t := &topic{id: id, name: name, color: color, by: by}
	in.topics[id] = t
	in.order = append(in.order, id)
	s.post(in, &message{from: by, created: name, color: color})
	return t
}

// topicFor finds the topic that a method on topics means.
func (s *Server) topicFor(c *call, refusal string) (*chat, *topic, *apiError) {
	in, err := s.forumFor(c, refusal)
	if err != nil {
		return nil, nil, err
	}
	id := c.q.message("message_thread_id")
	if id == 0 {
		return nil, nil, bad("invalid forum topic identifier specified")
	}
	t := in.topic(id)
	if t == nil {
		return nil, nil, bad("TOPIC_ID_INVALID")
	}
	return in, t, nil
}

func editForumTopic(s *Server, c *call) (any, *apiError) {
	in, t, err := s.topicFor(c, "edit the topic")
	if err != nil {
		return nil, err
	}
	_, icon := c.q.args["icon_custom_emoji_id"]
	name := topicName(c.q.args["name"])
	switch {
	case c.q.args["name"] == "" && !icon:
		return true, nil
	case c.q.args["name"] != "" && name == "":
		return nil, bad("name must be non-empty")
	case name == t.name || name == "":
		return nil, bad("TOPIC_NOT_MODIFIED")
	}
	t.name = name
	s.post(in, &message{from: c.bot.id, thread: t.id, renamed: name})
	return true, nil
}

func closeForumTopic(s *Server, c *call) (any, *apiError) { return s.closing(c, true) }

func reopenForumTopic(s *Server, c *call) (any, *apiError) { return s.closing(c, false) }

func (s *Server) closing(c *call, closed bool) (any, *apiError) {
	in, t, err := s.topicFor(c, "close or open the topic")
	if err != nil {
		return nil, err
	}
	if t.closed == closed {
		return nil, bad("TOPIC_NOT_MODIFIED")
	}
	s.setClosed(in, t, c.bot.id, closed)
	return true, nil
}

func (s *Server) setClosed(in *chat, t *topic, by int64, closed bool) {
	t.closed = closed
	s.post(in, &message{from: by, thread: t.id, closed: closed, reopened: !closed})
}

func deleteForumTopic(s *Server, c *call) (any, *apiError) {
	in, err := s.chatFor(c.bot, c.q.args["chat_id"], toWrite)
	if err != nil {
		return nil, err
	}
	if in.forum && !in.bots[c.bot.id].rights.DeleteMessages {
		return nil, bad("not enough rights to delete the topic")
	}
	in, t, err := s.topicFor(c, "delete the topic")
	if err != nil {
		return nil, err
	}
	s.dropTopic(in, t)
	return true, nil
}

// dropTopic removes a topic with its messages. Nobody is told: bots find out when they write.
func (s *Server) dropTopic(in *chat, t *topic) {
	t.deletedAt = s.now()
	for _, m := range append([]*message(nil), in.messages...) {
		if m.thread == t.id {
			in.remove(m.id)
		}
	}
	s.notify()
}
