package telegram

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// update waits for a bot.
type update struct {
	id      int
	body    json.RawMessage // with its update_id
	lane    int64           // updates of one lane are pushed one after the other
	expires time.Time
}

// queue holds a bot's updates in the order of their ids.
type queue struct {
	waiting []*update
	given   []*update // confirmed ones, for Redeliver
	next    int       // id of the next update; 0 before the first
}

// known lists the types of updates that a bot may ask for and the stand-in can make.
func known() []string {
	return []string{"message", "edited_message", "callback_query", "my_chat_member", "chat_member"}
}

// takes tells whether a bot wants updates of a type: all but chat_member unless it said otherwise.
func (b *bot) takes(kind string) bool {
	if b.allowed == nil {
		return kind != "chat_member"
	}
	return b.allowed[kind]
}

// allow takes allowed_updates over, as JSON. Nothing, and what is no list of strings, leaves things as
// they are; a list without any known type is the default.
func (b *bot) allow(text string) {
	var names []string
	if text == "" || json.Unmarshal([]byte(text), &names) != nil {
		return
	}
	allowed := map[string]bool{}
	for _, name := range names {
		if name = strings.ToLower(name); slices.Contains(foreign(), name) || slices.Contains(known(), name) {
			allowed[name] = true
		}
	}
	b.allowed = allowed
	if len(allowed) == 0 {
		b.allowed = nil
	}
}

// foreign lists the types that only the real server makes.
func foreign() []string {
	return []string{
		"channel_post", "edited_channel_post", "inline_query", "chosen_inline_result", "shipping_query", "pre_checkout_query",
		"poll", "poll_answer", "chat_join_request", "chat_boost", "removed_chat_boost", "message_reaction", "message_reaction_count",
		"business_connection", "business_message", "edited_business_message", "deleted_business_messages", "purchased_paid_media",
	}
}

// push queues an update, unless the bot did not ask for its type. The lock is held.
func (s *Server) push(b *bot, kind string, lane int64, life time.Duration, object any) {
	if !b.takes(kind) {
		return
	}
	q := &b.queue
	if q.next == 0 {
		q.next = 2_000_001 + s.rand.IntN(1<<30)
	}
	body, err := json.Marshal(map[string]any{"update_id": q.next, kind: object})
	if err != nil { // only structs of ours are marshalled
		panic(err)
	}
	q.waiting = append(q.waiting, &update{id: q.next, body: body, lane: lane, expires: s.now().Add(life)})
	q.next++
	if b.hook != nil {
		b.hook.wake()
	}
}

// tell queues a message, new or edited, for every bot that sees it.
func (s *Server) tell(c *chat, m *message, kind string) {
	for _, b := range s.bots {
		if c.kind == kindPrivate && c.bot != b || !s.sees(b, c, m) {
			continue
		}
		s.push(b, kind, c.id, day, s.wireMessage(b, c, m, false))
	}
}

// sees tells whether a bot is shown a message: not its own, save what happened, and never another bot's.
func (s *Server) sees(b *bot, c *chat, m *message) bool {
	if s.bot(m.from) != nil && m.from != 0 {
		return m.from == b.id && m.service() && len(m.joined) == 0
	}
	if c.kind == kindPrivate {
		return !m.service() || m.pin != 0 || m.created != ""
	}
	here := c.bots[b.id]
	switch {
	case m.left == b.id:
		return true
	case here.status == "administrator":
		return true
	case !here.present():
		return false
	case b.readsAll || m.service():
		return true
	}
	if to := c.byID[m.replyTo]; to != nil && to.from == b.id {
		return true
	}
	return addressed(m, b.username)
}

// addressed tells whether a text mentions the bot or begins with a command that may be its.
func addressed(m *message, username string) bool {
	units := utf16Of(m.text)
	for _, e := range m.entities {
		said := stringOf(units[e.Offset : e.Offset+e.Length])
		switch e.Type {
		case "mention":
			if strings.EqualFold(said, "@"+username) {
				return true
			}
		case "bot_command":
			_, name, named := strings.Cut(said, "@")
			if e.Offset == 0 && (!named || strings.EqualFold(name, username)) {
				return true
			}
		}
	}
	return false
}

// drop forgets updates that are too old.
func (q *queue) drop(now time.Time) {
	q.waiting = slices.DeleteFunc(q.waiting, func(u *update) bool { return now.After(u.expires) })
}

// Inject queues an update of any kind as it is, such as one that the stand-in has no people for. A bot of 0 is
// the first.
func (s *Server) Inject(bot int64, kind string, object json.RawMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bot(bot)
	if b == nil || !json.Valid(object) {
		return fmt.Errorf("no bot %d, or the update is no JSON", bot)
	}
	s.push(b, kind, 0, day, object)
	s.notify()
	return nil
}

// Redeliver gives a bot (0 is the first) again what it has confirmed, as if the confirmation had been lost.
func (s *Server) Redeliver(bot int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bot(bot)
	if b == nil {
		return
	}
	b.queue.waiting = append(b.queue.given, b.queue.waiting...)
	b.queue.given = nil
	if b.hook != nil {
		b.hook.wake()
	}
	s.notify()
}

// Pending is the number of updates that wait for a bot (0 is the first).
func (s *Server) Pending(bot int64) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bot(bot)
	if b == nil {
		return 0
	}
	b.queue.drop(s.now())
	return len(b.queue.waiting)
}
