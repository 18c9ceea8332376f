package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/media"
)

// problem is an error as the client sees it: RFC 9457. Detail is for customers, hence Chinese.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`

	retryAfter time.Duration // for the header of that name; 0 for none
}

// Error makes a problem an error, so that handlers return it.
func (p *problem) Error() string { return p.Detail }

// fail is a problem with that status; detail says in Chinese what to do.
func fail(status int, detail string) *problem {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// retryLater is a problem that ends by itself after a while.
func retryLater(status int, after time.Duration, detail string) *problem {
	p := fail(status, detail)
	p.retryAfter = after
	return p
}

// problemFor is the one table from an error to what the client sees.
func problemFor(err error) *problem {
	var p *problem
	var route *echo.HTTPError
	var large *http.MaxBytesError
	var refusal *desk.Refusal
	var picture *media.Refusal
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refusal):
		p := problemFor(refusal.Kind)
		return &problem{Type: p.Type, Title: p.Title, Status: p.Status, Detail: refusal.Text, retryAfter: p.retryAfter}
	case errors.Is(err, media.ErrNotPicture):
		return fail(http.StatusUnsupportedMediaType, media.ErrNotPicture.Text())
	case errors.As(err, &picture):
		return fail(http.StatusRequestEntityTooLarge, picture.Text())
	case errors.As(err, &large):
		return fail(http.StatusRequestEntityTooLarge, "内容太长，请精简后再发。")
	case errors.Is(err, desk.ErrInvalid):
		return fail(http.StatusBadRequest, "内容不符合要求，请检查后再发。")
	case errors.Is(err, chat.ErrNotFound), errors.Is(err, media.ErrNotFound):
		return fail(http.StatusNotFound, "没有找到，可能已经删除。")
	case errors.Is(err, chat.ErrForbidden):
		return fail(http.StatusForbidden, "您的权限不能做这件事。")
	case errors.Is(err, chat.ErrConflict):
		return fail(http.StatusConflict, "别人先一步做了，请刷新后再看。")
	case errors.Is(err, chat.ErrBusy), errors.Is(err, context.DeadlineExceeded):
		return retryLater(http.StatusServiceUnavailable, time.Second, "现在有点忙，这条没有记下，请稍后再发一次。")
	case errors.As(err, &route):
		return routeProblem(route.Code)
	}
	return fail(http.StatusInternalServerError, "服务器出错了，请稍后再试。")
}

// routeProblem is what Echo itself refuses.
func routeProblem(status int) *problem {
	switch status {
	case http.StatusNotFound:
		return fail(status, "没有这个地址。可用的接口见 /openapi.json。")
	case http.StatusMethodNotAllowed:
		return fail(status, "这个地址不支持这种请求方法，见 /openapi.json。")
	case http.StatusRequestEntityTooLarge:
		return fail(status, "内容太长，请精简后再发。")
	}
	return fail(status, "服务器出错了，请稍后再试。")
}

// wholeSeconds is a wait in seconds, rounded up and at least one, for the Retry-After header.
func wholeSeconds(wait time.Duration) string {
	return strconv.Itoa(max(1, int((wait+time.Second-1)/time.Second)))
}
