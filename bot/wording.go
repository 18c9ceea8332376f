package bot

import (
	"cmp"
	"math"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/zh"
)

// Outcome is what one message leads to.
type Outcome struct {
	Reply  chat.Reply        // what the bot says; nothing of it counts when Silent
	More   []chat.Reply      // what it says behind that, each a bubble of its own
	Silent bool              // an agent holds the conversation, or there is nothing to say: the bot says nothing
	System string            // what the system says, such as a ticket's state; "" for nothing
	Ticket *desk.TicketDraft // to be opened; nil for none
	// Withdraw closes the conversation's open ticket: the customer has called it off.
	Withdraw bool
	// Contact is the customer's telephone number or other contact, to be sealed before anything is kept;
	// Sealed is what Inbox made of it. The session's device has it veiled.
	Contact string
	Sealed  []byte
	// Rule is what decided about what the guide was asked, and Understood what that was: to explain the
	// reply, not to be kept.
	Rule       Rule
	Understood Understanding
}

// writer puts decisions into words.
type writer struct {
	lib  *kb.Library
	now  func() time.Time
	desk *Handover // nil: there are no tickets, a person is elsewhere
}

// Handover is how a bot hands over to people.
type Handover struct {
	Hours  Hours
	Number func() string // a number for a new ticket, see Numbers
	Prover Prover        // nil: tickets of other conversations are not found
}

// Hours tells when somebody is at the desk.
type Hours interface {
	Open(t time.Time) bool
	Next(t time.Time) time.Time // when the desk opens next after t; zero when nobody knows
	In(t time.Time) time.Time   // t in the desk's zone
}

// maxRepeats is how often the same words may come in a row.
const maxRepeats = 2

// reply is the reply to d, or another one where d would say the same once more. Whoever asks for a
// person, or who answers, gets the same as often as he asks.
func (w *writer) reply(s *Session, u *Understanding, d Decision) (Decision, chat.Reply) {
	r := w.word(s, u, d)
	if r.Text != s.Last || s.Repeats < maxRepeats || d.Kind == chat.Escalate || d.Content == ContentProgram {
		return d, r
	}
	d = instead(*u, d)
	return d, w.word(s, u, d)
}

// word puts a decision into words.
func (w *writer) word(s *Session, u *Understanding, d Decision) chat.Reply {
	result := u.Result
	if d.Content == ContentMore { // more about what was told, not about what was just said
		if a, ok := w.lib.Article(s.Topic); ok {
			result = aboutArticle(a).Result
		}
	}
	r := chat.Reply{Decision: d.Kind, Confidence: round(result.Confidence), Articles: make([]chat.Article, 0, len(result.Hits)), Options: []chat.Option{}, Text: w.text(s, u, d)}
	for _, h := range result.Hits {
		r.Articles = append(r.Articles, chat.Article{ID: h.ID, Title: h.Title, Score: round(h.Score)})
	}
	for _, h := range d.Options {
		r.Options = append(r.Options, option(h.ID, h.Title))
	}
	if d.leadsToPerson() {
		r.Options = append(r.Options, w.humanOption())
	}
	return r
}

func (w *writer) text(s *Session, u *Understanding, d Decision) string {
	say, h := &w.lib.Phrases.Replies, &w.lib.Phrases.Handover
	switch d.Content {
	case ContentLead:
		return w.lead(u)
	case ContentSection:
		return w.section(s, u.Hits[0].ID)
	case ContentMore:
		return say.Unsolved + "\n" + w.section(s, s.Topic)
	case ContentAspect:
		return say.Aspect + "\n· " + strings.Join(u.Sentences, "\n· ")
	case ContentUntold:
		return fill(say.Untold, "title", u.Hits[0].Title)
	case ContentChoice:
		return say.Clarify
	case ContentSorry:
		return h.Angry + say.Clarify
	case ContentOffer:
		if d.Rule == RuleAnger {
			return h.Angry + say.Offer
		}
		return say.Offer
	case ContentDecline:
		if len(d.Options) > 0 {
			return say.DeclineNear
		}
		return say.Decline
	case ContentDenied:
		return say.Denied
	case ContentTalk:
		return map[kb.Intent]string{kb.IntentGreet: say.Greet, kb.IntentThanks: say.Thanks, kb.IntentBye: say.Bye}[u.Intent]
	case ContentIdle:
		if u.Nod == NodBlank {
			return say.Empty
		}
		return say.Idle
	case ContentProgram:
		return say.Program
	case ContentContact:
		return cmp.Or(h.Contact, say.Idle)
	case ContentRefused:
		return cmp.Or(h.Declined, say.Bye)
	case ContentPerson:
		return say.Escalate
	case ContentProgress:
		return w.progress(s, u.At).Text
	case ContentNone:
	}
	return ""
}

// lead is the first article's chat bubble, or what the named response codes mean, or both of several.
func (w *writer) lead(u *Understanding) string {
	if len(u.Codes) > 0 {
		return w.codes(u.Codes)
	}
	var parts []string
	for i := range u.Parts {
		parts = append(parts, "【"+u.Parts[i].Hits[0].Title+"】"+w.lead(&u.Parts[i]))
	}
	if len(parts) > 0 {
		return strings.Join(parts, "\n\n")
	}
	a, ok := w.lib.Article(u.Hits[0].ID)
	if !ok { // the index and the library are of one revision, so this cannot happen
		return w.lib.Phrases.Replies.Decline
	}
	return w.qualified(a)
}

// section is the next section of an article whose lead was told; its lead again when nothing is left.
func (w *writer) section(s *Session, id string) string {
	a, ok := w.lib.Article(id)
	if !ok {
		return w.lib.Phrases.Replies.Decline
	}
	sections, next := a.Sections(), s.Told
	if s.Topic != id {
		next = 0
	}
	switch {
	case next >= len(sections):
		return w.qualified(a)
	case sections[next].Heading == "":
		return sections[next].Text
	}
	return sections[next].Heading + "：\n" + sections[next].Text
}

// qualified is an article's lead with what must be known with it.
func (w *writer) qualified(a *kb.Article) string {
	say := &w.lib.Phrases.Replies
	text := a.Lead
	if a.Expired(w.now()) {
		text += "\n" + fill(say.Expired, "date", a.ValidUntil.Format(time.DateOnly))
	}
	if a.Escalate == kb.EscalateAlways && w.desk == nil { // else the offer to register it follows
		text += "\n" + say.AnswerHuman
	}
	return text
}

// codes explains each code, in the message's order.
func (w *writer) codes(names []string) string {
	parts := make([]string, 0, len(names))
	for _, name := range names {
		if c, ok := w.lib.Codes.Find(name); ok {
			parts = append(parts, c.Text)
			continue
		}
		parts = append(parts, fill(w.lib.Phrases.Replies.UnknownCode, "code", name))
	}
	return strings.Join(parts, "\n")
}

// maxWelcome is how many questions a welcome offers.
const maxWelcome = 6

// welcome introduces the bot to somebody who has just come, with the questions that are asked most: the
// first of every category before the second of any.
func (w *writer) welcome(u *Understanding) chat.Reply {
	say := &w.lib.Phrases.Replies
	r := w.bubble(chat.Greet, say.Greet)
	if u.Scanned != "" {
		r.Text = paragraphs(r.Text, fill(say.Scanned, "serial", u.Device.Serial))
	}
	for rank, more := 0, true; more; rank++ {
		more = false
		for _, c := range w.lib.Phrases.Categories {
			if rank >= len(c.Quick) || len(r.Options) == maxWelcome {
				continue
			}
			more = true
			if a, ok := w.lib.Article(c.Quick[rank]); ok {
				r.Options = append(r.Options, option(a.ID, a.Title))
			}
		}
	}
	return r
}

// unreadable says kindly that what came was not understood, and how to go on.
func (w *writer) unreadable(m chat.Medium) chat.Reply {
	media := w.lib.Phrases.Media
	return w.bubble(chat.Clarify, cmp.Or(media[string(m)], media[string(chat.Other)], w.lib.Phrases.Replies.Empty), w.humanOption())
}

// progress tells the state of the newest ticket.
func (w *writer) progress(s *Session, now time.Time) chat.Reply {
	h := &w.lib.Phrases.Handover
	if s.Ticket == nil {
		return w.bubble(chat.Answer, h.None, w.humanOption())
	}
	sentence, since := h.Waiting, s.Ticket.CreatedAt
	switch s.Ticket.State {
	case desk.StateWaiting:
	case desk.StateHeld:
		sentence = h.Held
	case desk.StateClosed:
		sentence, since = h.Closed, s.Ticket.UpdatedAt
	}
	r := w.bubble(chat.Answer, fill(sentence, "number", s.Ticket.Number, "since", w.dayTime(since, now), "when", w.attendance(now)))
	r.Ticket = s.Ticket.Number
	return r
}

// attendance tells when somebody answers.
func (w *writer) attendance(now time.Time) string {
	h := &w.lib.Phrases.Handover
	if w.desk.Hours.Open(now) {
		return h.Open
	}
	next := w.desk.Hours.Next(now)
	if next.IsZero() {
		return h.ShutLong
	}
	return fill(h.Shut, "next", w.dayTime(next, now))
}

// dayTime is a moment in the desk's zone, as one would say it at now.
func (w *writer) dayTime(t, now time.Time) string { return zh.DayTime(w.desk.Hours.In(t), now) }

// humanOption is the option of a person.
func (w *writer) humanOption() chat.Option { return option(humanOption, w.lib.Phrases.Replies.Human) }

func option(id, title string) chat.Option { return chat.Option{ID: id, Title: title} }

// bubble is a reply of the bot's own, from no article.
func (w *writer) bubble(kind chat.Decision, text string, options ...chat.Option) chat.Reply {
	return chat.Reply{Decision: kind, Confidence: 1, Text: text, Articles: []chat.Article{}, Options: append([]chat.Option{}, options...)}
}

// round keeps three digits: more would claim more than is known.
func round(x float64) float64 { return math.Round(x*1000) / 1000 }
