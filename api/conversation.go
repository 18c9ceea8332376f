package api

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// Inbox takes in what customers say, whatever the channel.
type Inbox interface {
	// Sanitize makes what comes with a conversation fit to be kept: masked, and the device's contact
	// sealed.
	Sanitize(o chat.OpenRequest) chat.OpenRequest
	// Receive does one turn. A nil error means that everything is on disk.
	Receive(ctx context.Context, m chat.Message) (bot.TurnResult, error)
}

// The limits of what a conversation is opened with, in characters.
const (
	mostCustomerID = 128
	mostName       = 64
	mostDetail     = 64
)

// openConversation begins a conversation. The channels that push messages open theirs themselves.
func (s *server) openConversation(c echo.Context) error {
	if wait := s.opens.take(address(c)); wait > 0 {
		return tooMany(wait, "这里一下子打开的对话太多了，请稍等一会儿再试。")
	}
	o, err := s.readOpening(c)
	if err != nil {
		return err
	}
	conv, token, err := s.Conversations.OpenConversation(c.Request().Context(), s.Inbox.Sanitize(o))
	if err != nil {
		return err
	}
	c.Set(conversationKey, conv)
	return c.JSON(http.StatusCreated, map[string]string{"id": conv.ID, "token": token})
}

func (s *server) readOpening(c echo.Context) (chat.OpenRequest, error) {
	o := chat.OpenRequest{Channel: "api", Account: "default"}
	var signature string
	device := fields{}
	for _, slot := range kb.Slots() {
		device[string(slot)] = optional{o.Device.Field(string(slot))}
	}
	err := readJSON(c, fields{
		"channel": optional{&o.Channel},
		"customer": optional{fields{
			"id": optional{&o.Customer.ID}, "name": optional{&o.Customer.Name}, "signature": optional{&signature},
		}},
		"device": optional{device},
	})
	if err != nil {
		return o, err
	}
	if !slices.Contains([]string{"api", "widget"}, o.Channel) {
		return o, fail(http.StatusBadRequest, "channel 只能是 api 或 widget。")
	}
	for _, slot := range kb.Slots() {
		err = errors.Join(err, within(string(slot), *o.Device.Field(string(slot)), mostDetail))
	}
	err = errors.Join(err, within("id", o.Customer.ID, mostCustomerID), within("name", o.Customer.Name, mostName))
	if err != nil {
		return o, err
	}
	return o, s.checkIdentity(o.Customer.ID, signature)
}

// checkIdentity wants proof that the site vouches for the customer's id: the hex HMAC-SHA256 of the
// id under the site's identity secret. Without a secret nobody vouches, and agents see that.
func (s *server) checkIdentity(id, signature string) error {
	if id == "" || len(s.Identity) == 0 {
		return nil
	}
	mac := hmac.New(sha256.New, s.Identity)
	mac.Write([]byte(id))
	given, err := hex.DecodeString(signature)
	if err != nil || !hmac.Equal(given, mac.Sum(nil)) {
		return fail(http.StatusForbidden, "customer.signature 不对：它应是 customer.id 的 HMAC-SHA256（十六进制），由您的网站用身份密钥计算。")
	}
	return nil
}

// getConversation shows how a conversation stands.
func (s *server) getConversation(c echo.Context) error {
	conv := conversation(c)
	return c.JSON(http.StatusOK, struct {
		ID        string      `json:"id"`
		Channel   string      `json:"channel"`
		Holder    chat.Holder `json:"holder"`
		LastSeq   int64       `json:"last_seq"`
		CreatedAt time.Time   `json:"created_at"`
	}{conv.ID, conv.Channel, conv.Holder, conv.LastSeq, conv.CreatedAt.UTC()})
}

// conversationKey is where authorized leaves the conversation for the handlers and the log.
const conversationKey = "conversation"

// authorized lets the bearer of the conversation's token pass. An unknown id and a wrong token are
// answered alike, after the same work.
func (s *server) authorized(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		token := bearer(c.Request())
		if token == "" {
			c.Response().Header().Set(echo.HeaderWWWAuthenticate, "Bearer")
			return fail(http.StatusUnauthorized, "请带上打开对话时得到的凭证：Authorization: Bearer。")
		}
		id := c.Param("id")
		if !isID(id) {
			id = "none" // no conversation's id; the work stays the same
		}
		conv, err := s.Conversations.Authorize(c.Request().Context(), id, token)
		switch {
		case errors.Is(err, chat.ErrForbidden), errors.Is(err, chat.ErrNotFound):
			return fail(http.StatusNotFound, "没有这个对话，或凭证不对。请重新打开一个对话。")
		case err != nil:
			return err
		}
		c.Set(conversationKey, conv)
		return next(c)
	}
}

// limited lets a conversation do no more than the limit.
func (s *server) limited(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if wait := s.messages.take(conversationID(c)); wait > 0 {
			return tooMany(wait, "您发得太快了，请稍等几秒再发。")
		}
		return next(c)
	}
}

// conversation is what authorized found.
func conversation(c echo.Context) chat.Conversation {
	conv, _ := c.Get(conversationKey).(chat.Conversation)
	return conv
}

// conversationID is the id of the request's conversation, "" outside of any.
func conversationID(c echo.Context) string { return conversation(c).ID }
