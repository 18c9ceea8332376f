package telegram

// pinFor finds a chat in which the bot may pin.
func (s *Server) pinFor(c *call) (*chat, *apiError) {
	in, err := s.chatFor(c.bot, c.q.args["chat_id"], toWrite)
	if err != nil {
		return nil, err
	}
	if in.kind != kindPrivate && !in.bots[c.bot.id].rights.PinMessages {
		return nil, bad("not enough rights to manage pinned messages in the chat")
	}
	return in, nil
}

func pinChatMessage(s *Server, c *call) (any, *apiError) {
	in, err := s.chatFor(c.bot, c.q.args["chat_id"], toWrite)
	if err != nil {
		return nil, err
	}
	m := in.byID[c.q.message("message_id")]
	if m == nil {
		return nil, bad("message to pin not found")
	}
	if in, err = s.pinFor(c); err != nil {
		return nil, err
	}
	if m.service() {
		return nil, bad("service messages can't be pinned")
	}
	s.pin(in, m, c.bot.id)
	return true, nil
}

// pin pins a message and says so in the chat, unless it is pinned already.
func (s *Server) pin(in *chat, m *message, by int64) {
	if m.pinned {
		return
	}
	for _, other := range in.messages {
		m.pinnedAt = max(m.pinnedAt, other.pinnedAt)
	}
	m.pinned = true
	m.pinnedAt++
	thread := 0
	if in.inTopic(m) {
		thread = m.thread
	}
	s.post(in, &message{from: by, thread: thread, pin: m.id})
}

func unpinChatMessage(s *Server, c *call) (any, *apiError) {
	in, err := s.pinFor(c)
	if err != nil {
		return nil, err
	}
	m := in.byID[c.q.message("message_id")]
	if c.q.message("message_id") == 0 {
		m = in.lastPinned()
	}
	if m == nil {
		return nil, bad("message to unpin not found")
	}
	m.pinned = false
	s.notify()
	return true, nil
}

// lastPinned is the pinned message that was pinned last, or nil.
func (c *chat) lastPinned() *message {
	var last *message
	for _, m := range c.messages {
		if m.pinned && (last == nil || m.pinnedAt > last.pinnedAt) {
			last = m
		}
	}
	return last
}

func unpinAllChatMessages(s *Server, c *call) (any, *apiError) {
	in, err := s.pinFor(c)
	if err != nil {
		return nil, err
	}
	for _, m := range in.messages {
		m.pinned = false
	}
	s.notify()
	return true, nil
}

func unpinAllForumTopicMessages(s *Server, c *call) (any, *apiError) {
	in, err := s.pinFor(c)
	if err != nil {
		return nil, err
	}
	if !in.forum {
		return nil, bad("the chat is not a forum")
	}
	if in.topic(c.q.message("message_thread_id")) == nil {
		return nil, bad("TOPIC_ID_INVALID")
	}
	for _, m := range in.messages {
		if m.thread == c.q.message("message_thread_id") {
			m.pinned = false
		}
	}
	s.notify()
	return true, nil
}
