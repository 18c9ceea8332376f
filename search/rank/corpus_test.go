package rank

import (
	"fmt"
	"slices"
	"testing"

	"github.com/yingda/yingda/zh"
)

// TestCorpusTokens: what a document has is the same by its bits and by its list, and as often as its phrasings say.
func TestCorpusTokens(t *testing.T) {
	c := newTestRanker(t, nil).corpus
	for kind := range zh.NumTokenKinds {
		marked := &c.tokens[kind]
		listed := *marked
		listed.bits = nil
		for doc := range c.docs {
			for token := range int32(c.Space.Size(kind) + 100) {
				want := 0
				for i, to := c.phrasingsOf(doc); i < to; i++ {
					want += boolToInt(slices.Contains(c.phrasings[kind].of(i), token))
				}
				if got := marked.count(doc, token); got != want || marked.has(doc, token) != (want > 0) || listed.has(doc, token) != (want > 0) {
					t.Errorf("kind %d: %d phrasings of document %d have token %d; want %d", kind, got, doc, token, want)
				}
			}
		}
	}
}

// TestCorpusIsWhole: what an index is made of is the documents' own tokens, from the first document to the last.
func TestCorpusIsWhole(t *testing.T) {
	const n = 600 // read in several parts
	docs := make([]Document, n)
	for i := range docs {
		docs[i] = Document{ID: fmt.Sprint("d", i), Phrasings: []string{fmt.Sprintf("退款%d", i), fmt.Sprintf("退款要%d", i)}, Body: "微信\n到账"}
	}
	c, folded := NewCorpus(Options{Docs: docs, Outside: []string{"天气"}, Analyzer: zh.NewAnalyzer(zh.Vocabulary{}), Background: zh.Background{}, Model: Untrained(DefaultKernel())})
	for _, i := range []int{0, 255, 256, 599} {
		number := fmt.Sprint(i)
		for _, x := range []struct{ got, want []string }{
			{c.Tokens(i, zh.Chars, 1), []string{"退", "款", "要", number}},
			{c.Tokens(i, zh.Chars, 2), []string{"退", "款", number}},
			{c.Tokens(i, zh.Bigrams, 2), []string{"退款"}},
			{c.BodyTokens(i), []string{"微信", "到账"}}, // and no pair of two lines
			{folded[i], []string{"退款" + number, "退款要" + number, "微信 到账"}},
		} {
			slices.Sort(x.got)
			slices.Sort(x.want)
			if !slices.Equal(x.got, x.want) {
				t.Errorf("document %d: %q, want %q", i, x.got, x.want)
			}
		}
	}
	if len(folded) != n+1 || folded[n][0] != "天气" {
		t.Errorf("%d folded texts, want %d", len(folded), n+1)
	}
}
