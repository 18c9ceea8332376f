package kb

// HandoverPhrases are the sentences on the way to a person. "{…}" stands for what the comment names.
type HandoverPhrases struct {
	// Offering.
	Offer    string `yaml:"offer"`    // below an answer that needs a person: shall the case be registered?
	Declined string `yaml:"declined"` // the customer wants no person now
	Angry    string `yaml:"angry"`    // in front of an offer to somebody who is angry

	// Collecting.
	First     string `yaml:"first"`     // in front of the first question
	Ask       string `yaml:"ask"`       // {ask} {where} {example}: one question
	Again     string `yaml:"again"`     // {ask}: back to the question after something else was answered
	Unread    string `yaml:"unread"`    // in front of a question whose answer could not be read
	Noted     string `yaml:"noted"`     // {list}: what was just understood
	Doubt     string `yaml:"doubt"`     // {name} {shape} {value}: a number that does not look right
	Photo     string `yaml:"photo"`     // a picture came
	Picture   string `yaml:"picture"`   // a picture came, without a word
	Seen      string `yaml:"seen"`      // a detail that stands on a picture
	Summary   string `yaml:"summary"`   // {list}: everything known, to be confirmed
	Unchanged string `yaml:"unchanged"` // nothing of the summary was new
	Nothing   string `yaml:"nothing"`   // nothing is known at the end: go all the same?
	Which     string `yaml:"which"`     // the summary is wrong, but not said where
	Resume    string `yaml:"resume"`    // after a pause: shall we go on?
	Cancel    string `yaml:"cancel"`    // the customer calls it off

	// The ticket.
	Opened      string `yaml:"opened"`       // {number} {when}
	Still       string `yaml:"still"`        // {number} {when}: a person is asked for again while the ticket waits
	Open        string `yaml:"open"`         // {when} within business hours
	Shut        string `yaml:"shut"`         // {when} outside of them; {next}: when somebody is back
	ShutLong    string `yaml:"shut_long"`    // the same where nobody knows when
	Write       string `yaml:"write"`        // {list}: details to write down while waiting
	Queued      string `yaml:"queued"`       // {number} {when}: once, in front of the first answer while the ticket waits
	Passed      string `yaml:"passed"`       // … what the guide does not know goes to the agents
	Forwarded   string `yaml:"forwarded"`    // … and so does this
	Waiting     string `yaml:"waiting"`      // {number} {since} {when}: nobody has claimed it
	Held        string `yaml:"held"`         // {number}
	Closed      string `yaml:"closed"`       // {number} {since}
	None        string `yaml:"none"`         // no ticket to tell about
	Withdrawn   string `yaml:"withdrawn"`    // {number}: the customer has called the ticket off
	WithdrawAsk string `yaml:"withdraw_ask"` // {number}: shall it end although an agent works on it?
	Contact     string `yaml:"contact"`      // a telephone number came that nobody asked for

	// A ticket of another conversation. Where Prove is missing, nobody is asked for a proof.
	Prove    string `yaml:"prove,omitempty"`    // {number}: who names it is asked for a proof
	Unproven string `yaml:"unproven,omitempty"` // {number}: there is no such ticket, or the proof is wrong
	Proven   string `yaml:"proven,omitempty"`   // {number} {since} {state} {said}
	Said     string `yaml:"said,omitempty"`     // {said}: {at} and {text} of what an agent said last
	Unsaid   string `yaml:"unsaid,omitempty"`   // {said} where no agent said anything

	// Behind a ticket that opens outside of business hours. Where Callback is missing, nobody is asked for a number.
	Callback    string `yaml:"callback,omitempty"` // {next}: where may we call? {next} is "" where nobody knows
	CallNoted   string `yaml:"call_noted,omitempty"`
	CallRefused string `yaml:"call_refused,omitempty"`

	// What the customer may tap.
	Yes       string `yaml:"option_yes"`
	No        string `yaml:"option_no"`
	Skip      string `yaml:"option_skip"`
	Now       string `yaml:"option_now"` // a person at once
	Confirm   string `yaml:"option_confirm"`
	CancelIt  string `yaml:"option_cancel"`
	ResumeYes string `yaml:"option_resume"`
}

// Cue is a kind of short reply.
type Cue string

// The closed set of cues.
const (
	CueYes      Cue = "yes"
	CueNo       Cue = "no"
	CueSkip     Cue = "skip"     // does not know this detail
	CueCancel   Cue = "cancel"   // calls the registration off
	CueNow      Cue = "now"      // a person at once
	CueWithdraw Cue = "withdraw" // calls the ticket off
	CueEnough   Cue = "enough"   // no more questions: a person at once, while details are asked for
	CueWrong    Cue = "wrong"    // the summary is wrong
	CueAck      Cue = "ack"      // heard, and nothing else
	CueProgress Cue = "progress" // how is my case; found anywhere in a message
)

// Cues lists every Cue.
func Cues() []Cue {
	return []Cue{CueYes, CueNo, CueSkip, CueCancel, CueNow, CueWithdraw, CueEnough, CueWrong, CueAck, CueProgress}
}
