package telegram

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Place is a chat, or one topic of it.
type Place struct {
	Bot    int64 // whose private chat it is; 0 is the first bot's. It does not matter for groups
	Chat   int64 // id of the group or, for a private chat, of the person
	Thread int   // id of the topic; 0 is none, and General in a forum
}

// Content is what a person sends: one of Text, Photo, Document, Voice, Sticker and Location. Text is the caption
// of the first three.
type Content struct {
	Text     string
	Photo    []byte // a picture; it becomes JPEG in several sizes
	Document []byte
	Name     string // of the document; a JPEG sent as a document keeps it too
	MIME     string // of the document
	Voice    []byte
	Seconds  int    // of the voice message
	Sticker  string // its emoji
	Location *Location
	ReplyTo  int    // id of the message that is answered; 0 is none
	Album    string // what the pictures of one album have in common: media_group_id
}

// ErrBlocked says that a person blocked the bot and writes to it all the same.
var ErrBlocked = errors.New("the person has blocked the bot: unblock it first")

// place finds the chat that a person acts in. The lock is held.
func (s *Server) place(user int64, at Place) (*chat, error) {
	if s.users[user] == nil {
		return nil, fmt.Errorf("no person %d", user)
	}
	c := s.groups[at.Chat]
	if at.Chat > 0 {
		b := s.bot(at.Bot)
		if b == nil {
			return nil, fmt.Errorf("no bot %d", at.Bot)
		}
		c = s.privateChat(b, at.Chat)
	}
	switch {
	case c == nil:
		return nil, fmt.Errorf("no group %d", at.Chat)
	case !c.members[user]:
		return nil, fmt.Errorf("person %d is not in chat %d", user, at.Chat)
	case c.migratedTo != 0:
		return nil, fmt.Errorf("group %d became %d", at.Chat, c.migratedTo)
	case at.Thread != 0 && c.topic(at.Thread) == nil:
		return nil, fmt.Errorf("no topic %d in chat %d", at.Thread, at.Chat)
	}
	return c, nil
}

// Say sends a text. It returns the id of the message.
func (s *Server) Say(user int64, at Place, text string) (int, error) {
	return s.Send(user, at, Content{Text: text})
}

// ErrPayload says that no link could carry a payload.
var ErrPayload = errors.New("a payload of /start is at most 64 of A-Z a-z 0-9 _ -")

// Start presses Start, or follows a link with a payload, which begins the chat and unblocks the bot.
func (s *Server) Start(user int64, bot int64, payload string) (int, error) {
	if len(payload) > 64 || strings.Trim(payload, safeLetters) != "" {
		return 0, ErrPayload
	}
	if err := s.Block(user, bot, false); err != nil {
		return 0, err
	}
	return s.Say(user, Place{Bot: bot, Chat: user}, strings.TrimSpace("/start "+payload))
}

// Send sends anything. It returns the id of the message.
func (s *Server) Send(user int64, at Place, what Content) (int, error) {
	m, err := what.message()
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.place(user, at)
	if err != nil {
		return 0, err
	}
	if c.blocked {
		return 0, ErrBlocked
	}
	if t := c.topic(at.Thread); t != nil && t.closed && !slices.Contains(c.admins, user) {
		return 0, fmt.Errorf("topic %d is closed", at.Thread)
	}
	if what.ReplyTo != 0 && c.byID[what.ReplyTo] == nil {
		return 0, fmt.Errorf("no message %d to answer in chat %d", what.ReplyTo, at.Chat)
	}
	for _, f := range m.files() {
		s.store(f)
	}
	m.from, m.thread = user, at.Thread
	c.started = true
	return s.post(c, m).id, nil
}

// files are those of a message.
func (m *message) files() (files []*file) {
	for _, f := range slices.Concat(m.photo, []*file{m.document, m.voice, m.sticker}) {
		if f != nil {
			files = append(files, f)
		}
	}
	return files
}

// message makes a message of what a person sends, without a place yet.
func (what Content) message() (*message, error) {
	text, entities := tidy(strings.ToValidUTF8(what.Text, "\ufffd"), nil)
	m := &message{text: text, entities: found(text, nil), replyTo: what.ReplyTo, location: what.Location, album: what.Album}
	most := maxCaption
	switch {
	case what.Photo != nil:
		sizes, err := personPhoto(what.Photo)
		if err != nil {
			return nil, err
		}
		m.photo = sizes
	case what.Document != nil:
		m.document = &file{kind: "document", name: what.Name, mime: what.MIME, data: what.Document}
	case what.Voice != nil:
		m.voice = &file{kind: "voice", name: "voice.oga", mime: "audio/ogg", data: what.Voice, duration: what.Seconds}
	case what.Sticker != "":
		m.sticker = &file{kind: "sticker", name: "sticker.webp", mime: "image/webp", data: []byte("RIFF"), emoji: what.Sticker, width: 512, height: 512}
	case what.Location != nil:
	case text == "":
		return nil, errors.New("a message needs a text, a file, a sticker or a location")
	default:
		most = maxText
	}
	if n := utf16Len(text); n > most {
		return nil, fmt.Errorf("a text of %d is longer than the %d that Telegram takes in one message", n, most)
	}
	m.entities = append(m.entities, entities...)
	return m, nil
}

// Edit changes the text of a person's own message.
func (s *Server) Edit(user int64, at Place, id int, text string) error {
	if !utf8.ValidString(text) || text == "" {
		return errors.New("an edited message needs a text in UTF-8")
	}
	return s.edit(user, at, id, func(m *message) {
		m.text, _ = tidy(text, nil)
		m.entities = found(m.text, nil)
	})
}

// Replace puts something else into a person's own message, such as another photo.
func (s *Server) Replace(user int64, at Place, id int, what Content) error {
	now, err := what.message()
	if err != nil {
		return err
	}
	return s.edit(user, at, id, func(m *message) {
		for _, f := range now.files() {
			s.store(f)
		}
		m.text, m.entities, m.photo, m.document, m.voice = now.text, now.entities, now.photo, now.document, now.voice
	})
}

// edit changes a person's own message, and tells the bots.
func (s *Server) edit(user int64, at Place, id int, change func(*message)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.place(user, at)
	if err != nil {
		return err
	}
	m := c.byID[id]
	if m == nil || m.from != user || m.service() {
		return fmt.Errorf("message %d of chat %d is not person %d's to edit", id, at.Chat, user)
	}
	change(m)
	m.edited = s.now()
	s.tell(c, m, "edited_message")
	s.notify()
	return nil
}

// Delete takes a message back. No bot is told.
func (s *Server) Delete(user int64, at Place, message int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.place(user, at)
	if err != nil {
		return err
	}
	if c.byID[message] == nil {
		return fmt.Errorf("no message %d in chat %d", message, at.Chat)
	}
	c.remove(message)
	s.notify()
	return nil
}

// Press presses the button with that data under a bot's message. It returns the id of the callback query.
func (s *Server) Press(user int64, at Place, message int, data string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.place(user, at)
	if err != nil {
		return "", err
	}
	m := c.byID[message]
	if m == nil || m.buttons == nil || !m.buttons.has(data) {
		return "", fmt.Errorf("message %d of chat %d has no button with data %q", message, at.Chat, data)
	}
	b := s.bot(m.from)
	id := s.newQuery(&press{b.id, user, s.now(), m.id, at.Chat})
	s.push(b, "callback_query", user+3<<33, queryLife, wireCallback{
		ID: id, From: s.wireUser(user), Message: s.wireMessage(b, c, m, false), ChatInstance: fmt.Sprint(c.id * 7919), Data: data,
	})
	s.notify()
	return id, nil
}

func (k *keyboard) has(data string) bool {
	return slices.ContainsFunc(k.Rows, func(row []Button) bool {
		return slices.ContainsFunc(row, func(b Button) bool { return b.Data == data && data != "" })
	})
}

// Block blocks a bot (0 is the first), or unblocks it. The bot is told when that changes anything.
func (s *Server) Block(user, bot int64, blocked bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bot(bot)
	if b == nil || s.users[user] == nil {
		return fmt.Errorf("no person %d or no bot %d", user, bot)
	}
	c := s.privateChat(b, user)
	if c.blocked == blocked {
		return nil
	}
	c.blocked = blocked
	status := map[bool]string{true: "kicked", false: "member"}
	s.push(b, "my_chat_member", c.id+5<<33, day, wireMemberUpdate{
		Chat: s.wireChat(c), From: s.wireUser(user), Date: s.now().Unix(),
		Old: s.wireStanding(b, standing{status: status[!blocked]}), New: s.wireStanding(b, standing{status: status[blocked]}),
	})
	s.notify()
	return nil
}
