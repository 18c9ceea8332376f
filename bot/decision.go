package bot

import (
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

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
	RuleTalk     Rule = "talk"     // hello, thanks, goodbye, or no more than a nod
	RuleProgram  Rule = "program"  // the customer asks whether a program answers
	RuleContact  Rule = "contact"  // the customer leaves a telephone number
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

// leadsToPerson tells whether the way to a person stands among the options.
func (d Decision) leadsToPerson() bool {
	return d.Kind == chat.Clarify || d.Kind == chat.Decline || d.isComplaint() || d.Content == ContentProgram || d.Content == ContentContact
}

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
	case u.Act == ActProgram:
		return Decision{Kind: chat.Answer, Rule: RuleProgram, Content: ContentProgram}
	case u.Act == ActContact:
		return Decision{Kind: chat.Greet, Rule: RuleContact, Content: ContentContact}
	case u.Act == ActNod && u.Intent == kb.IntentNone:
		return Decision{Kind: chat.Greet, Rule: RuleTalk, Content: ContentIdle}
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
	case d.Content == ContentIdle:
		other.Kind, other.Content = d.Kind, ContentDenied
	case d.Kind == chat.Greet: // whoever only nods is not in need of a person
		other.Kind, other.Content = d.Kind, ContentIdle
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
