package telegram

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
	"time"
)

func sendMessage(s *Server, c *call) (any, *apiError) {
	text, err := c.text("text", "entities")
	if err != nil {
		return nil, err
	}
	m := &message{text: text.plain, entities: text.entities}
	if preview := c.q.args["link_preview_options"]; preview != "" {
		if !json.Valid([]byte(preview)) || preview[0] != '{' {
			return nil, bad("can't parse link preview options JSON object")
		}
		m.preview = json.RawMessage(preview)
	}
	if c.q.args["link_preview_options"] == "" && c.q.yes("disable_web_page_preview") {
		m.preview = json.RawMessage(`{"is_disabled":true}`)
	}
	return s.send(c, m)
}

func sendPhoto(s *Server, c *call) (any, *apiError) {
	caption, err := c.caption()
	if err != nil {
		return nil, err
	}
	m := &message{text: caption.plain, entities: caption.entities}
	if u, ok := c.q.file("photo"); ok {
		sizes, err := photoSizes(u.data)
		if err != nil {
			return nil, err
		}
		for _, f := range sizes {
			m.photo = append(m.photo, s.store(f))
		}
		return s.send(c, m)
	}
	f, err := s.fileAgain(c, "photo", "Photo")
	if err != nil {
		return nil, err
	}
	m.photo = f.sizes
	return s.send(c, m)
}

func sendDocument(s *Server, c *call) (any, *apiError) {
	caption, err := c.caption()
	if err != nil {
		return nil, err
	}
	m := &message{text: caption.plain, entities: caption.entities}
	if u, ok := c.q.file("document"); ok {
		if len(u.data) == 0 {
			return nil, bad("file must be non-empty")
		}
		m.document = s.store(&file{kind: "document", name: path.Base(strings.ReplaceAll(u.name, `\`, "/")), mime: u.mime, data: u.data})
		return s.send(c, m)
	}
	if m.document, err = s.fileAgain(c, "document", "Document"); err != nil {
		return nil, err
	}
	return s.send(c, m)
}

// fileAgain finds the file whose id a parameter gives.
func (s *Server) fileAgain(c *call, kind, title string) (*file, *apiError) {
	id := c.q.args[kind]
	if id == "" || strings.HasPrefix(id, "attach://") {
		return nil, bad("there is no %s in the request", kind)
	}
	f := s.known(c.bot, id)
	switch {
	case strings.HasPrefix(id, "http://") || strings.HasPrefix(id, "https://"):
		return nil, bad("failed to get HTTP URL content")
	case f == nil && s.fileIDs[id].file != nil: // another bot's
		return nil, bad("wrong file identifier/HTTP URL specified")
	case f == nil:
		return nil, bad("wrong remote file identifier specified: can't unserialize it. Wrong last symbol")
	case f.kind != kind:
		return nil, bad("can't use file of type %s as %s", strings.ToUpper(f.kind[:1])+f.kind[1:], title)
	}
	return f, nil
}

// said is a text with its entities.
type said struct {
	plain    string
	entities []Entity
}

func (c *call) text(name, entities string) (said, *apiError) {
	if c.q.args[name] == "" {
		return said{}, bad("message text is empty")
	}
	plain, marks, err := formatted(c.q.args[name], c.q.args["parse_mode"], c.q.args[entities])
	switch {
	case err != nil:
		return said{}, err
	case plain == "":
		return said{}, bad("text must be non-empty")
	case utf16Len(plain) > maxText:
		return said{}, bad("message is too long")
	}
	return said{plain, marks}, nil
}

func (c *call) caption() (said, *apiError) {
	plain, marks, err := formatted(c.q.args["caption"], c.q.args["parse_mode"], c.q.args["caption_entities"])
	if err == nil && utf16Len(plain) > maxCaption {
		err = bad("message caption is too long")
	}
	return said{plain, marks}, err
}

// send puts a message of the bot where the parameters say, and answers with it.
func (s *Server) send(c *call, m *message) (any, *apiError) {
	to, err := s.deliver(c, m)
	if err != nil {
		return nil, err
	}
	return s.wireMessage(c.bot, to, m, false), nil
}

// deliver reads what all sending methods have in common, in the real server's order, and posts the message.
func (s *Server) deliver(c *call, m *message) (*chat, *apiError) {
	reply, err := replyOf(c.q)
	if err != nil {
		return nil, err
	}
	keys, _, err := markup(c.q.args["reply_markup"])
	if err != nil {
		return nil, err
	}
	to, err := s.chatFor(c.bot, c.q.args["chat_id"], toWrite)
	if err != nil {
		return nil, err
	}
	if to.bots[c.bot.id].rights.Muted {
		return nil, bad("not enough rights to send %s to the chat", m.sort())
	}
	if m.thread, err = s.threadFor(to, c.q.message("message_thread_id")); err != nil {
		return nil, err
	}
	if reply.id != 0 && to.byID[reply.id] == nil {
		if !reply.orWithout {
			return nil, bad("message to be replied not found")
		}
		reply.id = 0
	}
	if answered := to.byID[reply.id]; answered != nil && m.thread == 0 && to.inTopic(answered) {
		m.thread = answered.thread
	}
	if err := s.topicOpen(to, m.thread); err != nil {
		return nil, err
	}
	if err := to.mayReach(); err != nil {
		return nil, err
	}
	if err := s.spend(c.bot, to); err != nil {
		return nil, err
	}
	m.from, m.replyTo, m.buttons = c.bot.id, reply.id, keys
	m.protected, m.silent = c.q.yes("protect_content"), c.q.yes("disable_notification")
	c.made = s.post(to, m).id
	to.actions = slices.DeleteFunc(to.actions, func(a Action) bool { return a.Bot == c.bot.id && a.Thread == m.thread })
	return to, nil
}

// sort names what a message is, as refusals do.
func (m *message) sort() string {
	switch {
	case m.photo != nil:
		return "photos"
	case m.document != nil:
		return "documents"
	case m.voice != nil:
		return "voice notes"
	case m.sticker != nil:
		return "stickers"
	case m.location != nil:
		return "locations"
	}
	return "text messages"
}

// replying is what a message answers.
type replying struct {
	id        int
	orWithout bool
}

// replyOf reads reply_parameters or, without them, reply_to_message_id.
func replyOf(q *request) (replying, *apiError) {
	text, ok := q.args["reply_parameters"]
	if !ok {
		return replying{q.message("reply_to_message_id"), q.yes("allow_sending_without_reply")}, nil
	}
	if text == "" {
		return replying{}, nil
	}
	if !json.Valid([]byte(text)) {
		return replying{}, bad("can't parse reply parameters JSON object")
	}
	if text[0] != '{' {
		return replying{}, bad("object expected as reply parameters")
	}
	var p struct {
		ID      *json.Number `json:"message_id"`
		Without bool         `json:"allow_sending_without_reply"`
	}
	if json.Unmarshal([]byte(text), &p) != nil {
		return replying{}, bad("field \"message_id\" must be of type Number")
	}
	if p.ID == nil {
		if text == "{}" {
			return replying{}, nil
		}
		return replying{}, bad("can't find field \"message_id\"")
	}
	return replying{max(0, leadingInt(p.ID.String())), p.Without}, nil
}

// threadFor checks message_thread_id: only topics have one that counts, and General never.
func (s *Server) threadFor(c *chat, thread int) (int, *apiError) {
	switch {
	case thread == 0 || c.kind == kindGroup || c.kind == kindSupergroup && !c.forum:
		return 0, nil
	case c.hasTopics() && c.topics[thread] != nil:
		return thread, nil
	}
	return 0, bad("message thread not found")
}

// topicCache is how long the real server still believes in a topic that was deleted.
const topicCache = time.Minute

// topicOpen checks that a topic takes messages.
func (s *Server) topicOpen(c *chat, thread int) *apiError {
	t := c.topics[thread]
	switch {
	case t == nil:
		return nil
	case !t.deletedAt.IsZero() && s.now().Sub(t.deletedAt) < topicCache:
		return bad("TOPIC_DELETED")
	case !t.deletedAt.IsZero():
		return bad("message thread not found")
	case t.closed:
		return bad("TOPIC_CLOSED")
	}
	return nil
}

// copyMessage sends what another message holds, without saying whose it was.
func copyMessage(s *Server, c *call) (any, *apiError) {
	if c.q.args["from_chat_id"] == "" {
		return nil, bad("parameter \"from_chat_id\" is required")
	}
	caption, err := c.caption()
	if err != nil {
		return nil, err
	}
	from, err := s.chatFor(c.bot, c.q.args["from_chat_id"], toRead)
	if err != nil {
		return nil, err
	}
	m := from.byID[c.q.message("message_id")]
	if m == nil {
		return nil, bad("message to copy not found")
	}
	if m.service() || m.protected || m.kind != nil && m.kind.Fixed {
		return nil, bad("message can't be copied")
	}
	twin := &message{
		text: m.text, entities: m.entities, photo: m.photo, document: m.document, voice: m.voice, sticker: m.sticker,
		location: m.location, kind: m.kind, preview: m.preview,
	}
	if _, ok := c.q.args["caption"]; ok && m.media() {
		twin.text, twin.entities = caption.plain, caption.entities
	}
	if _, err := s.deliver(c, twin); err != nil {
		return nil, err
	}
	return map[string]int{"message_id": twin.id}, nil
}
