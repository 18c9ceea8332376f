package telegram

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// apiError is an answer that is not ok.
type apiError struct {
	code       int
	text       string // the description, its prefix included
	retryAfter int    // seconds
	migrateTo  int64
}

func (e *apiError) Error() string { return e.text }

// bad is a 400. A text that begins like a word gets a small letter, as the real server does it.
func bad(format string, args ...any) *apiError {
	text := fmt.Sprintf(format, args...)
	if len(text) > 1 && 'A' <= text[0] && text[0] <= 'Z' && text[1] != '_' && (text[1] < 'A' || text[1] > 'Z') {
		text = strings.ToLower(text[:1]) + text[1:]
	}
	return &apiError{code: http.StatusBadRequest, text: "Bad Request: " + text}
}

func forbidden(text string) *apiError {
	return &apiError{code: http.StatusForbidden, text: "Forbidden: " + text}
}

func conflict(text string) *apiError {
	return &apiError{code: http.StatusConflict, text: "Conflict: " + text}
}

// tooMany is a 429; the time is rounded up to seconds.
func tooMany(wait time.Duration) *apiError {
	seconds := max(1, int((wait+time.Second-1)/time.Second))
	return &apiError{
		code: http.StatusTooManyRequests, text: "Too Many Requests: retry after " + strconv.Itoa(seconds), retryAfter: seconds,
	}
}

// described is a result that comes with a description.
type described struct {
	result      any
	description string
}

// envelope is the body of every answer.
type envelope struct {
	OK          bool        `json:"ok"`
	Result      any         `json:"result,omitempty"`
	ErrorCode   int         `json:"error_code,omitempty"`
	Description string      `json:"description,omitempty"`
	Parameters  *parameters `json:"parameters,omitempty"`
}

type parameters struct {
	MigrateToChatID int64 `json:"migrate_to_chat_id,omitempty"`
	RetryAfter      int   `json:"retry_after,omitempty"`
}

// writeAnswer sends a result or, when err is not nil, an error.
func writeAnswer(w http.ResponseWriter, result any, err *apiError) {
	body, code := envelope{OK: true, Result: result}, http.StatusOK
	if d, ok := result.(described); ok {
		body.Result, body.Description = d.result, d.description
	}
	if err != nil {
		body, code = envelope{ErrorCode: err.code, Description: err.text}, err.code
		if err.retryAfter != 0 || err.migrateTo != 0 {
			body.Parameters = &parameters{RetryAfter: err.retryAfter, MigrateToChatID: err.migrateTo}
		}
		if err.retryAfter != 0 {
			w.Header().Set("Retry-After", strconv.Itoa(err.retryAfter))
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	data, fault := json.Marshal(body)
	if fault != nil { // only structs of ours are marshalled
		panic(fault)
	}
	_, _ = w.Write(data) // a client that has gone needs no answer
}
