package bot

import (
	"slices"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/zh"
)

// Understanding is one message as far as the conversation, the guide and its phrases make sense of it.
// It is made once; whatever is decided, gathered or said afterwards looks at it and never at the text.
type Understanding struct {
	kb.Result        // of the article or the intent that is meant
	Act       Act    // what the message does in the conversation
	Asked     string // the text that Result was looked up by: the message, or the part of it that counts; "" for none

	Lookups   []Lookup        // every search that was made, each text once
	Codes     []string        // response codes that the message names, known or not
	Parts     []Understanding // the questions of a message that asks several; each is sure of its answer
	Focus     Focus           // what of the session's topic it asks for
	Sentences []string        // those of the topic that answer it, for FocusAspect
	Phrasing  bool            // it is word for word a way to ask for the first article
	Knowledge bool            // the first article is pure knowledge: a person would say the same

	Tone     Tone
	Danger   *kb.Danger // what it tells of; nil for none
	Triggers []int      // places of the guide's triggers that it sets off, in order
	Face     zh.Sense   // what its faces say
	Nod      Nod        // it says no more than a nod does
	Question bool       // it looks like a question
	Progress bool       // it asks how the case is going, and there is one
	Quote    string     // its beginning on one line, for a ticket's summary
	Free     told       // it as the value of what was asked for, where any words may be
	Unknown  []kb.Slot  // what was asked for and it names as not known

	Details
	Medium  chat.Medium // what came is neither words nor a picture; "" else
	Unseen  bool        // an agent cannot be shown it
	Scanned string      // the serial number that the channel knows
	At      time.Time
}

// Lookup is one search of the guide.
type Lookup struct {
	Text   string
	Result kb.Result
}

// Details are what a message tells of the terminal and of what happened on it.
type Details struct {
	Told    told        // the contact is veiled
	Rest    string      // what the message says besides
	Changed bool        // something of it was not known before
	Photo   bool        // a picture came
	Contact string      // to be sealed; "" for none
	Device  chat.Device // what is known now
}

// tells tells whether a message has any detail.
func (d *Details) tells() bool { return len(d.Told) > 0 || d.Photo }

// tellsAny tells whether a message has one of the details that were asked for.
func (d *Details) tellsAny(asked []kb.Slot) bool {
	return d.Photo || slices.ContainsFunc(asked, func(slot kb.Slot) bool { return d.Told[slot] != "" })
}

// Act is what a message does in its conversation.
type Act string

// The closed set of acts.
const (
	ActSay      Act = ""         // says or asks something: the guide is searched for it
	ActPick     Act = "pick"     // picks an article that was offered, or several
	ActDeny     Act = "deny"     // says that the last reply was not meant, and nothing else
	ActPerson   Act = "person"   // wants a person, or says yes to one that was offered
	ActRefuse   Act = "refuse"   // says no to a person that was offered
	ActProgress Act = "progress" // asks how its ticket is going
	ActNod      Act = "nod"      // is a face, a sound or a sign
	ActProgram  Act = "program"  // asks whether a person or a program answers
	ActContact  Act = "contact"  // is a telephone number that nobody asked for

	// While a ticket is open.
	ActWithdraw Act = "withdraw" // calls the ticket off
	ActAffirm   Act = "affirm"   // says yes to ending a ticket that an agent works on

	// While a case is being registered.
	ActAnswer  Act = "answer"  // tells details
	ActAccept  Act = "accept"  // what was told is right as it is
	ActSkip    Act = "skip"    // does not know what was asked for
	ActMiss    Act = "miss"    // tells what was known already, and not what was asked for
	ActConfirm Act = "confirm" // the summary is right
	ActChange  Act = "change"  // something of the summary is wrong, but not said to what
	ActKnown   Act = "known"   // tells nothing that the summary has not
	ActResume  Act = "resume"  // goes on after a pause
	ActCancel  Act = "cancel"  // calls it off

	// Without words.
	ActAside   Act = "aside"   // is for the agent who holds the conversation
	ActAlbum   Act = "album"   // is another picture of those that were sent together
	ActRecall  Act = "recall"  // takes an earlier message back
	ActPhoto   Act = "photo"   // is a picture
	ActMedium  Act = "medium"  // is what nobody can read
	ActWelcome Act = "welcome" // comes in
	ActHandoff Act = "handoff" // presses the button for a person
)

// Nod is a message that says nothing of its own: a face, a sound such as 嗯, a sign, or less.
type Nod string

// The closed set of nods.
const (
	NodNone  Nod = ""      // it says something
	NodHeard Nod = "heard" // a face, a sound, a full stop
	NodAsks  Nod = "asks"  // a question mark, with a sound or without
	NodBlank Nod = "blank" // nothing that shows
)

// Focus is what of the session's topic a message asks for.
type Focus string

// The closed set of focuses.
const (
	FocusOwn    Focus = ""       // it speaks for itself
	FocusTopic  Focus = "topic"  // it is about the topic
	FocusAspect Focus = "aspect" // it asks when or how much, and the topic says so
	FocusUntold Focus = "untold" // the topic does not say so
)

// Tone is how a message is said.
type Tone string

// The closed set of tones.
const (
	ToneCalm   Tone = ""
	ToneAngry  Tone = "angry"    // it swears beside something else
	ToneSwears Tone = "swearing" // and says nothing else
)

// isAngry tells the trigger of angry words.
func isAngry(t *kb.Trigger) bool { return t.Reason == string(desk.ReasonAngry) }
