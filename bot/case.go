package bot

import (
	"slices"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

// maxMisses is how many messages in a row may answer nothing before a question is dropped, and
// maxReminders how often a case is brought up again between other questions.
const (
	maxMisses    = 2
	maxReminders = 2
)

// collect is one message while a case is being registered.
func (r *registrar) collect(s *Session, u *Understanding) Outcome {
	c, h := s.Case, &r.lib.Phrases.Handover
	switch u.Act {
	case ActPerson, ActConfirm:
		return r.open(s, u)
	case ActCancel:
		s.Case, s.CaseOf = nil, c.Topic
		return ownReply(s, r.bubble(chat.Greet, h.Cancel))
	case ActResume:
		return ownReply(s, r.next(s, r.noted(s, u)))
	case ActChange:
		return ownReply(s, r.bubble(chat.Collect, h.Which, r.confirmOptions()...))
	case ActSkip:
		return ownReply(s, r.skip(s, u.Unknown))
	case ActAccept:
		return ownReply(s, r.next(s, ""))
	case ActKnown:
		return ownReply(s, r.bubble(chat.Collect, h.Unchanged, r.confirmOptions()...))
	case ActMiss:
		return ownReply(s, r.askAgain(s))
	case ActAnswer:
		return ownReply(s, r.accept(s, u))
	case ActNod:
		return r.nod(s)
	case ActSay, ActPick, ActDeny, ActRefuse, ActProgress, ActProgram, ActContact:
	case ActWithdraw, ActAffirm, ActAside, ActAlbum, ActRecall, ActPhoto, ActMedium, ActWelcome, ActHandoff: // these are not for the case
	}
	return r.digress(s, u)
}

// accept goes on behind an answer; a number with a strange shape is pointed out once.
func (r *registrar) accept(s *Session, u *Understanding) chat.Reply {
	c := s.Case
	for _, slot := range kb.Slots() {
		value, shown := u.Told[slot], u.Told[slot]
		if slot == kb.SlotContact && u.Contact != "" {
			value = u.Contact
		}
		if value == "" || value == r.lib.Phrases.Handover.Seen || !isMisshapen(slot, value) || slices.Contains(c.Doubted, slot) {
			continue
		}
		c.Doubted, c.Asked, c.Stage = append(c.Doubted, slot), []kb.Slot{slot}, StageAsking
		d := r.lib.Phrases.Details[slot]
		return r.bubble(chat.Collect, fill(r.lib.Phrases.Handover.Doubt, "name", d.Name, "shape", d.Shape, "value", shown), r.skipOptions()...)
	}
	return r.next(s, r.noted(s, u))
}

// digress is a message that answers no question: another question, a wish for a person, a name that
// nobody can check, or nothing.
func (r *registrar) digress(s *Session, u *Understanding) Outcome {
	c := s.Case
	d := Decide(*s, *u, r.policy)
	switch {
	case d.Rule == RuleProgress:
		return r.remind(s, r.progress(s, u.At))
	case d.Kind == chat.Escalate, u.Tone != ToneCalm:
		if u.Tone != ToneCalm {
			t := r.trigger("", u.Triggers)
			c.Reason, c.Urgency = desk.Reason(t.Reason), desk.Urgency(t.Urgency)
		}
		return r.open(s, u)
	}
	if slot := freeSlot(s, u, d); slot != "" && !u.tells() {
		u.Told = told{slot: u.Free[slot]}
		mergeDetails(&s.Device, u.Told)
		return ownReply(s, r.next(s, r.noted(s, u)))
	}
	if c.Stage == StageAsking && d.Kind != chat.Answer && d.Kind != chat.Greet && !u.Question {
		if u.tellsAny(c.Asked) { // what it says besides is no question, and no answer to one
			return ownReply(s, r.accept(s, u))
		}
		return ownReply(s, r.askAgain(s))
	}
	reply := r.answer(s, u, d).reply
	if u.tells() && (c.Stage != StagePaused || u.tellsAny(c.Asked)) {
		return r.both(s, u, reply)
	}
	return r.remind(s, reply)
}

// both is a message that tells details and asks something: the details are noted, the question has its reply, and the
// case goes on.
func (r *registrar) both(s *Session, u *Understanding, reply chat.Reply) Outcome {
	noted := r.noted(s, u)
	next := r.accept(s, u)
	if len(topicsOf(reply.Options)) > 0 { // a number must pick from one list only: what comes next is asked behind the choice
		reply.Text = paragraphs(noted, reply.Text)
		return Outcome{Reply: reply}
	}
	return Outcome{Reply: reply, More: []chat.Reply{next}}
}

// nod puts the open question again behind a face or a sound, which answers nothing and is no miss either.
func (r *registrar) nod(s *Session) Outcome {
	c := s.Case
	if c.Reminders++; c.Reminders > maxReminders {
		c.Stage = StagePaused
		return ownReply(s, r.resumeQuestion())
	}
	return ownReply(s, r.openQuestion(s))
}

// openQuestion is what the case asks for, once more.
func (r *registrar) openQuestion(s *Session) chat.Reply {
	if s.Case.Stage == StageConfirming {
		return r.summary(s)
	}
	var questions []string
	for _, slot := range s.Case.Asked {
		questions = append(questions, r.lib.Phrases.Details[slot].Ask)
	}
	return r.bubble(chat.Collect, fill(r.lib.Phrases.Handover.Again, "ask", strings.Join(questions, "？")), r.skipOptions()...)
}

// resumeQuestion asks whether to go on with a case that waits.
func (r *registrar) resumeQuestion() chat.Reply {
	h := &r.lib.Phrases.Handover
	return r.bubble(chat.Collect, h.Resume, option(resumeOption, h.ResumeYes), option(cancelOption, h.CancelIt), option(humanOption, h.Now))
}

// freeSlot is the asked detail that a message is taken for, though nothing can be read out of it: a
// name, a place or a time in words. "" when the message is more like a question.
func freeSlot(s *Session, u *Understanding, d Decision) kb.Slot {
	isAnswer := d.Kind == chat.Answer
	if s.Case.Stage != StageAsking || d.Kind == chat.Greet || isAnswer && u.Phrasing {
		return ""
	}
	for _, slot := range s.Case.Asked {
		words := slot.Spec().Words
		if *s.Device.Field(string(slot)) == "" && u.Free[slot] != "" && (words == kb.FreeAlways || !isAnswer) {
			return slot
		}
	}
	return ""
}

// skip goes on without the details that are not known, which are all that were asked for where none is named.
func (r *registrar) skip(s *Session, unknown []kb.Slot) chat.Reply {
	if len(unknown) == 0 {
		unknown = s.Case.Asked
	}
	s.Case.Done = append(s.Case.Done, unknown...)
	return r.next(s, "")
}

// askAgain asks once more; whoever cannot answer twice is not asked a third time.
func (r *registrar) askAgain(s *Session) chat.Reply {
	c := s.Case
	misses := c.Misses + 1
	if misses >= maxMisses {
		return r.skip(s, nil)
	}
	reply := r.next(s, r.lib.Phrases.Handover.Unread)
	c.Misses = misses
	return reply
}

// remind goes back to the case behind a reply to something else, but does not insist.
func (r *registrar) remind(s *Session, reply chat.Reply) Outcome {
	c := s.Case
	out := Outcome{Reply: reply}
	if len(topicsOf(reply.Options)) > 0 {
		return out // a number must pick from one list only: what comes next is asked behind the choice
	}
	c.Reminders++
	switch {
	case c.Stage == StagePaused && c.Reminders == 1:
		out.More = append(out.More, r.resumeQuestion())
	case c.Stage == StagePaused:
	case c.Reminders > maxReminders:
		c.Stage = StagePaused
	default:
		out.More = append(out.More, r.openQuestion(s))
	}
	return out
}

// noted says what was just understood, so that a wrong one is seen at once.
func (r *registrar) noted(s *Session, u *Understanding) string {
	h := &r.lib.Phrases.Handover
	var list []string
	for _, slot := range kb.Slots() {
		if value := u.Told[slot]; value != "" && value != h.Seen {
			list = append(list, r.lib.Phrases.Details[slot].Name+" "+*s.Device.Field(string(slot)))
		}
	}
	text := ""
	if u.Photo {
		text = h.Photo
	}
	if len(list) > 0 {
		text += fill(h.Noted, "list", strings.Join(list, "、"))
	}
	return text
}
