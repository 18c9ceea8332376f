package kb

import (
	"fmt"
	"reflect"
	"strings"
)

// Reading holds the words by which any message is read: they are no answers, and no questions of the
// guide. All are written simplified, half-width and in lower case.
type Reading struct {
	Particles  string        `yaml:"particles"`   // characters at the end of a short reply that add nothing
	Person     []string      `yaml:"person"`      // whole messages that ask for a person
	Program    Pattern       `yaml:"program"`     // asks whether a person or a program answers
	Ticket     []string      `yaml:"ticket"`      // names the ticket itself
	Question   []string      `yaml:"question"`    // makes a text look like a question
	Joints     []string      `yaml:"joints"`      // begins another question in the same message
	Changes    []string      `yaml:"changes"`     // beside a detail's name: it is to be changed
	OwnContact []string      `yaml:"own_contact"` // the telephone number beside it is the customer's own
	Correction Correction    `yaml:"correction"`
	Picks      Picks         `yaml:"picks"`
	FollowUp   FollowUp      `yaml:"follow_up"`
	Aspects    []Aspect      `yaml:"aspects"`   // the first that a question has counts
	EitherOr   string        `yaml:"either_or"` // the characters in the middle of 退不退 and 有没有
	Numbers    NumberWords   `yaml:"numbers"`
	Times      TimeWords     `yaml:"times"`
	Money      MoneyWords    `yaml:"money"`
	Places     PlaceWords    `yaml:"places"`
	Merchants  MerchantWords `yaml:"merchants"`
}

// Correction is how a customer says that something else was meant.
type Correction struct {
	Whole []string `yaml:"whole"` // the message says so and nothing else
	Marks []string `yaml:"marks"` // what was meant follows
}

// Picks is how a customer chooses from a list.
type Picks struct {
	Numerals string   `yaml:"numerals"` // the first, the second, … option, a character each
	Ordinals []string `yaml:"ordinals"` // {n}: a digit or a numeral
	Last     []string `yaml:"last"`     // the last of two or more, the way to a person counted
	First    []string `yaml:"first"`    // the first topic
	Middle   []string `yaml:"middle"`   // the second of three topics
	Final    []string `yaml:"final"`    // the last topic
	All      []string `yaml:"all"`      // every topic
	Joints   string   `yaml:"joints"`   // characters between two ordinals
	Pointers []string `yaml:"pointers"` // behind words of one title
	Link     string   `yaml:"link"`     // between these words and the pointer
	Vague    []string `yaml:"vague"`    // points at something, and says nothing where nothing is offered
}

// FollowUp is what a question that leans on the topic consists of.
type FollowUp struct {
	Fillers  []string `yaml:"fillers"`   // name no topic by themselves
	Lasting  []string `yaml:"lasting"`   // units of how long something lasts already
	Numerals string   `yaml:"numerals"`  // characters of the number in front of them
	Lasts    string   `yaml:"lasts"`     // what number and unit are read as
	Done     string   `yaml:"done"`      // the particle behind them
	CodeMark string   `yaml:"code_mark"` // in front of a number: it is a response code
	CodeLead string   `yaml:"code_lead"` // characters in front of the number of a code after a code
}

// Aspect is one thing that is asked of a topic.
type Aspect struct {
	Kind    string `yaml:"kind"`    // of question, in the lexicon
	Pattern string `yaml:"pattern"` // what a sentence has that answers it
}

// NumberWords stand around numbers and names that are told.
type NumberWords struct {
	Links string `yaml:"links"` // characters between a label and its number
	Names string `yaml:"names"` // characters between a label and its name
}

// TimeWords tell when something happened.
type TimeWords struct {
	Hints   []string       `yaml:"hints"`    // a text without any of them tells no time
	Days    map[string]int `yaml:"days"`     // word → days ago
	Night   string         `yaml:"night"`    // the word among them that means the evening too
	Parts   []DayPart      `yaml:"parts"`    // of the day, in the order in which they are looked for
	JustNow []string       `yaml:"just_now"` //
	Units   map[string]int `yaml:"units"`    // unit → minutes
	Done    []string       `yaml:"done"`     // behind a day: something was done on it
	Undone  string         `yaml:"undone"`   // what follows was not done
}

// DayPart is a part of the day.
type DayPart struct {
	Name  string `yaml:"name"`
	Short string `yaml:"short"` // its short form, looked for last
	Until int    `yaml:"until"` // a clock before this hour is meant twelve hours later; 0 for none
	Mute  bool   `yaml:"mute"`  // it counts beside a clock only
}

// MoneyWords tell an amount.
type MoneyWords struct {
	Before   []string           `yaml:"before"`   // money moved: an amount may follow without a unit
	Between  []string           `yaml:"between"`  // between such a word and the amount
	Units    []string           `yaml:"units"`    // of money; the first is what amounts are written with
	Signs    []string           `yaml:"signs"`    // more units, which need no word in front
	Multiply map[string]float64 `yaml:"multiply"` // behind a number
	Counted  []string           `yaml:"counted"`  // behind a number that is no money
	Beside   []string           `yaml:"beside"`   // may stand beside a bare number that was asked for, and nothing else may
}

// PlaceWords stand around the name of a city.
type PlaceWords struct {
	Before []string `yaml:"before"`
	After  []string `yaml:"after"`
	Never  []string `yaml:"never"` // behind a name that is then none of a place
}

// MerchantWords tell a merchant's name on a receipt or a statement.
type MerchantWords struct {
	Hints  string            `yaml:"hints"`  // a text without any of these characters tells none
	Shows  map[Slot][]string `yaml:"shows"`  // what stands between the paper and the name
	Beside map[Slot]string   `yaml:"beside"` // characters that must not stand between: they speak of the other paper
	Stops  []string          `yaml:"stops"`  // ends a name
	Never  []string          `yaml:"never"`  // begins none
}

// walkLists visits every list of words below v.
func walkLists(v reflect.Value, path string, visit func(path string, words []string)) {
	if words, ok := v.Interface().([]string); ok {
		visit(path, words)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if name, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); name != "" {
				walkLists(v.Field(i), path+"."+name, visit)
			} else if field.IsExported() { // its fields stand among their parent's
				walkLists(v.Field(i), path, visit)
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			walkLists(it.Value(), fmt.Sprintf("%s.%v", path, it.Key()), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walkLists(v.Index(i), fmt.Sprintf("%s.%d", path, i+1), visit)
		}
	}
}
