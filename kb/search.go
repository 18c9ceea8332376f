package kb

import "context"

// Searcher finds the articles that answer a question. It is safe for concurrent use.
type Searcher interface {
	// Search ranks the guide against q. An empty or meaningless question is no error: it gets a
	// Result without hits. An error means that the index failed.
	Search(ctx context.Context, q Query) (Result, error)
}

// Query is one question in the words of whoever asked it.
type Query struct {
	Text  string // as typed; the searcher normalises and cuts it
	Limit int    // the most hits wanted; 0 means DefaultLimit
}

// DefaultLimit is how many hits a Query gets that does not say.
const DefaultLimit = 5

// Result is what a Searcher found.
type Result struct {
	Text        string  // the question as the searcher understood it: folded, simplified, typos mended
	Hits        []Hit   // articles, best first
	Confidence  float64 // calibrated probability, 0–1, that the best of Hits and Intent is right
	Intent      Intent  // the most probable intent; IntentNone when none is near
	IntentScore float64 // its share of the probability; comparable with the hits' scores
}

// Wants tells whether an intent is likelier than any article.
func (r *Result) Wants(i Intent) bool {
	return i != IntentNone && r.Intent == i && (len(r.Hits) == 0 || r.IntentScore > r.Hits[0].Score)
}

// Hit is one article with its score.
type Hit struct {
	ID    string
	Title string
	Score float64 // 0–1, the article's share of the probability; comparable within one Result only
}

// Intent is something that a customer wants which is not an article.
type Intent string

// The closed set of intents. Phrases.Intents holds what customers say for each.
const (
	IntentNone   Intent = ""
	IntentHuman  Intent = "human"  // a person
	IntentGreet  Intent = "greet"  // hello
	IntentThanks Intent = "thanks" // thank you
	IntentBye    Intent = "bye"    // goodbye

	IntentUnsolved Intent = "unsolved" // the answer did not help
)

// Intents lists every Intent but IntentNone.
func Intents() []Intent {
	return []Intent{IntentHuman, IntentGreet, IntentThanks, IntentBye, IntentUnsolved}
}
