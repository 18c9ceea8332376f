package telegram

import (
	"os"
	"path/filepath"
)

// SetLocal makes the server one that runs with --local: it keeps files in a folder, tells their absolute paths there, and
// gives none over HTTP. "" ends that.
func (s *Server) SetLocal(folder string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.folder = folder
}

// localPath puts a file into the server's folder, and returns where it is.
func (s *Server) localPath(b *bot, f *file) (string, *apiError) {
	path := filepath.Join(s.folder, b.token, filepath.FromSlash(f.path))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", bad("wrong file_id or the file is temporarily unavailable")
	}
	if err := os.WriteFile(path, f.data, 0o644); err != nil { //nolint:gosec // a server's files are for others to read
		return "", bad("wrong file_id or the file is temporarily unavailable")
	}
	return path, nil
}

// SetPicture gives a bot (0 is the first) a picture of itself, a JPEG.
func (s *Server) SetPicture(bot int64, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.bot(bot); b != nil {
		b.picture = s.store(&file{kind: "photo", name: "photo.jpg", mime: "image/jpeg", data: data})
	}
}

// getUserProfilePhotos knows those of the bot itself alone: people have none here.
func getUserProfilePhotos(s *Server, c *call) (any, *apiError) {
	photos := [][]wireFile{}
	if c.q.args["user_id"] == "" {
		return nil, bad("invalid user_id specified")
	}
	if f := c.bot.picture; f != nil {
		photos = append(photos, []wireFile{*s.wireFile(c.bot, f)})
	}
	return map[string]any{"total_count": len(photos), "photos": photos}, nil
}
