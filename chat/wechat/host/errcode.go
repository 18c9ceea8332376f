package host

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
)

// Error is a call that failed. It wraps the *chat.SendError that a courier understands.
type Error struct {
	Code         int // WeChat's errcode; 0 where it answered none
	path, detail string
	send         chat.SendError
}

// Error tells the call's path and what failed, in English, without an address or a secret.
func (e *Error) Error() string { return e.path + ": " + e.detail }

// Unwrap is what a courier makes of it.
func (e *Error) Unwrap() error { return &e.send }

// Code is the errcode of an error of a Client's; 0 for any other.
func Code(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return 0
}

// newError is an error without an errcode: detail is for logs, reason for agents.
func newError(state chat.SendingState, path, detail, reason string) *Error {
	return &Error{path: path, detail: detail, send: chat.SendError{State: state, Reason: reason}}
}

// notSent is the error of a call that sends nothing to a customer: whatever is unknown of it, nothing arrived.
func notSent(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.send.State == chat.SendingUnknown {
		e.send.State = chat.SendingQueued
	}
	return err
}

// Errcodes of WeChat that callers tell apart.
const (
	CodeBusy         = -1
	CodeCredential   = 40001 // the access token, or with the token's own call the secret, is wrong
	CodeOpenID       = 40003
	CodeAppID        = 40013
	CodeToken        = 40014
	CodeSecret       = 40125
	CodeNotListed    = 40164 // this machine's address is not on the white list, for tokens
	CodeNotListedNow = 61004 // likewise, for every other call
	CodeExpired      = 42001
	CodeDaily        = 45009
	CodeMinute       = 45011
	CodeWindow       = 45015 // the customer did not write for 48 hours
	CodeUsedUp       = 45047 // all that may be sent before the customer writes again
	CodeTooLong      = 45002
	CodeUnauthorized = 48001 // the account may not call this: it is not certified
)

// recheckDelay is how long a sending that waits for the customer's next message rests between two attempts: the
// message itself takes it along at once.
const recheckDelay = 24 * time.Hour

// sendErrors is what each errcode says of a sending, with extra besides or instead. Anything else was certainly not
// delivered and may work later: it is queued again with the courier's back-off.
func sendErrors(extra map[int]chat.SendError) map[int]chat.SendError {
	pause := func(d time.Duration, reason string) chat.SendError {
		return chat.SendError{State: chat.SendingQueued, RetryAfter: d, PausesAccount: true, Reason: reason}
	}
	awaitCustomer := func(reason string) chat.SendError {
		return chat.SendError{State: chat.SendingQueued, RetryAfter: recheckDelay, AwaitsCustomer: true, Reason: reason}
	}
	setting := func(reason string) chat.SendError { return pause(5*time.Minute, reason) } // somebody must mend one
	dead := func(reason string) chat.SendError { return chat.SendError{State: chat.SendingDead, Reason: reason} }
	table := map[int]chat.SendError{
		CodeBusy:         {State: chat.SendingQueued, Reason: reasonBusy},
		CodeCredential:   pause(time.Minute, reasonCredential),
		CodeToken:        pause(time.Minute, reasonToken),
		CodeExpired:      pause(time.Minute, reasonExpired),
		CodeMinute:       pause(time.Minute, reasonMinute),
		CodeDaily:        pause(time.Hour, reasonDaily),
		48004:            pause(time.Hour, reasonClosed),
		50002:            pause(time.Hour, reasonRestricted),
		CodeWindow:       awaitCustomer(reasonWindow),
		CodeUsedUp:       awaitCustomer(ReasonUsedUp),
		CodeUnauthorized: awaitCustomer(ReasonUncertified),
		50001:            awaitCustomer(reasonNoPermission),
		48002:            awaitCustomer(reasonRefused),
		CodeOpenID:       dead(reasonOpenID),
		40007:            dead(reasonMedia),
		40008:            dead(reasonMessageType),
		43004:            dead(reasonUnsubscribed),
		43019:            dead(reasonBlacklisted),
		45001:            dead(reasonTooLarge),
		CodeTooLong:      dead(reasonTooLong),
		87014:            dead(reasonRisky),
		CodeAppID:        setting(reasonAppID),
		40002:            setting(reasonGrant),
		CodeSecret:       setting(reasonSecret),
		40243:            setting(reasonFrozen),
		41002:            setting(reasonNoAppID),
		41004:            setting(reasonNoSecret),
		89501:            setting(reasonUnconfirmed),
		89503:            setting(reasonUnconfirmed),
		89506:            setting(reasonRefusedDay),
		89507:            setting(reasonRefusedHour),
		CodeNotListed:    setting(reasonNotListed),
		CodeNotListedNow: setting(reasonNotListed),
	}
	maps.Copy(table, extra)
	return table
}

// codeError is the error of an errcode. The message is the errmsg, without secrets.
func codeError(table map[int]chat.SendError, path string, code int, message string) *Error {
	send := table[code]
	send.State = cmp.Or(send.State, chat.SendingQueued)
	if addr := parseClientIP(message); send.Reason == reasonNotListed && addr != "" {
		send.Reason = fmt.Sprintf(reasonNotListedAddr, addr)
	}
	if send.Reason == "" {
		send.Reason = fmt.Sprintf(reasonUnknown, code, message)
	} else {
		send.Reason = fmt.Sprintf(reasonKnown, send.Reason, code)
	}
	return &Error{Code: code, path: path, detail: fmt.Sprintf("errcode %d: %s", code, message), send: send}
}

// parseClientIP finds the address that WeChat saw: "invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist"; "" for none.
func parseClientIP(message string) string {
	_, rest, _ := strings.Cut(message, "invalid ip ")
	addr, _, _ := strings.Cut(rest, " ")
	addr = strings.TrimRight(addr, ",")
	if _, err := netip.ParseAddr(addr); err != nil {
		return ""
	}
	return addr
}
