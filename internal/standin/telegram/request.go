package telegram

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Sizes that the real server takes.
const (
	maxParams = 1 << 20  // bytes of parameters that are no files
	maxUpload = 50 << 20 // bytes of a request with files
)

// request is a decoded call: parameters by name, the first of a name counts, and files.
type request struct {
	args  map[string]string
	files map[string]upload
}

// upload is a file of a multipart body.
type upload struct {
	name, mime string
	data       []byte
}

// decode reads parameters from the query and from a form, multipart or JSON body. As with the real server a
// body of another type is ignored, and a body that breaks off in the middle gives what came before.
func decode(r *http.Request) (*request, *apiError) {
	q := &request{args: map[string]string{}, files: map[string]upload{}}
	q.form(r.URL.RawQuery)
	kind := strings.ToLower(r.Header.Get("Content-Type"))
	switch {
	case strings.Contains(kind, "multipart/form-data"):
		return q, q.multipart(r)
	case strings.Contains(kind, "application/x-www-form-urlencoded"), strings.Contains(kind, "application/json"):
	default:
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, maxUpload))
		return q, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxParams+1))
	if err != nil {
		return nil, bad("unexpected end of request content")
	}
	if len(body) > maxParams {
		return nil, tooLarge("too many parameters")
	}
	if strings.Contains(kind, "json") {
		q.json(body)
	} else {
		q.form(string(body))
	}
	return q, nil
}

func tooLarge(text string) *apiError {
	return &apiError{code: http.StatusRequestEntityTooLarge, text: "Request Entity Too Large: " + text}
}

// set keeps the first value of a name.
func (q *request) set(name, value string) {
	if _, ok := q.args[name]; !ok {
		q.args[name] = value
	}
}

// form takes name=value pairs; what cannot be unescaped stays as it is.
func (q *request) form(text string) {
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		q.set(unescaped(name), unescaped(value))
	}
}

func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// json takes the fields of an object: strings as they are, anything else as its JSON.
func (q *request) json(body []byte) {
	d := json.NewDecoder(bytes.NewReader(body))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return
		}
		var text string
		if value[0] == '"' && json.Unmarshal(value, &text) == nil {
			q.set(name.(string), text)
			continue
		}
		q.set(name.(string), string(value))
	}
}

func (q *request) multipart(r *http.Request) *apiError {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return bad("boundary not found")
	}
	left := int64(maxUpload)
	parts := multipart.NewReader(r.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return bad("unexpected end of request content")
		}
		if part.FormName() == "" {
			return bad("field name in multipart/form-data not found")
		}
		data, err := io.ReadAll(io.LimitReader(part, left+1))
		if err != nil {
			return bad("unexpected end of request content")
		}
		if left -= int64(len(data)); left < 0 {
			return &apiError{code: http.StatusRequestEntityTooLarge, text: "Request Entity Too Large"}
		}
		if part.FileName() == "" {
			if len(data) > maxParams {
				return tooLarge("too many parameters in form data")
			}
			q.set(part.FormName(), string(data))
			continue
		}
		if _, ok := q.files[part.FormName()]; !ok {
			q.files[part.FormName()] = upload{part.FileName(), part.Header.Get("Content-Type"), data}
		}
	}
}

// file returns the upload that a parameter means: attach://<field>, or the field of that name itself.
func (q *request) file(name string) (upload, bool) {
	if field, ok := strings.CutPrefix(q.args[name], "attach://"); ok {
		name = field
	}
	u, ok := q.files[name]
	return u, ok
}

// integer reads a number as the real server does: 0 for what is none, and held between the bounds.
func (q *request) integer(name string, otherwise, least, most int) int {
	text := q.args[name]
	if text == "" {
		return otherwise
	}
	return max(least, min(most, leadingInt(text)))
}

// message reads the id of a message; 0 when there is none.
func (q *request) message(name string) int {
	return max(0, leadingInt(q.args[name]))
}

func leadingInt(text string) int {
	end := 0
	for end < len(text) && (text[end] >= '0' && text[end] <= '9' || end == 0 && text[0] == '-') {
		end++
	}
	n, err := strconv.ParseInt(text[:end], 10, 32)
	if err != nil {
		return 0
	}
	return int(n)
}

// yes reads a flag.
func (q *request) yes(name string) bool {
	switch strings.ToLower(q.args[name]) {
	case "true", "yes", "1":
		return true
	}
	return false
}
