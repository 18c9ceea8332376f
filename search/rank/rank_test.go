package rank

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/yingda/yingda/zh"
)

// testRanker is a Ranker with what it was made of.
type testRanker struct {
	*Ranker
	docs     []Document
	analyzer *zh.Analyzer
}

func newRanker(t *testing.T, prior *Learned, o Options) *testRanker {
	t.Helper()
	corpus, _ := NewCorpus(o)
	r, err := New(corpus, o.Model, prior)
	if err != nil {
		t.Fatal(err)
	}
	return &testRanker{r, o.Docs, o.Analyzer}
}

// newTestRanker learns a guide of three articles.
func newTestRanker(t *testing.T, prior *Learned) *testRanker {
	t.Helper()
	model, err := DefaultModel()
	if err != nil {
		t.Fatal(err)
	}
	return newRanker(t, prior, Options{
		Docs: []Document{
			{ID: "fee", Phrasings: []string{"手续费是多少", "刷卡费率多少", "扣几个点"}, Not: []string{"年费是多少"}},
			{ID: "deposit", Phrasings: []string{"押金怎么退", "激活费能退吗"}},
			{ID: "paper", Phrasings: []string{"打印纸没了", "小票不出纸"}},
		},
		Outside:    []string{"今天天气怎么样"},
		Analyzer:   zh.NewAnalyzer(zh.Vocabulary{}),
		Background: zh.NewTables().Background,
		Model:      model,
	})
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
		want := make([]float32, n*classes)
		for i := range want {
			want[i] = float32(rng.NormFloat64())
		}
		x := slices.Clone(want)
		if !g.factorize(lambda) {
			t.Fatalf("n=%d: not positive definite", n)
		}
		g.solve(x, classes)
		for i := range n {
			for c := range classes {
				var got float64
				for j := range n {
					got += full[i][j] * float64(x[j*classes+c])
				}
				if math.Abs(got-float64(want[i*classes+c])) > 1e-3 {
					t.Fatalf("n=%d: row %d gives %v, want %v", n, i, got, want[i*classes+c])
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

// What was learnt survives its file, and starting from it changes nothing.
func TestLearned(t *testing.T) {
	r := newTestRanker(t, nil)
	data, err := r.Learned().MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	prior := new(Learned)
	if err := prior.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	if n := r.Missing(prior); n != 0 {
		t.Errorf("%d phrasings are missing", n)
	}
	again := newTestRanker(t, prior)
	for _, q := range []string{"手续费多少", "天气", "退押金"} {
		a, b := r.ask(q), again.ask(q)
		if a.Ranked[0].Doc != b.Ranked[0].Doc || math.Abs(a.Confidence-b.Confidence) > 0.01 {
			t.Errorf("%q: %v by %v, after the file %v by %v", q, a.Ranked[0].Doc, a.Confidence, b.Ranked[0].Doc, b.Confidence)
		}
	}
}

func TestLearnedDamaged(t *testing.T) {
	data, err := newTestRanker(t, nil).Learned().MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string][]byte{"empty": nil, "outsideScores": []byte("hello"), "cut": data[:len(data)-1], "long": append(slices.Clone(data), 0), "one class twice": []byte(learnedMagic + "a\ta\n\x00\x00\x80\x3f\x00\x00\x00\x00")} {
		if err := new(Learned).UnmarshalBinary(in); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// FuzzLearned: whatever can be read can be written again and says the same; the rest is an error.
func FuzzLearned(f *testing.F) {
	numbers := "\x00\x00\x80\x3f" // a scale of 1
	f.Add([]byte(learnedMagic + "a\tb\n" + numbers + "\x00\x00\x00\x00"))
	f.Add([]byte(learnedMagic + "a\tb\n" + numbers + "\x01\x00\x00\x00keykey12\x01\x00\x02\x00"))
	f.Add([]byte(learnedMagic + "a\ta\n" + numbers + "\x00\x00\x00\x00"))
	f.Add([]byte(learnedMagic + "\n" + numbers + "\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var first, again Learned
		if first.UnmarshalBinary(data) != nil {
			return
		}
		written, err := first.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if err := again.UnmarshalBinary(written); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(first.classes, again.classes) || !slices.Equal(slices.Sorted(maps.Keys(first.rows)), slices.Sorted(maps.Keys(again.rows))) {
			t.Errorf("%d classes and %d rows became %d and %d", len(first.classes), len(first.rows), len(again.classes), len(again.rows))
		}
	})
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
