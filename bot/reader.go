package bot

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/zh"
)

// understand reads a message in its conversation: what it does, what it tells, and, where it says or
// asks something, what the guide makes of it. Neither the session nor anything else changes. An error
// means that the index failed.
func (r *reader) understand(ctx context.Context, s *Session, m chat.Message) (Understanding, error) {
	u := r.recognise(s, m)
	if u.Act != ActSay {
		return u, nil
	}
	if err := r.lookUp(ctx, s, &u, m.Text); err != nil {
		return Understanding{}, err
	}
	r.judge(s, &u, m.Text)
	return u, nil
}

// recognise reads what needs no search.
func (r *reader) recognise(s *Session, m chat.Message) Understanding {
	folded := zh.FoldLight(m.Text)
	u := Understanding{Question: r.words.asks(folded), Quote: chat.Shorten(oneLine(m.Text), maxQuote, utf8.RuneCountInString), Medium: m.Medium, Scanned: m.Device.Serial, At: m.At}
	if u.At.IsZero() {
		u.At = r.now()
	}
	r.findTriggers(&u, folded)
	if n := utf8.RuneCountInString(m.Text); 2 <= n && n <= maxFree && !u.Question && isWordy(m.Text) {
		u.Free = strings.TrimSpace(folded)
	}
	cue := r.words.firstCue(m.Text, s.Offered, expectedCues(s))
	progress := r.tickets && containsAny(folded, r.words.progress)
	u.Progress = progress && s.Ticket != nil
	if r.tickets {
		u.Details = r.details(s, m, u.At)
		u.Act = r.event(s, m)
		if act := r.ticketAct(s, m.Text, cue); act != ActSay && (u.Act == ActSay || u.Act == ActAside) {
			u.Act = act
		}
	}
	if u.Act == ActSay && r.tickets && s.collecting() {
		u.Act = r.caseAct(s, &u, cue, folded)
	}
	switch {
	case u.Act != ActSay:
	case progress && containsAny(folded, r.words.Ticket):
		u.Act = ActProgress
	case m.Handoff, cue == kb.CueNow, s.offering() && cue == kb.CueYes:
		u.Act = ActPerson
	case s.offering() && (cue == kb.CueNo || cue == kb.CueCancel):
		u.Act = ActRefuse
	}
	if u.Act == ActPerson {
		u.Result = certain(kb.IntentHuman)
	}
	return u
}

// maxFree is how many runes a detail may have that nothing can be read out of.
const maxFree = maxQuote / 2

// expectedCues are the cues that make sense now, in the order in which they win: 算了 calls a registration
// off, and is a no to an offer.
func expectedCues(s *Session) []kb.Cue {
	switch s.stage() {
	case StageAsking:
		return []kb.Cue{kb.CueNow, kb.CueCancel, kb.CueSkip, kb.CueYes, kb.CueNo}
	case StageConfirming, StagePaused:
		return []kb.Cue{kb.CueNow, kb.CueCancel, kb.CueYes, kb.CueWrong, kb.CueNo, kb.CueSkip}
	case StageNone, StageOffered:
		if s.offering() {
			return []kb.Cue{kb.CueNow, kb.CueYes, kb.CueNo, kb.CueCancel}
		}
		if s.waiting() {
			return []kb.Cue{kb.CueCancel}
		}
	}
	return nil
}

// maxLeftover is how many runes of a message may be no swearing and still mean nothing ("你们", "真是").
const maxLeftover = 2

// findTriggers notes whose words a message has, and how it is said.
func (r *reader) findTriggers(u *Understanding, folded string) {
	for i, t := range r.lib.Phrases.Triggers {
		if !containsAny(folded, t.Words) {
			continue
		}
		if len(u.Triggers) == 0 && isAngry(t) {
			u.Tone = ToneAngry
			if utf8.RuneCountInString(removeAll(r.words.core(folded), byLength(t.Words))) <= maxLeftover {
				u.Tone = ToneSwears
			}
		}
		u.Triggers = append(u.Triggers, i)
	}
}

// ticketAct is what a message does to the open ticket; ActSay when it is about something else. Whoever only waits may
// call it off in more words than one to whom an agent speaks: 不用了 may answer the agent.
func (r *reader) ticketAct(s *Session, text string, cue kb.Cue) Act {
	switch {
	case !s.openTicket():
	case s.Withdrawing && !s.Ticket.CustomerAt.IsZero() && r.words.says(kb.CueYes, text): // the agent has not spoken since
		return ActAffirm
	case r.words.says(kb.CueWithdraw, text), s.waiting() && cue == kb.CueCancel:
		return ActWithdraw
	}
	return ActSay
}

// event is what a message does that need not be read; ActSay for one that must.
func (r *reader) event(s *Session, m chat.Message) Act {
	wordy := isWordy(m.Text)
	switch {
	case s.Holder == chat.HolderAgent:
		return ActAside
	case m.AlbumPart && !wordy:
		return ActAlbum
	case m.Handoff:
		return ActHandoff
	case m.Welcome:
		return ActWelcome
	case m.Medium != "":
		return ActMedium
	case len(m.Attachments) > 0 && !wordy && !s.collecting():
		return ActPhoto
	}
	return ActSay
}

// caseAct is what a message does to the case that is being registered; ActSay when it is about something else.
func (r *reader) caseAct(s *Session, u *Understanding, cue kb.Cue, folded string) Act {
	c := s.Case
	asking, confirming, paused := c.Stage == StageAsking, c.Stage == StageConfirming, c.Stage == StagePaused
	answers := u.tells()
	changes := !answers && len(r.words.mentioned(folded)) > 0 && containsAny(folded, r.words.Changes)
	switch {
	case cue == kb.CueNow:
		return ActPerson
	case cue == kb.CueCancel, paused && cue == kb.CueNo:
		return ActCancel
	case paused && (cue == kb.CueYes || answers):
		return ActResume
	case paused:
		return ActSay
	case confirming && (cue == kb.CueYes || cue == kb.CueSkip):
		return ActConfirm
	case confirming && (cue == kb.CueWrong || cue == kb.CueNo || changes):
		return ActChange
	case asking && (cue == kb.CueSkip || cue == kb.CueNo):
		return ActSkip
	case asking && cue == kb.CueYes && isKnown(&u.Device, c.Asked):
		return ActAccept
	case confirming && answers && !u.Changed && s.Last != r.lib.Phrases.Handover.Unchanged:
		return ActKnown
	case asking && answers && !u.Changed && !u.tellsAny(c.Asked):
		return ActMiss
	case answers && !u.Question:
		return ActAnswer
	}
	return ActSay
}

// isKnown tells whether a device has every one of slots.
func isKnown(d *chat.Device, slots []kb.Slot) bool {
	return !slices.ContainsFunc(slots, func(slot kb.Slot) bool { return *d.Field(string(slot)) == "" })
}

// maxDetailText is how many runes of a message details are read from.
const maxDetailText = 500

// details reads the details that a message tells, whoever holds the conversation.
func (r *reader) details(s *Session, m chat.Message, at time.Time) Details {
	var asked []kb.Slot
	if s.collecting() {
		if asked = s.Case.Asked; s.Case.Stage == StageConfirming {
			asked = r.words.mentioned(zh.FoldLight(m.Text))
		}
	}
	d := Details{Told: r.slots.recognize(cutRunes(m.Text, maxDetailText), asked, at), Photo: len(m.Attachments) > 0, Device: s.Device}
	if m.Contact != "" && (slices.Contains(asked, kb.SlotContact) || r.words.isOwnContact(m.Text)) {
		d.Told[kb.SlotContact] = m.Contact
	}
	if d.Contact = d.Told[kb.SlotContact]; d.Contact != "" {
		d.Told[kb.SlotContact] = privacy.MaskContact(d.Contact)
	}
	if d.Photo {
		for _, slot := range asked { // what stands on nameplates and receipts stands on the picture
			if slot.Spec().Photo && d.Told[slot] == "" && *d.Device.Field(string(slot)) == "" {
				d.Told[slot] = r.lib.Phrases.Handover.Seen
			}
		}
	}
	d.Changed = mergeDetails(&d.Device, d.Told)
	return d
}

// lookUp asks the guide about a message in its conversation.
func (r *reader) lookUp(ctx context.Context, s *Session, u *Understanding, text string) error {
	if all := r.words.pickAll(s.Offered, text); len(all) > 1 {
		r.chooseAll(u, all)
		return nil
	}
	if picked, ok := r.words.pick(s.Offered, text); ok {
		err := r.search(ctx, u, picked.Title)
		r.choose(u, picked)
		return err
	}
	if r.words.says(kb.CueAck, text) {
		u.Result = certain(kb.IntentThanks)
		u.Text = text
		return nil
	}
	rest, corrected := r.words.corrected(text)
	if corrected && rest == "" {
		u.Act = ActDeny
		return nil
	}
	if err := r.search(ctx, u, rest); err != nil || corrected {
		return err
	}
	return r.inContext(ctx, s, u, rest)
}

// judge notes what can be told only once the guide was asked.
func (r *reader) judge(s *Session, u *Understanding, text string) {
	if r.words.asksForPerson(u.Text) {
		u.Act = ActPerson
	}
	if len(u.Hits) == 0 {
		return
	}
	if a, ok := r.lib.Article(u.Hits[0].ID); ok {
		u.Knowledge = a.Escalate == kb.EscalateNever
		if s.stage() == StageAsking {
			core := r.words.core(text)
			u.Phrasing = slices.ContainsFunc(a.Phrasings(), func(p string) bool { return r.words.core(p) == core })
		}
	}
}

// mergeDetails notes newer details; a later value replaces an earlier one. It tells whether one changed.
func mergeDetails(device *chat.Device, t told) (changed bool) {
	for slot, value := range t {
		if at := device.Field(string(slot)); at != nil && *at != value {
			*at, changed = value, true
		}
	}
	return changed
}
