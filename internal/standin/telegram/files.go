package telegram

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// Sizes of files, in bytes.
const (
	maxDownload = 20 << 20 // by getFile
	maxPhoto    = 10 << 20 // by sendPhoto
	linkLife    = time.Hour
)

// file is one that somebody sent. Its ids differ from bot to bot, its unique id does not.
type file struct {
	unique        string
	kind          string // photo, document, voice, sticker
	name, mime    string
	data          []byte
	width, height int
	duration      int // seconds, of a voice message
	emoji         string
	sizes         []*file // all sizes of the photo that it is one of
	path          string
	fetchable     time.Time // until when its path can be fetched
}

type fileRef struct {
	bot  int64
	file *file
}

// store keeps a file. The lock is held.
func (s *Server) store(f *file) *file {
	s.lastFile++
	sum := sha256.Sum256([]byte(strconv.Itoa(s.lastFile) + f.name))
	f.unique = base64.RawURLEncoding.EncodeToString(sum[:11])
	folder := map[string]string{"photo": "photos", "document": "documents", "voice": "voice", "sticker": "stickers"}[f.kind]
	f.path = fmt.Sprintf("%s/file_%d%s", folder, s.lastFile, path.Ext(f.name))
	s.files[f.path] = f
	return f
}

// fileID is the id by which one bot knows a file; from now on the bot may use it.
func (s *Server) fileID(b *bot, f *file) string {
	id := idFor(b, f)
	s.fileIDs[id] = fileRef{b.id, f}
	return id
}

func idFor(b *bot, f *file) string {
	prefix := map[string]string{"photo": "AgACAgUAAxkB", "document": "BQACAgUAAxkB", "voice": "AwACAgUAAxkB", "sticker": "CAACAgUAAxkB"}[f.kind]
	sum := sha256.Sum256([]byte(f.unique + " " + strconv.FormatInt(b.id, 10)))
	return prefix + base64.RawURLEncoding.EncodeToString(sum[:])
}

// known returns the file of an id that the bot got, or nil.
func (s *Server) known(b *bot, id string) *file {
	if ref := s.fileIDs[id]; ref.bot == b.id {
		return ref.file
	}
	return nil
}

func (s *Server) wireFile(b *bot, f *file) *wireFile {
	if f == nil {
		return nil
	}
	w := &wireFile{
		FileID: s.fileID(b, f), FileUniqueID: f.unique, FileSize: len(f.data),
		Width: f.width, Height: f.height,
	}
	switch f.kind {
	case "document":
		w.FileName, w.MIMEType = f.name, f.mime
	case "voice":
		w.MIMEType, w.Duration = f.mime, &f.duration
	case "sticker":
		w.Type, w.Emoji, w.IsAnimated, w.IsVideo = "regular", f.emoji, new(bool), new(bool)
	}
	return w
}

func getFile(s *Server, c *call) (any, *apiError) {
	id := c.q.args["file_id"]
	if id == "" {
		return nil, bad("file_id not specified")
	}
	f := s.known(c.bot, id)
	switch _, others := s.fileIDs[id]; {
	case f == nil && others:
		return nil, bad("wrong file_id or the file is temporarily unavailable")
	case f == nil:
		return nil, bad("invalid file_id")
	}
	if len(f.data) > maxDownload {
		return nil, bad("file is too big")
	}
	if s.folder != "" {
		path, err := s.localPath(c.bot, f)
		return wireFile{FileID: id, FileUniqueID: f.unique, FileSize: len(f.data), FilePath: path}, err
	}
	f.fetchable = s.now().Add(linkLife)
	return wireFile{FileID: id, FileUniqueID: f.unique, FileSize: len(f.data), FilePath: f.path}, nil
}

// download serves /file/bot<token>/<path>.
func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	token, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/file/bot"), "/")
	s.mu.Lock()
	b := s.byToken(token)
	f := s.files[name]
	found := b != nil && f != nil && s.known(b, idFor(b, f)) == f && s.now().Before(f.fetchable)
	s.mu.Unlock()
	if b == nil {
		writeAnswer(w, nil, &apiError{code: http.StatusUnauthorized, text: "Unauthorized"})
		return
	}
	if !found {
		writeAnswer(w, nil, &apiError{code: http.StatusNotFound, text: "Not Found"})
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(f.data)))
	_, _ = w.Write(f.data) // a client that has gone needs no file
}
