package kb

// Pattern describes messages by words that they have. A word counts as a word: a single character must be all that its
// clause says, and nothing counts inside of a word of Not.
type Pattern struct {
	Words []string   `yaml:"words"` // any of these
	All   [][]string `yaml:"all"`   // or one of each of these lists
	Not   []string   `yaml:"not"`   // longer words that hold one of the others and mean something else
}

// isEmpty tells whether a pattern describes nothing.
func (p *Pattern) isEmpty() bool { return len(p.Words)+len(p.All) == 0 }

// Trigger makes a case one for a person: an article that is answered, or words anywhere in a message.
type Trigger struct {
	Reason   string   `yaml:"reason"`  // one of Reasons
	Urgency  string   `yaml:"urgency"` // one of Urgencies
	Articles []string `yaml:"articles"`
	Pattern  `yaml:",inline"`
	Threats  []string `yaml:"threats"` // words too, but not in a question: 我要报警 is one, 怎么报警 is none

	fromBase bool // the base's: its articles need not exist in this guide
}

// Danger is what must be said before all else: a customer is losing money, or has just lost some.
type Danger struct {
	ID      string   `yaml:"id"`
	Asks    []string `yaml:"asks"` // whole messages that tell of it
	Pattern `yaml:",inline"`
	Reason  string `yaml:"reason"` // the trigger that it sets off besides; "" for none
	Say     string `yaml:"say"`    // what to do at once, and what not to do next

	fromBase bool // the base's: its trigger need not exist in this guide
}

// Reasons lists the reasons that a Trigger may give; the names are those of a ticket's reason.
func Reasons() []string { return []string{"money", "fraud", "frozen", "angry"} }

// Urgencies lists the urgencies of a ticket, the least urgent first.
func Urgencies() []string { return []string{"normal", "high", "urgent"} }
