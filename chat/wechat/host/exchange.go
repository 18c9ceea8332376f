package host

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/yingda/yingda/chat"
)

const (
	jsonType  = "application/json; charset=utf-8"
	maxAnswer = 4 << 20 // bytes of JSON: sync_msg brings up to 1000 messages
)

// call is one request. Its path alone is ever told.
type call struct {
	method, path string
	query        url.Values
	kind         string // Content-Type
	body         []byte
}

// exchange makes a call and reads its JSON into out, unless that is nil.
func (c *Client) exchange(ctx context.Context, k call, out any) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	resp, err := c.do(ctx, k)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || len(raw) > maxAnswer {
		return failed(chat.SendingUnknown, "%s: its answer broke off", k.path)
	}
	return c.read(k, resp.StatusCode, raw, out)
}

// read understands an answer.
func (c *Client) read(k call, status int, raw []byte, out any) error {
	switch { // WeChat itself always answers 200: this is something before it
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable, status/100 == 3, status/100 == 4:
		return failed(chat.SendingQueued, "%s: HTTP %d", k.path, status)
	case status/100 != 2:
		return failed(chat.SendingUnknown, "%s: HTTP %d", k.path, status)
	}
	var head struct {
		Code    int    `json:"errcode"`
		Message string `json:"errmsg"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return failed(chat.SendingUnknown, "%s: its answer is no JSON", k.path)
	}
	if head.Code != 0 {
		return c.coded(k.path, head.Code, head.Message)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return failed(chat.SendingUnknown, "%s: its answer has another shape", k.path)
	}
	return nil
}

// do sends a request. Where a connection was asked for and not had, nothing arrived.
func (c *Client) do(ctx context.Context, k call) (*http.Response, error) {
	if ctx.Err() != nil {
		return nil, failed(chat.SendingQueued, "%s: %s", k.path, chat.NetworkReason(ctx.Err()))
	}
	var asked, connected atomic.Bool
	trace := &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}
	target := c.base + k.path
	if len(k.query) > 0 {
		target += "?" + k.query.Encode()
	}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), k.method, target, bytes.NewReader(k.body))
	if err != nil {
		return nil, failed(chat.SendingDead, "%s: its address is none", k.path)
	}
	if k.kind != "" {
		req.Header.Set("Content-Type", k.kind)
	}
	req.Header.Set("User-Agent", "yingda")
	resp, err := c.http.Do(req)
	if err == nil {
		if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
			c.skew.Store(int64(c.now().Sub(at)))
		}
		return resp, nil
	}
	state := chat.SendingUnknown
	if asked.Load() && !connected.Load() {
		state = chat.SendingQueued
	}
	return nil, failed(state, "%s: %s", k.path, c.scrub(chat.NetworkReason(err)))
}

// isJSON tells an error from the bytes of a file.
func isJSON(resp *http.Response, head []byte) bool {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return err == nil && (strings.HasSuffix(kind, "json") || kind == "text/plain") || bytes.HasPrefix(head, []byte("{"))
}
