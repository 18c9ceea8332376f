package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// maxTickets is how many tickets one answer lists at most.
const maxTickets = 500

// listTickets lists the queue: what is not closed, or what ?state= and ?holder= choose. Closed tickets come last, the
// newest first: the number of the last one shown, as ?before=, leads on.
func (s *server) listTickets(c echo.Context) error {
	f := desk.Filter{Assignee: c.QueryParam("holder"), Before: c.QueryParam("before")}
	limit, err := intParam(c, "limit", 100, 1, maxTickets)
	if err != nil {
		return err
	}
	f.Limit = int(limit)
	for state := range strings.SplitSeq(c.QueryParam("state"), ",") {
		switch st := desk.State(state); {
		case slices.Contains(desk.States(), st):
			f.States = append(f.States, st)
		case state != "":
			all := strings.ReplaceAll(strings.Trim(fmt.Sprint(desk.States()), "[]"), " ", "、")
			return fail(http.StatusBadRequest, "参数 state 只能是 "+all+"，可用逗号分开写几个。")
		}
	}
	if f.Before != "" && (!slices.Equal(f.States, []desk.State{desk.StateClosed}) || !validID(f.Before)) {
		return fail(http.StatusBadRequest, "参数 before 是上一页的 next，只和 state=closed 一起用。")
	}
	if !validText(f.Assignee) {
		return fail(http.StatusBadRequest, "参数 holder 不是有效的文字。")
	}
	tickets, err := s.Desk.ListTickets(c.Request().Context(), currentAgent(c), f)
	if err != nil {
		return err
	}
	page := struct {
		Tickets []desk.Ticket `json:"tickets"`
		Next    string        `json:"next"` // "" where there are no older ones
	}{Tickets: convert(tickets, ticketJSON)}
	if n := len(tickets); n == f.Limit && tickets[n-1].State == desk.StateClosed {
		page.Next = tickets[n-1].Number
	}
	return c.JSON(http.StatusOK, page)
}

// maxTranscript is how many entries of a transcript are shown, the newest ones.
const maxTranscript = 1000

// ticketDetail is a ticket with all that an agent needs to work on it.
type ticketDetail struct {
	desk.Ticket
	Messages []chat.Entry `json:"messages"`
	Notes    []desk.Note  `json:"notes"`
}

// getTicket shows a ticket, its conversation and its notes.
func (s *server) getTicket(c echo.Context) error {
	ctx := c.Request().Context()
	t, err := s.Desk.FindTicket(ctx, currentAgent(c), c.Param("id"))
	if err != nil {
		return err
	}
	notes, err := s.Desk.ListNotes(ctx, currentAgent(c), t.ID)
	if err != nil {
		return err
	}
	conv, err := s.Conversations.FindConversation(ctx, t.Conversation)
	if err != nil {
		return err
	}
	messages, err := s.Conversations.ListEntries(ctx, conv.ID, max(0, conv.LastSeq-maxTranscript), maxTranscript)
	if err != nil {
		return err
	}
	c.Set(conversationKey, conv)
	return c.JSON(http.StatusOK, ticketDetail{ticketJSON(t), convert(messages, entryJSON), orEmpty(notes)})
}

// actOnTicket reads the body, does what an agent does to the ticket of the path, and answers with the ticket as it
// is then. Without fields no body is read.
func (s *server) actOnTicket(c echo.Context, body fields, act func(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error)) error {
	if body != nil {
		if err := readJSON(c, body); err != nil {
			return err
		}
	}
	t, err := act(c.Request().Context(), currentAgent(c), c.Param("id"))
	if err != nil {
		return err
	}
	c.Set(conversationKey, chat.Conversation{ID: t.Conversation})
	return c.JSON(http.StatusOK, ticketJSON(t))
}

// claimTicket makes a waiting ticket the agent's own, or one that another agent holds when he says so; a body is not
// needed.
func (s *server) claimTicket(c echo.Context) error {
	var takeOver bool
	var body fields
	if c.Request().ContentLength != 0 {
		body = fields{"take_over": optional{&takeOver}}
	}
	return s.actOnTicket(c, body, func(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error) {
		if takeOver {
			return s.Desk.TakeOver(ctx, by, id)
		}
		return s.Desk.Claim(ctx, by, id)
	})
}

// replyTicket says something to the customer; the same client_id again says nothing twice.
func (s *server) replyTicket(c echo.Context) error {
	var r desk.ReplyRequest
	body := fields{"text": &r.Text, "client_id": optional{&r.ClientID}}
	return s.actOnTicket(c, body, func(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error) {
		if r.ClientID != "" {
			if err := s.checkClientID(r.ClientID); err != nil {
				return desk.Ticket{}, err
			}
		}
		return s.Desk.Reply(ctx, by, id, r)
	})
}

// noteTicket leaves word for the other agents.
func (s *server) noteTicket(c echo.Context) error {
	var text string
	return s.actOnTicket(c, fields{"text": &text}, func(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error) {
		return s.Desk.Note(ctx, by, id, text)
	})
}

// transferTicket hands a ticket to the agent of a name; to nobody, that is to the queue, for "".
func (s *server) transferTicket(c echo.Context) error {
	var to string
	return s.actOnTicket(c, fields{"to": &to}, func(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error) {
		return s.Desk.Transfer(ctx, by, id, to)
	})
}

// closeTicket ends a ticket, with a last word if there is one; a body is not needed.
func (s *server) closeTicket(c echo.Context) error {
	var last desk.ReplyRequest
	var body fields
	if c.Request().ContentLength != 0 {
		body = fields{"text": optional{&last.Text}}
	}
	return s.actOnTicket(c, body, func(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error) {
		return s.Desk.Close(ctx, by, id, last)
	})
}

// getContact shows how the customer can be reached, which is noted.
func (s *server) getContact(c echo.Context) error {
	contact, err := s.Desk.RevealContact(c.Request().Context(), currentAgent(c), c.Param("id"))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]string{"contact": contact})
}

// getTicketAttachment serves a picture of the ticket's conversation.
func (s *server) getTicketAttachment(c echo.Context) error {
	t, err := s.Desk.FindTicket(c.Request().Context(), currentAgent(c), c.Param("id"))
	if err != nil {
		return err
	}
	return s.serveAttachment(c, t.Conversation, c.Param("attachment"))
}
