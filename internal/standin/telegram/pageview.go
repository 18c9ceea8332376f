package telegram

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// pageWorld is whom one can play and where that person can go.
type pageWorld struct {
	People []pagePerson `json:"people"`
	Chats  []pageChat   `json:"chats"`
}

type pagePerson struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Agent bool   `json:"agent"` // is in a group
}

type pageChat struct {
	Bot    int64       `json:"bot"`
	Chat   int64       `json:"chat"`
	Title  string      `json:"title"`
	Forum  bool        `json:"forum"`
	Topics []pageTopic `json:"topics"` // General first
	Last   string      `json:"last"`
}

type pageTopic struct {
	Thread int    `json:"thread"`
	Name   string `json:"name"`
	Closed bool   `json:"closed"`
	Last   string `json:"last"`
	at     time.Time
}

// pageView is one chat, or one topic, as it is shown.
type pageView struct {
	Title    string        `json:"title"`
	Topic    string        `json:"topic"`
	Private  bool          `json:"private"`
	Started  bool          `json:"started"`
	Blocked  bool          `json:"blocked"`
	Closed   bool          `json:"closed"`
	Gone     bool          `json:"gone"` // the topic was deleted
	Agent    bool          `json:"agent"`
	Messages []pageMessage `json:"messages"`
	Pinned   *pageMessage  `json:"pinned"`
	Typing   bool          `json:"typing"`
	Answers  []pageAnswer  `json:"answers"`
}

type pageMessage struct {
	ID       int        `json:"id"`
	Mine     bool       `json:"mine"`
	Bot      bool       `json:"bot"`
	Name     string     `json:"name"`
	At       int64      `json:"at"` // milliseconds since 1970
	Edited   bool       `json:"edited"`
	Text     string     `json:"text"`
	Entities []Entity   `json:"entities"`
	Photo    *pageFile  `json:"photo"`
	File     *pageFile  `json:"file"`
	Voice    *pageFile  `json:"voice"`
	Sticker  string     `json:"sticker"`
	Location *Location  `json:"location"`
	ReplyTo  string     `json:"replyTo"` // the begin of what is answered
	Buttons  [][]Button `json:"buttons"`
	Pinned   bool       `json:"pinned"`
	Service  Service    `json:"service"`
	Detail   string     `json:"detail"`
}

type pageFile struct {
	Path    string `json:"path"`
	Name    string `json:"name"`
	Size    int    `json:"size"`
	Width   int    `json:"width"`
	Height  int    `json:"height"`
	Seconds int    `json:"seconds"`
}

type pageAnswer struct {
	Query string `json:"query"`
	Text  string `json:"text"`
	Alert bool   `json:"alert"`
}

func (s *Server) showWorld(w http.ResponseWriter, r *http.Request) {
	user, _ := strconv.ParseInt(r.URL.Query().Get("user"), 10, 64) // 0 for what is none
	s.mu.Lock()
	defer s.mu.Unlock()
	world := pageWorld{People: s.pagePeople(), Chats: []pageChat{}}
	if user == 0 && len(world.People) > 0 {
		user = world.People[0].ID
	}
	for _, c := range s.groups {
		if c.members[user] && c.migratedTo == 0 {
			world.Chats = append(world.Chats, s.pageGroup(c))
		}
	}
	slices.SortFunc(world.Chats, func(a, b pageChat) int { return cmp.Compare(a.Chat, b.Chat) })
	for _, b := range s.bots {
		one := pageChat{Bot: b.id, Chat: user, Title: b.name, Topics: []pageTopic{}}
		if c := s.private[[2]int64{b.id, user}]; c != nil {
			for _, m := range c.messages {
				one.Last = m.glimpse()
			}
		}
		world.Chats = append(world.Chats, one)
	}
	writeJSON(w, http.StatusOK, world)
}

func (s *Server) pagePeople() []pagePerson {
	people := []pagePerson{}
	for id, u := range s.users {
		p := pagePerson{ID: id, Name: u.FirstName}
		for _, c := range s.groups {
			p.Agent = p.Agent || c.members[id]
		}
		people = append(people, p)
	}
	slices.SortFunc(people, func(a, b pagePerson) int { return cmp.Compare(a.ID, b.ID) })
	return people
}

// pageGroup lists a group and its topics, those with the newest messages first.
func (s *Server) pageGroup(c *chat) pageChat {
	p := pageChat{Chat: c.id, Title: c.title, Forum: c.forum, Topics: []pageTopic{}}
	last := map[int]*message{}
	for _, m := range c.messages {
		if c.inTopic(m) {
			last[m.thread] = m
		} else {
			last[0] = m
		}
	}
	if m := last[0]; m != nil {
		p.Last = m.glimpse()
	}
	if !c.forum {
		return p
	}
	for _, t := range c.list() {
		one := pageTopic{Thread: t.ID, Name: t.Name, Closed: t.Closed}
		if m := last[t.ID]; m != nil {
			one.Last, one.at = m.glimpse(), m.date
		}
		p.Topics = append(p.Topics, one)
	}
	slices.SortStableFunc(p.Topics, func(a, b pageTopic) int { return b.at.Compare(a.at) })
	p.Topics = slices.Insert(p.Topics, 0, pageTopic{Name: "General", Last: p.Last})
	return p
}

// glimpse is a message in a few words.
func (m *message) glimpse() string {
	switch {
	case m.service():
		return ""
	case m.photo != nil:
		return "[图片] " + m.text
	case m.document != nil:
		return "[文件] " + m.document.name
	case m.voice != nil:
		return "[语音]"
	case m.sticker != nil:
		return m.sticker.emoji
	case m.location != nil:
		return "[位置]"
	}
	if runes := []rune(m.text); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return m.text
}

// answerShown is how long the page is told of an answer to a pressed button.
const answerShown = 20 * time.Second

func (s *Server) showChat(w http.ResponseWriter, r *http.Request) {
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(r.URL.Query().Get(name), 10, 64) // 0 for what is none
		return n
	}
	user, at := number("user"), Place{number("bot"), number("chat"), int(number("thread"))}
	s.mu.Lock()
	defer s.mu.Unlock()
	v := pageView{Messages: []pageMessage{}, Answers: []pageAnswer{}, Private: at.Chat > 0}
	if b := s.bot(at.Bot); v.Private && b != nil {
		v.Title = b.name
	}
	if c := s.look(at); c != nil && c.members[user] {
		s.pageFill(&v, c, user, at.Thread)
	}
	for _, a := range s.answers {
		if a.User == user && s.now().Sub(a.At) < answerShown {
			v.Answers = append(v.Answers, pageAnswer{a.Query, a.Text, a.Alert})
		}
	}
	writeJSON(w, http.StatusOK, v)
}

// pageFill shows a chat, or the topic of it; 0 is what is in no topic.
func (s *Server) pageFill(v *pageView, c *chat, user int64, thread int) {
	v.Started, v.Blocked = c.started, c.blocked
	if c.kind != kindPrivate {
		v.Title, v.Agent = c.title, slices.Contains(c.admins, user)
	}
	if c.forum {
		v.Topic = "General"
	}
	if thread != 0 {
		t := c.topic(thread)
		if t == nil {
			v.Gone = true
			return
		}
		v.Topic, v.Closed = t.name, t.closed
	}
	var pinned *message
	for _, m := range c.messages {
		if c.forum && (thread != 0 && m.thread != thread || thread == 0 && c.inTopic(m)) {
			continue
		}
		v.Messages = append(v.Messages, s.pageMessage(c, m, user))
		if m.pinned && (pinned == nil || m.pinnedAt > pinned.pinnedAt) {
			pinned = m
		}
	}
	if pinned != nil {
		p := s.pageMessage(c, pinned, user)
		v.Pinned = &p
	}
	for _, a := range c.actions {
		v.Typing = v.Typing || a.Thread == thread && s.now().Sub(a.At) <= actionLife
	}
}

func (s *Server) pageMessage(c *chat, m *message, user int64) pageMessage {
	seen := s.view(m)
	p := pageMessage{
		ID: m.id, Mine: m.from == user, Bot: seen.Bot, Name: seen.Name, At: m.date.UnixMilli(), Edited: !m.edited.IsZero(), Text: m.text,
		Entities: seen.Entities, Photo: seen.Photo.page(), File: seen.Document.page(), Voice: seen.Voice.page(), Sticker: seen.Sticker,
		Location: m.location, Buttons: seen.Buttons, Pinned: m.pinned, Service: seen.Service, Detail: seen.Detail,
	}
	if to := c.byID[m.replyTo]; to != nil {
		p.ReplyTo = to.glimpse()
	}
	return p
}

func (f *File) page() *pageFile {
	if f == nil {
		return nil
	}
	return &pageFile{f.Path, f.Name, f.Size, f.Width, f.Height, f.Seconds}
}
