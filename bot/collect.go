package bot

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

// patienceMisses is how many messages in a row may answer nothing before a question is dropped, and
// how often the case is brought up again between other questions.
const patienceMisses = 2

// collect is one message while a case is being registered.
func (b *Bot) collect(ctx context.Context, s *Session, m chat.Message, h heard) (Outcome, error) {
	c := s.Case
	answers := len(h.told) > 0 || h.photo
	switch cue := b.cue(s, m.Text); {
	case cue == kb.CueNow:
		return b.open(s, m), nil
	case cue == kb.CueCancel, cue == kb.CueNo && c.Stage == paused:
		s.Case, s.Settled = nil, c.Topic
		return said(s, b.bubble(chat.Greet, b.lib.Phrases.Handover.Cancel)), nil
	case c.Stage == paused && (cue == kb.CueYes || answers):
		return said(s, b.next(s, b.noted(s, h))), nil
	case c.Stage == paused:
	case c.Stage == confirming && (cue == kb.CueYes || cue == kb.CueSkip):
		return b.open(s, m), nil
	case c.Stage == confirming && (cue == kb.CueWrong || cue == kb.CueNo || !answers && b.changes(m.Text)):
		return said(s, b.bubble(chat.Collect, b.lib.Phrases.Handover.Which, b.confirmOptions()...)), nil
	case c.Stage == asking && (cue == kb.CueSkip || cue == kb.CueNo):
		c.Done = append(c.Done, c.Asked...)
		return said(s, b.next(s, "")), nil
	case c.Stage == asking && cue == kb.CueYes && b.answered(s):
		return said(s, b.next(s, "")), nil // it is right as it was doubted
	case c.Stage == confirming && answers && !h.changed && s.Last != b.lib.Phrases.Handover.Unchanged:
		return said(s, b.bubble(chat.Collect, b.lib.Phrases.Handover.Unchanged, b.confirmOptions()...)), nil
	case c.Stage == asking && answers && !h.changed && !b.answers(c, h): // known already, and not what was asked
		return said(s, b.unread(s)), nil
	case answers && !asks(m.Text):
		return said(s, b.take(s, h)), nil
	}
	return b.aside(ctx, s, m, h)
}

// answers tells whether a message tells something that was asked for.
func (b *Bot) answers(c *Case, h heard) bool {
	return h.photo || slices.ContainsFunc(c.Asked, func(slot kb.Slot) bool { return h.told[slot] != "" })
}

// changes tells whether a message wants something of the summary changed, without saying to what.
func (b *Bot) changes(text string) bool {
	return len(named(text)) > 0 && containsAny(plain(text), []string{"错", "不对", "改", "不是"})
}

// answered tells whether everything that was asked for is known.
func (b *Bot) answered(s *Session) bool {
	return !slices.ContainsFunc(s.Case.Asked, func(slot kb.Slot) bool { return *s.Device.Field(string(slot)) == "" })
}

// take goes on behind an answer; a number with a strange shape is pointed out once.
func (b *Bot) take(s *Session, h heard) chat.Reply {
	c := s.Case
	for _, slot := range kb.Slots() {
		value := h.told[slot]
		if slot == kb.SlotContact && h.contact != "" {
			value = h.contact
		}
		if value == "" || value == b.lib.Phrases.Handover.Seen || !doubtful(slot, value) || slices.Contains(c.Doubted, slot) {
			continue
		}
		c.Doubted, c.Asked, c.Stage = append(c.Doubted, slot), []kb.Slot{slot}, asking
		detail := b.lib.Phrases.Details[slot]
		shown := value
		if slot == kb.SlotContact {
			shown = h.told[slot]
		}
		text := fill(b.lib.Phrases.Handover.Doubt, "name", detail.Name, "shape", detail.Shape, "value", shown)
		return b.bubble(chat.Collect, text, b.skipOptions()...)
	}
	return b.next(s, b.noted(s, h))
}

// aside is a message that answers no question: another question, a wish for a person, a name that
// nobody can check, or nothing.
func (b *Bot) aside(ctx context.Context, s *Session, m chat.Message, h heard) (Outcome, error) {
	c := s.Case
	if asked, err := b.asksProgress(ctx, s, m); asked || err != nil {
		return b.strayed(s, b.progress(s, m)), err
	}
	u, err := b.understand(ctx, s, m)
	if err != nil {
		return Outcome{}, err
	}
	d := Decide(*s, u, b.policy)
	if trig, angry := b.trigger("", m.Text); d.Kind == chat.Escalate || angry && trig.Reason == string(desk.ReasonAngry) {
		if angry {
			c.Reason, c.Urgency = desk.Reason(trig.Reason), desk.Urgency(trig.Urgency)
		}
		return b.open(s, m), nil
	}
	if slot := b.freeSlot(s, u, d, m.Text); slot != "" {
		h.told = told{slot: strings.TrimSpace(plain(m.Text))}
		merge(&s.Device, h.told)
		return said(s, b.next(s, b.noted(s, h))), nil
	}
	if c.Stage == asking && d.Kind != chat.Answer && d.Kind != chat.Greet && !asks(m.Text) {
		return said(s, b.unread(s)), nil
	}
	t, err := b.turn(ctx, s, m)
	return b.strayed(s, t.reply), err
}

// unread asks again; whoever cannot answer twice is not asked a third time.
func (b *Bot) unread(s *Session) chat.Reply {
	c := s.Case
	if c.Misses++; c.Misses >= patienceMisses {
		c.Done = append(c.Done, c.Asked...)
		return b.next(s, "")
	}
	misses := c.Misses
	r := b.next(s, b.lib.Phrases.Handover.Unread)
	c.Misses = misses
	return r
}

// strayed goes back to the case behind a reply to something else, but does not insist.
func (b *Bot) strayed(s *Session, r chat.Reply) Outcome {
	c := s.Case
	out := Outcome{Reply: r}
	h := &b.lib.Phrases.Handover
	if slices.ContainsFunc(r.Options, func(o chat.Option) bool { return !isControl(o.ID) }) {
		return out // a number must pick from one list only: what comes next is asked behind the choice
	}
	c.Reminders++
	switch {
	case c.Stage == paused && c.Reminders == 1:
		out.More = append(out.More, b.bubble(chat.Collect, h.Resume, option(resumeOption, h.ResumeYes), option(cancelOption, h.CancelIt), option(humanOption, h.Now)))
	case c.Stage == paused:
	case c.Reminders > patienceMisses:
		c.Stage = paused
	case c.Stage == confirming:
		out.More = append(out.More, b.summary(s))
	default:
		var asks []string
		for _, slot := range c.Asked {
			asks = append(asks, b.lib.Phrases.Details[slot].Ask)
		}
		out.More = append(out.More, b.bubble(chat.Collect, fill(h.Again, "ask", strings.Join(asks, "？")), b.skipOptions()...))
	}
	return out
}

// freeSlot is the asked detail that a message is taken for, though nothing can be read out of it: a
// name, a place or a time in words. "" when the message is more like a question.
func (b *Bot) freeSlot(s *Session, u Understanding, d Decision, text string) kb.Slot {
	free := []kb.Slot{kb.SlotBrandModel, kb.SlotOccurredAt, kb.SlotReceiptMerchant, kb.SlotStatementMerchant, kb.SlotErrorCode, kb.SlotCity}
	n := utf8.RuneCountInString(text)
	if s.Case.Stage != asking || n < 2 || n > maxQuote/2 || asks(text) || !says(text) || d.Kind == chat.Greet || d.Kind == chat.Answer && b.isPhrasing(u, text) {
		return ""
	}
	for _, slot := range s.Case.Asked {
		named := slot == kb.SlotReceiptMerchant || slot == kb.SlotStatementMerchant || slot == kb.SlotErrorCode
		if slices.Contains(free, slot) && *s.Device.Field(string(slot)) == "" && (named || d.Kind != chat.Answer) {
			return slot
		}
	}
	return ""
}

// isPhrasing tells whether a text is word for word a way to ask for the article that it was understood as.
func (b *Bot) isPhrasing(u Understanding, text string) bool {
	if len(u.Hits) == 0 {
		return false
	}
	a, ok := b.lib.Article(u.Hits[0].ID)
	return ok && slices.ContainsFunc(a.Phrasings(), func(p string) bool { return core(p) == core(text) })
}

// asks tells whether a text looks like a question.
func asks(text string) bool {
	return containsAny(plain(text), []string{"?", "吗", "怎么", "什么", "多久", "多少", "为啥", "咋", "哪里", "哪儿", "能不能", "可不可以", "是不是", "如何"})
}

// next asks for what is missing still, or shows the summary. before stands in front.
func (b *Bot) next(s *Session, before string) chat.Reply {
	c := s.Case
	c.Misses, c.Reminders = 0, 0
	c.Asked = together(b.missing(s, c.Topic))
	if len(c.Asked) == 0 {
		c.Stage = confirming
		return b.summary(s)
	}
	c.Stage = asking
	var parts []string
	for _, slot := range c.Asked {
		d := b.lib.Phrases.Details[slot]
		parts = append(parts, fill(b.lib.Phrases.Handover.Ask, "ask", d.Ask, "where", d.Where, "example", d.Example))
	}
	return b.bubble(chat.Collect, paragraphs(before, strings.Join(parts, "\n\n")), b.skipOptions()...)
}

// summary shows everything that is known, to be confirmed.
func (b *Bot) summary(s *Session) chat.Reply {
	h := &b.lib.Phrases.Handover
	var lines []string
	for _, slot := range kb.Slots() {
		if value := *s.Device.Field(string(slot)); value != "" {
			lines = append(lines, "· "+b.lib.Phrases.Details[slot].Name+"："+value)
		}
	}
	text := h.Nothing
	if len(lines) > 0 {
		text = fill(h.Summary, "list", strings.Join(lines, "\n"))
	}
	return b.bubble(chat.Collect, text, b.confirmOptions()...)
}

// noted says what was just understood, so that a wrong one is seen at once.
func (b *Bot) noted(s *Session, h heard) string {
	phrases := &b.lib.Phrases
	var list []string
	for _, slot := range kb.Slots() {
		if value := h.told[slot]; value != "" && value != phrases.Handover.Seen {
			list = append(list, phrases.Details[slot].Name+" "+*s.Device.Field(string(slot)))
		}
	}
	var text string
	if h.photo {
		text = phrases.Handover.Photo
	}
	if len(list) > 0 {
		text += fill(phrases.Handover.Noted, "list", strings.Join(list, "、"))
	}
	return text
}

func (b *Bot) skipOptions() []chat.Option {
	h := &b.lib.Phrases.Handover
	return []chat.Option{option(skipOption, h.Skip), option(humanOption, h.Now)}
}

func (b *Bot) confirmOptions() []chat.Option {
	h := &b.lib.Phrases.Handover
	return []chat.Option{option(confirmOption, h.Confirm), option(cancelOption, h.CancelIt)}
}

func option(id, title string) chat.Option { return chat.Option{ID: id, Title: title} }

// bubble is a reply of the bot's own, from no article.
func (b *Bot) bubble(kind chat.Decision, text string, options ...chat.Option) chat.Reply {
	return chat.Reply{Decision: kind, Confidence: 1, Text: text, Articles: []chat.Article{}, Options: append([]chat.Option{}, options...)}
}

// said notes a reply that came not from the guide.
func said(s *Session, r chat.Reply) Outcome {
	s.Wanted, s.Unhelped = false, 0
	s.say(r)
	return Outcome{Reply: r}
}

// paragraphs joins what is not empty.
func paragraphs(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "\n")
}

// fill puts values into a sentence: pairs of a name in braces and what stands for it.
func fill(sentence string, pairs ...string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		sentence = strings.ReplaceAll(sentence, "{"+pairs[i]+"}", pairs[i+1])
	}
	return sentence
}
