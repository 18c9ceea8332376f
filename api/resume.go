package api

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
)

// The limits of what a conversation is resumed by, in characters.
const (
	maxTicket = 32
	maxProof  = 64
)

// resumeConversation gives another token of a ticket's conversation to whoever knows the ticket's number and a proof,
// see desk.Prover. A wrong number, a wrong proof and one wrong proof too many are answered alike, after the same work.
func (s *server) resumeConversation(c echo.Context) error {
	if err := s.limitResumes(clientShares(c)); err != nil {
		return err
	}
	var ticket, proof string
	if err := readJSON(c, fields{"ticket": &ticket, "proof": &proof}); err != nil {
		return err
	}
	if err := errors.Join(checkLength("ticket", ticket, maxTicket), checkLength("proof", proof, maxProof)); err != nil {
		return err
	}
	number, _ := bot.TicketNumber(ticket, []string{""})
	proven, err := s.Prover.Prove(c.Request().Context(), number, proof)
	switch {
	case errors.Is(err, chat.ErrForbidden):
		return fail(http.StatusNotFound, "没有核对上。请看看工单号和后四位有没有写错。")
	case err != nil:
		return err
	case !isReadHere(proven.Conversation):
		return fail(http.StatusConflict, "这张工单是在别的渠道登记的，请回到登记它的对话里看。")
	}
	a, err := s.grantAccess(c, proven.Conversation)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, a)
}

// limitResumes lets an address look for no more tickets than the limit, by whatever way: else a chat would be another way
// to try proofs.
func (s *server) limitResumes(from []share) error {
	if wait := s.resumeLimiter.reserve(from...); wait > 0 {
		return retryLater(http.StatusTooManyRequests, wait, "这个网络查工单的次数太多了，请过一会儿再试。")
	}
	return nil
}

// isReadHere tells whether a conversation is read over this API: on the channels that push, nobody bears a token.
func isReadHere(conv chat.Conversation) bool { return conv.Address == "" }

// grantAccess issues another token of a conversation.
func (s *server) grantAccess(c echo.Context, conv chat.Conversation) (*access, error) {
	token, err := s.Conversations.IssueToken(c.Request().Context(), conv.ID)
	if err != nil {
		return nil, err
	}
	return &access{ID: conv.ID, Token: token}, nil
}
