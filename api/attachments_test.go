package api_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/media"
)

// form is an upload; name and kind are what the client claims of the picture.
type form struct {
	id, name, kind string
	picture        []byte
	extra          string // the name of one more field; "" for none
}

// encode is the form as it is sent, and its content type.
func (f form) encode(t testing.TB) (body, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	must(t, w.WriteField("client_id", f.id))
	if f.extra != "" {
		must(t, w.WriteField(f.extra, "x"))
	}
	header := map[string][]string{"Content-Disposition": {`form-data; name="file"; filename="` + strings.ReplaceAll(f.name, `"`, `\"`) + `"`}, "Content-Type": {f.kind}}
	part, err := w.CreatePart(header)
	must(t, err)
	_, err = part.Write(f.picture)
	must(t, err)
	must(t, w.Close())
	return b.String(), w.FormDataContentType()
}

func (c conversation) post(t testing.TB, f form) *httptest.ResponseRecorder {
	t.Helper()
	body, kind := f.encode(t)
	return c.site.send(t, c.Token, kind, http.MethodPost, "/api/v1/conversations/"+c.ID+"/attachments", body)
}

// upload sends a picture that must be taken with that status.
func (c conversation) upload(t testing.TB, status int, f form) (out turn) {
	t.Helper()
	read(t, c.post(t, f), status, &out)
	if len(out.Message.Attachments) != 1 {
		t.Fatalf("no picture in %+v", out.Message)
	}
	return out
}

// pixels is a PNG.
func pixels(t testing.TB, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	img.Set(w/2, h/2, color.RGBA{R: 200, A: 255})
	var b bytes.Buffer
	must(t, png.Encode(&b, img))
	return b.Bytes()
}

// photo is a JPEG with EXIF that says where and by whom it was taken.
func photo(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 16, 8)), nil))
	exif := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00 GPS 30.27N 120.15E, the shop's camera"
	segment := append([]byte{0xFF, 0xE1}, binary.BigEndian.AppendUint16(nil, uint16(len(exif)+2))...)
	return append(append(append([]byte{0xFF, 0xD8}, segment...), exif...), b.Bytes()[2:]...)
}

// bomb is a small PNG that claims to have 60,000 by 60,000 pixels.
func bomb(t testing.TB) []byte {
	t.Helper()
	data := pixels(t, 8, 8)
	binary.BigEndian.PutUint32(data[16:], 60_000)
	binary.BigEndian.PutUint32(data[20:], 60_000)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

func TestAttachment(t *testing.T) {
	s := newSite(t)
	c, other := s.open(t, `{}`), s.open(t, `{}`)
	first := c.upload(t, http.StatusCreated, form{id: "p", name: `"><script>alert(1)</script>.html`, kind: "text/html", picture: photo(t)})
	a := first.Message.Attachments[0]
	if a.Type != "image/jpeg" || a.Width != 16 || a.Height != 8 || len(a.ID) < 20 {
		t.Errorf("kept as %+v", a)
	}
	again := c.upload(t, http.StatusOK, form{id: "p", name: "x.jpg", picture: photo(t)})
	if got := again.Message.Attachments[0]; got != a {
		t.Errorf("sent again it is %+v, want %+v", got, a)
	}

	w := c.do(t, http.MethodGet, "/attachments/"+a.ID, "")
	if w.Code != http.StatusOK || int64(w.Body.Len()) != a.Size {
		t.Fatalf("status %d, %d bytes, want %d", w.Code, w.Body.Len(), a.Size)
	}
	for name, want := range map[string]string{
		"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff",
		"Content-Disposition":     `attachment; filename="` + a.ID + `.jpg"`,
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, leak := range []string{"Exif", "GPS", "camera", "script"} {
		if strings.Contains(w.Body.String(), leak) {
			t.Errorf("%q is in the picture", leak)
		}
	}
	wantProblem(t, other.do(t, http.MethodGet, "/attachments/"+a.ID, ""), http.StatusNotFound)
	wantProblem(t, s.do(t, "", http.MethodGet, "/api/v1/conversations/"+c.ID+"/attachments/"+a.ID, ""), http.StatusUnauthorized)
	wantProblem(t, c.do(t, http.MethodGet, "/attachments/..%2F..%2Fetc%2Fpasswd", ""), http.StatusNotFound)
}

func TestAttachmentRefused(t *testing.T) {
	s := newSite(t)
	c := s.open(t, `{}`)
	for _, tt := range []struct {
		name string
		in   form
		want int
	}{
		{"page", form{id: "1", name: "x.html", kind: "text/html", picture: []byte("<html><script>alert(1)</script>")}, 415},
		{"page called a picture", form{id: "1", name: "x.png", kind: "image/png", picture: []byte("<html><script>alert(1)</script>")}, 415},
		{"drawing with script", form{id: "1", name: "x.svg", kind: "image/svg+xml", picture: []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`)}, 415},
		{"archive", form{id: "1", name: "x.zip", picture: []byte("PK\x03\x04../../etc/passwd")}, 415},
		{"half a picture", form{id: "1", picture: pixels(t, 8, 8)[:40]}, 415},
		{"pixel bomb", form{id: "1", picture: bomb(t)}, 413},
		{"more than 5 MB", form{id: "1", picture: append(pixels(t, 8, 8), make([]byte, 5<<20)...)}, 413},
		{"empty", form{id: "1"}, 400},
		{"no id", form{picture: pixels(t, 8, 8)}, 400},
		{"long id", form{id: strings.Repeat("1", 65), picture: pixels(t, 8, 8)}, 400},
		{"unknown field", form{id: "1", picture: pixels(t, 8, 8), extra: "from"}, 400},
		{"two ids", form{id: "1", picture: pixels(t, 8, 8), extra: "client_id"}, 400},
		{"two files", form{id: "1", picture: pixels(t, 8, 8), extra: "file"}, 400},
	} {
		t.Run(tt.name, func(t *testing.T) { wantProblem(t, c.post(t, tt.in), tt.want) })
	}
	if list := c.messages(t, ""); len(list) != 0 {
		t.Errorf("kept %+v", list)
	}
}

// TestTicketAttachment: agents see the pictures of a ticket's conversation and no others.
func TestTicketAttachment(t *testing.T) {
	s := newSite(t)
	c, number := s.escalated(t, `{}`)
	a := c.upload(t, http.StatusCreated, form{id: "p", picture: pixels(t, 8, 8)}).Message.Attachments[0]
	foreign := s.open(t, `{}`).upload(t, http.StatusCreated, form{id: "p", picture: pixels(t, 8, 8)}).Message.Attachments[0]
	key, at := s.keys[desk.RoleViewer], "/api/v1/desk/tickets/"+number+"/attachments/"
	if w := s.do(t, key, http.MethodGet, at+a.ID, ""); w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("status %d, %q", w.Code, w.Header())
	}
	wantProblem(t, s.do(t, key, http.MethodGet, at+foreign.ID, ""), http.StatusNotFound)
	wantProblem(t, s.do(t, c.Token, http.MethodGet, at+a.ID, ""), http.StatusUnauthorized)
}

// TestPictureOfAFailedTurn: a picture goes when its turn was certainly not kept, or had been before,
// and stays when nobody can know.
func TestPictureOfAFailedTurn(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want int // pictures that are left
	}{
		{"kept", nil, 1},
		{"the client left before the commit", context.Canceled, 2},
		{"too late", fmt.Errorf("commit: %w", context.DeadlineExceeded), 2},
		{"the conversation is forgotten", fmt.Errorf("turn: %w", chat.ErrNotFound), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			s := newSite(t, func(c *api.Config) {
				var err error
				c.Media, err = media.New(dir, nil)
				must(t, err)
				if tt.err != nil {
					c.Inbox = broken{c.Inbox, tt.err}
				}
			})
			c := s.open(t, `{}`)
			for range 2 { // the second is a repeat
				c.post(t, form{id: "p", picture: pixels(t, 8, 8)})
			}
			files, err := os.ReadDir(dir)
			must(t, err)
			if len(files) != tt.want {
				t.Errorf("%d pictures are left, want %d", len(files), tt.want)
			}
		})
	}
}

// TestFullDisk: pictures are refused kindly, and messages go on.
func TestFullDisk(t *testing.T) {
	s := newSite(t, func(c *api.Config) {
		c.Media.Space = func(string) (media.Space, error) { return media.Space{Free: 1 << 20, Total: 1 << 40}, nil }
	})
	c := s.open(t, `{}`)
	w := c.post(t, form{id: "p", picture: pixels(t, 8, 8)})
	wantProblem(t, w, http.StatusServiceUnavailable)
	if !strings.Contains(w.Body.String(), "文字照常") {
		t.Errorf("told %s", w.Body)
	}
	c.say(t, "1", "刷卡手续费是多少")
}
