package rank

import (
	"math"
	"slices"
	"testing"

	"github.com/yingda/yingda/zh"
)

// featureRanker learns a guide in which each feature has something to see.
func featureRanker(t *testing.T) *testRanker {
	t.Helper()
	tables := zh.NewTables()
	model := Untrained(DefaultKernel())
	topics, err := NewTopics(2, [zh.NumTokenKinds]map[string][]float64{zh.Chars: {"费": {1, 0}, "贵": {1, 0}, "纸": {0, 1}}})
	if err != nil {
		t.Fatal(err)
	}
	model.Topics = *topics
	return rankerOf(t, nil, Options{
		Docs: []Document{
			{ID: "fee", Phrasings: []string{"手续费是多少", "刷卡的手续费多少", "扣多少手续费"}, Not: []string{"年费是多少"}, Body: "微信收款每笔千分之六。"},
			{ID: "wechat", Phrasings: []string{"微信收款怎么开通", "开通微信收款", "微信收款码申请"}},
			{ID: "printer", Phrasings: []string{"打印机不出纸", "小票打印不出来"}},
			{ID: "code", Phrasings: []string{"报错05", "05报错", "提示05"}},
		},
		Outside:    []string{"今天天气怎么样"},
		Analyzer:   zh.NewAnalyzer(zh.Vocabulary{Synonyms: [][]string{{"手续费", "费率"}, {"打印机", "出票机"}}}),
		Background: tables.Background,
		Words: Words{
			Names: map[string][]string{"wallet": {"微信", "支付宝"}},
			Kinds: map[string][]string{"amount": {"多少"}, "why": {"为什么"}},
		},
		Model: model,
	})
}

// asked is a question held against a document.
type asked struct {
	doc, question string
	bm25          float64 // the index's score; of every other document it is 1
}

// feature returns what a feature says of a.
func (r *testRanker) feature(t *testing.T, name string, a asked) float64 {
	t.Helper()
	all := make([]Candidate, len(r.docs))
	for i := range all {
		all[i] = Candidate{Doc: i, BM25: 1}
		if r.docs[i].ID == a.doc && a.bm25 != 0 {
			all[i].BM25 = a.bm25
		}
	}
	for _, ranked := range r.rank(a.question, all).Ranked {
		if r.docs[ranked.Doc].ID == a.doc {
			return ranked.Features[slices.Index(Features(), name)]
		}
	}
	t.Fatalf("%s is not ranked for %q", a.doc, a.question)
	return 0
}

// Every feature moves as its comment in Features says.
func TestFeaturesMove(t *testing.T) {
	r := featureRanker(t)
	tested := map[string]bool{}
	for _, c := range []struct {
		feature    string
		less, more asked
	}{
		{"ridge", asked{doc: "wechat", question: "手续费多少"}, asked{doc: "fee", question: "手续费多少"}},
		{"ridge_z", asked{doc: "wechat", question: "手续费多少"}, asked{doc: "fee", question: "手续费多少"}},
		{"best", asked{doc: "fee", question: "手续费"}, asked{doc: "fee", question: "手续费是多少"}},
		{"near3", asked{doc: "code", question: "报错了"}, asked{doc: "code", question: "报错05"}},
		{"bm25_z", asked{doc: "fee", question: "手续费", bm25: 0.5}, asked{doc: "fee", question: "手续费", bm25: 2}},
		{"dice_concepts", asked{doc: "fee", question: "押金是多少"}, asked{doc: "fee", question: "费率是多少"}},
	} {
		tested[c.feature] = true
		if less, more := r.feature(t, c.feature, c.less), r.feature(t, c.feature, c.more); !(less < more) {
			t.Errorf("%s is %v for %v, want less than %v for %v", c.feature, less, c.less, more, c.more)
		}
	}
	for _, c := range []struct {
		feature, doc, question string
		want                   float64
	}{
		{"cover_chars", "fee", "手续费多少", 1},
		{"cover_chars", "fee", "押金退", 0},
		{"cover_concepts", "fee", "费率", 1}, // another word of the group, whose units the phrasings lack
		{"cover_concepts", "fee", "押金", 0},
		{"cover_bigrams", "fee", "手续费", 1},
		{"cover_bigrams", "fee", "费续手", 0}, // known units, unknown pairs
		{"cover_body", "fee", "微信收款", 1},   // none of its phrasings has it, its body does
		{"cover_body", "fee", "微信到账", 1.0 / 3},
		{"cover_bigrams", "fee", "微信收款", 0},
		{"dice_chars", "fee", "手续费是多少", 1},
		{"dice_chars", "fee", "少多是费续手", 1}, // order does not count
		{"dice_chars", "code", "没纸", 0},
		{"dice_concepts", "fee", "费率是多少", 1},
		{"sequence", "fee", "是多少", 1}, // a part of a phrasing
		{"sequence", "code", "没纸", 0},
		{"edit", "fee", "手续费是多少", 1},
		{"edit", "fee", "手续费是多少钱呢啊", 6.0 / 9},
		{"name_conflict", "wechat", "支付宝收款怎么开通", 1},
		{"name_conflict", "fee", "支付宝收款怎么开通", 0}, // it has no wallet at all
		{"name_conflict", "wechat", "微信收款怎么开通", 0},
		{"name_missing", "wechat", "支付宝收款怎么开通", 1},
		{"name_missing", "fee", "支付宝收款怎么开通", 1},
		{"name_missing", "fee", "支付宝和微信", 2},
		{"name_missing", "wechat", "微信收款怎么开通", 0},
		{"terms_missing", "code", "报错", 1},
		{"terms_missing", "code", "报错05", 0},
		{"terms_missing", "code", "报错06", 1},
		{"shared_missing", "fee", "手续费多少", 0},
		{"shared_missing", "fee", "押金", 1},
		{"uncovered", "fee", "手续费多少", 0},
		{"kind_mismatch", "fee", "手续费为什么多", 1},
		{"kind_mismatch", "fee", "手续费多少", 0},
		{"negation", "printer", "打印机不出纸", 0},
		{"negation", "printer", "打印机出纸", 1},
		{"negation", "fee", "不是手续费", 1},
		{"negation", "fee", "是不是手续费", 0}, // that asks and denies nothing
		{"not", "fee", "手续费是多少", 0},
		{"topic", "fee", "贵", 1}, // a word that it has not, for the same topic
		{"topic", "printer", "贵", 0},
		{"length", "fee", "手续费是多少", 0},
		{"length", "fee", "手续费", math.Log(7.0 / 4)},
		{"uncovered_bigram", "fee", "手续费多少", 0},
		{"uncovered_bigram", "fee", "微信收款", 0}, // the body has it
		{"uncovered_bigram", "fee", "费续手", 1},
	} {
		tested[c.feature] = true
		if got := r.feature(t, c.feature, asked{doc: c.doc, question: c.question}); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("%s of %s for %q is %v, want %v", c.feature, c.doc, c.question, got, c.want)
		}
	}
	for _, c := range []struct{ feature, question string }{{"uncovered", "手续费押金"}, {"not", "年费是多少"}} {
		if got := r.feature(t, c.feature, asked{doc: "fee", question: c.question}); got <= 0 {
			t.Errorf("%s of fee for %q is %v, want more than 0", c.feature, c.question, got)
		}
	}
	for _, name := range Features() {
		if !tested[name] {
			t.Errorf("no case moves %s", name)
		}
	}
}
