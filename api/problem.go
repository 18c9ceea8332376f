package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
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

	retry time.Duration // for the Retry-After header; 0 for none
}

// Error makes a problem an error, so that handlers return it.
func (p *problem) Error() string { return p.Detail }

// fail is a problem with that status; detail says in Chinese what to do.
func fail(status int, detail string) error { return newProblem(status, detail) }

func newProblem(status int, detail string) *problem {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// asProblem is the one table from an error to what the client sees.
func asProblem(err error) *problem {
	var p *problem
	var he *echo.HTTPError
	var large *http.MaxBytesError
	var act *desk.Refusal
	var picture *media.Refusal
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &act):
		p := asProblem(act.Kind)
		return &problem{Type: p.Type, Title: p.Title, Status: p.Status, Detail: act.Text, retry: p.retry}
	case errors.Is(err, media.ErrNotPicture):
		return newProblem(http.StatusUnsupportedMediaType, media.ErrNotPicture.Text())
	case errors.As(err, &picture):
		return newProblem(http.StatusRequestEntityTooLarge, picture.Text())
	case errors.As(err, &large):
		return newProblem(http.StatusRequestEntityTooLarge, "内容太长，请精简后再发。")
	case errors.Is(err, desk.ErrInvalid):
		return newProblem(http.StatusBadRequest, "内容不符合要求，请检查后再发。")
	case errors.Is(err, chat.ErrNotFound), errors.Is(err, media.ErrNotFound):
		return newProblem(http.StatusNotFound, "没有找到，可能已经删除。")
	case errors.Is(err, chat.ErrForbidden):
		return newProblem(http.StatusForbidden, "您的权限不能做这件事。")
	case errors.Is(err, chat.ErrConflict):
		return newProblem(http.StatusConflict, "别人先一步做了，请刷新后再看。")
	case errors.Is(err, chat.ErrBusy), errors.Is(err, context.DeadlineExceeded):
		p := newProblem(http.StatusServiceUnavailable, "现在有点忙，这条没有记下，请稍后再发一次。")
		p.retry = time.Second
		return p
	case errors.As(err, &he):
		return routeProblem(he.Code)
	}
	return newProblem(http.StatusInternalServerError, "服务器出错了，请稍后再试。")
}

// routeProblem is what Echo itself refuses.
func routeProblem(status int) *problem {
	switch status {
	case http.StatusNotFound:
		return newProblem(status, "没有这个地址。可用的接口见 /openapi.json。")
	case http.StatusMethodNotAllowed:
		return newProblem(status, "这个地址不支持这种请求方法，见 /openapi.json。")
	case http.StatusRequestEntityTooLarge:
		return newProblem(status, "内容太长，请精简后再发。")
	}
	return newProblem(status, "服务器出错了，请稍后再试。")
}

// problemHandler writes every error of every route.
func problemHandler(log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		ctx := c.Request().Context()
		if c.Response().Committed {
			return
		}
		p := asProblem(err)
		if p.Status >= http.StatusInternalServerError && ctx.Err() == nil { // else the client left
			log.ErrorContext(ctx, "request failed", "path", c.Path(), "conversation", conversationID(c), "error", err)
		}
		if p.retry > 0 {
			c.Response().Header().Set(echo.HeaderRetryAfter, retryAfter(p.retry))
		}
		body, err := json.Marshal(p)
		if err == nil {
			err = c.Blob(p.Status, "application/problem+json", body)
		}
		if err != nil {
			log.DebugContext(ctx, "problem not sent", "error", err)
		}
	}
}
