package rank

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"github.com/yingda/yingda/flatfile"
	"github.com/yingda/yingda/zh"
)

// testRanker is a Ranker with what it was made of.
type testRanker struct {
	*Ranker
	docs     []Document
	analyzer *zh.Analyzer
}

func rankerOf(t *testing.T, prior *Ranker, o Options) *testRanker {
	t.Helper()
	corpus, _ := NewCorpus(o)
	r, err := New(corpus, o.Model, prior)
	if err != nil {
		t.Fatal(err)
	}
	return &testRanker{r, o.Docs, o.Analyzer}
}

// newTestRanker learns a guide of three articles.
func newTestRanker(t *testing.T, prior *Ranker) *testRanker {
	t.Helper()
	return rankerOf(t, prior, testOptions(t))
}

func testOptions(t *testing.T) Options {
	t.Helper()
	model, err := DefaultModel()
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Docs: []Document{
			{ID: "fee", Phrasings: []string{"手续费是多少", "刷卡费率多少", "扣几个点"}, Not: []string{"年费是多少"}},
			{ID: "deposit", Phrasings: []string{"押金怎么退", "激活费能退吗"}},
			{ID: "paper", Phrasings: []string{"打印纸没了", "小票不出纸"}},
		},
		Outside:    []string{"今天天气怎么样"},
		Analyzer:   zh.NewAnalyzer(zh.Vocabulary{}),
		Background: zh.NewTables().Background,
		Model:      model,
	}
}

func (r *testRanker) rank(question string, candidates []Candidate) Ranking {
	q := r.Query(r.analyzer.Analyze(question))
	defer r.Release(q)
	return r.Rank(q, candidates)
}

func (r *testRanker) ask(question string) Ranking {
	all := make([]Candidate, len(r.docs))
	for i := range all {
		all[i] = Candidate{Doc: i, BM25: 1}
	}
	return r.rank(question, all)
}

func TestRank(t *testing.T) {
	r := newTestRanker(t, nil)
	for in, want := range map[string]string{"手续费多少": "fee", "押金能退吗": "deposit", "小票打不出来": "paper"} {
		got := r.ask(in)
		if id := r.docs[got.Ranked[0].Doc].ID; id != want {
			t.Errorf("%q ranks %s first, want %s", in, id, want)
		}
		sum := 0.0
		for _, x := range got.Ranked {
			sum += x.Prob
		}
		if math.Abs(sum-1) > 1e-9 || got.Confidence < 0 || got.Confidence > 1 {
			t.Errorf("%q: probabilities sum to %v, confidence %v", in, sum, got.Confidence)
		}
	}
	if got := r.ask("！"); len(got.Ranked) > 0 || got.Confidence != 0 {
		t.Errorf("nothing that was asked is ranked: %v", got)
	}
}

// TestGramMatrix solves random systems and checks them against their right-hand sides.
func TestGramMatrix(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{1, 7, 64, 65, 150} {
		const classes, lambda = 3, 0.5
		rows := make([][]float64, n)
		for i := range rows {
			rows[i] = make([]float64, 20)
			for j := range rows[i] {
				rows[i][j] = rng.NormFloat64() / 5
			}
		}
		g, full := newGramMatrix(n), make([][]float64, n)
		for i := range n {
			full[i] = make([]float64, n)
			for j := range n {
				for k := range rows[i] {
					full[i][j] += rows[i][k] * rows[j][k]
				}
				if j <= i {
					g.row(i)[j] = float32(full[i][j])
				}
			}
			full[i][i] += lambda
		}
		want := make([]float32, classes*n)
		for i := n / 2; i < len(want); i++ { // the first class begins with zeros
			want[i] = float32(rng.NormFloat64())
		}
		x := slices.Clone(want)
		if !g.factorize(lambda) {
			t.Fatalf("n=%d: not positive definite", n)
		}
		g.solve(x)
		for i := range n {
			for c := range classes {
				var got float64
				for j := range n {
					got += full[i][j] * float64(x[c*n+j])
				}
				if math.Abs(got-float64(want[c*n+i])) > 1e-3 {
					t.Fatalf("n=%d: row %d gives %v, want %v", n, i, got, want[c*n+i])
				}
			}
		}
	}
	bad := newGramMatrix(1)
	bad.row(0)[0] = -1
	if bad.factorize(0.5) {
		t.Error("a negative matrix is taken for positive definite")
	}
}

// TestPrior: starting from what was learnt changes nothing.
func TestPrior(t *testing.T) {
	r := newTestRanker(t, nil)
	again := newTestRanker(t, r.Ranker)
	for _, q := range []string{"手续费多少", "天气", "退押金"} {
		if a, b := r.ask(q), again.ask(q); !reflect.DeepEqual(a, b) {
			t.Errorf("%q: %v, from what was learnt %v", q, a, b)
		}
	}
}

// TestFile: a ranker that was saved and opened ranks to the last bit as it did, and so does one of a guide too large
// for the regression.
func TestFile(t *testing.T) {
	large := testOptions(t)
	for i := range 6000 { // more than the regression is solved for
		large.Docs = append(large.Docs, Document{ID: fmt.Sprint("made", i), Phrasings: []string{fmt.Sprint("第", i, "个手续费")}})
	}
	for name, o := range map[string]Options{"regression": testOptions(t), "none": large} {
		r := rankerOf(t, nil, o)
		if (r.ridge == nil) != (name == "none") {
			t.Fatalf("%s: the guide has the wrong size", name)
		}
		var b flatfile.Builder
		r.Save(&b)
		path := filepath.Join(t.TempDir(), "file")
		if err := b.Write(path, ""); err != nil {
			t.Fatal(err)
		}
		f, err := flatfile.Open(path, "")
		if err != nil {
			t.Fatal(err)
		}
		opened, err := Open(o, f)
		if err != nil {
			t.Fatal(err)
		}
		again := &testRanker{opened, o.Docs[:3], o.Analyzer}
		r.docs = again.docs
		for _, q := range []string{"手续费多少", "天气", "退押金", "年费", "xyz"} {
			if a, b := r.ask(q), again.ask(q); !reflect.DeepEqual(a, b) {
				t.Errorf("%s, %q: %v, from the file %v", name, q, a, b)
			}
		}
		o.Docs = o.Docs[:2]
		if _, err := Open(o, f); !errors.Is(err, flatfile.ErrForeign) {
			t.Errorf("%s: opened for other documents: %v", name, err)
		}
		runtime.KeepAlive(f)
	}
}

// TestKernel: the similarity of texts by the postings is that of texts side by side.
func TestKernel(t *testing.T) {
	r := newTestRanker(t, nil)
	for _, c := range []struct {
		question string
		row      int
		least    float64 // share of the similarity with itself
		most     float64
	}{
		{"押金怎么退", 3, 0.999, 1}, // itself
		{"押金能退", 3, 0.05, 0.9},
		{"押金怎么退", 5, 0, 0}, // nothing in common
		{"押金怎么退押金怎么退", 3, 0.8, 0.999},
	} {
		q := r.Query(r.analyzer.Analyze(c.question))
		r.postings.similarities(&q.vector, q.sim)
		byPostings := float64(q.sim[c.row])
		q.spread(r.corpus.Space)
		beside := float64(q.similarity(r.corpus, &r.corpus.phrasings, c.row))
		q.gather()
		r.Release(q)
		whole := r.corpus.Space.kernel.max()
		if byPostings < c.least*whole || byPostings > c.most*whole || math.Abs(byPostings-beside) > 1e-5 {
			t.Errorf("%q and row %d are alike by %v of %v, side by side by %v", c.question, c.row, byPostings, whole, beside)
		}
	}
}

func TestDice(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"", "", 0}, {"ab", "ab", 1}, {"ab", "cd", 0}, {"aab", "ab", 0.8}} {
		var distinct []Token
		a := numbers(c.a)
		runs(slices.Sorted(slices.Values(a)), func(number int32, times int) { distinct = append(distinct, Token{Number: number, times: times}) })
		if got := dice(distinct, len(a), numbers(c.b)); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("dice(%q, %q) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestAlignment(t *testing.T) {
	for _, c := range []struct {
		q, p           string
		sequence, edit float64
	}{
		{"", "a", 0, 0}, {"abc", "abc", 1, 1}, {"abc", "xyz", 0, 0}, {"abcd", "abxd", 0.75, 0.75}, {"ab", "xaxbx", 1, 0.4},
	} {
		if seq, edit := alignment(numbers(c.q), numbers(c.p)); math.Abs(seq-c.sequence) > 1e-9 || math.Abs(edit-c.edit) > 1e-9 {
			t.Errorf("alignment(%q, %q) = %v %v, want %v %v", c.q, c.p, seq, edit, c.sequence, c.edit)
		}
	}
}

// numbers are the characters of s as numbers.
func numbers(s string) []int32 {
	var out []int32
	for _, r := range s {
		out = append(out, r)
	}
	return out
}
