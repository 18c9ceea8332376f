package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/zh"
)

// Prover finds the tickets of other conversations. A *desk.Prover is one.
type Prover interface {
	// Prove is the ticket of that number; chat.ErrForbidden alike where there is none and where the proof is wrong.
	Prove(ctx context.Context, number, proof string) (desk.Proven, error)
}

// proveTicket is a message that names a ticket of another conversation, or proves the one that was named before. Whether
// there is such a ticket is told to nobody but whoever proves that it is his. Not done: the message is about something
// else. An error means that the ticket could not be looked for.
func (b *Bot) proveTicket(ctx context.Context, s *Session, m chat.Message) (out Outcome, done bool, err error) {
	asked := s.Proving
	s.Proving, s.Proven = "", ""
	if b.desk == nil || b.desk.Prover == nil || b.writer.lib.Phrases.Handover.Prove == "" || s.Holder == chat.HolderAgent || m.Handoff {
		return Outcome{}, false, nil
	}
	number, rest := TicketNumber(m.Text, b.words.Ticket)
	proof := proofIn(rest)
	switch {
	case asked != "" && b.words.says(kb.CueSkip, b.words.hear(m.Text)): // the question says what to do then
		number, proof = asked, ""
	case number == "" && (asked == "" || proof == "" || b.words.asks(zh.FoldLight(m.Text))):
		return Outcome{}, false, nil
	case number == "":
		number = asked
	case s.Ticket != nil && s.Ticket.Number == number:
		return Outcome{}, false, nil
	}
	h := &b.writer.lib.Phrases.Handover
	if proof == "" {
		s.Proving = number
		return ownReply(s, b.bubble(chat.Collect, fill(h.Prove, "number", number), b.humanOption())), true, nil
	}
	if m.ProveTicket != nil {
		if err := m.ProveTicket(); err != nil {
			return Outcome{}, false, fmt.Errorf("prove a ticket: %w", err)
		}
	}
	proven, err := b.desk.Prover.Prove(ctx, number, proof)
	switch {
	case errors.Is(err, chat.ErrForbidden):
		s.Proving = number
		return ownReply(s, b.bubble(chat.Collect, fill(h.Unproven, "number", number), b.humanOption())), true, nil
	case err != nil:
		return Outcome{}, false, fmt.Errorf("find another conversation's ticket: %w", err)
	}
	s.Proven = proven.Conversation.ID
	return ownReply(s, b.proven(proven, m)), true, nil
}

// maxSaid is how many runes of an agent's last words are told.
const maxSaid = 300

// proven tells how a ticket stands, and what an agent said last.
func (w *writer) proven(p desk.Proven, m chat.Message) chat.Reply {
	h := &w.lib.Phrases.Handover
	now := m.At
	if now.IsZero() {
		now = w.now()
	}
	said := h.Unsaid
	if p.Said != nil {
		said = fill(h.Said, "at", w.dayTime(p.Said.At, now), "text", chat.Shorten(oneLine(p.Said.Text), maxSaid, utf8.RuneCountInString))
	}
	since := w.dayTime(p.Ticket.CreatedAt, now)
	r := w.bubble(chat.Answer, fill(h.Proven, "number", p.Ticket.Number, "since", since, "state", desk.StateName(p.Ticket.State), "said", said))
	r.Ticket = p.Ticket.Number
	return r
}

// proofIn is the only thing in a text that may be a proof: letters and digits, one of them a digit. "" for none, and
// where there are several.
func proofIn(text string) (proof string) {
	for _, run := range alnumRuns.FindAllString(zh.FoldLight(text), -1) {
		if len(run) < desk.ProofLength || !strings.ContainsAny(run, "0123456789") {
			continue
		}
		if proof != "" {
			return ""
		}
		proof = run
	}
	return proof
}
