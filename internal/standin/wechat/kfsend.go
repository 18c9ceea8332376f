package wechat

import (
	"context"
	"strings"
	"time"
)

// kfMessage is the body of kf/send_msg and, with a code instead of a receiver, of kf/send_msg_on_event.
type kfMessage struct {
	ToUser   string `json:"touser"`
	OpenKfID string `json:"open_kfid"`
	Code     string `json:"code"`
	MsgID    string `json:"msgid"`
	MsgType  string `json:"msgtype"`
	Text     *struct {
		Content string `json:"content"`
		MenuID  string `json:"menu_id"`
	} `json:"text"`
	Image   *mediaRef `json:"image"`
	Voice   *mediaRef `json:"voice"`
	Video   *mediaRef `json:"video"`
	File    *mediaRef `json:"file"`
	MsgMenu *kfMenu   `json:"msgmenu"`
}

// kfMenu is a message with things to tap.
type kfMenu struct {
	Head string   `json:"head_content"`
	List []kfItem `json:"list"`
	Tail string   `json:"tail_content"`
}

type kfItem struct {
	Type  string `json:"type"`
	Click *struct {
		ID      string `json:"id"`
		Content string `json:"content"`
	} `json:"click"`
	View *struct {
		URL     string `json:"url"`
		Content string `json:"content"`
	} `json:"view"`
	Text *struct {
		Content   string `json:"content"`
		NoNewline int    `json:"no_newline"`
	} `json:"text"`
}

// eventCode is what send_msg_on_event is called with, once.
type eventCode struct {
	customer *Customer
	until    time.Time
	state    State // the state that the session must be in; -1: any
	event    string
}

const (
	welcomeLasts = 20 * time.Second
	codeLasts    = 48 * time.Hour
)

// code makes a code for one message to the customer. It is called with the lock held.
func (e *Enterprise) code(c *Customer, event string, lasts time.Duration, state State) string {
	code := e.server.word(43)
	e.codes[code] = &eventCode{customer: c, until: e.server.cfg.Now().Add(lasts), state: state, event: event}
	return code
}

// sendKf is POST /cgi-bin/kf/send_msg.
func (s *Server) sendKf(q *query) (any, error) {
	var in kfMessage
	if err := decode(q.body, &in); err != nil {
		return nil, err
	}
	e := q.corp
	d := e.desk(in.OpenKfID)
	if d == nil {
		return nil, refuse(95000, "")
	}
	c := d.customer(in.ToUser)
	if c == nil {
		return nil, refuse(40096, "")
	}
	b, err := s.kfBubble(e, d, &in)
	if err != nil {
		return nil, err
	}
	switch {
	case c.state != Fresh && c.state != Bot:
		return nil, refuse(95018, "the session is in state %d", c.state)
	case !s.cfg.Now().Before(c.sends.until):
		return nil, refuse(95002, "")
	case c.sends.left == 0:
		return nil, refuse(95001, "")
	}
	c.sends.left--
	s.arrive(d, c, b, Custom)
	return map[string]any{"errcode": 0, "errmsg": "ok", "msgid": b.ID}, nil
}

// sendOnEvent is POST /cgi-bin/kf/send_msg_on_event: one message for a code, a welcome within 20 seconds.
func (s *Server) sendOnEvent(q *query) (any, error) {
	var in kfMessage
	if err := decode(q.body, &in); err != nil {
		return nil, err
	}
	e := q.corp
	code := e.codes[in.Code]
	switch {
	case in.ToUser != "" || in.OpenKfID != "":
		return nil, refuse(40058, "the code tells the receiver: touser and open_kfid are not given")
	case code == nil || !s.cfg.Now().Before(code.until):
		return nil, refuse(40058, "the code is unknown, was used, or came too late")
	case in.MsgType != "text" && (in.MsgType != "msgmenu" || code.event == "pool"):
		return nil, refuse(40008, "%q", in.MsgType)
	case code.state >= 0 && code.customer.state != code.state:
		return nil, refuse(95018, "the session is in state %d", code.customer.state)
	}
	c := code.customer
	b, err := s.kfBubble(e, c.desk, &in)
	if err != nil {
		return nil, err
	}
	delete(e.codes, in.Code)
	if code.event == "welcome" {
		c.welcomed = s.cfg.Now()
	}
	s.arrive(c.desk, c, b, OnEvent)
	return map[string]any{"errcode": 0, "errmsg": "ok", "msgid": b.ID}, nil
}

// arrive shows what was sent, or has it fail later, when the customer is told to make it fail.
func (s *Server) arrive(d *Desk, c *Customer, b Bubble, via Via) {
	b.Via = via
	d.corp.sent[d.id+" "+b.ID] = true
	if c.failing == 0 {
		c.show(b)
		return
	}
	id := d.corp.enter(d, c, 4, "event", map[string]any{
		"event_type": "msg_send_fail", "open_kfid": d.id, "external_userid": c.id, "fail_msgid": b.ID, "fail_type": c.failing,
	})
	s.pushes.Go(func() { d.corp.notify(context.Background(), d, id) })
}

// kfBubble checks a message and returns what the customer will see. The msgid must be new at this desk.
func (s *Server) kfBubble(e *Enterprise, d *Desk, in *kfMessage) (Bubble, error) {
	if len(in.MsgID) > 32 {
		return Bubble{}, refuse(40058, "msgid exceed max length 32")
	}
	if strings.Trim(in.MsgID, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-") != "" {
		return Bubble{}, refuse(40058, "msgid holds other characters than 0-9a-zA-Z_-")
	}
	if in.MsgID != "" && e.sent[d.id+" "+in.MsgID] {
		return Bubble{}, refuse(40058, "msgid was used at this desk already")
	}
	b := Bubble{ID: in.MsgID, Type: in.MsgType, Text: placeholder(in.MsgType)}
	var err error
	switch ref := map[string]*mediaRef{"image": in.Image, "voice": in.Voice, "video": in.Video, "file": in.File}; in.MsgType {
	case "text":
		if in.Text == nil || strings.TrimSpace(in.Text.Content) == "" {
			return b, refuse(44004, "text.content is empty")
		}
		b.Text = in.Text.Content
		err = atMost("text.content", b.Text, maxText)
	case "image", "voice", "video", "file":
		if ref[in.MsgType] == nil {
			return b, refuse(40007, "%s.media_id is missing", in.MsgType)
		}
		b.MediaID = ref[in.MsgType].MediaID
		if m := s.file(e, b.MediaID); m == nil || m.kind != in.MsgType {
			err = refuse(40007, "it names no %s of this corp", in.MsgType)
		}
	case "msgmenu":
		b.Menu, b.Text, err = in.MsgMenu.read()
	default:
		err = refuse(40008, "%q", in.MsgType)
	}
	if b.ID == "" {
		b.ID = s.word(32)
	}
	return b, err
}

// read checks a menu.
func (m *kfMenu) read() (*Menu, string, error) {
	if m == nil || len(m.List) == 0 {
		return nil, "", refuse(40058, "msgmenu.list is empty")
	}
	if len(m.List) > maxItems {
		return nil, "", refuse(95008, "%d", len(m.List))
	}
	out, lines := &Menu{Head: m.Head, Tail: m.Tail}, []string{m.Head}
	if err := atMost("head_content", m.Head, 1024); err != nil {
		return nil, "", err
	}
	if err := atMost("tail_content", m.Tail, 1024); err != nil {
		return nil, "", err
	}
	for _, item := range m.List {
		i, err := item.read()
		if err != nil {
			return nil, "", err
		}
		out.Items, lines = append(out.Items, i), append(lines, i.Text)
	}
	return out, strings.TrimSpace(strings.Join(append(lines, m.Tail), "\n")), nil
}

// read checks one line of a menu.
func (i kfItem) read() (MenuItem, error) {
	switch {
	case i.Type == "click" && i.Click != nil:
		if i.Click.Content == "" || i.Click.ID == "" {
			return MenuItem{}, refuse(40058, "click.id or click.content is empty")
		}
		if err := atMost("click.id", i.Click.ID, 128); err != nil {
			return MenuItem{}, err
		}
		return MenuItem{ID: i.Click.ID, Text: i.Click.Content}, atMost("click.content", i.Click.Content, 128)
	case i.Type == "view" && i.View != nil:
		if i.View.URL == "" || i.View.Content == "" {
			return MenuItem{}, refuse(40058, "view.url or view.content is empty")
		}
		if err := atMost("view.url", i.View.URL, 2048); err != nil {
			return MenuItem{}, err
		}
		return MenuItem{Text: i.View.Content, URL: i.View.URL}, atMost("view.content", i.View.Content, 1024)
	case i.Type == "text" && i.Text != nil:
		return MenuItem{Text: i.Text.Content}, atMost("text.content", i.Text.Content, 256)
	}
	return MenuItem{}, refuse(95009, "%q is not click, view or text, or the item lacks what its type names", i.Type)
}

func atMost(name, text string, bytes int) error {
	if len(text) > bytes {
		return refuse(40058, "%s exceed max length %d", name, bytes)
	}
	return nil
}
