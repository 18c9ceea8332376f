package rank

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/yingda/yingda/zh"
)

// newTestRanker learns a guide of three articles.
func newTestRanker(t *testing.T, prior *Learned) *Ranker {
	t.Helper()
	tables := zh.NewTables()
	model, err := DefaultModel()
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(Options{
		Docs: []Document{
			{ID: "fee", Phrasings: []string{"手续费是多少", "刷卡费率多少", "扣几个点"}, Not: []string{"年费是多少"}},
			{ID: "deposit", Phrasings: []string{"押金怎么退", "激活费能退吗"}},
			{ID: "paper", Phrasings: []string{"打印纸没了", "小票不出纸"}},
		},
		Outside:    []string{"今天天气怎么样"},
		Analyzer:   zh.NewAnalyzer(zh.Vocabulary{}),
		Background: tables.Background,
		Model:      model,
		Learned:    prior,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *Ranker) ask(question string) Ranking {
	all := make([]Candidate, len(r.docs))
	for i := range all {
		all[i] = Candidate{Doc: i, BM25: 1}
	}
	return r.Rank(r.encoder.analyzer.Analyze(question), all)
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
		t.Errorf("nothing maxKernelCandidates is ranked: %v", got)
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

func TestKernel(t *testing.T) {
	r := newTestRanker(t, nil)
	vec := func(s string) vector { return r.space.vector(r.encoder.analyzer.Analyze(s).Tokens) }
	same, near, far := r.space.similarity(vec("押金怎么退"), vec("押金怎么退")), r.space.similarity(vec("押金怎么退"), vec("押金能退")), r.space.similarity(vec("押金怎么退"), vec("打印纸没了"))
	if math.Abs(same-r.space.sum) > 1e-3 || near <= 0 || near >= same || far != 0 {
		t.Errorf("similarity with itself %v (want %v), near %v, disjoint %v", same, r.space.sum, near, far)
	}
	if back := r.space.similarity(vec("押金能退"), vec("押金怎么退")); math.Abs(back-near) > 1e-6 {
		t.Errorf("not symmetric: %v and %v", near, back)
	}
}

func TestDice(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"", "", 0}, {"ab", "ab", 1}, {"ab", "cd", 0}, {"aab", "ab", 0.8}} {
		if got := dice(split(c.a), split(c.b)); math.Abs(got-c.want) > 1e-9 {
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
		if seq, edit := alignment(split(c.q), split(c.p)); math.Abs(seq-c.sequence) > 1e-9 || math.Abs(edit-c.edit) > 1e-9 {
			t.Errorf("alignment(%q, %q) = %v %v, want %v %v", c.q, c.p, seq, edit, c.sequence, c.edit)
		}
	}
}

func split(s string) []string {
	var out []string
	for _, r := range s {
		out = append(out, string(r))
	}
	return out
}
