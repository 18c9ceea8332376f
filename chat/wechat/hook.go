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

// Hook answers what WeChat sends to an account's address, /hooks/wechat/{account}; false for an unknown one.
func (c *Channel) Hook(name string) (http.Handler, bool) {
	a, ok := c.accounts[name]
	if !ok {
		return nil, false
	}
	return hook{c, a}, true
}

type hook struct {
	c *Channel
	a *account
}

// ServeHTTP shakes hands by GET and takes messages by POST.
func (h hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	switch q := envelope.ParseQuery(r.URL.Query()); r.Method {
	case http.MethodGet:
		if err := h.a.envelope.Verify(q); err != nil {
			h.refuse(w, r, http.StatusForbidden, err)
			return
		}
		_ = writeBody(w, "text/plain; charset=utf-8", []byte(q.Echo)) // whoever asked has gone
	case http.MethodPost:
		h.receive(w, r, q)
	default:
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "GET or POST", http.StatusMethodNotAllowed)
	}
}

func (h hook) receive(w http.ResponseWriter, r *http.Request, q envelope.Query) {
	at := h.c.Now()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		status := http.StatusBadRequest
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			status = http.StatusRequestEntityTooLarge
		}
		h.refuse(w, r, status, errors.New("the body broke off, or is too long"))
		return
	}
	cb, encrypted, err := openCallback(h.a.envelope, h.a.OriginalID, q, body)
	if err == nil {
		err = q.CheckTimestamp(at)
	}
	if err != nil {
		h.refuse(w, r, refusalStatus(err), err)
		return
	}
	cb.receivedAt = at
	p := h.c.join(r.Context(), h.a, cb)
	got, err := h.c.wait(r.Context(), p)
	switch {
	case r.Context().Err() != nil: // WeChat has gone: it asks again
	case errors.Is(err, errReplayed):
		h.refuse(w, r, http.StatusForbidden, err)
	case err != nil:
		http.Error(w, "not yet", http.StatusServiceUnavailable)
	default:
		// Whether the request's context has ended afterwards says nothing: WeChat hangs up as soon as it has read.
		p.respond(got.Text, func(text string) error { return h.writeReply(w, q, cb, encrypted, text) })
	}
}

// writeReply answers with a text, "" for none.
func (h hook) writeReply(w http.ResponseWriter, q envelope.Query, cb callback, encrypt bool, text string) error {
	if text == "" {
		return writeBody(w, "text/plain; charset=utf-8", []byte("success"))
	}
	body := cb.encodeReply(text)
	if encrypt {
		var random [16]byte
		_, _ = rand.Read(random[:]) // it never fails
		sealed, err := h.a.envelope.Seal(body, h.c.Now(), q.Nonce, random)
		if err != nil { // it was opened by the same key
			http.Error(w, "no key", http.StatusInternalServerError)
			return fmt.Errorf("encrypt a reply: %w", err)
		}
		body = sealed
	}
	return writeBody(w, "text/xml; charset=utf-8", body)
}

// writeBody answers, to the wire. An error means that nobody has read it.
func writeBody(w http.ResponseWriter, contentType string, body []byte) error {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if _, err := w.Write(body); err != nil {
		return fmt.Errorf("write a reply: %w", err)
	}
	if err := http.NewResponseController(w).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("write a reply: %w", err)
	}
	return nil
}

// refusalStatus is the HTTP status for what is wrong with a request.
func refusalStatus(err error) int {
	switch {
	case errors.Is(err, envelope.ErrXML):
		return http.StatusBadRequest
	case errors.Is(err, envelope.ErrSignature), errors.Is(err, envelope.ErrStale), errors.Is(err, errPlain):
		return http.StatusForbidden
	}
	return http.StatusUnprocessableEntity // a setting of ours: the key, the ids
}

func (h hook) refuse(w http.ResponseWriter, r *http.Request, status int, err error) {
	h.c.Rejections.Reject(w, r, Name, h.a.Name, status, err)
}
