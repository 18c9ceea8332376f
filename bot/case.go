package bot

import (
	"slices"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/privacy"
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
	offered    Stage = "offered"    // shall it be registered?
	asking     Stage = "asking"     // details are asked for
	confirming Stage = "confirming" // the summary was shown
	paused     Stage = "paused"     // the customer went away meanwhile
)

// The ids of the options that are no articles; humanOption asks for a person at once.
const (
	yesOption     = "yes"
	noOption      = "no"
	skipOption    = "skip"
	confirmOption = "confirm"
	cancelOption  = "cancel"
	resumeOption  = "resume"
)

// cue is the short reply that a message is, by its words or by the option that it picks; "" for none.
func (b *Bot) cue(s *Session, text string) kb.Cue {
	if o, ok := pick(s.Offered, text); ok {
		if cue := map[string]kb.Cue{
			yesOption: kb.CueYes, confirmOption: kb.CueYes, resumeOption: kb.CueYes, noOption: kb.CueNo,
			skipOption: kb.CueSkip, cancelOption: kb.CueCancel, humanOption: kb.CueNow,
		}[o.ID]; cue != "" {
			return cue
		}
	}
	for _, cue := range b.cuesFor(s) {
		if b.words.is(cue, text) {
			return cue
		}
	}
	return ""
}

// cuesFor are the cues that make sense now, in the order in which they win: 算了 calls a registration
// off, and is a no to an offer.
func (b *Bot) cuesFor(s *Session) []kb.Cue {
	switch {
	case s.Case == nil || s.Case.Stage == offered:
		if s.offering() {
			return []kb.Cue{kb.CueNow, kb.CueYes, kb.CueNo, kb.CueCancel}
		}
		return nil
	case s.Case.Stage == asking:
		return []kb.Cue{kb.CueNow, kb.CueCancel, kb.CueSkip, kb.CueYes, kb.CueNo}
	}
	return []kb.Cue{kb.CueNow, kb.CueCancel, kb.CueYes, kb.CueWrong, kb.CueNo, kb.CueSkip}
}

// heard is what one message tells of the terminal.
type heard struct {
	told    told
	changed bool // something of it was not known before
	photo   bool
	contact string // to be sealed; "" for none
}

// hear notes the details that a message tells, whoever holds the conversation.
func (b *Bot) hear(s *Session, m chat.Message) heard {
	var asked []kb.Slot
	if c := s.Case; c != nil && c.Stage != offered {
		asked = c.Asked
		if c.Stage == confirming {
			asked = named(m.Text)
		}
	}
	h := heard{told: b.details.find(cutRunes(m.Text, maxHeard), asked, b.at(m)), photo: len(m.Attachments) > 0}
	wantsContact := slices.Contains(asked, kb.SlotContact)
	if m.Contact != "" && (wantsContact || ownContact(m.Text)) {
		h.told[kb.SlotContact] = m.Contact
	}
	if h.contact = h.told[kb.SlotContact]; h.contact != "" {
		h.told[kb.SlotContact] = privacy.MaskContact(h.contact)
	}
	if h.photo && s.Case != nil {
		b.seePhoto(s, asked, h.told)
	}
	h.changed = len(merge(&s.Device, h.told)) > 0
	return h
}

// maxHeard is how many runes of a message details are read from.
const maxHeard = 500

// cutRunes is the beginning of a text, at most n runes.
func cutRunes(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}

// seePhoto lets a picture answer what stands on nameplates and receipts.
func (b *Bot) seePhoto(s *Session, asked []kb.Slot, t told) {
	for _, slot := range asked {
		onPicture := slot != kb.SlotContact && slot != kb.SlotCity
		if onPicture && t[slot] == "" && *s.Device.Field(string(slot)) == "" {
			t[slot] = b.lib.Phrases.Handover.Seen
		}
	}
}

// ownContact tells whether a masked telephone number in a text is the customer's own: it says so, or
// says nothing else. The number of a caller who wants money is not where to call back.
func ownContact(text string) bool {
	if containsAny(text, []string{"我的电话", "我电话", "联系电话", "我手机", "我的手机", "手机号是", "电话是", "打我", "给我打", "回电", "联系我", "电话联系", "打这个", "联系方式", "我的号码"}) {
		return true
	}
	return len([]rune(strings.Trim(text, "0123456789* -+.。,，"))) <= 4
}

// at is when a message came.
func (b *Bot) at(m chat.Message) time.Time {
	if m.At.IsZero() {
		return b.now()
	}
	return m.At
}

// missing are the details that an article collects and nobody told or skipped yet.
func (b *Bot) missing(s *Session, topic string) []kb.Slot {
	a, ok := b.lib.Article(topic)
	if !ok {
		return nil
	}
	var out []kb.Slot
	for _, slot := range a.Collect {
		skipped := s.Case != nil && slices.Contains(s.Case.Done, slot)
		if at := s.Device.Field(string(slot)); at != nil && *at == "" && !skipped {
			out = append(out, slot)
		}
	}
	return out
}

// together is the next question: the first missing detail, and the one that stands beside it.
func together(missing []kb.Slot) []kb.Slot {
	pair := map[kb.Slot]kb.Slot{
		kb.SlotBrandModel: kb.SlotSerial, kb.SlotSerial: kb.SlotBrandModel,
		kb.SlotMerchantNo: kb.SlotTerminalNo, kb.SlotTerminalNo: kb.SlotMerchantNo,
		kb.SlotOccurredAt: kb.SlotAmount, kb.SlotAmount: kb.SlotOccurredAt,
		kb.SlotReceiptMerchant: kb.SlotStatementMerchant, kb.SlotStatementMerchant: kb.SlotReceiptMerchant,
		kb.SlotAppVersion: kb.SlotErrorCode, kb.SlotErrorCode: kb.SlotAppVersion,
	}
	if len(missing) == 0 {
		return nil
	}
	first := missing[0]
	if second := pair[first]; slices.Contains(missing, second) {
		return []kb.Slot{first, second}
	}
	return []kb.Slot{first}
}
