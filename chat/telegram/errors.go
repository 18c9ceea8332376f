package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
)

// Error is a refusal by Telegram: nothing was done.
type Error struct {
	Method      string // "sendMessage"
	Code        int    // 400, 401, 403, 409, 429, 5xx
	Description string // "Bad Request: chat not found", cut short
	RetryAfter  time.Duration
	MigrateTo   int64 // the id of the supergroup that the group became; 0 for none
}

// Error says what was refused and why.
func (e *Error) Error() string {
	return fmt.Sprintf("telegram: %s: %d %s", e.Method, e.Code, e.Description)
}

// TransportError is a call without an answer of Telegram's.
type TransportError struct {
	Method     string
	Sent       bool // the call may have been carried out; false: certainly not
	Status     int  // of the answer, which was not Telegram's; 0 for none
	RetryAfter time.Duration
	Reason     string // for agents, in Chinese
	cause      error  // in English, without the token
}

// Error says what failed.
func (e *TransportError) Error() string {
	return fmt.Sprintf("telegram: %s: %v", e.Method, e.cause)
}

// Unwrap is the cause; context.Canceled or context.DeadlineExceeded where the context ended.
func (e *TransportError) Unwrap() error { return e.cause }

// newTransportError is without the URL, which net/http's errors have, for the token stands in it.
func newTransportError(a Account, method string, sent bool, err error) *TransportError {
	e := &TransportError{Method: method, Sent: sent, Reason: a.redact(chat.NetworkReason(err))}
	if called, ok := errors.AsType[*url.Error](err); ok {
		err = called.Err
	}
	e.cause = errors.New(a.redact(err.Error()))
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, end) {
			e.cause = end
		}
	}
	return e
}

// shortDescription cuts a description, and leaves out of it what stood in the text.
func shortDescription(text string) string {
	const maxDescription = 200 // bytes
	if i := strings.Index(text, cannotParse); i >= 0 {
		text = text[:i+len(cannotParse)]
	}
	return chat.Shorten(strings.ToValidUTF8(text, ""), maxDescription, chat.ByteLen)
}

// What Telegram says, or part of it.
const cannotParse = "can't parse entities"

// hasDescription tells whether err is a refusal whose description has one of the texts, whatever their case.
func hasDescription(err error, texts ...string) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && slices.ContainsFunc(texts, func(text string) bool {
		return strings.Contains(strings.ToLower(e.Description), strings.ToLower(text))
	})
}

// TopicGone tells that the topic that was named does not exist any more: make a new one.
func TopicGone(err error) bool {
	return hasDescription(err, "message thread not found", "topic_deleted", "topic_id_invalid")
}

// TopicClosed tells that the topic is closed: reopen it.
func TopicClosed(err error) bool { return hasDescription(err, "topic_closed", "topic closed") }

// NotModified tells that everything was already as the call would have it.
func NotModified(err error) bool {
	return hasDescription(err, "message is not modified", "topic_not_modified", "chat_not_modified")
}

// Blocked tells that the customer does not want to hear from the bot any more, or is gone.
func Blocked(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == 403 || hasDescription(err, "chat not found", "user is deactivated", "peer_id_invalid")
}

// AsSendError is what a sending's error means for the courier; nil for nil. A refusal is final unless waiting may mend it.
func AsSendError(err error) *chat.SendError {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.sendError()
	}
	e, ok := errors.AsType[*TransportError](err)
	switch {
	case !ok:
		return &chat.SendError{State: chat.SendingUnknown, Reason: reasonUnknown}
	case e.Sent:
		return &chat.SendError{State: chat.SendingUnknown, Reason: fmt.Sprintf(reasonUnanswered, e.Reason)}
	}
	return &chat.SendError{State: chat.SendingQueued, RetryAfter: e.RetryAfter, Reason: fmt.Sprintf(reasonUnsent, e.Reason)}
}

func (e *Error) sendError() *chat.SendError {
	out, format := &chat.SendError{State: chat.SendingQueued}, ""
	switch {
	case e.Code == 429:
		format, out.RetryAfter = reasonTooMany, max(e.RetryAfter, time.Second)
	case e.MigrateTo != 0:
		format, out.RetryAfter = reasonMigrated, e.RetryAfter
	case e.Code >= 500:
		format, out.RetryAfter = reasonServer, e.RetryAfter
	case e.Code == 401, e.Code == 404: // the token was withdrawn: a person must mend it, and then all goes on
		format, out.PausesAccount = reasonToken, true
	case Blocked(e):
		format, out.State = reasonBlocked, chat.SendingDead
	default:
		format, out.State = reasonRefused, chat.SendingDead
	}
	out.Reason = fmt.Sprintf(format, e.Code, e.Description)
	return out
}

func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	if e, ok := errors.AsType[*TransportError](err); ok {
		return e.RetryAfter
	}
	return 0
}

// diagnose says what an error means and what to do.
func diagnose(err error) string {
	refused, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		return "Telegram cannot be reached: look at the network, a proxy, and the address of the Bot API"
	case refused.Code == 401 || refused.Code == 404:
		return "Telegram does not know the token: ask @BotFather for it with /token, and set it"
	case hasDescription(err, "terminated by other getupdates"):
		return "another program polls with the same token: only one may. Stop the other one, or set a webhook for several nodes"
	case refused.Code == 409:
		return "a webhook is set for the same token, so nobody may poll: another program uses this bot, or yingda with a webhook"
	case refused.Code == 429:
		return "Telegram has too many calls from this bot: it is tried again when Telegram says"
	case refused.Code >= 500:
		return "Telegram is in trouble itself: it is tried again"
	case hasDescription(err, "webhook"):
		return "Telegram does not take the webhook's address: it must be a public https address with a valid certificate on port 443, 80, 88 or 8443"
	}
	return "Telegram refuses it: " + refused.Description
}
