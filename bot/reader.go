package bot

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
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
	m, face := r.withoutFaces(m)
	heard := r.words.hear(m.Text)
	u := r.recognise(s, m, heard, face)
	besides := u.mayAskBesides()
	if u.Act != ActSay && !besides {
		return u, nil
	}
	said := u
	said.Act = ActSay
	if err := r.lookUp(ctx, s, &said, heard); err != nil {
		return Understanding{}, err
	}
	r.judge(s, &said, heard.core)
	if !besides || r.asksBesides(s, &said) {
		return said, nil
	}
	u.Lookups = said.Lookups
	return u, nil
}

// withoutFaces takes the faces out of a message: they are read apart. A sticker is a face.
func (r *reader) withoutFaces(m chat.Message) (chat.Message, zh.Sense) {
	words, face := r.words.faces.Split(m.Text)
	if m.Text = words; m.Medium == chat.Sticker {
		m.Text, m.Medium, face = "", "", cmp.Or(face, zh.SenseNeutral)
	}
	return m, face
}

// recognise reads what needs no search.
func (r *reader) recognise(s *Session, m chat.Message, said utterance, face zh.Sense) Understanding {
	folded := said.folded
	u := Understanding{
		Question: r.words.asks(folded), Quote: chat.Shorten(oneLine(m.Text), maxQuote, utf8.RuneCountInString),
		Medium: m.Medium, Unseen: m.Unseen, Face: face, Scanned: m.Device.Serial, At: m.At,
	}
	if u.At.IsZero() {
		u.At = r.now()
	}
	r.alarms.find(&u, said)
	progress := r.tickets && (containsAny(folded, r.words.progress) || r.words.namesOnly(s.Ticket, m.Text))
	u.Progress = progress && s.Ticket != nil
	if r.tickets {
		u.Details = r.details(s, m, u.At)
		u.Act = r.event(s, m)
		if u.Act == ActSay || u.Act == ActAside {
			u.Act = cmp.Or(r.ticketAct(s, said), u.Act)
		}
	}
	if u.Act != ActSay {
		return u
	}
	if len(m.Attachments) == 0 && !r.words.picks(s.Offered, m.Text) {
		u.Nod = r.words.nod(said, face)
	}
	cue := r.words.firstCue(said, s.Offered, expectedCues(s))
	if u.Nod != NodNone {
		cue = cmp.Or(cue, faceCue(face, expectedCues(s)))
	}
	if r.tickets && s.collecting() {
		u.Free = r.freeText(s.Case.Asked, &u, folded)
		u.Act = r.caseAct(s, &u, cue, folded)
	}
	if u.Act == ActSay {
		u.Act = r.talkAct(s, &u, cue, m, said, progress && containsAny(folded, r.words.Ticket))
	}
	if u.Act == ActPerson {
		u.Result = certain(kb.IntentHuman)
	}
	if u.Act == ActNod {
		u.Result = certain(nodIntent(s, &u))
	}
	if u.Act == ActProgram {
		u.Result = certain(kb.IntentNone)
		if a, ok := r.lib.Article(kb.BotArticle); ok {
			u.Result = aboutArticle(a).Result
		}
	}
	return u
}

// freeText is a message as the value of those asked details that any words may be; a time has a word of time, and a name
// begins with no 没 or 不.
func (r *reader) freeText(asked []kb.Slot, u *Understanding, folded string) told {
	value := strings.TrimSpace(folded)
	if n := utf8.RuneCountInString(value); n < 2 || maxFree < n || u.Question || r.words.isEitherOr(value) || u.Danger != nil || !isWordy(value) || u.Nod != NodNone {
		return nil
	}
	free := told{}
	negates := strings.IndexAny(value, r.words.EitherOr) == 0
	for _, slot := range asked {
		isTime := slot == kb.SlotOccurredAt
		if slot.Spec().Words != kb.FreeNever && (isTime && containsAny(value, r.words.Times.Hints) || !isTime && !negates) {
			free[slot] = value
		}
	}
	return free
}

// talkAct is what a message does beside any case; ActSay when the guide is asked.
func (r *reader) talkAct(s *Session, u *Understanding, cue kb.Cue, m chat.Message, said utterance, progress bool) Act {
	switch {
	case progress:
		return ActProgress
	case cue == kb.CueNow && r.tickets && !r.words.picks(s.Offered, m.Text): // typed: a tapped option is the first wish
		return ActHandoff
	case m.Handoff, cue == kb.CueNow, s.offering() && cue == kb.CueYes:
		return ActPerson
	case s.offering() && (cue == kb.CueNo || cue == kb.CueCancel):
		return ActRefuse
	case u.Nod != NodNone:
		return ActNod
	case r.words.asksForProgram(said):
		return ActProgram
	case u.Contact != "" && r.words.isContactAlone(m.Text):
		return ActContact
	}
	return ActSay
}

// nodIntent is what a nod means: thanks behind an answer, no help where the face says so, hello from somebody new;
// IntentNone where it stands behind a question, or asks itself.
func nodIntent(s *Session, u *Understanding) kb.Intent {
	switch {
	case u.Face == zh.SenseNegative && s.Topic != "":
		return kb.IntentUnsolved
	case u.Nod == NodHeard && s.hasAnswered():
		return kb.IntentThanks
	case u.Nod != NodBlank && s.Last == "":
		return kb.IntentGreet
	}
	return kb.IntentNone
}

// maxFree is how many runes a detail may have that nothing can be read out of.
const maxFree = maxQuote / 2

// expectedCues are the cues that make sense now, in the order in which they win: 算了 calls a registration
// off, and is a no to an offer.
func expectedCues(s *Session) []kb.Cue {
	switch s.stage() {
	case StageAsking:
		return []kb.Cue{kb.CueNow, kb.CueEnough, kb.CueCancel, kb.CueSkip, kb.CueYes, kb.CueNo}
	case StageConfirming, StagePaused:
		return []kb.Cue{kb.CueNow, kb.CueEnough, kb.CueCancel, kb.CueYes, kb.CueWrong, kb.CueNo, kb.CueSkip}
	case StageNone, StageOffered:
		if s.offering() {
			return []kb.Cue{kb.CueNow, kb.CueYes, kb.CueNo, kb.CueCancel}
		}
	}
	return nil
}

// ticketAct is what a message does to the open ticket; ActSay when it is about something else. Whoever only waits may
// call it off in more words than one to whom an agent speaks: 不用了 may answer the agent.
func (r *reader) ticketAct(s *Session, said utterance) Act {
	switch {
	case !s.openTicket():
	case s.Withdrawing && !s.Ticket.CustomerAt.IsZero() && r.words.says(kb.CueYes, said): // the agent has not spoken since
		return ActAffirm
	case r.words.says(kb.CueWithdraw, said), s.waiting() && r.words.says(kb.CueCancel, said):
		return ActWithdraw
	}
	return ActSay
}

// event is what a message does that need not be read; ActSay for one that must.
func (r *reader) event(s *Session, m chat.Message) Act {
	wordy := isWordy(m.Text)
	switch {
	case m.Recalls != "":
		return ActRecall
	case s.Holder == chat.HolderAgent:
		return ActAside
	case m.AlbumPart && (!wordy || m.Medium != ""):
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
	if asking {
		u.Unknown = r.unknown(c.Asked, folded)
	}
	changes := !answers && len(r.words.mentioned(folded)) > 0 && containsAny(folded, r.words.Changes)
	switch {
	case cue == kb.CueNow, cue == kb.CueEnough:
		return ActPerson
	case asking && cue == kb.CueYes && isKnown(&u.Device, c.Asked):
		return ActAccept
	case cue == kb.CueCancel:
		return ActCancel
	case asking && cue == kb.CueYes && !answers, u.Nod != NodNone && (asking || confirming && cue == ""): // a yes tells no detail
		return ActNod
	case paused && cue == kb.CueNo:
		return ActCancel
	case paused && (cue == kb.CueYes || answers && !u.Question):
		return ActResume
	case paused:
		return ActSay
	case confirming && (cue == kb.CueYes || cue == kb.CueSkip):
		return ActConfirm
	case confirming && (cue == kb.CueWrong || cue == kb.CueNo || changes):
		return ActChange
	case asking && (cue == kb.CueSkip || cue == kb.CueNo || len(u.Unknown) > 0 && !answers):
		return ActSkip
	case confirming && answers && !u.Changed && s.Last != r.lib.Phrases.Handover.Unchanged:
		return ActKnown
	case asking && answers && !u.Changed && !u.tellsAny(c.Asked):
		return ActMiss
	case answers && !u.Question:
		return ActAnswer
	}
	return ActSay
}

// unknown are those of the asked details of which a folded text says by name that they are not known: 商户号忘了.
func (r *reader) unknown(asked []kb.Slot, folded string) (slots []kb.Slot) {
	rest := strings.ToLower(folded)
	for _, slot := range r.words.mentioned(folded) {
		if slices.Contains(asked, slot) {
			slots, rest = append(slots, slot), removeAll(rest, byLength(r.words.mentions[slot]))
		}
	}
	if len(slots) == 0 || !r.words.says(kb.CueSkip, r.words.hear(rest)) {
		return nil
	}
	return slots
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
	if s.Callback {
		asked = append(asked, kb.SlotContact)
	}
	d := Details{Photo: len(m.Attachments) > 0, Device: s.Device}
	d.Told, d.Rest = r.slots.recognize(cutRunes(m.Text, maxDetailText), asked, at)
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
func (r *reader) lookUp(ctx context.Context, s *Session, u *Understanding, said utterance) error {
	text := said.text
	if all := r.words.pickAll(s.Offered, text); len(all) > 1 {
		r.chooseAll(u, all)
		return nil
	}
	if picked, ok := r.words.pick(s.Offered, text); ok {
		err := r.search(ctx, u, picked.Title)
		r.choose(u, picked)
		return err
	}
	rest, corrected := r.words.corrected(text)
	if corrected && rest == "" {
		u.Act = ActDeny
		return nil
	}
	if err := r.search(ctx, u, rest); err != nil || corrected {
		return err
	}
	return r.inContext(ctx, s, u, said)
}

// judge notes what can be told only once the guide was asked.
func (r *reader) judge(s *Session, u *Understanding, core string) {
	if r.words.asksForPerson(u.Text) {
		u.Act = ActPerson
	}
	if len(u.Hits) == 0 {
		return
	}
	if a, ok := r.lib.Article(u.Hits[0].ID); ok {
		u.Knowledge = a.Escalate == kb.EscalateNever
		if s.stage() == StageAsking {
			u.Phrasing = slices.ContainsFunc(a.Phrasings(), func(p string) bool { return r.words.core(p) == core })
		}
	}
}

// mayAskBesides tells whether a message that tells details has more to say than these.
func (u *Understanding) mayAskBesides() bool {
	if u.Act != ActAnswer && u.Act != ActMiss && u.Act != ActKnown && u.Act != ActResume {
		return false
	}
	rest := strings.TrimFunc(u.Rest, func(r rune) bool { return !unicode.IsLetter(r) })
	return u.Told[kb.SlotErrorCode] != "" || u.tells() && utf8.RuneCountInString(rest) >= minClause
}

// asksBesides tells whether a message that tells details also asks something, so surely that it is answered: something
// else than the case is about, or a person.
func (r *reader) asksBesides(s *Session, u *Understanding) bool {
	switch {
	case len(u.Codes) > 0:
		return !slices.Contains(s.Case.Asked, kb.SlotErrorCode)
	case u.Act == ActPerson, u.Wants(kb.IntentHuman):
		return !slices.Contains(s.Case.Asked, kb.SlotContact)
	case u.Act != ActSay || u.Focus != FocusOwn || r.policy.unsure(*u) || u.Wants(u.Intent):
		return false
	}
	return u.Hits[0].ID != s.Case.Topic
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
