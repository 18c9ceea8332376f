package prepared_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/yingda/yingda/prepared"
)

// long is a body that compression gains something on, short one that it does not.
var (
	long  = strings.Repeat("使用指南 ", 500)
	short = "好"
)

// answer is what came over the wire.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// exchange has a real server answer a request; header holds names and values in turn.
func exchange(t *testing.T, h http.HandlerFunc, method string, header ...string) answer {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), method, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := (&http.Transport{DisableCompression: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }() // it was read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, body}
}

func serving(body string) http.HandlerFunc {
	r := prepared.New("text/plain", []byte(body))
	return func(w http.ResponseWriter, req *http.Request) { _ = r.Serve(w, req) } // the client would tell
}

func TestServe(t *testing.T) {
	for _, tt := range []struct{ name, body, accepts, encoding string }{
		{"gzip", long, "gzip, br", "gzip"},
		{"plain", long, "identity", ""},
		{"gains nothing", short, "gzip", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := exchange(t, serving(tt.body), http.MethodGet, "Accept-Encoding", tt.accepts)
			if res.status != http.StatusOK || res.header.Get("Content-Encoding") != tt.encoding {
				t.Errorf("status %d, Content-Encoding %q", res.status, res.header.Get("Content-Encoding"))
			}
			if res.header.Get("Vary") != "Accept-Encoding" || res.header.Get("Content-Type") != "text/plain" {
				t.Errorf("headers %v", res.header)
			}
			if got := res.header.Get("Content-Length"); got != strconv.Itoa(len(res.body)) {
				t.Errorf("Content-Length %s of %d bytes", got, len(res.body))
			}
			if tt.encoding == "gzip" {
				if len(res.body) >= len(tt.body)/10 {
					t.Errorf("%d bytes of %d", len(res.body), len(tt.body))
				}
				res.body = unzip(t, res.body)
			}
			if string(res.body) != tt.body {
				t.Error("another body came")
			}

			head := exchange(t, serving(tt.body), http.MethodHead, "Accept-Encoding", tt.accepts)
			for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Type", "ETag", "Vary"} {
				if head.header.Get(name) != res.header.Get(name) {
					t.Errorf("HEAD: %s %q, of GET %q", name, head.header.Get(name), res.header.Get(name))
				}
			}
			if head.status != http.StatusOK || len(head.body) != 0 {
				t.Errorf("HEAD: status %d, %d bytes", head.status, len(head.body))
			}
		})
	}
}

func unzip(t *testing.T, body []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestNotModified(t *testing.T) {
	tags := map[string]bool{}
	for _, encoding := range []string{"identity", "gzip"} {
		first := exchange(t, serving(long), http.MethodGet, "Accept-Encoding", encoding)
		tag := first.header.Get("ETag")
		tags[tag] = true
		if !strings.HasPrefix(tag, `"`) {
			t.Errorf("ETag %s is not strong", tag)
		}
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			res := exchange(t, serving(long), method, "Accept-Encoding", encoding, "If-None-Match", tag)
			if res.status != http.StatusNotModified || len(res.body) != 0 || res.header.Get("ETag") != tag || res.header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s %s: status %d, %d bytes, %v", method, encoding, res.status, len(res.body), res.header)
			}
		}
		if res := exchange(t, serving(long+"."), http.MethodGet, "Accept-Encoding", encoding, "If-None-Match", tag); res.status != http.StatusOK || len(res.body) == 0 {
			t.Errorf("%s: another body has the same tag: status %d", encoding, res.status)
		}
	}
	if len(tags) != 2 {
		t.Errorf("two encodings share one strong ETag: %v", tags)
	}
}

// No condition turns an error into 304.
func TestServeStatus(t *testing.T) {
	r := prepared.New("text/plain", []byte(long))
	handler := func(w http.ResponseWriter, req *http.Request) { _ = r.ServeStatus(w, req, http.StatusNotFound) } // the client would tell
	res := exchange(t, handler, http.MethodGet, "Accept-Encoding", "gzip", "If-None-Match", "*")
	if res.status != http.StatusNotFound || res.header.Get("ETag") != "" || string(unzip(t, res.body)) != long {
		t.Errorf("status %d, headers %v, %d bytes", res.status, res.header, len(res.body))
	}
}
