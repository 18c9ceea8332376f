// Package bot decides what to say to a customer: one message in, one outcome out.
package bot

import (
	"context"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// Bot answers from one guide. It keeps nothing between messages but what stands in the Session, so
// one Bot serves any number of conversations at once.
type Bot struct {
	reader
	registrar
}

// New makes a bot for a guide and its index. now is the clock by which articles age. It hands nobody
// over: it says how to reach a person.
func New(lib *kb.Library, searcher kb.Searcher, policy Policy, now func() time.Time) *Bot {
	words := newVocabulary(lib)
	return &Bot{
		reader:    reader{lib: lib, searcher: searcher, policy: policy, now: now, words: words, alarms: newAlarms(lib, words), slots: newSlotReader(lib)},
		registrar: registrar{writer: &writer{lib: lib, now: now}, policy: policy},
	}
}

// WithHandover returns a bot that gathers the details of a case and opens tickets.
func (b *Bot) WithHandover(h Handover) *Bot {
	with, words := *b, *b.writer
	words.desk = &h
	with.tickets, with.writer = true, &words
	return &with
}

// Step decides everything about one message: it reads the guide, and the ticket that the message proves, and changes
// only the session. An error means that one of them could not be read; the session is then as before.
func (b *Bot) Step(ctx context.Context, s *Session, m chat.Message) (Outcome, error) {
	next := s.Clone()
	next.resume(m.At)
	if b.desk != nil {
		next.noteDevice(m.Device)
	}
	if out, done, err := b.proveTicket(ctx, &next, m); done || err != nil {
		if err == nil {
			*s = next
		}
		return out, err
	}
	u, err := b.understand(ctx, &next, m)
	if err != nil {
		return Outcome{}, fmt.Errorf("search the guide: %w", err)
	}
	out := b.respond(&next, &u)
	if b.desk != nil && !out.Silent {
		next.noteOptions(out.Reply, out.More)
	}
	out = b.warn(&next, &u, out)
	out.Contact, out.Understood = u.Contact, u
	out.Understood.Contact = ""
	*s = next
	return out, nil
}

// respond chooses who speaks: the agent, the registration of a case, or the guide.
func (b *Bot) respond(s *Session, u *Understanding) Outcome {
	if b.desk == nil {
		a := b.answer(s, u, Decide(*s, *u, b.reader.policy))
		return a.outcome()
	}
	s.Device, s.Withdrawing = u.Device, false
	if out, done := b.noteCallback(s, u); done {
		return out
	}
	if s.waiting() {
		return b.accompany(s, u)
	}
	switch u.Act {
	case ActAside, ActWithdraw, ActAffirm:
		return b.listen(s, u)
	case ActAlbum:
		return Outcome{Silent: true}
	case ActRecall:
		s.Words = nil // what was taken back may be among them
		return Outcome{Silent: true}
	case ActHandoff:
		return b.open(s, u)
	case ActWelcome:
		return b.beside(s, b.welcome(u))
	case ActMedium:
		return b.beside(s, b.unreadable(u.Medium))
	case ActPhoto:
		return ownReply(s, b.bubble(chat.Clarify, b.writer.lib.Phrases.Handover.Picture, b.humanOption()))
	case ActSay, ActPick, ActDeny, ActPerson, ActRefuse, ActProgress, ActNod, ActProgram, ActContact:
	case ActAnswer, ActAccept, ActSkip, ActMiss, ActConfirm, ActChange, ActKnown, ActResume, ActCancel: // there is a case then
	}
	if s.collecting() {
		return b.collect(s, u)
	}
	d := Decide(*s, *u, b.reader.policy)
	if d.Rule == RuleProgress {
		return Outcome{Reply: b.progress(s, u.At)}
	}
	return b.handOver(s, u, b.answer(s, u, d))
}

// listen keeps silent while an agent holds the conversation; only a ticket's state is told, and whoever calls the
// ticket off is asked whether that is meant.
func (b *Bot) listen(s *Session, u *Understanding) Outcome {
	out := Outcome{Silent: true}
	switch {
	case u.Act == ActWithdraw:
		s.Withdrawing = true
		out.System = fill(b.writer.lib.Phrases.Handover.WithdrawAsk, "number", s.Ticket.Number)
	case u.Act == ActAffirm:
		return b.withdraw(s)
	case u.Medium == chat.Picture: // the agent does not see it either
		out.System = b.unreadable(u.Medium).Text
	case u.Unseen:
		out.System = b.writer.lib.Phrases.Unseen()
	case u.Progress:
		out.System = b.progress(s, u.At).Text
	}
	return out
}

// beside is a reply that has nothing to do with the case that is being registered, if there is one.
func (b *Bot) beside(s *Session, r chat.Reply) Outcome {
	if !s.collecting() {
		return ownReply(s, r)
	}
	s.noteReply(r)
	return b.remind(s, r)
}
