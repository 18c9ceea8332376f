package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// Update is something that happened. It shadows of the library's what has newer fields.
type Update struct {
	tgbotapi.Update
	Message       *Message  `json:"message"`
	EditedMessage *Message  `json:"edited_message"`
	CallbackQuery *Callback `json:"callback_query"`
}

// Message is a message with the fields that the library does not know.
type Message struct {
	tgbotapi.Message
	ThreadID       int      `json:"message_thread_id"` // the topic's id, or that of a thread of replies
	InTopic        bool     `json:"is_topic_message"`  // ThreadID is a topic of a forum
	ReplyToMessage *Message `json:"reply_to_message"`  // in a topic also its first message, which says nothing: see Answers
	Quote          *Quote   `json:"quote"`
	TopicCreated   *Topic   `json:"forum_topic_created"`
	Rich           *Rich    `json:"rich_message"`

	held map[string]json.RawMessage // by field, what it is about besides words: see heldFields
}

// Quote is the part of a message that its answer quotes.
type Quote struct {
	Text string `json:"text"`
}

// Topic is a topic of a forum.
type Topic struct {
	ThreadID int    `json:"message_thread_id"`
	Name     string `json:"name"`
}

// Callback is a button that was tapped.
type Callback struct {
	ID      string         `json:"id"`
	From    *tgbotapi.User `json:"from"`
	Message *Message       `json:"message"` // where the button was; only its ids when it is old
	Data    string         `json:"data"`
}

// Topic is the id of the topic that m was said in; 0 for General and outside of forums.
func (m *Message) Topic() int {
	if !m.InTopic {
		return 0
	}
	return m.ThreadID
}

// Answers is the message that m answers; nil for none. In a topic everything answers its first message
// as far as Telegram goes, which is left out here.
func (m *Message) Answers() *Message {
	r := m.ReplyToMessage
	if r == nil || r.TopicCreated != nil {
		return nil
	}
	return r
}

// address is where whoever said m is reached.
func (m *Message) address() Address { return m.addressOf(m.From) }

// addressOf is where somebody is reached who said m, or tapped a button of it.
func (m *Message) addressOf(u *User) Address {
	if m.Chat.IsPrivate() {
		return Address{Chat: m.Chat.ID}
	}
	return Address{Chat: m.Chat.ID, Thread: m.Topic(), User: u.ID}
}

// address is where whoever tapped the button is reached.
func (q *Callback) address() Address { return q.Message.addressOf(q.From) }

// message is the message that the update is about; nil for none.
func (u *Update) message() *Message {
	m := cmp.Or(u.Message, u.EditedMessage)
	if m == nil && u.CallbackQuery != nil {
		m = u.CallbackQuery.Message
	}
	return m
}

// ChatID is the chat where the update happened; 0 for what has none.
func (u *Update) ChatID() int64 {
	if m := u.message(); m != nil && m.Chat != nil {
		return m.Chat.ID
	}
	if u.MyChatMember != nil {
		return u.MyChatMember.Chat.ID
	}
	return 0
}

// Topic is the id of the topic where the update happened; 0 for General and outside of forums.
func (u *Update) Topic() int {
	if m := u.message(); m != nil {
		return m.Topic()
	}
	return 0
}

// ErrInvalidUpdate is for what is no update.
var ErrInvalidUpdate = errors.New("invalid Telegram update")

// DecodeUpdate reads an update. Parts of a shape that nobody knew in time are left out: refused, the
// whole update would come again and again, and hold up everything behind it.
func DecodeUpdate(data []byte) (Update, error) {
	var u Update
	err := json.Unmarshal(data, &u)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		err = nil
	}
	if err != nil || u.UpdateID <= 0 {
		return Update{}, ErrInvalidUpdate
	}
	var fields struct {
		Message       map[string]json.RawMessage `json:"message"`
		EditedMessage map[string]json.RawMessage `json:"edited_message"`
	}
	_ = json.Unmarshal(data, &fields) // it was read just now
	if u.Message != nil {
		u.Message.held = heldFields(fields.Message)
	}
	if u.EditedMessage != nil {
		u.EditedMessage.held = heldFields(fields.EditedMessage)
	}
	return u, nil
}

// Group is who handles what happens in an agents' group.
type Group interface {
	// Update takes one update from the group. A nil error acknowledges it; with any other it comes again.
	// Those of one topic come one after the other, others at the same time. An update may come twice.
	Update(ctx context.Context, a Account, u Update) error
}
