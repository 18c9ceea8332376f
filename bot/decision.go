package bot

import (
	"slices"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
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
	Triggers []int  // places of the guide's triggers whose words it has, in order
	Question bool   // it looks like a question
	Progress bool   // it asks how the case is going, and there is one
	Quote    string // its beginning on one line, for a ticket's summary
	Free     string // it as the value of a detail that nothing can be read out of; "" when it is none

	Details
	Medium  chat.Medium // what came is neither words nor a picture; "" else
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
	ActPhoto   Act = "photo"   // is a picture
	ActMedium  Act = "medium"  // is what nobody can read
	ActWelcome Act = "welcome" // comes in
	ActHandoff Act = "handoff" // presses the button for a person
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
func isAngry(t kb.Trigger) bool { return t.Reason == string(desk.ReasonAngry) }

// Policy holds the thresholds on the calibrated confidence at which the bot dares something. A
// wrong answer costs the customer money, a needless question only time: so answering asks for much.
type Policy struct {
	Answer  float64 // at least this sure: answer
	Clarify float64 // at least this sure: ask which of the near meanings
	Near    float64 // at least this sure: decline, and name the nearest topics
	Human   float64 // least share of the probability that makes it a wish for a person …
	Hunch   float64 // … when the message is understood at least this surely at all
	Option  float64 // least share of the probability that makes an article an option
}

// DefaultPolicy is what the golden questions recommend; `yingda eval` shows what it costs.
func DefaultPolicy() Policy {
	return Policy{Answer: 0.80, Clarify: 0.25, Near: 0.08, Human: 0.30, Hunch: 0.15, Option: 0.04}
}

// unsure tells whether u is not sure enough of an article to be answered.
func (p Policy) unsure(u Understanding) bool { return len(u.Hits) == 0 || u.Confidence < p.Answer }

// maxOptions is how many choices a customer is given, the way to a person aside.
const maxOptions = 3

// maxUnhelped is how many replies in a row may be no help before a person is offered.
const maxUnhelped = 2

// Rule is what decided about a message.
type Rule string

// The closed set of rules.
const (
	RuleRanking  Rule = "ranking"  // the confidence, weighed against the policy
	RulePerson   Rule = "person"   // a person is asked for
	RuleCode     Rule = "code"     // a response code is named: it is looked up
	RuleParts    Rule = "parts"    // the message has several questions, each sure of its answer
	RuleUnsolved Rule = "unsolved" // the customer says that the last answer did not help
	RuleTalk     Rule = "talk"     // hello, thanks, goodbye
	RuleDenied   Rule = "denied"   // the customer says that the last reply was not meant, and nothing else
	RuleUnhelped Rule = "unhelped" // too many replies in a row were no help
	RuleAnger    Rule = "anger"    // the customer swears
	RuleOffer    Rule = "offer"    // the customer says no to a person that was offered
	RuleUntold   Rule = "untold"   // the topic does not say what is asked of it
	RuleRepeat   Rule = "repeat"   // the same would have been said for the third time
	RuleProgress Rule = "progress" // the customer asks how the case is going
)

// Decision is what to do with one message.
type Decision struct {
	Kind    chat.Decision
	Rule    Rule
	Content Content
	Options []kb.Hit // for Clarify, and for Decline when topics are near
}

// isComplaint tells whether the customer said that the last answer did not help, and stays with the bot.
func (d Decision) isComplaint() bool { return d.Rule == RuleUnsolved && d.Kind != chat.Escalate }

// Decide weighs what was understood against the policy and the conversation. It is pure. It decides
// about what the guide was asked; a case that is being registered has the first word where there is one.
func Decide(s Session, u Understanding, p Policy) Decision {
	d := decide(s, u, p)
	switch {
	case d.Kind == chat.Escalate || d.Rule == RuleProgress: // a wish for a person always wins
		return d
	case u.Progress:
		return Decision{Kind: chat.Answer, Rule: RuleProgress, Content: ContentProgress}
	}
	return appease(s, u, d)
}

func decide(s Session, u Understanding, p Policy) Decision {
	switch {
	case u.Act == ActProgress:
		return Decision{Kind: chat.Answer, Rule: RuleProgress, Content: ContentProgress}
	case u.Act == ActPerson, u.Intent == kb.IntentHuman && u.IntentScore >= p.Human && u.Confidence >= p.Hunch:
		return Decision{Kind: chat.Escalate, Rule: RulePerson, Content: ContentPerson}
	case u.Act == ActRefuse:
		return Decision{Kind: chat.Greet, Rule: RuleOffer, Content: ContentRefused}
	case len(u.Codes) > 0:
		return Decision{Kind: chat.Answer, Rule: RuleCode, Content: ContentLead}
	case len(u.Parts) > 0:
		return Decision{Kind: chat.Answer, Rule: RuleParts, Content: ContentLead}
	case u.Wants(kb.IntentUnsolved) && s.Move == ContentOffer: // a person was offered, and it is still not solved
		return Decision{Kind: chat.Escalate, Rule: RuleUnsolved, Content: ContentPerson}
	case u.Focus == FocusUntold:
		return Decision{Kind: chat.Decline, Rule: RuleUntold, Content: ContentUntold}
	case u.Wants(kb.IntentUnsolved) && u.Confidence >= p.Clarify && s.Topic != "" && s.Unhelped == 0:
		return Decision{Kind: chat.Answer, Rule: RuleUnsolved, Content: ContentMore}
	case u.Wants(kb.IntentUnsolved):
		return Decision{Kind: chat.Decline, Rule: RuleUnsolved, Content: ContentOffer}
	}
	return weigh(s, u, p)
}

// weigh decides by the confidence.
func weigh(s Session, u Understanding, p Policy) Decision {
	switch {
	case u.Wants(u.Intent) && u.Confidence >= p.Answer:
		return Decision{Kind: chat.Greet, Rule: RuleTalk, Content: ContentTalk}
	case !p.unsure(u) && !u.Wants(u.Intent):
		return Decision{Kind: chat.Answer, Rule: RuleRanking, Content: contentOf(s, u)}
	case s.Unhelped >= maxUnhelped:
		return Decision{Kind: chat.Decline, Rule: RuleUnhelped, Content: ContentOffer, Options: nearTopics(u, p)}
	case u.Confidence >= p.Clarify && len(u.Hits) > 0:
		return Decision{Kind: chat.Clarify, Rule: RuleRanking, Content: ContentChoice, Options: likelyOptions(u.Hits, p)}
	case u.Act == ActDeny:
		return Decision{Kind: chat.Decline, Rule: RuleDenied, Content: ContentDenied}
	}
	return Decision{Kind: chat.Decline, Rule: RuleRanking, Content: ContentDecline, Options: nearTopics(u, p)}
}

// contentOf is what of an article answers a message.
func contentOf(s Session, u Understanding) Content {
	switch u.Focus {
	case FocusAspect:
		return ContentAspect
	case FocusTopic:
		return ContentSection
	case FocusUntold, FocusOwn:
	}
	if s.Topic == u.Hits[0].ID {
		return ContentSection
	}
	return ContentLead
}

// appease puts an apology in front of what is decided about a message that swears, or offers a person
// instead of it: nobody who swears and gets no answer wants to be told what the bot is.
func appease(s Session, u Understanding, d Decision) Decision {
	switch {
	case u.Tone == ToneCalm, len(u.Codes) > 0:
		return d
	case d.Kind == chat.Clarify && u.Tone == ToneAngry:
		d.Content = ContentSorry
		return d
	case d.Kind == chat.Answer && u.Tone == ToneAngry && len(u.Hits) > 0 && !u.Knowledge:
		return d
	case s.Move == ContentOffer: // and still so
		return Decision{Kind: chat.Escalate, Rule: RuleAnger, Content: ContentPerson}
	}
	return Decision{Kind: chat.Decline, Rule: RuleAnger, Content: ContentOffer}
}

// instead is what to do where d would say the same for the third time.
func instead(u Understanding, d Decision) Decision {
	other := Decision{Kind: chat.Decline, Rule: RuleRepeat, Content: ContentOffer}
	switch {
	case d.Content != ContentOffer:
	case u.Focus == FocusUntold:
		other.Content = ContentUntold
	case u.Act == ActDeny:
		other.Content = ContentDenied
	default:
		other.Content = ContentDecline
	}
	return other
}

// nearTopics are the topics worth naming when the guide does not know.
func nearTopics(u Understanding, p Policy) []kb.Hit {
	if u.Confidence < p.Near || len(u.Hits) == 0 {
		return nil
	}
	return likelyOptions(u.Hits, p)
}

// likelyOptions are the hits worth offering, at least the first.
func likelyOptions(hits []kb.Hit, p Policy) []kb.Hit {
	n := 1
	for n < min(len(hits), maxOptions) && hits[n].Score >= p.Option {
		n++
	}
	return hits[:n]
}
