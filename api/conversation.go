package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

// The limits of what a conversation is opened with, in characters.
const (
	maxCustomerID = 128
	maxName       = 64
	maxSlot       = 64
)

// openConversation begins a conversation. The channels that push messages open theirs themselves.
func (s *server) openConversation(c echo.Context) error {
	if wait := s.openLimiter.reserve(clientShares(c)...); wait > 0 {
		return retryLater(http.StatusTooManyRequests, wait, "这里一下子打开的对话太多了，请稍等一会儿再试。")
	}
	o, vouched, err := s.readOpenRequest(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	o = s.Inbox.Sanitize(o)
	var a access
	var conv chat.Conversation
	opened := true
	if vouched {
		conv, a.Token, opened, err = s.Conversations.JoinConversation(ctx, o)
	} else {
		conv, a.Token, err = s.Conversations.OpenConversation(ctx, o)
	}
	if err != nil {
		return err
	}
	a.ID = conv.ID
	c.Set(conversationKey, conv)
	if !opened {
		return c.JSON(http.StatusOK, a)
	}
	return c.JSON(http.StatusCreated, a)
}

// readOpenRequest reads how a conversation is opened, and whether the site vouches for the customer's id.
func (s *server) readOpenRequest(c echo.Context) (o chat.OpenRequest, vouched bool, err error) {
	o = chat.OpenRequest{Channel: "api", Account: "default"}
	var signature string
	device := fields{}
	for _, slot := range kb.Slots() {
		device[string(slot)] = optional{o.Device.Field(string(slot))}
	}
	err = readJSON(c, fields{
		"channel": optional{&o.Channel},
		"customer": optional{fields{
			"id": optional{&o.Customer.ID}, "name": optional{&o.Customer.Name}, "signature": optional{&signature},
		}},
		"device": optional{device},
	})
	if err != nil {
		return o, false, err
	}
	if !slices.Contains([]string{"api", "widget"}, o.Channel) {
		return o, false, fail(http.StatusBadRequest, "channel 只能是 api 或 widget。")
	}
	for _, slot := range kb.Slots() {
		err = errors.Join(err, checkLength(string(slot), *o.Device.Field(string(slot)), maxSlot))
	}
	err = errors.Join(err, checkLength("id", o.Customer.ID, maxCustomerID), checkLength("name", o.Customer.Name, maxName), s.checkID("customer.id", o.Customer.ID))
	if err != nil {
		return o, false, err
	}
	o.Customer.Verified, err = s.checkIdentity(o.Customer.ID, signature)
	return o, o.Customer.Verified, err
}

// checkIdentity wants proof that the site vouches for the customer's id: the hex HMAC-SHA256 of the
// id under the site's identity secret. Without a secret nobody vouches, and agents see that.
func (s *server) checkIdentity(id, signature string) (verified bool, err error) {
	if id == "" || len(s.Identity) == 0 {
		return false, nil
	}
	mac := hmac.New(sha256.New, s.Identity)
	mac.Write([]byte(id))
	given, err := hex.DecodeString(signature)
	if err != nil || !hmac.Equal(given, mac.Sum(nil)) {
		return false, fail(http.StatusForbidden, "customer.signature 不对：它应是 customer.id 的 HMAC-SHA256（十六进制），由您的网站用身份密钥计算。")
	}
	return true, nil
}

// ticketState is what a customer may know of the newest ticket.
type ticketState struct {
	Number string     `json:"number"`
	State  desk.State `json:"state"`
}

// leaveConversation is what clearing the chat means to the server: the customer's next conversation is another one.
func (s *server) leaveConversation(c echo.Context) error {
	if err := s.Conversations.LeaveConversation(c.Request().Context(), conversationID(c)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// getConversation shows how a conversation stands.
func (s *server) getConversation(c echo.Context) error {
	conv := currentConversation(c)
	var ticket *ticketState
	switch newest, err := s.Desk.FindNewest(c.Request().Context(), conv.ID); {
	case err == nil:
		ticket = &ticketState{newest.Number, newest.State}
	case !errors.Is(err, chat.ErrNotFound):
		return err
	}
	return c.JSON(http.StatusOK, struct {
		ID        string       `json:"id"`
		Channel   string       `json:"channel"`
		Holder    chat.Holder  `json:"holder"`
		Ticket    *ticketState `json:"ticket"`
		LastSeq   int64        `json:"last_seq"`
		CreatedAt time.Time    `json:"created_at"`
	}{conv.ID, conv.Channel, conv.Holder, ticket, conv.LastSeq, conv.CreatedAt.UTC()})
}
