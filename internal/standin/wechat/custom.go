package wechat

import (
	"strings"
	"time"
)

// customMessage is the body of message/custom/send.
type customMessage struct {
	ToUser  string `json:"touser"`
	MsgType string `json:"msgtype"`
	Text    *struct {
		Content string `json:"content"`
	} `json:"text"`
	Image   *mediaRef `json:"image"`
	Voice   *mediaRef `json:"voice"`
	MsgMenu *struct {
		Head string `json:"head_content"`
		List []struct {
			ID      string `json:"id"`
			Content string `json:"content"`
		} `json:"list"`
		Tail string `json:"tail_content"`
	} `json:"msgmenu"`
	CustomService *struct {
		Account string `json:"kf_account"`
	} `json:"customservice"`
}

type mediaRef struct {
	MediaID string `json:"media_id"`
}

// maxText is how many bytes a text that is sent by the API may have.
const maxText = 2048

// maxItems is how many lines a menu message may have.
const maxItems = 10

// sendCustom is POST /cgi-bin/message/custom/send.
func (s *Server) sendCustom(q *query) (any, error) {
	body, escaped := literal(q.body)
	if escaped {
		q.fault = `the JSON holds \u escapes, which the follower sees as they are`
	}
	var in customMessage
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	f, err := s.receiver(q.account, in.ToUser)
	if err != nil {
		return nil, err
	}
	b, err := s.customBubble(q.account, in)
	if err != nil {
		return nil, err
	}
	if code := f.quota.take(s.cfg.Now()); code != 0 {
		return nil, refuse(code, "")
	}
	f.show(b)
	return ok()
}

// receiver finds the follower that an account may write to.
func (s *Server) receiver(a *OfficialAccount, openID string) (*Follower, error) {
	f := a.followers[openID]
	switch {
	case !a.cfg.Certified:
		return nil, refuse(48001, "the account is not certified")
	case f == nil:
		return nil, refuse(40003, "")
	case !f.following:
		return nil, refuse(43004, "")
	}
	return f, nil
}

// customBubble checks a message and returns what the follower will see.
func (s *Server) customBubble(a *OfficialAccount, in customMessage) (Bubble, error) {
	b := Bubble{Via: Custom, Type: in.MsgType, Text: placeholder(in.MsgType)}
	switch in.MsgType {
	case "text":
		if in.Text == nil || strings.TrimSpace(in.Text.Content) == "" {
			return b, refuse(44004, "")
		}
		if len(in.Text.Content) > maxText {
			return b, refuse(45002, "%d bytes, and %d are allowed", len(in.Text.Content), maxText)
		}
		b.Text = in.Text.Content
	case "image", "voice":
		ref := in.Image
		if in.MsgType == "voice" {
			ref = in.Voice
		}
		if ref == nil {
			return b, refuse(40007, "")
		}
		b.MediaID = ref.MediaID
		if m := s.file(a, ref.MediaID); m == nil || m.kind != in.MsgType {
			return b, refuse(40007, "it names no %s of this account", in.MsgType)
		}
	case "msgmenu":
		return menuBubble(b, in)
	default:
		return b, refuse(40008, "%q", in.MsgType)
	}
	return b, nil
}

// menuBubble checks a message with things to tap.
func menuBubble(b Bubble, in customMessage) (Bubble, error) {
	if in.MsgMenu == nil || len(in.MsgMenu.List) == 0 {
		return b, refuse(40035, "msgmenu.list is empty")
	}
	if len(in.MsgMenu.List) > maxItems {
		return b, refuse(45098, "%d", len(in.MsgMenu.List))
	}
	m := &Menu{Head: in.MsgMenu.Head, Tail: in.MsgMenu.Tail}
	lines, ids := []string{m.Head}, map[string]bool{}
	for _, item := range in.MsgMenu.List {
		if item.ID == "" || strings.TrimSpace(item.Content) == "" || ids[item.ID] {
			return b, refuse(40035, "an item of msgmenu.list lacks its id or content, or has the id of another")
		}
		ids[item.ID] = true
		m.Items = append(m.Items, MenuItem{ID: item.ID, Text: item.Content})
		lines = append(lines, item.Content)
	}
	b.Menu, b.Text = m, strings.TrimSpace(strings.Join(append(lines, m.Tail), "\n"))
	if len(b.Text) > maxText {
		return b, refuse(45002, "the menu has %d bytes, and %d are allowed", len(b.Text), maxText)
	}
	return b, nil
}

// typingAfter is how long after the last message of either side Typing may be sent.
const typingAfter = 30 * time.Second

// setTyping is POST /cgi-bin/message/custom/typing.
func (s *Server) setTyping(q *query) (any, error) {
	var in struct {
		ToUser  string `json:"touser"`
		Command string `json:"command"`
	}
	if err := decode(q.body, &in); err != nil {
		return nil, err
	}
	f, err := s.receiver(q.account, in.ToUser)
	if err != nil {
		return nil, err
	}
	if !f.talked(typingAfter) {
		return nil, refuse(45080, "")
	}
	switch in.Command {
	case "Typing":
		if f.typing.After(s.cfg.Now()) {
			return nil, refuse(45081, "")
		}
		f.typing = s.cfg.Now().Add(typingLasts)
	case "CancelTyping":
		f.typing = time.Time{}
	default:
		return nil, refuse(45072, "%q", in.Command)
	}
	s.change()
	return ok()
}
