package api

import (
	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/chat"
)

// hook hands a call of a channel's host to that channel, which checks who calls and limits what it reads.
func (s *server) hook(c echo.Context) error {
	if s.Hook == nil {
		return chat.ErrNotFound
	}
	h, ok := s.Hook(c.Param("channel"), c.Param("account"))
	if !ok {
		return chat.ErrNotFound
	}
	h.ServeHTTP(c.Response(), c.Request())
	return nil
}
