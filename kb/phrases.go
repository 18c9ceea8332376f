package kb

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Phrases are what the bot itself says and how customers say things that are no question of the
// guide. They are read from phrases.yaml.
type Phrases struct {
	Categories []Category          `yaml:"categories"`
	Replies    ReplyPhrases        `yaml:"say"`
	Intents    map[Intent][]string `yaml:"intents"` // what customers say for each
	Media      map[string]string   `yaml:"media"`   // what is said to what is no words, by chat.Medium; "other" for the rest
	Handover   HandoverPhrases     `yaml:"handover"`
	Details    map[Slot]Detail     `yaml:"details"`  // how each detail is asked for and recognised
	Words      map[Cue][]string    `yaml:"words"`    // short replies to what the bot asks
	Triggers   []Trigger           `yaml:"triggers"` // what makes a case urgent; the first that fits counts
	Reading    Reading             `yaml:"reading"`  // the words by which any message is read
	Brands     map[string][]string `yaml:"brands"`   // brand of terminals → its models and other names for it
	Cities     string              `yaml:"cities"`   // names of cities, separated by blanks
}

// Category is one shelf of the guide.
type Category struct {
	ID    string   `yaml:"id"`
	Name  string   `yaml:"name"`  // as customers read it
	Quick []string `yaml:"quick"` // ids of the articles that the chat page offers first
}

// ReplyPhrases are the bot's own sentences. "{…}" stands for what the comment names.
type ReplyPhrases struct {
	Greet       string `yaml:"greet"`
	Thanks      string `yaml:"thanks"`
	Bye         string `yaml:"bye"`
	Empty       string `yaml:"empty"`        // nothing readable was said
	Clarify     string `yaml:"clarify"`      // above the options
	Decline     string `yaml:"decline"`      // honest: the guide does not know
	DeclineNear string `yaml:"decline_near"` // the same, followed by the nearest topics as options
	Escalate    string `yaml:"escalate"`     // a person was asked for
	AnswerHuman string `yaml:"answer_human"` // below an answer whose article escalates always
	UnknownCode string `yaml:"unknown_code"` // {code}: a response code that the guide does not list
	Expired     string `yaml:"expired"`      // {date}: below an answer past its valid_until
	Unsolved    string `yaml:"unsolved"`     // the answer did not help: more of it follows
	Denied      string `yaml:"denied"`       // the customer says that something else was meant
	Offer       string `yaml:"offer"`        // nothing helped so far: offers a person
	Human       string `yaml:"human"`        // the option that asks for a person

	Scanned string `yaml:"scanned"` // {serial}: below the greeting of somebody who scanned a terminal's sticker; may be missing

	// These may be missing: the next part of the article is told then.
	Aspect string `yaml:"aspect"` // in front of what an article says about when or how much
	Untold string `yaml:"untold"` // {title}: the article does not say when or how much
}

// fields lists every sentence by its name in the file.
func (s *ReplyPhrases) fields() map[string]string {
	return map[string]string{
		"greet": s.Greet, "thanks": s.Thanks, "bye": s.Bye, "empty": s.Empty, "clarify": s.Clarify,
		"decline": s.Decline, "decline_near": s.DeclineNear, "escalate": s.Escalate,
		"answer_human": s.AnswerHuman, "unknown_code": s.UnknownCode, "expired": s.Expired, "human": s.Human,
		"unsolved": s.Unsolved, "denied": s.Denied, "offer": s.Offer,
	}
}

// CategoryName is the name that customers read for a category's id; the id itself when unknown.
func (p *Phrases) CategoryName(id string) string {
	for _, c := range p.Categories {
		if c.ID == id {
			return c.Name
		}
	}
	return id
}

// missing names the sentences of the file that are not written, in order.
func (p *Phrases) missing() []string {
	var out []string
	add := func(section string, fields map[string]string) {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if fields[name] == "" {
				out = append(out, section+"."+name)
			}
		}
	}
	add("say", p.Replies.fields())
	if p.Handover != (HandoverPhrases{}) { // a guide may do without tickets
		add("handover", p.Handover.fields())
		for _, s := range Slots() {
			d := p.Details[s]
			add("details."+string(s), map[string]string{"name": d.Name, "ask": d.Ask, "where": d.Where, "example": d.Example})
		}
	}
	return out
}

// emptyWords are the lists of p that hold an empty word, by their path in the file.
func emptyWords(p *Phrases) []string {
	var out []string
	for path, list := range map[string]any{"reading": p.Reading, "details": p.Details, "words": p.Words} {
		walkLists(reflect.ValueOf(list), path, func(path string, words []string) {
			for _, w := range words {
				if strings.TrimSpace(w) == "" {
					out = append(out, path)
					return
				}
			}
		})
	}
	return out
}
