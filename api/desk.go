package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// Agents knows who holds which key.
type Agents interface {
	// Agent is the holder of a key; chat.ErrForbidden for any other key, after the same work.
	Agent(ctx context.Context, key string) (desk.Agent, error)
}

// agentKey is where agentOnly leaves the agent.
const agentKey = "agent"

// agentOnly lets agents with a key pass. Whoever tries one key after another soon has to wait.
func (s *server) agentOnly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		from := address(c)
		if wait := s.badKeys.full(from); wait > 0 {
			return tooMany(wait, "密钥错了太多次，请稍等再试。")
		}
		agent, err := s.Agents.Agent(c.Request().Context(), bearer(c.Request()))
		switch {
		case errors.Is(err, chat.ErrForbidden), errors.Is(err, chat.ErrNotFound):
			s.badKeys.take(from)
			c.Response().Header().Set(echo.HeaderWWWAuthenticate, "Bearer")
			return fail(http.StatusUnauthorized, "请带上客服密钥：Authorization: Bearer yd_…，用 yingda key add 生成。")
		case err != nil:
			return err
		}
		c.Set(agentKey, agent)
		return next(c)
	}
}

func agent(c echo.Context) desk.Agent {
	a, _ := c.Get(agentKey).(desk.Agent)
	return a
}

// ticketID is the id or number in the path.
func ticketID(c echo.Context) (string, error) {
	id := c.Param("id")
	if !isID(id) {
		return "", &desk.Refusal{Kind: chat.ErrNotFound, Text: "没有找到这张工单，请核对工单号。"}
	}
	return id, nil
}

// mostTickets is the most tickets that one answer lists.
const mostTickets = 500

// listTickets lists the queue: what is not closed, or what ?state= and ?holder= choose.
func (s *server) listTickets(c echo.Context) error {
	f := desk.Filter{Assignee: c.QueryParam("holder")}
	limit, err := number(c, "limit", 100, 1, mostTickets)
	if err != nil {
		return err
	}
	f.Limit = int(limit)
	for state := range strings.SplitSeq(c.QueryParam("state"), ",") {
		switch s := desk.State(state); {
		case slices.Contains(desk.States(), s):
			f.States = append(f.States, s)
		case state != "":
			all := strings.ReplaceAll(strings.Trim(fmt.Sprint(desk.States()), "[]"), " ", "、")
			return fail(http.StatusBadRequest, "参数 state 只能是 "+all+"，可用逗号分开写几个。")
		}
	}
	if !isText(f.Assignee) {
		return fail(http.StatusBadRequest, "参数 holder 不是有效的文字。")
	}
	tickets, err := s.Desk.ListTickets(c.Request().Context(), agent(c), f)
	if err != nil {
		return err
	}
	out := make([]desk.Ticket, 0, len(tickets))
	for _, t := range tickets {
		out = append(out, asTicket(t))
	}
	return c.JSON(http.StatusOK, map[string][]desk.Ticket{"tickets": out})
}

// asTicket is a ticket as clients see it: its lists are never null.
func asTicket(t desk.Ticket) desk.Ticket {
	t.Articles = orEmpty(t.Articles)
	t.CreatedAt, t.UpdatedAt = t.CreatedAt.UTC(), t.UpdatedAt.UTC()
	return t
}

// mostTranscript is the most entries of a transcript, the newest ones.
const mostTranscript = 1000

// wholeTicket is a ticket with all that an agent needs to work on it.
type wholeTicket struct {
	desk.Ticket
	Messages []chat.Entry `json:"messages"`
	Notes    []desk.Note  `json:"notes"`
}

// getTicket shows a ticket, its conversation and its notes.
func (s *server) getTicket(c echo.Context) error {
	id, err := ticketID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	t, err := s.Desk.FindTicket(ctx, agent(c), id)
	if err != nil {
		return err
	}
	notes, err := s.Desk.ListNotes(ctx, agent(c), t.ID)
	if err != nil {
		return err
	}
	conv, err := s.Conversations.FindConversation(ctx, t.Conversation)
	if err != nil {
		return err
	}
	messages, err := s.Conversations.ListEntries(ctx, conv.ID, max(0, conv.LastSeq-mostTranscript), mostTranscript)
	if err != nil {
		return err
	}
	c.Set(conversationKey, conv)
	return c.JSON(http.StatusOK, wholeTicket{asTicket(t), shownAll(messages), orEmpty(notes)})
}

// act answers with the ticket as an agent's act left it.
func (s *server) act(c echo.Context, do func(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error)) error {
	id, err := ticketID(c)
	if err != nil {
		return err
	}
	t, err := do(c.Request().Context(), agent(c), id)
	if err != nil {
		return err
	}
	c.Set(conversationKey, chat.Conversation{ID: t.Conversation})
	return c.JSON(http.StatusOK, asTicket(t))
}

// claimTicket makes a waiting ticket the agent's own.
func (s *server) claimTicket(c echo.Context) error { return s.act(c, s.Desk.Claim) }

// replyTicket says something to the customer; the same client_id again says nothing twice.
func (s *server) replyTicket(c echo.Context) error {
	var a desk.ReplyRequest
	if err := readJSON(c, fields{"text": &a.Text, "client_id": optional{&a.ClientID}}); err != nil {
		return err
	}
	if a.ClientID != "" {
		if err := checkClientID(a.ClientID); err != nil {
			return err
		}
	}
	return s.act(c, func(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error) {
		return s.Desk.Reply(ctx, by, id, a)
	})
}

// noteTicket leaves word for the other agents.
func (s *server) noteTicket(c echo.Context) error {
	var text string
	if err := readJSON(c, fields{"text": &text}); err != nil {
		return err
	}
	return s.act(c, func(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error) {
		return s.Desk.Note(ctx, by, id, text)
	})
}

// transferTicket hands a ticket to the agent of a name; to nobody, that is to the queue, for "".
func (s *server) transferTicket(c echo.Context) error {
	var to string
	if err := readJSON(c, fields{"to": &to}); err != nil {
		return err
	}
	return s.act(c, func(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error) {
		return s.Desk.Transfer(ctx, by, id, to)
	})
}

// closeTicket ends a ticket, with a last word if there is one; a body is not needed.
func (s *server) closeTicket(c echo.Context) error {
	var last desk.ReplyRequest
	if c.Request().ContentLength != 0 {
		if err := readJSON(c, fields{"text": optional{&last.Text}}); err != nil {
			return err
		}
	}
	return s.act(c, func(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error) {
		return s.Desk.Close(ctx, by, id, last)
	})
}

// getContact shows how the customer can be reached, which is noted.
func (s *server) getContact(c echo.Context) error {
	id, err := ticketID(c)
	if err != nil {
		return err
	}
	contact, err := s.Desk.RevealContact(c.Request().Context(), agent(c), id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]string{"contact": contact})
}

// getTicketAttachment serves a picture of the ticket's conversation.
func (s *server) getTicketAttachment(c echo.Context) error {
	id, err := ticketID(c)
	if err != nil {
		return err
	}
	t, err := s.Desk.FindTicket(c.Request().Context(), agent(c), id)
	if err != nil {
		return err
	}
	return s.servePicture(c, t.Conversation, c.Param("attachment"))
}
