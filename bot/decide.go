package bot

import (
	"slices"
	"strings"

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

// patience is how many replies in a row may be no help before a person is offered.
const patience = 2

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
	RulePatience Rule = "patience" // too many replies in a row were no help
	RuleAnger    Rule = "anger"    // the customer swears
	RuleOffer    Rule = "offer"    // the customer says no to a person that was offered
	RuleUntold   Rule = "untold"   // the topic does not say what is asked of it
	RuleRepeat   Rule = "repeat"   // the same would have been said for the third time
)

// Decision is what to do with one message.
type Decision struct {
	Kind     chat.Decision
	Rule     Rule
	Options  []kb.Hit // for Clarify, and for Decline when topics are near
	Detail   bool     // for Answer: the topic's lead was told before, its next section follows
	Offer    bool     // for Decline: a person is offered, for nothing else helped
	Unsolved bool     // the customer says that the last answer did not help
	Angry    bool     // the customer swears: that is what the reply begins with
}

// Decide weighs what was understood against the policy and the conversation. It is pure.
func Decide(s Session, u Understanding, p Policy) Decision {
	switch {
	case u.Intent == kb.IntentHuman && u.IntentScore >= p.Human && u.Confidence >= p.Hunch, asksForPerson(u.Text):
		return Decision{Kind: chat.Escalate, Rule: RulePerson}
	case u.Refused:
		return Decision{Kind: chat.Greet, Rule: RuleOffer}
	case len(u.Codes) > 0:
		return Decision{Kind: chat.Answer, Rule: RuleCode}
	case len(u.Parts) > 0:
		return Decision{Kind: chat.Answer, Rule: RuleParts}
	case u.Wants(kb.IntentUnsolved) && s.Wanted: // a person was offered, and it is still not solved
		return Decision{Kind: chat.Escalate, Rule: RuleUnsolved}
	case u.Untold:
		return Decision{Kind: chat.Decline, Rule: RuleUntold}
	case u.Wants(kb.IntentUnsolved) && u.Confidence >= p.Clarify && s.Topic != "":
		return unsolved(s)
	case u.Wants(kb.IntentUnsolved):
		return Decision{Kind: chat.Decline, Rule: RuleUnsolved, Offer: true, Unsolved: true}
	case u.Wants(u.Intent) && u.Confidence >= p.Answer:
		return Decision{Kind: chat.Greet, Rule: RuleTalk}
	case !p.unsure(u) && !u.Wants(u.Intent):
		return Decision{Kind: chat.Answer, Rule: RuleRanking, Detail: (u.Leans || s.Topic == u.Hits[0].ID) && u.Aspect == ""}
	case s.Unhelped >= patience:
		return Decision{Kind: chat.Decline, Rule: RulePatience, Offer: true, Options: near(u, p)}
	case u.Confidence >= p.Clarify && len(u.Hits) > 0:
		return Decision{Kind: chat.Clarify, Rule: RuleRanking, Options: options(u.Hits, p)}
	case u.Denied:
		return Decision{Kind: chat.Decline, Rule: RuleDenied}
	}
	return Decision{Kind: chat.Decline, Rule: RuleRanking, Options: near(u, p)}
}

// unsolved tells more about the topic the first time, and offers a person the second.
func unsolved(s Session) Decision {
	if s.Unhelped > 0 {
		return Decision{Kind: chat.Decline, Rule: RuleUnsolved, Offer: true, Unsolved: true}
	}
	return Decision{Kind: chat.Answer, Rule: RuleUnsolved, Detail: true, Unsolved: true}
}

// near are the topics worth naming when the guide does not know.
func near(u Understanding, p Policy) []kb.Hit {
	if u.Confidence < p.Near || len(u.Hits) == 0 {
		return nil
	}
	return options(u.Hits, p)
}

// options are the hits worth offering, at least the first.
func options(hits []kb.Hit, p Policy) []kb.Hit {
	n := 1
	for n < min(len(hits), maxOptions) && hits[n].Score >= p.Option {
		n++
	}
	return hits[:n]
}

// asksForPerson tells whether the whole message, a few fillers aside, is the wish for a person. The
// index knows many more wordings; this holds even for a guide that teaches it none.
func asksForPerson(text string) bool {
	core := strings.Trim(text, " !?.,。！？，、~")
	return slices.Contains([]string{"人工", "转人工", "人工客服", "人工服务", "真人", "真人客服", "我要人工", "找人工"}, core)
}
