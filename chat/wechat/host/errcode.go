package host

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"strings"

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

// NotSent is the error of a call that sends nothing to a customer: whatever is unknown of it, nothing arrived.
func NotSent(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.send.State == chat.SendingUnknown {
		e.send.State = chat.SendingQueued
	}
	return err
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
