package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/yingda/yingda/chat"
)

const (
	jsonType   = "application/json; charset=utf-8"
	maxAnswer  = 4 << 20 // bytes of JSON: sync_msg brings up to 1000 messages
	maxMessage = 160     // bytes of an errmsg that are told
)

// transport makes the calls of one account, over HTTP with JSON for an answer.
type transport struct {
	base    string
	host    string // of base
	http    *http.Client
	timeout time.Duration
	now     func() time.Time
	codes   map[int]chat.SendError
	secrets func() []string // what no error may hold
	skew    atomic.Int64    // nanoseconds
}

// call is one request. Its path alone is ever told.
type call struct {
	method, path string
	query        url.Values
	contentType  string
	body         []byte
}

// Host is the name of the server, and its port where the base URL has one.
func (t *transport) Host() string { return t.host }

// Skew is how far ahead the clock of this machine was of the server's, at the last answer that told the time.
func (t *transport) Skew() time.Duration { return time.Duration(t.skew.Load()) }

// exchange makes a call and decodes its JSON into out, unless that is nil.
func (t *transport) exchange(ctx context.Context, k call, out any) error {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	resp, err := t.do(ctx, k) //nolint:bodyclose // ReadBody closes it
	if err != nil {
		return err
	}
	raw, err := chat.ReadBody(resp, maxAnswer)
	if err != nil {
		return newError(chat.SendingUnknown, k.path, "the answer broke off", reasonAnswerCut)
	}
	return t.decode(k, resp.StatusCode, raw, out)
}

func (t *transport) decode(k call, status int, raw []byte, out any) error {
	failure := func(state chat.SendingState) error { // WeChat itself always answers 200: this is something before it
		return newError(state, k.path, fmt.Sprintf("HTTP %d", status), chat.HTTPReason(status))
	}
	switch {
	case status == http.StatusServiceUnavailable, status/100 == 3, status/100 == 4:
		return failure(chat.SendingQueued)
	case status/100 != 2:
		return failure(chat.SendingUnknown)
	}
	var head struct {
		Code    int    `json:"errcode"`
		Message string `json:"errmsg"`
	}
	if err := unmarshal(raw, &head); err != nil {
		return newError(chat.SendingUnknown, k.path, "the answer is not JSON", reasonAnswerShape)
	}
	if head.Code != 0 {
		return codeError(t.codes, k.path, head.Code, t.redact(head.Message))
	}
	if out == nil {
		return nil
	}
	if err := unmarshal(raw, out); err != nil {
		return newError(chat.SendingUnknown, k.path, "the answer has an unknown shape", reasonAnswerShape)
	}
	return nil
}

// do sends a request. Where a connection was asked for and not had, nothing arrived.
func (t *transport) do(ctx context.Context, k call) (*http.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, newError(chat.SendingQueued, k.path, err.Error(), chat.NetworkReason(err))
	}
	target := t.base + k.path
	if len(k.query) > 0 {
		target += "?" + k.query.Encode()
	}
	var trace chat.RequestTrace
	req, err := http.NewRequestWithContext(trace.WithTrace(ctx), k.method, target, bytes.NewReader(k.body))
	if err != nil {
		return nil, newError(chat.SendingDead, k.path, "invalid URL", reasonURL)
	}
	if k.contentType != "" {
		req.Header.Set("Content-Type", k.contentType)
	}
	req.Header.Set("User-Agent", "yingda")
	resp, err := t.http.Do(req)
	if err == nil {
		if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
			t.skew.Store(int64(t.now().Sub(at)))
		}
		return resp, nil
	}
	state := chat.SendingQueued
	if trace.MayHaveArrived(err) {
		state = chat.SendingUnknown
	}
	cause := err
	if e, ok := errors.AsType[*url.Error](err); ok { // its URL holds the token
		cause = e.Err
	}
	return nil, newError(state, k.path, t.redact(cause.Error()), t.redact(chat.NetworkReason(err)))
}

// redact makes a foreign text fit to be told: short, on one line, without a secret that was sent.
func (t *transport) redact(text string) string {
	for _, secret := range t.secrets() {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\ufffd")), " ")
	return chat.Shorten(text, maxMessage, chat.ByteLen)
}

// isJSON tells an error from the bytes of a file.
func isJSON(resp *http.Response, head []byte) bool {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return err == nil && (strings.HasSuffix(kind, "json") || kind == "text/plain") || bytes.HasPrefix(head, []byte("{"))
}
