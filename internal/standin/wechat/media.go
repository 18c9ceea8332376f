package wechat

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// mediaLasts is how long a temporary file is kept (临时素材).
const mediaLasts = 3 * 24 * time.Hour

// file is something that a person sent or that was uploaded.
type file struct {
	id, kind, name, contentType string
	url                         string // where a picture can be fetched without a token
	data                        []byte
	owner                       any // *OfficialAccount or *Enterprise
	expires                     time.Time
}

// store keeps a file for the owner.
func (s *Server) store(owner any, kind, name string, data []byte) *file {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keep(owner, kind, name, data)
}

// keep is store with the lock held. A name that is missing follows from what the file is.
func (s *Server) keep(owner any, kind, name string, data []byte) *file {
	m := &file{kind: kind, name: name, data: bytes.Clone(data), contentType: http.DetectContentType(data), owner: owner}
	if kind == "voice" {
		m.contentType = "audio/amr"
	}
	m.id, m.expires = s.word(64), s.cfg.Now().Add(mediaLasts)
	m.url = s.base + "/mmbiz/" + m.id
	if m.name == "" {
		m.name = m.id[:16] + "." + strings.TrimPrefix(m.contentType, "image/")
	}
	s.files[m.id] = m
	return m
}

// file returns a file that the owner may still fetch, or nil. It is called with the lock held.
func (s *Server) file(owner any, id string) *file {
	m := s.files[id]
	if m == nil || m.owner != owner || !s.cfg.Now().Before(m.expires) {
		return nil
	}
	return m
}

// picture serves the PicUrl of a picture.
func (s *Server) picture(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	m := s.files[r.PathValue("id")]
	s.mu.Unlock()
	if m == nil || m.kind == "file" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", m.contentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(m.data) // the reader may be gone
}

// getMedia is GET /cgi-bin/media/get: the bytes, of an official account's video its address, or a refusal in JSON.
func (s *Server) getMedia(q *query) (any, error) {
	if q.account != nil && !q.account.cfg.Certified {
		return nil, refuse(48001, "media/get needs a certified account")
	}
	m := s.file(q.owner(), q.r.URL.Query().Get("media_id"))
	if m == nil {
		return nil, refuse(40007, "there is no such file, or three days are over")
	}
	if m.kind == "video" && q.account != nil {
		return map[string]any{"video_url": m.url}, nil
	}
	return m, nil
}

// maxUpload is how many bytes a file of each type may have.
func maxUpload(kind string) int {
	switch kind {
	case "image":
		return 10 << 20
	case "voice":
		return 2 << 20
	case "video":
		return 10 << 20
	case "thumb":
		return 64 << 10
	case "file":
		return 20 << 20
	}
	return 0
}

// uploadMedia is POST /cgi-bin/media/upload?type=…: a form whose field media holds the file and its name.
func (s *Server) uploadMedia(q *query) (any, error) {
	kind := q.r.URL.Query().Get("type")
	switch {
	case q.account != nil && !q.account.cfg.Certified:
		return nil, refuse(48001, "media/upload needs a certified account")
	case maxUpload(kind) == 0, kind == "file" && q.corp == nil, kind == "thumb" && q.account == nil:
		return nil, refuse(40004, "type=%q", kind)
	}
	name, data, err := formFile(q.r.Header.Get("Content-Type"), q.body)
	switch {
	case err != nil:
		return nil, refuse(41005, "%v", err)
	case len(data) > maxUpload(kind):
		return nil, refuse(40006, "%d bytes, and %d are allowed", len(data), maxUpload(kind))
	case q.corp != nil && len(data) <= 5:
		return nil, refuse(40006, "a file has more than 5 bytes")
	}
	if err := fits(kind, data); err != nil {
		return nil, err
	}
	m := s.keep(q.owner(), kind, path.Base(name), data)
	if q.corp != nil {
		return map[string]any{"errcode": 0, "errmsg": "ok", "type": kind, "media_id": m.id, "created_at": strconv.FormatInt(s.cfg.Now().Unix(), 10)}, nil
	}
	return map[string]any{"type": kind, "media_id": m.id, "created_at": s.cfg.Now().Unix(), "item": []any{}}, nil
}

// fits checks that a picture is one.
func fits(kind string, data []byte) error {
	is := http.DetectContentType(data)
	if (kind == "image" || kind == "thumb") && is != "image/png" && is != "image/jpeg" && is != "image/gif" && is != "image/bmp" {
		return refuse(40005, "a picture is PNG, JPEG, GIF or BMP, not %s", is)
	}
	return nil
}

// formFile returns the field media of a form.
func formFile(contentType string, body []byte) (name string, data []byte, err error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" {
		return "", nil, errors.New("the body is no multipart/form-data")
	}
	reader := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := reader.NextPart()
		if err != nil {
			return "", nil, errors.New("the form has no field media with a file")
		}
		if part.FormName() != "media" || part.FileName() == "" {
			continue
		}
		data, err = io.ReadAll(part)
		return part.FileName(), data, err
	}
}
