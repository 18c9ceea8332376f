package wechat

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/yingda/yingda/chat/wechat/envelope"
)

// maxBody is how many bytes a request may have; WeChat's longest has some 4 KB.
const maxBody = 64 << 10

// hook answers what WeChat sends to one account.
type hook struct {
	c *Channel
	a *account
}

// ServeHTTP shakes hands by GET and takes messages by POST.
func (h hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	switch q := envelope.ReadQuery(r.URL.Query()); r.Method {
	case http.MethodGet:
		if err := h.a.envelope.Check(q); err != nil {
			h.refuse(w, r, http.StatusForbidden, err)
			return
		}
		_ = write(w, "text/plain; charset=utf-8", []byte(q.Echo)) // whoever asked has gone
	case http.MethodPost:
		h.take(w, r, q)
	default:
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "GET or POST", http.StatusMethodNotAllowed)
	}
}

// take reads a message and answers it.
func (h hook) take(w http.ResponseWriter, r *http.Request, q envelope.Query) {
	at := h.c.c.Now()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		status := http.StatusBadRequest
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			status = http.StatusRequestEntityTooLarge
		}
		h.refuse(w, r, status, errors.New("the body broke off, or is too long"))
		return
	}
	p, sealed, err := h.a.open(q, body)
	if err == nil {
		err = q.Fresh(at)
	}
	if err != nil {
		h.refuse(w, r, refusal(err), err)
		return
	}
	p.at = at
	f := h.c.join(r.Context(), h.a, p)
	answer, err := h.c.wait(r.Context(), f)
	switch {
	case r.Context().Err() != nil: // WeChat has gone: it asks again
	case err != nil:
		http.Error(w, "not yet", http.StatusServiceUnavailable)
	default:
		// Whether the request's context has ended afterwards says nothing: WeChat hangs up as soon as it has read.
		f.give(answer.Text, func(text string) error { return h.write(w, q, p, sealed, text) })
	}
}

// write answers with a text, "" for none.
func (h hook) write(w http.ResponseWriter, q envelope.Query, p push, sealed bool, text string) error {
	if text == "" {
		return write(w, "text/plain; charset=utf-8", []byte("success"))
	}
	body := p.reply(text)
	if sealed {
		var random [16]byte
		_, _ = rand.Read(random[:]) // it never fails
		sealedBody, err := h.a.envelope.Seal(body, h.c.c.Now(), q.Nonce, random)
		if err != nil { // it was opened by the same key
			http.Error(w, "no key", http.StatusInternalServerError)
			return fmt.Errorf("seal an answer: %w", err)
		}
		body = sealedBody
	}
	return write(w, "text/xml; charset=utf-8", body)
}

// write answers, to the wire. An error means that nobody has read it.
func write(w http.ResponseWriter, kind string, body []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if _, err := w.Write(body); err != nil {
		return fmt.Errorf("write an answer: %w", err)
	}
	if err := http.NewResponseController(w).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("write an answer: %w", err)
	}
	return nil
}

// refusal is the status for what is wrong with a request.
func refusal(err error) int {
	switch {
	case errors.Is(err, envelope.ErrXML):
		return http.StatusBadRequest
	case errors.Is(err, envelope.ErrSignature), errors.Is(err, envelope.ErrStale), errors.Is(err, errPlain):
		return http.StatusForbidden
	}
	return http.StatusUnprocessableEntity // a setting of ours: the key, the ids
}

func (h hook) refuse(w http.ResponseWriter, r *http.Request, status int, err error) {
	h.c.c.Log.WarnContext(r.Context(), "a request to WeChat's hook was refused", "account", h.a.Name, "status", status, "error", err)
	http.Error(w, http.StatusText(status), status)
}
