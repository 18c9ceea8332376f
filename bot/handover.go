package bot

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

// registrar takes a conversation to a person: it offers to register a case, gathers its details, and
// opens the ticket.
type registrar struct {
	*writer
	policy Policy
}

// answered is a message that the guide was asked about: what was decided and said.
type answered struct {
	decision Decision
	reply    chat.Reply
	offered  bool // a person had been offered before
}

// outcome is the reply, and what explains it.
func (a *answered) outcome(more ...chat.Reply) Outcome {
	return Outcome{Reply: a.reply, More: more, Rule: a.decision.Rule}
}

// answer says what d decides, and notes it.
func (r *registrar) answer(s *Session, u *Understanding, d Decision) answered {
	a := answered{offered: s.Move == ContentOffer}
	a.decision, a.reply = r.reply(s, u, d)
	s.remember(a.decision, a.reply)
	isStory := a.decision.Kind != chat.Greet && a.decision.Kind != chat.Escalate && !a.decision.isComplaint() && u.Act != ActDeny
	if isStory && !s.collecting() {
		s.noteWords(u.Quote)
	}
	return a
}

// remember notes what was replied from the guide.
func (s *Session) remember(d Decision, r chat.Reply) {
	s.noteReply(r)
	s.Move = d.Content
	switch d.Kind {
	case chat.Answer:
		if len(r.Articles) > 0 && r.Articles[0].ID != s.Topic && d.Content != ContentProgram { // it leaves the topic as it is
			s.Topic, s.Told = r.Articles[0].ID, 0
			s.noteTried(r.Articles[0])
		}
		if d.Content == ContentSection || d.Content == ContentMore {
			s.Told++
		}
		s.Unhelped = 0
	case chat.Escalate, chat.Greet:
		s.Unhelped = 0
	case chat.Clarify, chat.Decline, chat.Collect:
		s.Unhelped++
	}
	if d.isComplaint() {
		s.Unhelped++
	}
}

// ownReply notes a reply that came not from the guide.
func ownReply(s *Session, r chat.Reply) Outcome {
	s.Move, s.Unhelped = ContentNone, 0
	s.noteReply(r)
	return Outcome{Reply: r}
}

// trigger is the first trigger that an article or a message's words set off; its Reason is "" for none.
func (r *registrar) trigger(article string, words []int) kb.Trigger {
	for i, t := range r.lib.Phrases.Triggers {
		if article != "" && slices.Contains(t.Articles, article) || slices.Contains(words, i) {
			return t
		}
	}
	return kb.Trigger{}
}

// handOver adds to what was answered what leads to a person: the ticket, its first question, or the
// offer of it.
func (r *registrar) handOver(s *Session, u *Understanding, a answered) Outcome {
	article := ""
	if a.decision.Kind == chat.Answer && len(a.reply.Articles) > 0 && u.Danger == nil { // what is to be done in a danger is told already
		article = a.reply.Articles[0].ID
	}
	trigger := r.trigger(article, u.Triggers)
	angry := isAngry(&trigger)
	switch {
	case u.Act == ActRefuse:
		s.Case = nil
		return a.outcome()
	case a.decision.Kind == chat.Escalate, angry && s.Case != nil && s.Case.Reason == desk.ReasonAngry:
		return r.wish(s, u, trigger, a.offered)
	case angry && a.decision.Kind == chat.Clarify: // the way to a person is among the options
		return a.outcome()
	}
	if a, ok := r.lib.Article(article); ok && trigger.Reason == "" && a.Escalate == kb.EscalateAlways {
		trigger = kb.Trigger{Reason: string(desk.ReasonArticle), Urgency: string(desk.UrgencyNormal)}
	}
	fires := trigger.Reason != ""
	isAnswer := a.decision.Kind == chat.Answer && u.Act != ActProgram
	if s.Case != nil && !isAnswer && !fires { // the offer stands while nothing else is answered
		return a.outcome()
	}
	s.Case = nil
	if !fires || a.decision.Kind == chat.Greet && !angry || article != "" && s.CaseOf == article && !angry {
		return a.outcome()
	}
	return r.propose(s, a, trigger, article)
}

// propose offers to register a case: below an answer, or instead of a reply that was none.
func (r *registrar) propose(s *Session, a answered, trigger kb.Trigger, article string) Outcome {
	h := &r.lib.Phrases.Handover
	topic := cmp.Or(article, s.Topic)
	if article == "" && trigger.Urgency == string(desk.UrgencyUrgent) && len(trigger.Articles) > 0 { // it is none of the topic's cases
		topic = trigger.Articles[0]
	}
	s.Case = newCase(topic, trigger)
	s.Case.Stage = StageOffered
	s.CaseOf = cmp.Or(article, s.CaseOf)
	offer := r.bubble(chat.Collect, h.Offer, option(yesOption, h.Yes), option(noOption, h.No))
	sorry := ""
	if isAngry(&trigger) {
		sorry = h.Angry
	}
	if article != "" {
		a.reply.Text = paragraphs(sorry, a.reply.Text)
		return a.outcome(offer)
	}
	offer.Text = sorry + offer.Text
	offer.Articles, offer.Confidence = a.reply.Articles, a.reply.Confidence
	s.noteReply(offer)
	a.reply = offer
	return a.outcome()
}

// newCase is a case about a topic, for the reason of a trigger; the wish for a person is one too.
func newCase(topic string, t kb.Trigger) *Case {
	return &Case{Topic: topic, Reason: cmp.Or(desk.Reason(t.Reason), desk.ReasonAsked), Urgency: cmp.Or(desk.Urgency(t.Urgency), desk.UrgencyNormal)}
}

// wish is the wish for a person: details are asked for first where it is known which, once.
func (r *registrar) wish(s *Session, u *Understanding, trigger kb.Trigger, offered bool) Outcome {
	if s.Case == nil {
		if trigger.Reason == "" {
			trigger = r.trigger(s.Topic, nil)
		}
		s.Case = newCase(s.Topic, trigger)
		if trigger.Reason == "" && offered {
			s.Case.Reason = desk.ReasonUnhelped
		}
	}
	c := s.Case
	s.CaseOf = cmp.Or(c.Topic, s.CaseOf)
	if c.Reason == desk.ReasonAngry || len(r.missing(s, c.Topic)) == 0 {
		return r.open(s, u)
	}
	return ownReply(s, r.next(s, r.lib.Phrases.Handover.First))
}

// open opens the ticket. Until an agent claims it the bot goes on speaking.
func (r *registrar) open(s *Session, u *Understanding) Outcome {
	h := &r.lib.Phrases.Handover
	c := s.Case
	if c == nil {
		c = newCase(s.Topic, r.trigger(s.Topic, u.Triggers))
	}
	s.Case, s.Unhelped, s.Move = nil, 0, ContentNone
	out := Outcome{Reply: r.bubble(chat.Escalate, ""), Ticket: r.draft(s, c, u.Quote)}
	reply := &out.Reply
	reply.Articles, reply.Ticket = append(reply.Articles, s.Tried...), out.Ticket.Number
	reply.Text = fill(h.Opened, "number", reply.Ticket, "when", r.attendance(u.At))
	if c.Topic == "" && u.Act != ActHandoff {
		reply.Text = paragraphs(reply.Text, r.write(s))
	}
	s.noteReply(*reply)
	if !slices.Contains(c.Done, kb.SlotContact) {
		out.More = r.askCallback(s, u.At)
	}
	s.Words, s.Tried, s.CaseOf = nil, nil, "" // the ticket has them
	return out
}

// write asks for the details while the customer waits; "" when nothing of use is missing.
func (r *registrar) write(s *Session) string {
	var names []string
	for _, spec := range kb.SlotSpecs() {
		if spec.Urgent && *s.Device.Field(string(spec.Slot)) == "" {
			names = append(names, r.lib.Phrases.Details[spec.Slot].Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fill(r.lib.Phrases.Handover.Write, "list", strings.Join(names, "、"))
}

// draft is the ticket for an agent's first glance.
func (r *registrar) draft(s *Session, c *Case, quote string) *desk.TicketDraft {
	d := &desk.TicketDraft{Number: r.desk.Number(), Reason: c.Reason, Urgency: c.Urgency, Articles: slices.Clone(s.Tried)}
	words := strings.Join(s.Words, "；")
	if words == "" && utf8.RuneCountInString(quote) > 1 {
		words = quote
	}
	d.Summary = words
	if a, ok := r.lib.Article(c.Topic); ok {
		d.Category, d.Summary = a.Category, paragraphs(a.Title, words)
	}
	return d
}

// missing are the details that an article collects and nobody told or skipped yet.
func (r *registrar) missing(s *Session, topic string) []kb.Slot {
	a, ok := r.lib.Article(topic)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(a.Collect), func(slot kb.Slot) bool {
		at := s.Device.Field(string(slot))
		return at == nil || *at != "" || s.Case != nil && slices.Contains(s.Case.Done, slot)
	})
}

// next asks for what is missing still, or shows the summary. before stands in front.
func (r *registrar) next(s *Session, before string) chat.Reply {
	c := s.Case
	c.Misses, c.Reminders, c.Asked = 0, 0, together(r.missing(s, c.Topic))
	if len(c.Asked) == 0 {
		c.Stage = StageConfirming
		return r.summary(s)
	}
	c.Stage = StageAsking
	var parts []string
	for _, slot := range c.Asked {
		d := r.lib.Phrases.Details[slot]
		parts = append(parts, fill(r.lib.Phrases.Handover.Ask, "ask", d.Ask, "where", d.Where, "example", d.Example))
	}
	return r.bubble(chat.Collect, paragraphs(before, strings.Join(parts, "\n\n")), r.skipOptions()...)
}

// together is the next question: the first missing detail, and the one that stands beside it.
func together(missing []kb.Slot) []kb.Slot {
	if len(missing) == 0 {
		return nil
	}
	first := missing[0]
	if with := first.Spec().With; slices.Contains(missing, with) {
		return []kb.Slot{first, with}
	}
	return missing[:1]
}

// summary shows everything that is known, to be confirmed.
func (r *registrar) summary(s *Session) chat.Reply {
	h := &r.lib.Phrases.Handover
	var lines []string
	for _, slot := range kb.Slots() {
		if value := *s.Device.Field(string(slot)); value != "" {
			lines = append(lines, "· "+r.lib.Phrases.Details[slot].Name+"："+value)
		}
	}
	text := h.Nothing
	if len(lines) > 0 {
		text = fill(h.Summary, "list", strings.Join(lines, "\n"))
	}
	return r.bubble(chat.Collect, text, r.confirmOptions()...)
}

func (r *registrar) skipOptions() []chat.Option {
	h := &r.lib.Phrases.Handover
	return []chat.Option{option(skipOption, h.Skip), option(humanOption, h.Now)}
}

func (r *registrar) confirmOptions() []chat.Option {
	h := &r.lib.Phrases.Handover
	return []chat.Option{option(confirmOption, h.Confirm), option(cancelOption, h.CancelIt)}
}

// warn puts what a danger asks for in front of all else, once: a bubble of its own, or a line of the system beside an
// agent. A case that is being registered becomes as urgent as the danger is.
func (r *registrar) warn(s *Session, u *Understanding, out Outcome) Outcome {
	d := u.Danger
	if d == nil {
		return out
	}
	if t := r.trigger("", u.Triggers); s.Case != nil && t.Reason == d.Reason {
		s.Case.Reason, s.Case.Urgency = desk.Reason(t.Reason), desk.Urgency(t.Urgency)
	}
	if s.Warned == d.ID {
		return out
	}
	s.Warned = d.ID
	path := out.Reply
	switch {
	case out.Silent:
		out.System = paragraphs(d.Say, out.System)
	case r.desk == nil && path.Decision != chat.Answer && path.Decision != chat.Escalate:
		out.Reply.Text = d.Say
	case r.desk == nil: // there is one bubble only
		out.Reply.Text = paragraphs(d.Say, path.Text)
	default:
		if path.Decision != chat.Escalate {
			out.Reply.Decision = chat.Answer
		}
		out.Reply.Text, out.Reply.Options = d.Say, []chat.Option{}
		out.More = append([]chat.Reply{path}, out.More...)
	}
	return out
}
