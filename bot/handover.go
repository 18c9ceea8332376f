package bot

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

// trigger finds the first trigger that an article or the words of a message set off.
func (b *Bot) trigger(article, text string) (kb.Trigger, bool) {
	folded := plain(text)
	for _, t := range b.lib.Phrases.Triggers {
		if article != "" && slices.Contains(t.Articles, article) || containsAny(folded, t.Words) {
			return t, true
		}
	}
	return kb.Trigger{}, false
}

// handOver adds to a turn what leads to a person: the ticket, its first question, or the offer of it.
func (b *Bot) handOver(s *Session, m chat.Message, t turn) Outcome {
	article := ""
	if t.decision.Kind == chat.Answer && len(t.reply.Articles) > 0 {
		article = t.reply.Articles[0].ID
	}
	trig, fires := b.trigger(article, m.Text)
	angry := fires && trig.Reason == string(desk.ReasonAngry)
	switch {
	case t.understood.Refused:
		s.Case = nil
		return t.outcome()
	case t.decision.Kind == chat.Escalate, angry && s.Case != nil && s.Case.Reason == desk.ReasonAngry:
		return b.wish(s, m, trig, t.wanted)
	}
	if angry && t.decision.Kind == chat.Clarify { // the way to a person is among the options
		return t.outcome()
	}
	if a, ok := b.lib.Article(article); ok && !fires && a.Escalate == kb.EscalateAlways {
		trig, fires = kb.Trigger{Reason: string(desk.ReasonArticle), Urgency: string(desk.UrgencyNormal)}, true
	}
	if s.Case != nil && t.decision.Kind != chat.Answer && !fires { // the offer stands while nothing else is answered
		return t.outcome()
	}
	s.Case = nil
	if !fires || t.decision.Kind == chat.Greet && !angry || article != "" && s.Settled == article && !angry {
		return t.outcome()
	}
	return b.propose(s, t, trig, article)
}

// propose offers to register a case: below an answer, or instead of a reply that was none.
func (b *Bot) propose(s *Session, t turn, trig kb.Trigger, article string) Outcome {
	h := &b.lib.Phrases.Handover
	s.Case = &Case{Stage: offered, Topic: cmp.Or(article, s.Topic), Reason: desk.Reason(trig.Reason), Urgency: desk.Urgency(trig.Urgency)}
	s.Settled = cmp.Or(article, s.Settled)
	offer := b.bubble(chat.Collect, h.Offer, option(yesOption, h.Yes), option(noOption, h.No))
	sorry := ""
	if s.Case.Reason == desk.ReasonAngry {
		sorry = h.Angry
	}
	if article != "" {
		t.reply.Text = paragraphs(sorry, t.reply.Text)
		return t.outcome(offer)
	}
	offer.Text = sorry + offer.Text
	offer.Articles, offer.Confidence = t.reply.Articles, t.reply.Confidence
	s.say(offer)
	t.reply = offer
	return t.outcome()
}

// wish is the wish for a person: details are asked for first where it is known which, once.
func (b *Bot) wish(s *Session, m chat.Message, trig kb.Trigger, unhelped bool) Outcome {
	c := s.Case
	if c == nil {
		c = &Case{Topic: s.Topic, Reason: desk.ReasonAsked, Urgency: desk.UrgencyNormal}
		if trig.Reason == "" {
			trig, _ = b.trigger(s.Topic, "")
		}
		switch {
		case trig.Reason != "":
			c.Reason, c.Urgency = desk.Reason(trig.Reason), desk.Urgency(trig.Urgency)
		case unhelped:
			c.Reason = desk.ReasonUnhelped
		}
	}
	s.Case, s.Settled = c, cmp.Or(c.Topic, s.Settled)
	if c.Reason == desk.ReasonAngry || s.openTicket() || len(b.missing(s, c.Topic)) == 0 {
		return b.open(s, m)
	}
	return said(s, b.next(s, b.lib.Phrases.Handover.First))
}

// openTicket tells whether the conversation has a ticket that is not closed.
func (s *Session) openTicket() bool { return s.Ticket != nil && s.Ticket.State != desk.StateClosed }

// open opens the ticket, and the agent holds the conversation. A ticket that is not closed yet goes on.
func (b *Bot) open(s *Session, m chat.Message) Outcome {
	h := &b.lib.Phrases.Handover
	c := cmp.Or(s.Case, &Case{Topic: s.Topic, Reason: desk.ReasonAsked, Urgency: desk.UrgencyNormal})
	if s.Case == nil {
		if t, ok := b.trigger(s.Topic, m.Text); ok {
			c.Reason, c.Urgency = desk.Reason(t.Reason), desk.Urgency(t.Urgency)
		}
	}
	s.Holder, s.Case, s.Unhelped, s.Wanted = chat.HolderAgent, nil, 0, false
	reply := b.bubble(chat.Escalate, "")
	reply.Articles = append(reply.Articles, s.Tried...)
	out := Outcome{}
	if s.openTicket() {
		reply.Ticket = s.Ticket.Number
		reply.Text = fill(h.Still, "number", reply.Ticket, "when", b.when(b.at(m)))
	} else {
		out.Ticket = b.draft(s, c, m)
		reply.Ticket = out.Ticket.Number
		reply.Text = fill(h.Opened, "number", reply.Ticket, "when", b.when(b.at(m)))
		if c.Topic == "" && !m.Handoff {
			reply.Text = paragraphs(reply.Text, b.write(s))
		}
	}
	s.say(reply)
	s.Words, s.Tried, s.Settled = nil, nil, "" // the ticket has them
	out.Reply = reply
	return out
}

// write asks for the details while the customer waits; "" when nothing of use is missing.
func (b *Bot) write(s *Session) string {
	var names []string
	for _, slot := range []kb.Slot{kb.SlotBrandModel, kb.SlotSerial, kb.SlotMerchantNo, kb.SlotOccurredAt, kb.SlotAmount, kb.SlotErrorCode} {
		if *s.Device.Field(string(slot)) == "" {
			names = append(names, b.lib.Phrases.Details[slot].Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fill(b.lib.Phrases.Handover.Write, "list", strings.Join(names, "、"))
}

// draft is the ticket for an agent's first glance.
func (b *Bot) draft(s *Session, c *Case, m chat.Message) *desk.TicketDraft {
	d := &desk.TicketDraft{Number: b.desk.Number(), Reason: c.Reason, Urgency: c.Urgency, Articles: slices.Clone(s.Tried)}
	var lines []string
	if a, ok := b.lib.Article(c.Topic); ok {
		d.Category = a.Category
		lines = append(lines, a.Title)
	}
	words := slices.Clone(s.Words)
	if text := cut(strings.Join(strings.Fields(m.Text), " "), maxQuote); len(words) == 0 && utf8.RuneCountInString(text) > 1 {
		words = append(words, text)
	}
	if len(words) > 0 {
		lines = append(lines, strings.Join(words, "；"))
	}
	d.Summary = strings.Join(lines, "\n")
	return d
}

// when tells when somebody answers.
func (b *Bot) when(now time.Time) string {
	h := &b.lib.Phrases.Handover
	if b.desk.Hours == nil || b.desk.Hours.Open(now) {
		return h.Open
	}
	next := b.desk.Hours.Next(now)
	if next.IsZero() {
		return h.ShutLong
	}
	return fill(h.Shut, "next", day(next, now)+" "+next.In(china()).Format("15:04"))
}

// day names the day of t as people say it on the day of now.
func day(t, now time.Time) string {
	t, now = t.In(china()), now.In(china())
	midnight := func(x time.Time) time.Time { return time.Date(x.Year(), x.Month(), x.Day(), 0, 0, 0, 0, x.Location()) }
	switch days := int(midnight(t).Sub(midnight(now)).Hours()) / 24; {
	case days == 0:
		return "今天"
	case days == 1:
		return "明天"
	case days == -1:
		return "昨天"
	case 1 < days && days < 7:
		return "周" + string([]rune("日一二三四五六")[t.Weekday()])
	}
	return fmt.Sprintf("%d月%d日", t.Month(), t.Day())
}

// crockford is the alphabet of ticket numbers: no letter that reads like a digit.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Numbers makes numbers for tickets: the day and four random characters, such as 1124-7K3F. random
// must be safe for concurrent use; crypto/rand.Reader is.
func Numbers(now func() time.Time, random io.Reader) func() string {
	return func() string {
		var raw [4]byte
		if _, err := io.ReadFull(random, raw[:]); err != nil { // a weak number is better than no ticket: a taken one repeats the turn
			binary.BigEndian.PutUint32(raw[:], uint32(now().UnixNano()))
		}
		for i, x := range raw {
			raw[i] = crockford[int(x)%len(crockford)]
		}
		return now().In(china()).Format("0102") + "-" + string(raw[:])
	}
}
