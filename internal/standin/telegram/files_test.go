package telegram_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/yingda/yingda/internal/standin/telegram"
)

// TestFiles sends pictures and documents in both directions.
func TestFiles(t *testing.T) {
	c := newClock()
	s := stand(t, telegram.Config{Now: c.now, Limits: telegram.Limits{Off: true}})
	next := drain(t, s)
	place := telegram.Place{Chat: customer}
	got(s.Send(customer, place, telegram.Content{Photo: picture(t, 1400, 100), Text: "坏了"})).must(t)
	got(s.Send(customer, place, telegram.Content{Document: make([]byte, 20<<20+1), Name: "a.bin"})).must(t)
	m := updates(t, s, next)[0].Message
	var widths []int
	for _, p := range m.Photo {
		widths = append(widths, p.Width)
	}
	if fmt.Sprint(widths) != "[90 320 800 1280]" || m.Caption != "坏了" {
		t.Errorf("sizes of the picture: %v, caption %q", widths, m.Caption)
	}
	var f struct {
		Path string `json:"file_path"`
		Size int    `json:"file_size"`
	}
	must(t, json.Unmarshal(ask(t, s, "getFile", "file_id="+m.Photo[1].FileID).Result, &f))
	if n := fetched(t, s, f.Path); n != f.Size || n == 0 {
		t.Errorf("fetched %d bytes, want %d", n, f.Size)
	}
	c.at = c.at.Add(time.Hour)
	if n := fetched(t, s, f.Path); n != 0 {
		t.Error("a link is good for longer than an hour")
	}
	big := s.Messages(place)[2].Document
	if big.Size != 20<<20+1 {
		t.Fatalf("the document is %+v", big)
	}
	var list []struct {
		Message struct {
			Document struct {
				FileID string `json:"file_id"`
			} `json:"document"`
		} `json:"message"`
	}
	must(t, json.Unmarshal(ask(t, s, "getUpdates", "").Result, &list))
	if a := ask(t, s, "getFile", "file_id="+list[1].Message.Document.FileID); a.Description != "Bad Request: file is too big" {
		t.Errorf("a big file: %q", a.Description)
	}

	if a := upload(t, s, "sendPhoto", "photo", "a.jpg", picture(t, 300, 200), "chat_id", "1001", "caption", "<b>图</b>", "parse_mode", "HTML"); !a.OK {
		t.Error(a.Description)
	}
	if a := upload(t, s, "sendDocument", "f1", "说明.pdf", []byte("%PDF-1.7"), "chat_id", "1001", "document", "attach://f1"); !a.OK {
		t.Error(a.Description)
	}
	sent(t, s, "sendPhoto", "chat_id=1001&photo="+m.Photo[3].FileID)
	seen := s.Messages(place)
	if p := seen[3]; p.Photo.Width != 300 || p.Text != "图" || p.Entities[0].Type != "bold" {
		t.Errorf("the photo is %+v", p)
	}
	if d := seen[4].Document; d.Name != "说明.pdf" || string(d.Data) != "%PDF-1.7" {
		t.Errorf("the document is %+v", d)
	}
	if seen[5].Photo.ID != seen[1].Photo.ID {
		t.Error("a photo sent by its id is another one")
	}
	for _, tt := range []struct {
		name, method, field, want string
		data                      []byte
	}{
		{"no picture", "sendPhoto", "photo", "Bad Request: IMAGE_PROCESS_FAILED", []byte("GIF89a")},
		{"too flat", "sendPhoto", "photo", "Bad Request: PHOTO_INVALID_DIMENSIONS", picture(t, 420, 20)},
		{"too big", "sendPhoto", "photo", "Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes", make([]byte, 10<<20+1)},
		{"nothing", "sendDocument", "document", "Bad Request: file must be non-empty", nil},
	} {
		if a := upload(t, s, tt.method, tt.field, "a.jpg", tt.data, "chat_id", "1001"); a.Description != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, a.Description, tt.want)
		}
	}
	if a := ask(t, s, "sendDocument", "chat_id=1001&document="+m.Photo[0].FileID); a.Description != "Bad Request: can't use file of type Photo as Document" {
		t.Errorf("a photo as a document: %q", a.Description)
	}
}

// fetched returns the size of a file, 0 when it cannot be had.
func fetched(t *testing.T, s *telegram.Server, path string) int {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/file/bot"+token+"/"+path, http.NoBody))
	if w.Code != http.StatusOK {
		return 0
	}
	return len(got(io.ReadAll(w.Body)).must(t))
}
