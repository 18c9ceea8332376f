package wechat

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Robot is a robot of a WeCom group, which says what is posted under its key.
type Robot struct {
	server *Server
	name   string
	calls  []time.Time // within the last minute
	said   []Notice
}

// Notice is what a robot said in its group.
type Notice struct {
	At        time.Time `json:"at"`
	Type      string    `json:"type"` // text or markdown
	Text      string    `json:"text"`
	Mentioned []string  `json:"mentioned"` // user ids and telephone numbers, as they were given
}

// robotCalls is how many calls a robot takes within a minute.
const robotCalls = 20

// AddRobot puts a robot with this key into a group.
func (s *Server) AddRobot(key, name string) (*Robot, error) {
	if key == "" {
		return nil, errors.New("a robot needs a key")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &Robot{server: s, name: name}
	s.robots[key] = r
	s.change()
	return r, nil
}

// Said returns what the robot said until now.
func (r *Robot) Said() []Notice {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	return slices.Clone(r.said)
}

// sendRobot is POST /cgi-bin/webhook/send?key=….
func (s *Server) sendRobot(q *query) (any, error) {
	r := s.robots[q.r.URL.Query().Get("key")]
	if r == nil {
		return nil, refuse(93000, "")
	}
	var in struct {
		MsgType string `json:"msgtype"`
		Text    *struct {
			Content string   `json:"content"`
			Users   []string `json:"mentioned_list"`
			Mobiles []string `json:"mentioned_mobile_list"`
		} `json:"text"`
		Markdown *struct {
			Content string `json:"content"`
		} `json:"markdown"`
	}
	if err := decode(q.body, &in); err != nil {
		return nil, err
	}
	now := s.cfg.Now()
	if r.calls = since(r.calls, now.Add(-time.Minute)); len(r.calls) >= robotCalls {
		return nil, &codeError{code: 45009, detail: "freq out of limit: 20 calls a minute"}
	}
	r.calls = append(r.calls, now)
	n := Notice{At: now, Type: in.MsgType, Mentioned: []string{}}
	most := maxText
	switch {
	case in.MsgType == "text" && in.Text != nil:
		n.Text, n.Mentioned = in.Text.Content, append(append(n.Mentioned, in.Text.Users...), in.Text.Mobiles...) // never nil: the page wants a list
	case in.MsgType == "markdown" && in.Markdown != nil:
		n.Text, most = in.Markdown.Content, 4096
	default:
		return nil, refuse(40008, "%q", in.MsgType)
	}
	if strings.TrimSpace(n.Text) == "" {
		return nil, refuse(44004, "")
	}
	if err := atMost(n.Type+".content", n.Text, most); err != nil {
		return nil, err
	}
	r.said = append(r.said, n)
	s.change()
	return ok()
}
