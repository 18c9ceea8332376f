package kb

import (
	"cmp"
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
	Media      map[string]string   `yaml:"media"`   // what is said to what is no words, by chat.Medium; "other" for the rest, "unseen" while a ticket is open
	Handover   HandoverPhrases     `yaml:"handover"`
	Details    map[Slot]Detail     `yaml:"details"`  // how each detail is asked for and recognised
	Words      map[Cue][]string    `yaml:"words"`    // short replies to what the bot asks
	Dangers    []Danger            `yaml:"dangers"`  // what must be said before all else; the first that fits counts
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

// ReplyPhrases are the bot's own sentences. "{…}" stands for what the comment names; with omitempty one may be missing.
type ReplyPhrases struct {
	Greet       string `yaml:"greet"`
	Thanks      string `yaml:"thanks"`
	Bye         string `yaml:"bye"`
	Empty       string `yaml:"empty"`        // nothing readable was said
	Idle        string `yaml:"idle"`         // a face or a sound, and nothing that it could be about
	Program     string `yaml:"program"`      // the customer asks whether the bot is a person
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

	Scanned string `yaml:"scanned,omitempty"` // {serial}: below the greeting of somebody who scanned a terminal's sticker

	// These may be missing: the next part of the article is told then.
	Aspect string `yaml:"aspect,omitempty"` // in front of what an article says about when or how much
	Untold string `yaml:"untold,omitempty"` // {title}: the article does not say when or how much
}

// BotArticle is the id of the article about the bot itself; the question whether a program answers is its.
const BotArticle = "bot-scope"

// CategoryName is the name that customers read for a category's id; the id itself when unknown.
func (p *Phrases) CategoryName(id string) string {
	i := slices.IndexFunc(p.Categories, func(c Category) bool { return c.ID == id })
	if i < 0 {
		return id
	}
	return p.Categories[i].Name
}

// Unseen says that agents cannot open what the customer sent, and how to go on.
func (p *Phrases) Unseen() string {
	return cmp.Or(p.Media["unseen"], p.Media["other"], p.Replies.Empty)
}

// missing names the sentences of the file that are not written, in order.
func (p *Phrases) missing() []string {
	out := emptySentences("say", p.Replies)
	if p.Handover != (HandoverPhrases{}) { // a guide may do without tickets
		out = append(out, emptySentences("handover", p.Handover)...)
		for _, s := range Slots() {
			out = append(out, emptySentences("details."+string(s), p.Details[s])...)
		}
	}
	return out
}

// emptySentences names the sentences of a section that are not written and must be.
func emptySentences(section string, phrases any) []string {
	var out []string
	v := reflect.ValueOf(phrases)
	for i := range v.NumField() {
		name, optional := strings.CutSuffix(v.Type().Field(i).Tag.Get("yaml"), ",omitempty")
		if v.Field(i).Kind() == reflect.String && v.Field(i).String() == "" && !optional {
			out = append(out, section+"."+name)
		}
	}
	return out
}

// emptyWords are the lists of p that hold an empty word, by their path in the file.
func emptyWords(p *Phrases) []string {
	var out []string
	for path, list := range map[string]any{"reading": p.Reading, "details": p.Details, "words": p.Words, "dangers": p.Dangers, "triggers": p.Triggers} {
		walkLists(reflect.ValueOf(list), path, func(path string, words []string) {
			if slices.ContainsFunc(words, func(w string) bool { return strings.TrimSpace(w) == "" }) {
				out = append(out, path)
			}
		})
	}
	return out
}
