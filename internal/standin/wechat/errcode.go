package wechat

import (
	_ "embed" // the texts
	"fmt"
	"strconv"
	"strings"
)

// codeError is a refusal of the API, which always comes with HTTP status 200.
type codeError struct {
	code   int
	detail string // what is wrong, for who reads the stand-in's answer; may be ""
}

// Error returns the errcode and its errmsg.
func (e *codeError) Error() string { return strconv.Itoa(e.code) + " " + e.message() }

func (e *codeError) message() string {
	if e.detail == "" {
		return errmsg(e.code)
	}
	return errmsg(e.code) + ", " + e.detail
}

// refuse returns the refusal with this errcode.
func refuse(code int, format string, args ...any) error {
	return &codeError{code: code, detail: fmt.Sprintf(format, args...)}
}

// errcodes holds the platform's text for each errcode that is answered here, a line each; those of 95000 and above are
// 微信客服's. Who wants to know what to do looks the number up: the texts may change any day.
//
//go:embed errcodes.tsv
var errcodes string

// errmsg is the platform's text for an errcode.
func errmsg(code int) string {
	prefix := strconv.Itoa(code) + "\t"
	for line := range strings.Lines(errcodes) {
		if text, ok := strings.CutPrefix(line, prefix); ok {
			return strings.TrimSuffix(text, "\n")
		}
	}
	return "error"
}
