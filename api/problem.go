package api

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"
)

// problem is an error as the client sees it: RFC 9457. Detail is for customers, hence Chinese.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

// Error makes a problem an error, so that handlers return it.
func (p *problem) Error() string { return p.Detail }

// fail is a problem with that status; detail says in Chinese what to do.
func fail(status int, detail string) error {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// asProblem is the one table from an error to what the client sees.
func asProblem(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	status, detail := http.StatusInternalServerError, "服务器出错了，请稍后再试。"
	var he *echo.HTTPError
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		status = http.StatusRequestEntityTooLarge
	case errors.As(err, &he):
		status = he.Code
	}
	switch status {
	case http.StatusNotFound:
		detail = "没有这个地址。可用的接口见 /openapi.json。"
	case http.StatusMethodNotAllowed:
		detail = "这个地址不支持这种请求方法，见 /openapi.json。"
	case http.StatusRequestEntityTooLarge:
		detail = "内容太长，请精简后再发。"
	}
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// problemHandler writes every error of every route.
func problemHandler(log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		p := asProblem(err)
		if p.Status >= http.StatusInternalServerError {
			log.ErrorContext(c.Request().Context(), "request failed", "path", c.Path(), "error", err)
		}
		body, err := json.Marshal(p)
		if err == nil {
			err = c.Blob(p.Status, "application/problem+json", body)
		}
		if err != nil {
			log.DebugContext(c.Request().Context(), "problem not sent", "error", err)
		}
	}
}
