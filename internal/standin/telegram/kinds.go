package telegram

import (
	"bytes"
	_ "embed" // the kinds
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
)

// Kind is a kind of message that a private chat can hold, as the Bot API 10.2 writes it.
type Kind struct {
	Name   string                     `json:"name"`
	Fixed  bool                       `json:"fixed"`  // it cannot be copied
	Fields map[string]json.RawMessage `json:"fields"` // what its message has besides what every message has
}

//go:embed kinds.json
var kindsFile []byte

// Kinds are all kinds of messages besides texts and photos, and one that no bot knows yet.
func Kinds() []Kind {
	var kinds []Kind
	if err := json.Unmarshal(kindsFile, &kinds); err != nil {
		panic(err) // the file is part of the program
	}
	return kinds
}

// kindPhoto is the id of the photos in kinds.json; a bot that got one can download it.
const kindPhoto = "AgACAgUAAxkBAAI"

// SendKind sends a message of any kind, with a caption or none. It returns the id of the message.
func (s *Server) SendKind(user int64, at Place, k Kind, caption string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.place(user, at)
	if err != nil {
		return 0, err
	}
	if c.bot == nil {
		return 0, fmt.Errorf("chat %d is no private chat", at.Chat)
	}
	var picture bytes.Buffer
	if err := jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 90, 60)), nil); err != nil {
		return 0, fmt.Errorf("make a photo: %w", err)
	}
	photo := s.store(&file{kind: "photo", name: "photo.jpg", mime: "image/jpeg", width: 90, height: 60, data: picture.Bytes()})
	s.fileID(c.bot, photo)
	s.fileIDs[kindPhoto] = fileRef{c.bot.id, photo}
	c.started = true
	return s.post(c, &message{from: user, thread: at.Thread, kind: &k, text: caption}).id, nil
}

// MarshalJSON adds what a message of a kind has besides.
func (w wireMessage) MarshalJSON() ([]byte, error) {
	type plain wireMessage
	body, err := json.Marshal(plain(w))
	if err != nil || w.kind == nil {
		return body, err
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, err
	}
	for name, value := range w.kind.Fields {
		fields[name] = value
	}
	return json.Marshal(fields)
}
