package robot

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// The errcodes that are told apart; the host answers all of them with HTTP 200.
const (
	codeBusy         = -1    // try again
	codeEmptyContent = 44004 // the text is empty
	codeTooOften     = 45009 // more than 20 messages a minute
	codeWrongKey     = 93000 // there is no such robot
)

// refusal is a response that says no.
type refusal struct {
	status int    // HTTP
	code   int    // errcode of a response with HTTP 200; 0 where it had none
	errmsg string // the host's own words, without the key
}

// Error is for operators.
func (r *refusal) Error() string {
	switch {
	case r.status != http.StatusOK:
		return fmt.Sprintf("HTTP %d", r.status)
	case r.code == 0:
		return "the response is not from enterprise WeChat: something else answers at its address"
	}
	return fmt.Sprintf("errcode %d: %s", r.code, r.errmsg)
}

// reason is for agents.
func (r *refusal) reason() string {
	switch {
	case r.status != http.StatusOK:
		return chat.HTTPReason(r.status)
	case r.code == 0:
		return reasonForeign
	case r.code == codeWrongKey:
		return reasonWrongKey
	case r.code == codeTooOften:
		return reasonTooOften
	}
	return fmt.Sprintf(reasonErrcode, r.code, r.errmsg)
}

// temporary tells whether the host may take the same message later.
func (r *refusal) temporary() bool {
	return r.code == codeBusy || r.status == http.StatusTooManyRequests || r.status/100 == 5
}

const (
	maxErrmsg    = 200         // bytes of the host's own words that are kept
	tooOftenWait = time.Minute // after the host said that a robot speaks too often
	maxRefusals  = 10          // then a robot that is refused is given up: about eight minutes
)

// decodeResponse is nil where the message was taken, else a *refusal.
func decodeResponse(a Account, status int, body []byte) error {
	r := &refusal{status: status}
	if status != http.StatusOK {
		return r
	}
	var in struct {
		Code *int   `json:"errcode"`
		Text string `json:"errmsg"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.Code == nil {
		return r
	}
	if *in.Code == 0 {
		return nil
	}
	r.code, r.errmsg = *in.Code, chat.Shorten(desk.OneLine(redact(a, in.Text)), maxErrmsg, chat.ByteLen)
	return r
}

// sendError is what an error of post means for the courier; nil for none.
func sendError(err error, attempts int) error {
	if err == nil {
		return nil
	}
	r, refused := errors.AsType[*refusal](err)
	if !refused {
		return &chat.SendError{State: chat.SendingQueued, Reason: chat.NetworkReason(err)}
	}
	e := &chat.SendError{State: chat.SendingQueued, Reason: r.reason()}
	switch {
	case r.code == codeTooOften:
		e.RetryAfter, e.PausesAccount = tooOftenWait, true
	case !r.temporary() && attempts >= maxRefusals:
		e.State, e.Reason = chat.SendingDead, fmt.Sprintf(reasonRefused, e.Reason, attempts)
	}
	return e
}
