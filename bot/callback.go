package bot

import (
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// askCallback asks where to call whoever opens a ticket while nobody is there; nothing where that is known.
func (r *registrar) askCallback(s *Session, at time.Time) []chat.Reply {
	h := &r.lib.Phrases.Handover
	if h.Callback == "" || s.Device.Contact != "" || r.desk.Hours.Open(at) {
		return nil
	}
	s.Callback = true
	return []chat.Reply{r.bubble(chat.Collect, fill(h.Callback, "next", r.nextOpening(at)), option(skipOption, h.Skip))}
}

// noteCallback is the message behind that question: a number, or none. Anything else is read as usual; behind a face or a
// sound the question still stands.
func (b *Bot) noteCallback(s *Session, u *Understanding) (out Outcome, done bool) {
	if !s.Callback {
		return Outcome{}, false
	}
	s.Callback = false
	h, text := &b.writer.lib.Phrases.Handover, ""
	switch {
	case u.Told[kb.SlotContact] != "":
		text = fill(h.CallNoted, "next", b.nextOpening(u.At))
	case b.words.says(kb.CueSkip, b.words.hear(u.Quote)), b.words.says(kb.CueNo, b.words.hear(u.Quote)):
		text = h.CallRefused
	default:
		s.Callback = u.Act == ActNod
		return Outcome{}, false
	}
	if s.Holder == chat.HolderAgent {
		return Outcome{Silent: true, System: text}, true
	}
	return ownReply(s, b.bubble(chat.Greet, text)), true
}

// nextOpening is when somebody is back, with a blank behind it; "" where somebody is there or nobody knows.
func (w *writer) nextOpening(at time.Time) string {
	if w.desk.Hours.Open(at) {
		return ""
	}
	next := w.desk.Hours.Next(at)
	if next.IsZero() {
		return ""
	}
	return w.dayTime(next, at) + " "
}
