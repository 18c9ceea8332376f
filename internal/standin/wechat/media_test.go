package wechat_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/internal/standin/wechat"
)

// upload posts a file in the field and returns the JSON of the answer.
func upload(t *testing.T, s http.Handler, path, field, name string, data []byte) map[string]any {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile(field, name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(data) // into memory
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequestWithContext(t.Context(), "POST", path, &body)
	req.Header.Set("Content-Type", form.FormDataContentType())
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	return decoded(t, w.Body.Bytes())
}

// download fetches a file.
func download(t *testing.T, s http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
	return w
}

func TestMedia(t *testing.T) {
	c := newClock()
	s, f, send := chatting(t, wechat.Config{Now: c.now})
	f.Say(t.Context(), "在吗")
	picture := receipt(t)
	path := "/cgi-bin/media/upload?type=image&access_token=" + accessToken(t, s)
	out := upload(t, s, path, "media", "收据.png", picture)
	id, _ := out["media_id"].(string)
	if id == "" || out["type"] != "image" || out["created_at"] != 1_764_000_000.0 {
		t.Fatalf("uploading answers %v", out)
	}
	if got := send(map[string]any{"touser": openID, "msgtype": "image", "image": map[string]any{"media_id": id}}); got != 0 {
		t.Errorf("sending it gets %d", got)
	}
	got := download(t, s, "/cgi-bin/media/get?media_id="+id+"&access_token="+accessToken(t, s))
	if !bytes.Equal(got.Body.Bytes(), picture) || got.Header().Get("Content-Type") != "image/png" || !strings.HasPrefix(got.Header().Get("Content-Disposition"), "attachment; filename") {
		t.Errorf("it comes back as %d bytes with %v", got.Body.Len(), got.Header())
	}
	c.move(3 * 24 * time.Hour)
	if out := call(t, s, "GET", "/cgi-bin/media/get?media_id="+id+"&access_token="+accessToken(t, s), nil); code(out) != 40007 {
		t.Errorf("after three days it gets %v", out)
	}
}

func TestUploadRefusals(t *testing.T) {
	s, _, _ := chatting(t, wechat.Config{})
	picture := receipt(t)
	for _, tt := range []struct {
		name, kind, field string
		data              []byte
		want              int
	}{
		{"no type", "", "media", picture, 40004},
		{"a type of the other host", "file", "media", picture, 40004},
		{"another field", "image", "file", picture, 41005},
		{"no picture", "image", "media", []byte("<html>"), 40005},
		{"too large", "voice", "media", make([]byte, 2<<20+1), 40006},
	} {
		out := upload(t, s, "/cgi-bin/media/upload?type="+tt.kind+"&access_token="+accessToken(t, s), tt.field, "a.png", tt.data)
		if code(out) != tt.want {
			t.Errorf("%s: %v, want %d", tt.name, out, tt.want)
		}
	}
	if out := call(t, s, "POST", "/cgi-bin/media/upload?type=image&access_token="+accessToken(t, s), []byte(`{"media":"x"}`)); code(out) != 41005 {
		t.Errorf("JSON gets %v", out)
	}
}

func TestPicturesOfFollowers(t *testing.T) {
	hook := &recorder{}
	s, a := newAccount(t, wechat.Config{}, wechat.Account{Certified: true}, hook)
	f := follower(t, a)
	picture := receipt(t)
	f.SendImage(t.Context(), picture)
	id := f.Chat()[1].MediaID
	if got := download(t, s, "/cgi-bin/media/get?media_id="+id+"&access_token="+accessToken(t, s)); !bytes.Equal(got.Body.Bytes(), picture) {
		t.Errorf("the MediaId gives %q", got.Body)
	}
	_, after, _ := strings.Cut(hook.body, "mmbiz.qpic.cn")
	address, _, _ := strings.Cut(after, "]")
	if got := download(t, s, address); !bytes.Equal(got.Body.Bytes(), picture) || got.Header().Get("Content-Type") != "image/png" {
		t.Errorf("the PicUrl gives %q", got.Body)
	}
	if got := download(t, s, "/mmbiz/nothing"); got.Code != http.StatusNotFound {
		t.Errorf("an unknown picture gives %d", got.Code)
	}
	f.SendVideo(t.Context(), []byte("a video"), picture)
	video := f.Chat()[2].MediaID
	if out := call(t, s, "GET", "/cgi-bin/media/get?media_id="+video+"&access_token="+accessToken(t, s), nil); !strings.HasSuffix(out["video_url"].(string), video) {
		t.Errorf("the video gives %v", out)
	}
}
