package bench

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/yingda/yingda/bot/eval"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
)

// sampleArticle is an article of the bundled guide.
const sampleArticle = "txn-response-code"

// goldenQuestions are the golden questions' texts.
func goldenQuestions(tb testing.TB) []string {
	tb.Helper()
	f, err := content.FS().Open("golden.tsv")
	if err != nil {
		tb.Fatal(err)
	}
	qs, err := eval.Read(f)
	if err := errors.Join(err, f.Close()); err != nil {
		tb.Fatal(err)
	}
	texts := make([]string, len(qs))
	for i, q := range qs {
		texts[i] = q.Text
	}
	return texts
}

// loadBundled loads the bundled guide and indexes it as the program does.
func loadBundled(tb testing.TB) (*kb.Library, *search.Index) {
	tb.Helper()
	g, err := guide.Open("", nil)
	if err != nil {
		tb.Fatal(err)
	}
	return g.Library, g.Index
}

// syntheticGuide makes a guide of n articles with four phrasings each, by splicing the bundled guide's
// phrasings and naming a shop, so that no two are alike; and questions that are near to some of them.
func syntheticGuide(lib *kb.Library, n int) (*kb.Library, []string) {
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	var pool [][]rune
	for i := range lib.Articles {
		for _, p := range lib.Articles[i].Phrasings() {
			pool = append(pool, []rune(p))
		}
	}
	splice := func() string {
		a, b := pool[rng.IntN(len(pool))], pool[rng.IntN(len(pool))]
		return string(a[:1+len(a)/2]) + string(b[len(b)/2:])
	}
	articles := make([]kb.Article, n)
	var questions []string
	for i := range articles {
		shop := string([]rune{rune(0x4e00 + rng.IntN(3000)), rune(0x4e00 + rng.IntN(3000))})
		a := kb.Article{ID: fmt.Sprintf("a%d", i), Title: shop + splice(), Category: "large", Escalate: kb.EscalateOffer}
		for range 3 {
			a.Asks = append(a.Asks, splice())
		}
		a.Lead = strings.Join(a.Asks, "，") + "。"
		a.Body = a.Lead
		articles[i] = a
		if i%(1+n/500) == 0 {
			r := []rune(a.Title)
			questions = append(questions, "请问"+string(r[:len(r)-1])+"啊")
		}
	}
	big := kb.NewLibrary(articles, fmt.Sprint("large-", n))
	big.Lexicon = lib.Lexicon
	return big, questions
}
