package zh

import (
	"math"
	"testing"
)

// teach is a language model of texts.
func teach(texts ...string) *languageModel {
	return &NewSpeller(NewTables(), nil, texts).model
}

// costOf is what c costs behind a and b, which are 0 for what is no Han character.
func (l *languageModel) costOf(a, b, c rune) float64 {
	next := l.candidate(c)
	return l.cost(l.pair(l.number(a), l.number(b)), next, l.followers(nil, b, []candidate{next})[0])
}

func TestLanguageCost(t *testing.T) {
	l := teach("跳码怎么办", "什么是跳码", "跳码影响积分", "转人工", "费率是多少")
	cost := func(text string) float64 {
		sum, before, last := 0.0, rune(0), rune(0)
		for _, r := range text {
			sum += l.costOf(before, last, r)
			before, last = last, r
		}
		return sum
	}
	for _, c := range []struct{ cheap, dear string }{
		{"跳码", "跳马"},     // the guide's pair
		{"我的银行", "我的银航"}, // an everyday word that the guide does not have
		{"是跳码", "是跳吗"},
		{"人", "鼹"}, // a common character, a rare one
	} {
		if a, b := cost(c.cheap), cost(c.dear); a >= b {
			t.Errorf("%s costs %.1f, %s %.1f: the first must be cheaper", c.cheap, a, c.dear, b)
		}
	}
}

// TestLanguageIsDistribution: what may follow a context has probabilities that add up to one at most.
func TestLanguageIsDistribution(t *testing.T) {
	l := teach("跳码怎么办", "什么是跳码", "转人工")
	for _, context := range [][2]rune{{0, 0}, {0, '跳'}, {'跳', '码'}, {'银', '行'}, {'鼹', '鼠'}} {
		sum := 0.0
		for r := rune(firstHan); r <= lastHan; r++ {
			sum += math.Exp(-l.costOf(context[0], context[1], r))
		}
		if sum > 1.01 {
			t.Errorf("after %q the probabilities add up to %.3f", string(context[:]), sum)
		}
	}
}
