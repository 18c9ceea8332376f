package telegram

import (
	"slices"
	"strconv"
	"time"
)

// toEditNow finds a message that the bot may edit, and the keyboard that it is to have.
func (s *Server) toEditNow(c *call) (*chat, *message, *keyboard, *apiError) {
	keys, inline, err := markup(c.q.args["reply_markup"])
	if err != nil {
		return nil, nil, nil, err
	}
	id := c.q.message("message_id")
	if c.q.args["chat_id"] == "" && id == 0 {
		return nil, nil, nil, bad("message identifier is not specified")
	}
	in, err := s.chatFor(c.bot, c.q.args["chat_id"], toEdit)
	if err != nil {
		return nil, nil, nil, err
	}
	m := in.byID[id]
	switch {
	case m == nil:
		return nil, nil, nil, bad("message to edit not found")
	case m.from != c.bot.id || m.service():
		return nil, nil, nil, bad("message can't be edited")
	case !inline:
		return nil, nil, nil, bad("inline keyboard expected")
	}
	return in, m, keys, nil
}

// change gives a message its new text and keyboard and answers with it.
func (s *Server) change(c *call, in *chat, m *message, text said, keys *keyboard) (any, *apiError) {
	if text.plain == m.text && slices.EqualFunc(text.entities, m.entities, sameEntity) && keys.equal(m.buttons) {
		return nil, bad("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	if err := in.mayReach(); err != nil {
		return nil, err
	}
	if err := s.spend(c.bot, in); err != nil {
		return nil, err
	}
	m.text, m.entities, m.buttons, m.edited = text.plain, text.entities, keys, s.now()
	c.made = m.id
	s.notify()
	return s.wireMessage(c.bot, in, m, true), nil
}

func sameEntity(a, b Entity) bool {
	a.User, b.User = nil, nil
	return a == b
}

func editMessageText(s *Server, c *call) (any, *apiError) {
	text, err := c.text("text", "entities")
	if err != nil {
		return nil, err
	}
	in, m, keys, err := s.toEditNow(c)
	if err != nil {
		return nil, err
	}
	if m.media() || m.sticker != nil || m.location != nil {
		return nil, bad("there is no text in the message to edit")
	}
	return s.change(c, in, m, text, keys)
}

func editMessageCaption(s *Server, c *call) (any, *apiError) {
	caption, err := c.caption()
	if err != nil {
		return nil, err
	}
	in, m, keys, err := s.toEditNow(c)
	if err != nil {
		return nil, err
	}
	if !m.media() {
		return nil, bad("there is no caption in the message to edit")
	}
	return s.change(c, in, m, caption, keys)
}

func editMessageReplyMarkup(s *Server, c *call) (any, *apiError) {
	in, m, keys, err := s.toEditNow(c)
	if err != nil {
		return nil, err
	}
	return s.change(c, in, m, said{m.text, m.entities}, keys)
}

// deletable is how long a message can be taken back.
const deletable = 48 * time.Hour

func deleteMessage(s *Server, c *call) (any, *apiError) {
	id := c.q.message("message_id")
	switch {
	case c.q.args["chat_id"] == "":
		return nil, bad("chat identifier is not specified")
	case id == 0:
		return nil, bad("message identifier is not specified")
	}
	in, err := s.chatFor(c.bot, c.q.args["chat_id"], toWrite)
	if err != nil {
		return nil, err
	}
	m := in.byID[id]
	if m == nil {
		return nil, bad("message to delete not found")
	}
	mine := m.from == c.bot.id || in.kind == kindPrivate
	if m.created != "" || m.movedFrom != 0 || s.now().Sub(m.date) > deletable && !in.bots[c.bot.id].rights.DeleteMessages ||
		!mine && !in.bots[c.bot.id].rights.DeleteMessages {
		return nil, bad("message can't be deleted")
	}
	in.remove(id)
	s.notify()
	return true, nil
}

// press is a callback query that can be answered.
type press struct {
	bot, user int64
	at        time.Time
	message   int
	chat      int64
}

// queryLife is how long a callback query can be answered.
const queryLife = 150 * time.Second

// maxAnswer is the length of the answer to a callback query.
const maxAnswer = 200

// Answer is what answerCallbackQuery showed to a person who pressed a button.
type Answer struct {
	Query   string
	Bot     int64
	User    int64
	Chat    int64
	Message int
	Text    string
	Alert   bool
	At      time.Time
}

func answerCallbackQuery(s *Server, c *call) (any, *apiError) {
	id := c.q.args["callback_query_id"]
	p := s.pressed[id]
	if p == nil || p.bot != c.bot.id || s.now().Sub(p.at) > queryLife {
		return nil, bad("query is too old and response timeout expired or query ID is invalid")
	}
	if utf16Len(c.q.args["text"]) > maxAnswer {
		return nil, bad("MESSAGE_TOO_LONG")
	}
	s.answers = append(s.answers, Answer{id, p.bot, p.user, p.chat, p.message, c.q.args["text"], c.q.yes("show_alert"), s.now()})
	s.notify()
	return true, nil
}

// Action is what a bot is seen doing in a chat, such as typing. It is gone five seconds later, or when a message comes.
type Action struct {
	Bot    int64
	Thread int
	Kind   string
	At     time.Time
}

// actionLife is how long an action is shown.
const actionLife = 5 * time.Second

func sendChatAction(s *Server, c *call) (any, *apiError) {
	kinds := []string{
		"typing", "record_video", "upload_video", "record_audio", "record_voice", "upload_audio", "upload_voice", "upload_photo",
		"upload_document", "choose_sticker", "pick_up_location", "find_location", "record_video_note", "upload_video_note", "cancel",
	}
	kind := c.q.args["action"]
	if !slices.Contains(kinds, kind) {
		return nil, bad("wrong parameter action in request")
	}
	to, err := s.chatFor(c.bot, c.q.args["chat_id"], toWrite)
	if err != nil {
		return nil, err
	}
	if err := to.mayReach(); err != nil {
		return nil, err
	}
	a := Action{c.bot.id, c.q.message("message_thread_id"), kind, s.now()}
	to.actions = slices.DeleteFunc(to.actions, func(old Action) bool {
		return old.Bot == a.Bot && old.Thread == a.Thread || s.now().Sub(old.At) > actionLife
	})
	if kind != "cancel" {
		to.actions = append(to.actions, a)
	}
	s.notify()
	return true, nil
}

// newQuery draws the id of a callback query.
func (s *Server) newQuery(p *press) string {
	id := strconv.FormatInt(1<<60+s.rand.Int64N(1<<60), 10)
	s.pressed[id] = p
	return id
}
