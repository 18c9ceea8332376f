package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
)

// mostText is the most characters of a message.
const mostText = 4000

// turn is what became of one message, as clients see it.
type turn struct {
	Message chat.Entry   `json:"message"` // as it is kept: masked
	Replies []chat.Reply `json:"replies"` // to that, by the bot and by the system
	Entries []chat.Entry `json:"entries"` // what was said to it, with ids and sequence numbers
}

// postMessage does one turn.
func (s *server) postMessage(c echo.Context) error {
	var id, text string
	if err := readJSON(c, fields{"client_id": &id, "text": &text}); err != nil {
		return err
	}
	if err := checkClientID(id); err != nil {
		return err
	}
	if err := written("text", text, mostText); err != nil {
		return err
	}
	return s.receive(c, chat.Message{ExternalID: id, Text: text})
}

// receive hands a message of the request's conversation to the inbox and shows what became of it:
// 201, or 200 when the same message had been received before.
func (s *server) receive(c echo.Context, m chat.Message) error {
	turned, err := s.take(c, m)
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if turned.Repeat {
		status = http.StatusOK
	}
	return c.JSON(status, asTurn(turned))
}

// take hands a message of the request's conversation to the inbox.
func (s *server) take(c echo.Context, m chat.Message) (bot.TurnResult, error) {
	conv := conversation(c)
	m.Conversation, m.Channel, m.At = conv.ID, conv.Channel, time.Now()
	m.ExternalID = conv.ID + "/" + m.ExternalID // client ids of two conversations are strangers
	return s.Inbox.Receive(c.Request().Context(), m)
}

// asTurn shows a turn. What the system answers, such as how a ticket stands, has no reply of the
// bot's; to clients that read replies alone it is one that leaves the rest to a person.
func asTurn(turned bot.TurnResult) turn {
	t := turn{Message: shown(turned.Message), Replies: []chat.Reply{}, Entries: shownAll(turned.Replies)}
	for _, e := range t.Entries {
		switch {
		case e.Reply != nil:
			t.Replies = append(t.Replies, *e.Reply)
		case e.From == chat.FromSystem:
			t.Replies = append(t.Replies, chat.Reply{
				Decision: chat.Escalate, Text: e.Text, Ticket: turned.Newest, Articles: []chat.Article{}, Options: []chat.Option{},
			})
		}
	}
	return t
}

// shown is an entry as clients see it: its lists are never null.
func shown(e chat.Entry) chat.Entry {
	e.At, e.Attachments = e.At.UTC(), orEmpty(e.Attachments)
	if e.Reply != nil {
		r := *e.Reply
		r.Articles, r.Options = orEmpty(r.Articles), orEmpty(r.Options)
		e.Reply = &r
	}
	return e
}

func shownAll(entries []chat.Entry) []chat.Entry {
	out := make([]chat.Entry, 0, len(entries))
	for _, e := range entries {
		out = append(out, shown(e))
	}
	return out
}

// handoff is the button for a person. Pressed again while a person has the conversation it shows
// what the first time led to.
func (s *server) handoff(c echo.Context) error {
	conv := conversation(c)
	if conv.Holder == chat.HolderAgent {
		entries, err := s.newest(c.Request().Context(), conv)
		if err != nil {
			return err
		}
		if led, ok := lastHandoff(entries); ok {
			return c.JSON(http.StatusOK, asTurn(led))
		}
	}
	// Two presses at once have seen the same last entry, so the second repeats the first.
	id := "handoff after " + itoa(conv.LastSeq)
	return s.receive(c, chat.Message{ExternalID: id, Text: s.Guide().Library.Phrases.Replies.Human, Handoff: true})
}

// page is the most entries that one answer holds.
const page = 200

// newest are a conversation's last entries.
func (s *server) newest(ctx context.Context, conv chat.Conversation) ([]chat.Entry, error) {
	return s.Conversations.ListEntries(ctx, conv.ID, max(0, conv.LastSeq-page), page)
}

// lastHandoff finds the newest escalation, the message before it, and what the bot said with it.
func lastHandoff(entries []chat.Entry) (led bot.TurnResult, ok bool) {
	opens := func(e chat.Entry) bool { return e.Reply != nil && e.Reply.Ticket != "" }
	for i, e := range slices.Backward(entries) {
		switch {
		case !ok && opens(e):
			ok, led.Newest = true, e.Reply.Ticket
			led.Replies = entries[i:]
			if n := slices.IndexFunc(led.Replies, func(e chat.Entry) bool { return e.From != chat.FromBot }); n >= 0 {
				led.Replies = led.Replies[:n]
			}
		case ok && e.From == chat.FromCustomer:
			led.Message = e
			return led, true
		case ok:
			led.Replies = entries[i : i+1+len(led.Replies)]
		}
	}
	return led, false
}

// rateMessage notes whether an entry of the bot's helped.
func (s *server) rateMessage(c echo.Context) error {
	var id string
	var helpful bool
	if err := readJSON(c, fields{"message": &id, "helpful": &helpful}); err != nil {
		return err
	}
	if !isID(id) {
		return chat.ErrNotFound
	}
	ctx, conv := c.Request().Context(), conversation(c)
	if err := s.Conversations.RateEntry(ctx, conv.ID, id, helpful); err != nil {
		return err
	}
	if err := s.countRating(ctx, conv.ID, id, helpful); err != nil {
		s.Log.WarnContext(ctx, "a rating is kept but not counted", "conversation", conv.ID, "error", err)
	}
	return c.NoContent(http.StatusNoContent)
}

// countRating counts a rating for the article that the entry answers from.
func (s *server) countRating(ctx context.Context, conversation, id string, helpful bool) error {
	for after := int64(0); ; {
		entries, err := s.Conversations.ListEntries(ctx, conversation, after, page)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, e := range entries {
			if e.ID == id && e.Reply != nil && len(e.Reply.Articles) > 0 {
				s.metrics.rated(e.Reply.Articles[0].ID, helpful)
				return nil
			}
		}
		after = entries[len(entries)-1].Seq
	}
}
