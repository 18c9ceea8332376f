package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// maxText is how many characters a message may have.
const maxText = 4000

// postMessage does one turn.
func (s *server) postMessage(c echo.Context) error {
	var id, text string
	if err := readJSON(c, fields{"client_id": &id, "text": &text}); err != nil {
		return err
	}
	if err := cmp.Or(s.checkClientID(id), checkText("text", text, maxText)); err != nil {
		return err
	}
	return s.respondTurn(c, chat.Message{ExternalID: id, Text: text})
}

// respondTurn hands a message of the request's conversation to the inbox and answers with its turn.
func (s *server) respondTurn(c echo.Context, m chat.Message) error {
	result, err := s.receive(c, m)
	if err != nil {
		return err
	}
	return s.writeTurn(c, result)
}

// writeTurn answers with a turn: 201, or 200 when the same message had been received before.
func (s *server) writeTurn(c echo.Context, result bot.TurnResult) error {
	status := http.StatusCreated
	if result.Repeat {
		status = http.StatusOK
	}
	t := turnJSON(result)
	if result.Proven != "" && result.Proven != conversationID(c) {
		conv, err := s.Conversations.FindConversation(c.Request().Context(), result.Proven)
		if err != nil && !errors.Is(err, chat.ErrNotFound) { // else it was erased meanwhile
			return err
		}
		if err == nil && isReadHere(conv) {
			if t.Resumed, err = s.grantAccess(c, conv); err != nil {
				return err
			}
		}
	}
	return c.JSON(status, t)
}

// receive hands a message of the request's conversation to the inbox.
func (s *server) receive(c echo.Context, m chat.Message) (bot.TurnResult, error) {
	conv := currentConversation(c)
	m.Conversation, m.Channel, m.At = conv.ID, conv.Channel, time.Now()
	from := clientShares(c)
	m.OpenTicket = sync.OnceValue(func() error {
		if wait := s.ticketLimiter.reserve(from...); wait > 0 {
			return retryLater(http.StatusTooManyRequests, wait, "这个网络刚刚登记的工单太多了，这条没有记下，请过一会儿再发。")
		}
		return nil
	})
	m.ProveTicket = sync.OnceValue(func() error { return s.limitResumes(from) })
	if network := from[len(from)-1].key; s.Origin != nil && network != "" { // the widest: of an IPv6 address the /48
		m.Origin = s.Origin(network)
	}
	m.ExternalID = conv.ID + "/" + m.ExternalID // client ids of two conversations are strangers
	return s.Inbox.Receive(c.Request().Context(), m)
}

// handoff is the button for a person. Pressed again while the ticket is open it shows what the first time led to.
func (s *server) handoff(c echo.Context) error {
	conv := currentConversation(c)
	newest, err := s.Desk.FindNewest(c.Request().Context(), conv.ID)
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		return err
	}
	if err == nil && newest.State != desk.StateClosed {
		entries, err := s.Conversations.ListEntries(c.Request().Context(), conv.ID, max(0, conv.LastSeq-pageSize), pageSize)
		if err != nil {
			return err
		}
		if result, ok := lastHandoff(entries); ok {
			return c.JSON(http.StatusOK, turnJSON(result))
		}
	}
	// Two presses at once have seen the same last entry, so the second repeats the first.
	id := "handoff after " + strconv.FormatInt(conv.LastSeq, 10)
	return s.respondTurn(c, chat.Message{ExternalID: id, Text: s.Guide().Library.Phrases.Replies.Human, Handoff: true})
}

// pageSize is how many entries one answer holds at most.
const pageSize = 200

// lastHandoff finds the newest escalation, the message before it, and what the bot said with it.
func lastHandoff(entries []chat.Entry) (result bot.TurnResult, ok bool) {
	opens := func(e chat.Entry) bool {
		return e.Reply != nil && e.Reply.Decision == chat.Escalate && e.Reply.Ticket != ""
	}
	for i, e := range slices.Backward(entries) {
		switch {
		case !ok && opens(e):
			ok, result.Newest = true, e.Reply.Ticket
			result.Replies = entries[i:]
			if n := slices.IndexFunc(result.Replies, func(e chat.Entry) bool { return e.From != chat.FromBot }); n >= 0 {
				result.Replies = result.Replies[:n]
			}
		case ok && e.From == chat.FromCustomer:
			result.Message = e
			return result, true
		case ok:
			result.Replies = entries[i : i+1+len(result.Replies)]
		}
	}
	return result, false
}

// rateMessage notes whether an entry of the bot's helped.
func (s *server) rateMessage(c echo.Context) error {
	var id string
	var helpful bool
	if err := readJSON(c, fields{"message": &id, "helpful": &helpful}); err != nil {
		return err
	}
	if !validID(id) {
		return chat.ErrNotFound
	}
	ctx, conv := c.Request().Context(), currentConversation(c)
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
		entries, err := s.Conversations.ListEntries(ctx, conversation, after, pageSize)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, e := range entries {
			if e.ID == id && e.Reply != nil && len(e.Reply.Articles) > 0 {
				s.metrics.countFeedback(e.Reply.Articles[0].ID, helpful)
				return nil
			}
		}
		after = entries[len(entries)-1].Seq
	}
}
