package kf

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"

	"github.com/yingda/yingda/chat/wechat/envelope"
)

// maxCallback is how many bytes a callback may have; those of the host have a few hundred.
const maxCallback = 64 << 10

// Hook is what the host calls, below /hooks/wechat-kf/{account}. It answers at once: a callback says only
// that there is something new in a log, and one that comes twice wakes its reader twice.
func (c *Channel) Hook(name string) (http.Handler, bool) {
	a, ok := c.accounts[name]
	if !ok {
		return nil, false
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := c.answer(a, w, r)
		if err != nil {
			c.Rejections.Reject(w, r, Name, a.Name, refusalStatus(err), err)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(body) // the host may be gone, and calls again
	}), true
}

var errMethod = errors.New("neither GET nor POST")

// answer is the answer to a request of the host's.
func (c *Channel) answer(a *account, w http.ResponseWriter, r *http.Request) ([]byte, error) {
	q := envelope.ParseQuery(r.URL.Query())
	switch r.Method {
	case http.MethodGet: // the handshake, when the callback is set up
		return a.envelope.Open(q, q.Echo)
	case http.MethodPost:
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCallback))
		if err != nil {
			return nil, err
		}
		sealed, err := envelope.ParseCipherText(body)
		if err != nil {
			return nil, err
		}
		plain, err := a.envelope.Open(q, sealed)
		if err != nil {
			return nil, err
		}
		return []byte("success"), c.notify(a, plain)
	}
	return nil, errMethod
}

// notify wakes the reader of the customer service account that a genuine callback is about. Other events are ignored.
func (c *Channel) notify(a *account, plain []byte) error {
	event, err := envelope.DecodeXML[struct {
		XMLName xml.Name `xml:"xml"`
		Event   string   `xml:"Event"`
		Token   string   `xml:"Token"`
		OpenKf  string   `xml:"OpenKfId"`
	}](plain)
	if err != nil {
		return err
	}
	if event.Event != "kf_msg_or_event" || !isID(event.OpenKf) || !a.reads(event.OpenKf) {
		return nil
	}
	c.reader(a, event.OpenKf).wake(event.Token)
	return nil
}

// refusalStatus is the HTTP status of a request that was refused.
func refusalStatus(err error) int {
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	switch {
	case tooLarge:
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, envelope.ErrSignature), errors.Is(err, envelope.ErrCipher), errors.Is(err, envelope.ErrReceiver):
		return http.StatusForbidden
	case errors.Is(err, errMethod):
		return http.StatusMethodNotAllowed
	}
	return http.StatusBadRequest
}
