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
	Human   float64 // least share of the probability that makes it a wish for a person
	Option  float64 // least share of the probability that makes an article an option
}

// DefaultPolicy is what the golden questions recommend; `yingda eval` shows what it costs.
func DefaultPolicy() Policy {
	return Policy{Answer: 0.70, Clarify: 0.25, Near: 0.08, Human: 0.30, Option: 0.04}
}

// maxOptions is how many choices a customer is given.
const maxOptions = 3

// Decision is what to do with one message.
type Decision struct {
	Kind    chat.Decision
	Options []kb.Hit // for Clarify, and for Decline when topics are near
}

// Decide weighs what was understood against the policy. It is pure.
func Decide(_ Session, u Understanding, p Policy) Decision {
	switch {
	case u.Intent == kb.IntentHuman && u.IntentScore >= p.Human, asksForPerson(u.Text):
		return Decision{Kind: chat.Escalate}
	case len(u.Codes) > 0:
		return Decision{Kind: chat.Answer}
	case u.Intent != kb.IntentNone && u.Wants(u.Intent) && u.Confidence >= p.Answer:
		return Decision{Kind: chat.Greet}
	case len(u.Hits) == 0:
		return Decision{Kind: chat.Decline}
	case !u.Wants(u.Intent) && u.Confidence >= p.Answer:
		return Decision{Kind: chat.Answer}
	case u.Confidence >= p.Clarify:
		return Decision{Kind: chat.Clarify, Options: options(u.Hits, p)}
	case u.Confidence >= p.Near:
		return Decision{Kind: chat.Decline, Options: options(u.Hits, p)}
	}
	return Decision{Kind: chat.Decline}
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

// pick finds the option that a message chooses: by its number or by its title.
func pick(offered []chat.Option, text string) (chat.Option, bool) {
	text = strings.Trim(text, " \t\n.。,，、!！")
	for i, o := range offered {
		number, wide, word := string(rune('1'+i)), string(rune('１'+i)), []string{"一", "二", "三", "四"}[min(i, 3)]
		if text == o.Title || slices.Contains([]string{number, wide, "第" + number + "个", "第" + word + "个"}, text) {
			return o, true
		}
	}
	return chat.Option{}, false
}
