package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/zh"
)

// maxBody is how many bytes a JSON body may have: 4000 characters, each written as an escape.
const maxBody = 64 << 10

const nulDetail = "文字里有空字符（NUL），请去掉后再发。"

// fields are what a JSON object must have and may have, by name: a pointer to read into, fields of
// an object inside, or either of these as optional. Nothing else is taken.
type fields map[string]any

// optional is a field that may be missing.
type optional struct{ target any }

// readJSON reads the body, one JSON object with exactly those fields. encoding/json alone would
// take "QUESTION" for "question", drop unknown fields, and mend broken UTF-8 in silence.
func readJSON(c echo.Context, targets fields) error {
	kind, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if err != nil || kind != echo.MIMEApplicationJSON {
		return fail(http.StatusUnsupportedMediaType, "请用 Content-Type: application/json 发送。")
	}
	var content bytes.Buffer
	content.Grow(int(min(max(0, c.Request().ContentLength), maxBody)) + bytes.MinRead) // so that it never grows
	_, err = content.ReadFrom(http.MaxBytesReader(c.Response(), c.Request().Body, maxBody))
	body := content.Bytes()
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

// decodeObject reads one JSON object into targets.
func decodeObject(body []byte, targets fields) error {
	if !isObject(body) {
		return fail(http.StatusBadRequest, "内容不是一个 JSON 对象，请检查格式。")
	}
	given := map[string][]byte{} // of members of one name the last
	for name, value := range members(body) {
		if _, known := targets[string(name)]; !known {
			return fail(http.StatusBadRequest, "不认识的字段 "+quoted(string(name))+"。")
		}
		given[string(name)] = value
	}
	for name, value := range given {
		target := targets[name]
		if o, ok := target.(optional); ok {
			target = o.target
		}
		if err := decodeField(name, value, target); err != nil {
			return err
		}
	}
	for name, target := range targets {
		if _, may := target.(optional); !may && given[name] == nil {
			return fail(http.StatusBadRequest, "缺少字段 "+quoted(name)+"。")
		}
	}
	return nil
}

func decodeField(name string, value []byte, target any) error {
	if inner, ok := target.(fields); ok {
		return decodeObject(value, inner)
	}
	if string(value) == "null" || json.Unmarshal(value, target) != nil {
		return fail(http.StatusBadRequest, "字段 "+quoted(name)+" 的类型不对。")
	}
	if text, ok := target.(*string); ok && strings.ContainsRune(*text, 0) { // written as \u0000
		return fail(http.StatusBadRequest, nulDetail)
	}
	return nil
}

// quoted shows at most a few characters of a name that somebody sent.
func quoted(name string) string {
	const maxRunes = 40
	if r := []rune(name); len(r) > maxRunes {
		name = string(r[:maxRunes]) + "…"
	}
	return "“" + name + "”"
}

// checkLength refuses a text of more than limit characters.
func checkLength(name, text string, limit int) error {
	if utf8.RuneCountInString(text) > limit {
		return fail(http.StatusBadRequest, "字段 "+quoted(name)+" 最多 "+strconv.Itoa(limit)+" 个字。")
	}
	return nil
}

// checkText refuses a text that is blank or has more than limit characters.
func checkText(name, text string, limit int) error {
	if zh.Blank(text) {
		return fail(http.StatusBadRequest, "字段 "+quoted(name)+" 不能为空。")
	}
	return checkLength(name, text, limit)
}

// maxClientID is how many characters a client_id may have.
const maxClientID = 64

// checkClientID wants 1 to 64 printable ASCII characters without a space, and no card number.
func (s *server) checkClientID(id string) error {
	strange := func(r rune) bool { return r <= ' ' || r > '~' }
	if id == "" || len(id) > maxClientID || strings.ContainsFunc(id, strange) {
		return fail(http.StatusBadRequest, "client_id 应是 1 到 64 个可见的英文字符、数字或符号，每条消息一个，重发时不变。")
	}
	return s.checkID("client_id", id)
}

// checkID refuses an id that holds a card number: it is kept as it is.
func (s *server) checkID(name, id string) error {
	if s.Inbox.HoldsCard(id) {
		return fail(http.StatusBadRequest, "字段 "+quoted(name)+" 里像是有银行卡号，不能保存；请用不含卡号的编号。")
	}
	return nil
}

// intParam reads the query parameter of that name as an integer from low to high; fallback without one.
func intParam(c echo.Context, name string, fallback, low, high int64) (int64, error) {
	text := c.QueryParam(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < low || n > high {
		return 0, fail(http.StatusBadRequest, fmt.Sprintf("参数 %s 应是 %d 到 %d 的整数。", name, low, high))
	}
	return n, nil
}

// validID tells whether a path's parameter may be an id or a number of ours at all. What it refuses,
// such as NUL, never reaches the database.
func validID(text string) bool {
	const maxLength = 64
	strange := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' && r != '_'
	}
	return text != "" && len(text) <= maxLength && !strings.ContainsFunc(text, strange)
}

// bearerToken is the token of the Authorization header; "" for none.
func bearerToken(r *http.Request) string {
	const maxLength = 256
	scheme, token, _ := strings.Cut(r.Header.Get(echo.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") || len(token) > maxLength {
		return ""
	}
	return strings.TrimSpace(token)
}

// validText tells whether a parameter is text at all.
func validText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// conversationKey is where requireToken leaves the conversation for the handlers and the log.
const conversationKey = "conversation"

// currentConversation is the conversation whose token the request bears.
func currentConversation(c echo.Context) chat.Conversation {
	conv, _ := c.Get(conversationKey).(chat.Conversation)
	return conv
}

// conversationID is the id of the request's conversation, "" outside of any.
func conversationID(c echo.Context) string { return currentConversation(c).ID }

// agentKey is where requireAgent leaves the agent.
const agentKey = "agent"

// currentAgent is the agent whose key the request bears.
func currentAgent(c echo.Context) desk.Agent {
	a, _ := c.Get(agentKey).(desk.Agent)
	return a
}

// wideShare is how many times the share of an address the /48 around it has: one customer may have all of a /48, and a
// carrier's customers share one.
const wideShare = 8

// clientShares are those of where a request comes from: of an IPv4 address, or of the /64 of an IPv6 address, which one
// customer has all of, and of its /48. Headers such as X-Forwarded-For count only behind a trusted proxy.
func clientShares(c echo.Context) []share {
	ip, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		return []share{{"", 1}}
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return []share{{ip.String(), 1}}
	}
	prefix := func(bits int) string {
		p, _ := ip.Prefix(bits) // never fails: an IPv6 address has them
		return p.String()
	}
	return []share{{prefix(64), 1}, {prefix(48), wideShare}}
}

// clearReadDeadline lifts the server's limit for reading the request, which would end the request's context
// while we wait.
func clearReadDeadline(c echo.Context) {
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Time{}) // a recorder has none
}

// extendWriteDeadline lets the next write take that long.
func extendWriteDeadline(c echo.Context, timeout time.Duration) error {
	err := http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(timeout))
	if errors.Is(err, http.ErrNotSupported) { // a recorder
		return nil
	}
	return err
}
