package api

import (
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// turn is what became of one message, as clients see it.
type turn struct {
	Message chat.Entry   `json:"message"` // as it is kept: masked
	Replies []chat.Reply `json:"replies"` // to that, by the bot and by the system
	Entries []chat.Entry `json:"entries"` // what was said to it, with ids and sequence numbers

	Resumed *access `json:"resumed,omitempty"` // another conversation, whose ticket the message proved to be the customer's
}

// access is what lets its bearer read and write a conversation.
type access struct {
	ID    string `json:"id"`
	Token string `json:"token"`
}

// turnJSON shows a turn. What the system answers, such as how a ticket stands, has no reply of the
// bot's; to clients that read replies alone it is one that leaves the rest to a person.
func turnJSON(result bot.TurnResult) turn {
	t := turn{Message: entryJSON(result.Message), Replies: []chat.Reply{}, Entries: convert(result.Replies, entryJSON)}
	for _, e := range t.Entries {
		switch {
		case e.Reply != nil:
			t.Replies = append(t.Replies, *e.Reply)
		case e.From == chat.FromSystem:
			t.Replies = append(t.Replies, chat.Reply{
				Decision: chat.Escalate, Text: e.Text, Ticket: result.Newest, Articles: []chat.Article{}, Options: []chat.Option{},
			})
		}
	}
	return t
}

// entryJSON is an entry as clients see it: its lists are never null.
func entryJSON(e chat.Entry) chat.Entry {
	e.At, e.Attachments = e.At.UTC(), orEmpty(e.Attachments)
	if e.Reply != nil {
		r := *e.Reply
		r.Articles, r.Options = orEmpty(r.Articles), orEmpty(r.Options)
		e.Reply = &r
	}
	return e
}

// convert shows every value of a list; it is never nil.
func convert[T, V any](list []T, show func(T) V) []V {
	out := make([]V, len(list))
	for i, v := range list {
		out[i] = show(v)
	}
	return out
}

// ticketJSON is a ticket as clients see it: its lists are never null.
func ticketJSON(t desk.Ticket) desk.Ticket {
	t.Articles = orEmpty(t.Articles)
	t.CreatedAt, t.UpdatedAt, t.CustomerAt = t.CreatedAt.UTC(), t.UpdatedAt.UTC(), t.CustomerAt.UTC()
	return t
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
