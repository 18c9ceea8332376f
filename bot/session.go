package bot

import (
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

// Session is what the bot remembers of one conversation. The zero value is a fresh one. Of what the
// customer wrote its JSON holds nothing but Words.
type Session struct {
	// What a store keeps beside the rest: it fills them in before a step and keeps what a step makes of
	// Holder and Device.
	Holder chat.Holder  `json:"-"` // "" counts as the bot
	Device chat.Device  `json:"-"` // what is known of the terminal
	Ticket *desk.Ticket `json:"-"` // the conversation's newest, or nil; a step only reads it

	Offered  []chat.Option  `json:"offered,omitempty"`  // the options of the last reply, in the order shown
	Topic    string         `json:"topic,omitempty"`    // id of the article that the last answer came from
	Told     int            `json:"told,omitempty"`     // how many of Topic's sections were told behind its lead
	Unhelped int            `json:"unhelped,omitempty"` // replies in a row that were no help
	Move     Content        `json:"move,omitempty"`     // what the bot did last; "" when it spoke of a case
	Last     string         `json:"last,omitempty"`     // what the bot said last
	Repeats  int            `json:"same,omitempty"`     // how many times in a row it said so
	At       time.Time      `json:"at,omitzero"`        // when the last message came
	Words    []string       `json:"words,omitempty"`    // the customer's last questions, masked and cut, for a ticket's summary
	Tried    []chat.Article `json:"tried,omitempty"`    // what was answered with, newest first
	Case     *Case          `json:"case,omitempty"`     // the hand-over that is being prepared
	CaseOf   string         `json:"settled,omitempty"`  // the article whose case was offered already
	Warned   string         `json:"warned,omitempty"`   // id of the danger that was warned of last
	Proving  string         `json:"proving,omitempty"`  // the number of another conversation's ticket, whose proof was asked for
	Proven   string         `json:"proven,omitempty"`   // the conversation whose ticket the last message proved
	Callback bool           `json:"callback,omitempty"` // a number to call was asked for last

	Queued      string `json:"queued,omitempty"`      // the number of the ticket whose waiting was told of
	Withdrawing bool   `json:"withdrawing,omitempty"` // the last question was whether the held ticket shall end
}

// Content is what a reply consists of: what a decision asks for, and what the bot did last.
type Content string

// The closed set of contents.
const (
	ContentNone     Content = ""         // nothing yet, or something about a case
	ContentLead     Content = "lead"     // the article's lead, the codes' meanings, or each part's lead
	ContentSection  Content = "section"  // the topic's next section: its lead was told before
	ContentMore     Content = "more"     // the same with an apology, for the lead did not help
	ContentAspect   Content = "aspect"   // the topic's sentences that say when, or how much
	ContentUntold   Content = "untold"   // the topic does not say so
	ContentChoice   Content = "choice"   // which of the options is meant
	ContentSorry    Content = "sorry"    // the same with an apology to somebody angry
	ContentOffer    Content = "offer"    // shall a person take over?
	ContentDecline  Content = "decline"  // the guide does not know; the nearest topics where there are any
	ContentDenied   Content = "denied"   // what was meant was not understood
	ContentTalk     Content = "talk"     // hello, thanks, goodbye
	ContentIdle     Content = "idle"     // what can be done for the customer?
	ContentProgram  Content = "program"  // a program answers, and how to reach a person
	ContentContact  Content = "contact"  // a telephone number is noted
	ContentRefused  Content = "refused"  // no person then
	ContentPerson   Content = "person"   // the way to a person
	ContentProgress Content = "progress" // the state of the newest ticket
)

// Case is a hand-over that is being prepared: what a person must know is gathered before the ticket opens.
type Case struct {
	Stage     Stage        `json:"stage"`
	Topic     string       `json:"topic,omitempty"` // the article that says what to gather; "" for none
	Reason    desk.Reason  `json:"reason"`
	Urgency   desk.Urgency `json:"urgency"`
	Asked     []kb.Slot    `json:"asked,omitempty"`     // what the last question asked for
	Done      []kb.Slot    `json:"done,omitempty"`      // skipped: not asked for again
	Doubted   []kb.Slot    `json:"doubted,omitempty"`   // their shape was pointed out once
	Misses    int          `json:"misses,omitempty"`    // messages in a row that answered nothing
	Reminders int          `json:"reminders,omitempty"` // how often the case was brought up again
}

// Stage is how far a case is.
type Stage string

// The closed set of stages.
const (
	StageNone       Stage = ""           // there is no case
	StageOffered    Stage = "offered"    // shall it be registered?
	StageAsking     Stage = "asking"     // details are asked for
	StageConfirming Stage = "confirming" // the summary was shown
	StagePaused     Stage = "paused"     // the customer went away meanwhile
)

// maxPause is how long a topic lives: whoever comes back later begins anew.
const maxPause = 30 * time.Minute

// UnmarshalJSON reads a session, also one that was kept when the offer of a person was a flag.
func (s *Session) UnmarshalJSON(data []byte) error {
	type plain Session
	kept := struct {
		*plain
		Wanted bool `json:"wanted"`
	}{plain: (*plain)(s)}
	if err := json.Unmarshal(data, &kept); err != nil {
		return err
	}
	if kept.Wanted && s.Move == ContentNone {
		s.Move = ContentOffer
	}
	return nil
}

// Clone copies a session, all but the ticket, so that a step changes nothing of the one that was copied.
func (s *Session) Clone() Session {
	next := *s
	next.Offered, next.Words, next.Tried = slices.Clone(s.Offered), slices.Clone(s.Words), slices.Clone(s.Tried)
	if s.Case != nil {
		c := *s.Case
		c.Asked, c.Done, c.Doubted = slices.Clone(c.Asked), slices.Clone(c.Done), slices.Clone(c.Doubted)
		next.Case = &c
	}
	return next
}

// resume forgets the topic after a pause; a case that was being registered waits. Messages without a
// time never pause.
func (s *Session) resume(at time.Time) {
	if !at.IsZero() && !s.At.IsZero() && at.Sub(s.At) > maxPause {
		fresh := Session{Holder: s.Holder, Device: s.Device, Ticket: s.Ticket, Callback: s.Callback, Queued: s.Queued}
		if s.collecting() {
			s.Case.Stage, s.Case.Reminders = StagePaused, 0
			fresh.Case, fresh.Words, fresh.Tried = s.Case, s.Words, s.Tried
		}
		*s = fresh
	}
	s.At = at
}

// stage is the stage of the case.
func (s *Session) stage() Stage {
	if s.Case == nil {
		return StageNone
	}
	return s.Case.Stage
}

// collecting tells whether a case is being registered.
func (s *Session) collecting() bool { return s.stage() != StageNone && s.stage() != StageOffered }

// hasAnswered tells whether the last that the bot said was no question.
func (s *Session) hasAnswered() bool {
	switch s.Move {
	case ContentChoice, ContentSorry, ContentOffer, ContentDecline, ContentDenied, ContentUntold:
		return false
	case ContentIdle:
		return s.Topic != ""
	case ContentNone, ContentLead, ContentSection, ContentMore, ContentAspect, ContentTalk, ContentRefused, ContentPerson, ContentProgress, ContentProgram, ContentContact:
	}
	return s.Last != ""
}

// offering tells whether a person, or the way to one, was offered last.
func (s *Session) offering() bool { return s.Move == ContentOffer || s.stage() == StageOffered }

// openTicket tells whether the conversation has a ticket that is not closed.
func (s *Session) openTicket() bool { return s.Ticket != nil && s.Ticket.State != desk.StateClosed }

// waiting tells whether the conversation has a ticket that no agent has claimed: the bot speaks.
func (s *Session) waiting() bool { return s.openTicket() && s.Holder != chat.HolderAgent }

// noteReply notes one reply, so that nothing is said again and again.
func (s *Session) noteReply(r chat.Reply) {
	if r.Text != s.Last {
		s.Repeats = 0
	}
	s.Offered, s.Last = r.Options, r.Text
	s.Repeats++
}

// noteTried notes an article that was answered with.
func (s *Session) noteTried(a chat.Article) {
	s.Tried = slices.DeleteFunc(s.Tried, func(x chat.Article) bool { return x.ID == a.ID })
	s.Tried = slices.Insert(s.Tried, 0, a)
	s.Tried = s.Tried[:min(len(s.Tried), maxTried)]
}

const (
	maxTried = 5
	maxWords = 2  // questions that a summary quotes
	maxQuote = 80 // runes of each
)

// noteWords keeps the customer's words, on one line and cut at maxQuote, for a summary.
func (s *Session) noteWords(quote string) {
	if utf8.RuneCountInString(quote) < 2 || slices.Contains(s.Words, quote) {
		return
	}
	s.Words = append(s.Words, quote)
	s.Words = s.Words[max(0, len(s.Words)-maxWords):]
}

// noteOptions notes the options of the last bubble: they are what a number picks.
func (s *Session) noteOptions(reply chat.Reply, more []chat.Reply) {
	s.Offered = reply.Options
	if n := len(more); n > 0 && len(more[n-1].Options) > 0 {
		s.Offered = more[n-1].Options
	}
}

// noteDevice takes over what the channel itself knows of the terminal: nothing, as a rule.
func (s *Session) noteDevice(d chat.Device) {
	if d == (chat.Device{}) {
		return
	}
	for _, slot := range kb.Slots() {
		if value := *d.Field(string(slot)); value != "" && slot != kb.SlotContact {
			*s.Device.Field(string(slot)) = value
		}
	}
}
