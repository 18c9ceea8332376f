package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/zh"
)

// ask answers one question and keeps nothing.
func (s *server) ask(c echo.Context) error {
	var in struct{ Question string }
	if err := readJSON(c, fields{"question": &in.Question}); err != nil {
		return err
	}
	if zh.Blank(in.Question) {
		return fail(http.StatusBadRequest, "请写下您的问题：question 不能为空。")
	}
	out, err := s.Guide().Bot.Step(c.Request().Context(), new(bot.Session), chat.Message{Channel: "ask", Text: in.Question, At: time.Now()})
	if err != nil {
		return err
	}
	s.metrics.decisions.WithLabelValues(string(out.Reply.Decision)).Inc()
	return c.JSON(http.StatusOK, out.Reply)
}

// feedback counts whether an article helped.
func (s *server) feedback(c echo.Context) error {
	if wait := s.feedbackLimiter.reserve(clientShares(c)...); wait > 0 {
		return retryLater(http.StatusTooManyRequests, wait, "评价得太快了，请稍等几秒再试。")
	}
	var article string
	var helpful bool
	if err := readJSON(c, fields{"article": &article, "helpful": &helpful}); err != nil {
		return err
	}
	if _, ok := s.Guide().Library.Article(article); !ok {
		return fail(http.StatusNotFound, "没有这篇文章。")
	}
	s.metrics.countFeedback(article, helpful)
	return c.NoContent(http.StatusNoContent)
}
