package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/yingda/yingda/chat"
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

// result makes a call that neither carries a file nor waits, and is its result.
func result[T any](ctx context.Context, c *Client, method string, params tgbotapi.Params) (out T, err error) {
	err = c.call(ctx, callTimeout, method, params, &out)
	return out, err
}

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
	r := &requester{ctx: ctx, client: c, method: method}
	bot := &tgbotapi.BotAPI{Token: c.account.Token, Client: r}
	bot.SetAPIEndpoint(c.account.baseURL() + "/bot%s/%s")
	answer, err := call(bot)
	if err != nil {
		return r.failure(answer, err)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Result, into); err != nil {
		return &TransportError{Method: method, Sent: true, Status: r.status, Reason: reasonShape, cause: errors.New("the result has another shape")}
	}
	return nil
}

// failure makes one of our errors of the library's.
func (r *requester) failure(answer *tgbotapi.APIResponse, err error) error {
	if own, ok := errors.AsType[*TransportError](err); ok {
		return own
	}
	refused, ok := errors.AsType[*tgbotapi.Error](err)
	if !ok || answer == nil || answer.ErrorCode == 0 { // no JSON, or JSON of something in between
		return r.foreignResponse()
	}
	return &Error{
		Method: r.method, Code: answer.ErrorCode, Description: shortDescription(r.client.account.redact(refused.Message)),
		RetryAfter: time.Duration(refused.RetryAfter) * time.Second, MigrateTo: refused.MigrateToChatID,
	}
}

// requester is the library's way to the network for one call: it brings the context, reads the answer to
// its end, and makes errors without the URL, which has the token.
type requester struct {
	ctx        context.Context
	client     *Client
	method     string
	status     int // of the answer; 0 before
	retryAfter time.Duration
}

// Do carries one request.
func (r *requester) Do(req *http.Request) (*http.Response, error) {
	var trace chat.RequestTrace
	resp, err := r.client.http.Do(req.WithContext(trace.WithTrace(r.ctx)))
	if err != nil {
		return nil, newTransportError(r.client.account, r.method, trace.MayHaveArrived(err), err)
	}
	r.status, r.retryAfter = resp.StatusCode, retryAfterHeader(resp)
	body, err := chat.ReadBody(resp, maxAnswer)
	switch {
	case errors.Is(err, chat.ErrBodyTooLarge):
		return nil, &TransportError{Method: r.method, Sent: true, Status: r.status, Reason: reasonTooLarge, cause: err}
	case err != nil:
		return nil, newTransportError(r.client.account, r.method, true, err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// foreignResponse is the error for an answer that is not Telegram's, such as a proxy's page: what has a status of
// 5xx may have been passed on before, what has 3xx or 4xx was not.
func (r *requester) foreignResponse() error {
	return &TransportError{
		Method: r.method, Sent: r.status < 300 || r.status >= 500, Status: r.status, RetryAfter: r.retryAfter,
		Reason: fmt.Sprintf(reasonForeign, r.status), cause: fmt.Errorf("the answer, of status %d, is not Telegram's", r.status),
	}
}

// maxRetryAfter is the longest wait that is believed of an answer that is not Telegram's own.
const maxRetryAfter = time.Hour

// retryAfterHeader is how long an answer asks to wait, by its own clock.
func retryAfterHeader(resp *http.Response) time.Duration {
	now, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil { // then a date as the wait says nothing, but is limited
		now = time.Time{}
	}
	return min(chat.ParseRetryAfter(resp.Header.Get("Retry-After"), now), maxRetryAfter)
}
