package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
)

// maxBody is the most bytes of a JSON body: a question of 500 characters with room to spare.
const maxBody = 64 << 10

const nulDetail = "文字里有空字符（NUL），请去掉后再发。"

// ask answers one question and keeps nothing.
func (s *server) ask(c echo.Context) error {
	var in struct{ Question string }
	if err := readJSON(c, map[string]any{"question": &in.Question}); err != nil {
		return err
	}
	if strings.TrimSpace(in.Question) == "" {
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
	var article string
	var helpful bool
	if err := readJSON(c, map[string]any{"article": &article, "helpful": &helpful}); err != nil {
		return err
	}
	if _, ok := s.Guide().Library.Article(article); !ok {
		return fail(http.StatusNotFound, "没有这篇文章。")
	}
	s.metrics.feedback.WithLabelValues(article, map[bool]string{true: "yes", false: "no"}[helpful]).Inc()
	return c.NoContent(http.StatusNoContent)
}

// readJSON reads the body, one JSON object with exactly the fields of targets. encoding/json alone
// would take "QUESTION" for "question", drop unknown fields, and mend broken UTF-8 in silence.
func readJSON(c echo.Context, targets map[string]any) error {
	kind, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if err != nil || kind != echo.MIMEApplicationJSON {
		return fail(http.StatusUnsupportedMediaType, "请用 Content-Type: application/json 发送。")
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return err
	case err != nil:
		return fail(http.StatusBadRequest, "没有收到完整的内容，请重发。")
	case !utf8.Valid(body):
		return fail(http.StatusBadRequest, "文字编码不是 UTF-8，请改用 UTF-8 发送。")
	case bytes.ContainsRune(body, 0):
		return fail(http.StatusBadRequest, nulDetail)
	}
	return decodeObject(body, targets)
}

func decodeObject(body []byte, targets map[string]any) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return fail(http.StatusBadRequest, "内容不是一个 JSON 对象，请检查格式。")
	}
	for name, value := range fields {
		target, known := targets[name]
		if !known {
			return fail(http.StatusBadRequest, "不认识的字段 "+quoted(name)+"。")
		}
		if bytes.Equal(value, []byte("null")) || json.Unmarshal(value, target) != nil {
			return fail(http.StatusBadRequest, "字段 "+quoted(name)+" 的类型不对。")
		}
		if text, ok := target.(*string); ok && strings.ContainsRune(*text, 0) { // written as \u0000
			return fail(http.StatusBadRequest, nulDetail)
		}
	}
	for name := range targets {
		if _, given := fields[name]; !given {
			return fail(http.StatusBadRequest, "缺少字段 "+quoted(name)+"。")
		}
	}
	return nil
}

// quoted shows at most a few characters of a name that somebody sent.
func quoted(name string) string {
	const most = 40
	if r := []rune(name); len(r) > most {
		name = string(r[:most]) + "…"
	}
	return "“" + name + "”"
}
