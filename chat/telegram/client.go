package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// Client calls the Bot API for one account. It is safe for concurrent use, and its errors hold no token.
type Client struct {
	account Account
	http    *http.Client
}

const (
	callTimeout = 15 * time.Second // of one call that carries no file and does not wait
	fileTimeout = time.Minute
	maxAnswer   = 16 << 20 // bytes of one answer: a hundred updates are less than one
)

// NewClient makes a client. Its calls end by themselves, so the timeout of c does not count; redirects are not followed.
func NewClient(a Account, c *http.Client) *Client {
	own := *c
	own.Timeout = 0
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{account: a, http: &own}
}

// Account is whose calls these are.
func (c *Client) Account() Account { return c.account }

// call makes one call within a time, and reads its result into into, which may be nil.
func (c *Client) call(ctx context.Context, within time.Duration, method string, params tgbotapi.Params, into any) error {
	return c.do(ctx, within, method, into, func(bot *tgbotapi.BotAPI) (*tgbotapi.APIResponse, error) {
		return bot.MakeRequest(method, params)
	})
}

// upload makes a call that carries a file.
func (c *Client) upload(ctx context.Context, method string, params tgbotapi.Params, field, name string, data []byte, into any) error {
	return c.do(ctx, fileTimeout, method, into, func(bot *tgbotapi.BotAPI) (*tgbotapi.APIResponse, error) {
		file := tgbotapi.FileReader{Name: name, Reader: bytes.NewReader(data)}
		return bot.UploadFiles(method, params, []tgbotapi.RequestFile{{Name: field, Data: file}})
	})
}

// do lets the library make one call. Its BotAPI lives as long as the call, for it knows no context.
func (c *Client) do(ctx context.Context, within time.Duration, method string, into any, call func(*tgbotapi.BotAPI) (*tgbotapi.APIResponse, error)) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	carrier := &carrier{ctx: ctx, client: c, method: method}
	bot := &tgbotapi.BotAPI{Token: c.account.Token, Client: carrier}
	bot.SetAPIEndpoint(c.account.api() + "/bot%s/%s")
	answer, err := call(bot)
	if err != nil {
		return c.failure(carrier, answer, err)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Result, into); err != nil {
		return &TransportError{Method: method, Sent: true, Status: carrier.status, Reason: "the result is not what it should be"}
	}
	return nil
}

// failure makes one of our errors of the library's.
func (c *Client) failure(carrier *carrier, answer *tgbotapi.APIResponse, err error) error {
	if own, ok := errors.AsType[*TransportError](err); ok {
		return own
	}
	refused, ok := errors.AsType[*tgbotapi.Error](err)
	if !ok || answer == nil || answer.ErrorCode == 0 { // no JSON, or JSON of something in between
		return carrier.foreign()
	}
	return &Error{
		Method: carrier.method, Code: answer.ErrorCode, Description: describe(c.account.redact(refused.Message)),
		RetryAfter: time.Duration(refused.RetryAfter) * time.Second, MigrateTo: refused.MigrateToChatID,
	}
}

// carrier is the library's way to the network for one call: it brings the context, reads the answer to
// its end, and makes errors without the URL, which has the token.
type carrier struct {
	ctx    context.Context
	client *Client
	method string
	status int // of the answer; 0 before
	after  time.Duration
}

// Do carries one request.
func (c *carrier) Do(req *http.Request) (*http.Response, error) {
	began, connected := false, false
	ctx := httptrace.WithClientTrace(c.ctx, &httptrace.ClientTrace{
		GetConn: func(string) { began = true },
		GotConn: func(httptrace.GotConnInfo) { connected = true },
	})
	resp, err := c.client.http.Do(req.WithContext(ctx))
	if err != nil {
		return nil, c.client.transportError(c.method, !began || connected, err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read to its end, or is given up
	c.status = resp.StatusCode
	c.after = seconds(resp.Header.Get("Retry-After"))
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, c.client.transportError(c.method, true, err)
	case len(body) > maxAnswer:
		return nil, &TransportError{Method: c.method, Sent: true, Status: c.status, Reason: "the answer is too large"}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// foreign is the error for an answer that is not Telegram's, such as a proxy's page: what has a status of
// 5xx may have been passed on before, what has 3xx or 4xx was not.
func (c *carrier) foreign() error {
	return &TransportError{
		Method: c.method, Sent: c.status < 300 || c.status >= 500, Status: c.status, RetryAfter: c.after,
		Reason: fmt.Sprintf("the answer, of status %d, is not Telegram's", c.status),
	}
}

// seconds reads a number of seconds; 0 for anything else.
func seconds(text string) time.Duration {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(n) * time.Second
}
