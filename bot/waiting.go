package bot

import (
	"github.com/yingda/yingda/chat"
)

// accompany answers while the ticket waits for an agent, who gets to read everything: from the guide where that knows,
// and else by saying that it was passed on. No second ticket is opened, and none is offered.
func (r *registrar) accompany(s *Session, u *Understanding) Outcome {
	switch {
	case u.Act == ActAlbum:
		return Outcome{Silent: true}
	case u.Act == ActWithdraw, u.Act == ActAffirm:
		return r.withdraw(s)
	case u.Act == ActPerson, u.Act == ActHandoff:
		return r.queuedAlready(s, u)
	case u.Act == ActWelcome:
		return r.withQueued(s, u, ownReply(s, r.welcome(u)))
	case u.Act == ActMedium && u.Medium == chat.Picture: // the agent does not see it either
		return r.withQueued(s, u, ownReply(s, r.bubble(chat.Decline, r.unreadable(u.Medium).Text)))
	case u.Act == ActMedium, u.Act == ActPhoto:
		return r.pass(s, u, r.bubble(chat.Decline, ""))
	}
	d := Decide(*s, *u, r.policy)
	told := u.Changed && !u.Question && d.Kind != chat.Answer
	switch {
	case d.Rule == RuleProgress, u.Progress:
		return Outcome{Reply: r.progress(s, u.At)}
	case d.Kind == chat.Escalate && !told:
		return r.queuedAlready(s, u)
	}
	d, reply := r.reply(s, u, d)
	if d.Kind == chat.Decline || told {
		return r.pass(s, u, reply)
	}
	reply.Options = topicsOf(reply.Options)
	s.remember(d, reply)
	return r.withQueued(s, u, Outcome{Reply: reply, Rule: d.Rule})
}

// queuedAlready tells whoever asks for a person again that one is asked for.
func (r *registrar) queuedAlready(s *Session, u *Understanding) Outcome {
	number := s.Ticket.Number
	reply := r.bubble(chat.Escalate, fill(r.lib.Phrases.Handover.Still, "number", number, "when", r.attendance(u.At)))
	reply.Ticket = number
	return ownReply(s, reply)
}

// pass says that a message goes to the agents, instead of the reply that the guide has for it: with the details that
// were understood, or because the guide does not know what is asked. It says so in other words when it comes twice in a row.
func (r *registrar) pass(s *Session, u *Understanding, reply chat.Reply) Outcome {
	h := &r.lib.Phrases.Handover
	text, other := h.Passed, h.Forwarded
	if noted := r.noted(s, u); noted != "" || u.Act == ActMedium || !u.Question {
		text, other = noted+h.Forwarded, h.Passed
	}
	if u.Tone != ToneCalm {
		text = h.Angry + text
	}
	if u.Unseen { // nobody will see what it was
		text, other = r.lib.Phrases.Unseen(), r.lib.Phrases.Unseen()
	}
	if text == s.Last {
		text = other
	}
	reply.Decision, reply.Text, reply.Options = chat.Decline, text, []chat.Option{}
	return r.withQueued(s, u, ownReply(s, reply))
}

// withQueued puts in front of a reply, once for each ticket, that somebody will be there, and when.
func (r *registrar) withQueued(s *Session, u *Understanding, out Outcome) Outcome {
	if number := s.Ticket.Number; s.Queued != number {
		s.Queued = number
		line := fill(r.lib.Phrases.Handover.Queued, "number", number, "when", r.attendance(u.At))
		out.Reply.Text = line + "\n\n" + out.Reply.Text
	}
	return out
}

// withdraw closes the ticket that the customer calls off.
func (r *registrar) withdraw(s *Session) Outcome {
	reply := r.bubble(chat.Greet, fill(r.lib.Phrases.Handover.Withdrawn, "number", s.Ticket.Number))
	reply.Ticket = s.Ticket.Number
	s.Holder = chat.HolderBot
	out := ownReply(s, reply)
	out.Withdraw = true
	return out
}
