// Package prepared serves bodies that many requests get: hashed once, compressed once, and sent again only to
// clients that do not have them yet.
package prepared

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"sync"
)

// Response is one body with all that HTTP says of it but for how long it may be kept: Cache-Control is the
// caller's. It is safe for concurrent use.
type Response struct {
	contentType string
	hash        string
	plain       []byte
	gzipped     func() []byte // nil where compression gains nothing
}

// New prepares a body, which must not change afterwards. It is compressed when a client first asks for that.
func New(contentType string, body []byte) *Response {
	sum := sha256.Sum256(body)
	return &Response{
		contentType: contentType, hash: hex.EncodeToString(sum[:8]), plain: body,
		gzipped: sync.OnceValue(func() []byte { return compress(body) }),
	}
}

// compress is the body gzipped; nil where that is no smaller.
func compress(body []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	_, _ = w.Write(body)                                  // a bytes.Buffer never fails
	_ = w.Close()
	if b.Len() >= len(body) {
		return nil
	}
	return bytes.Clone(b.Bytes()) // without the room to grow
}

// Hash tells bodies apart: 16 hexadecimal digits.
func (r *Response) Hash() string { return r.hash }

// Serve answers a GET or HEAD: gzipped where the client takes it and it gains, and with 304 and no body where it
// has this very one. The error is the connection's.
func (r *Response) Serve(w http.ResponseWriter, req *http.Request) error {
	body := r.negotiate(w.Header(), req)
	if matchesETag(req.Header.Get("If-None-Match"), w.Header().Get("ETag")) {
		w.Header().Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return r.write(w, req, http.StatusOK, body)
}

// ServeStatus answers likewise with another status than 200, to which no condition applies.
func (r *Response) ServeStatus(w http.ResponseWriter, req *http.Request, status int) error {
	body := r.negotiate(w.Header(), req)
	w.Header().Del("ETag")
	return r.write(w, req, status, body)
}

// negotiate chooses the encoding and returns the body in it. Each encoding has a strong ETag of its own.
func (r *Response) negotiate(h http.Header, req *http.Request) []byte {
	h.Add("Vary", "Accept-Encoding")
	if acceptsGzip(req.Header.Get("Accept-Encoding")) {
		if gz := r.gzipped(); gz != nil {
			h.Set("Content-Encoding", "gzip")
			h.Set("ETag", `"`+r.hash+`-gz"`)
			return gz
		}
	}
	h.Set("ETag", `"`+r.hash+`"`)
	return r.plain
}

// write sends what a HEAD asks for without the body.
func (r *Response) write(w http.ResponseWriter, req *http.Request, status int, body []byte) error {
	w.Header().Set("Content-Type", r.contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if req.Method == http.MethodHead {
		return nil
	}
	_, err := w.Write(body)
	return err
}
