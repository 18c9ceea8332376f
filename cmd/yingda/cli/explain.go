package cli

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/yingda/yingda/bot/eval"
	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
)

// maxReasons is how many features a missed question is explained by.
const maxReasons = 4

// explain tells which features made the bot of a guide miss a question.
func explain(g *guide.Guide, question string, wanted []string) eval.Why {
	e := g.Index.Explain(question)
	if len(e.Ranked) == 0 {
		return eval.Why{What: "nothing in the guide is like it"}
	}
	first := &e.Ranked[0]
	if slices.Contains(wanted, eval.Out) {
		return eval.Why{What: "what makes " + first.ID + " seem right", Reasons: strongest(e.Evidence, func(x float64) bool { return x > 0 })}
	}
	rank := -1
	for _, id := range wanted {
		if id == eval.Human {
			id = "intent:" + string(kb.IntentHuman)
		}
		if at := e.Find(id); at >= 0 && (rank < 0 || at < rank) {
			rank = at
		}
	}
	switch {
	case rank < 0:
		return eval.Why{What: fmt.Sprintf("not among the %d nearest; the first is %s", len(e.Ranked), first.ID)}
	case rank == 0:
		return eval.Why{What: fmt.Sprintf("ranked first, but only %.2f sure", e.Confidence), Reasons: strongest(e.Evidence, func(x float64) bool { return x < 0 })}
	}
	better := &e.Ranked[rank]
	return eval.Why{What: first.ID + " over " + better.ID, Reasons: strongest(difference(first, better), func(float64) bool { return true })}
}

// difference is what each feature adds to a more than to b.
func difference(a, b *search.DocExplanation) []search.Contribution {
	out := slices.Clone(a.Features)
	for i := range out {
		out[i].Adds -= b.Features[i].Adds
	}
	return out
}

// strongest are the contributions that weigh most among those wanted.
func strongest(all []search.Contribution, want func(adds float64) bool) []eval.Reason {
	all = slices.DeleteFunc(slices.Clone(all), func(c search.Contribution) bool { return !want(c.Adds) })
	slices.SortStableFunc(all, byWeight)
	var out []eval.Reason
	for _, c := range all[:min(len(all), maxReasons)] {
		out = append(out, eval.Reason{Feature: c.Name, Adds: c.Adds})
	}
	return out
}

// byWeight orders contributions, the one that moves a sum most first.
func byWeight(a, b search.Contribution) int { return cmp.Compare(math.Abs(b.Adds), math.Abs(a.Adds)) }

// featureNames are the features of rank.Features as a content editor reads them.
func featureNames() map[string]string {
	return map[string]string{
		"ridge":            "整体像这篇（回归分）",
		"ridge_z":          "比其他文章更像（倍标准差）",
		"best":             "与最近一句说法的相似度",
		"near3":            "与最近三句说法的平均相似度",
		"bm25_z":           "检索得分（倍标准差）",
		"cover_chars":      "问题的字，说法里有多少",
		"cover_concepts":   "问题的词义，说法里有多少",
		"cover_bigrams":    "问题的两字连写，说法里有多少",
		"cover_body":       "问题的两字连写，正文或说法里有多少",
		"dice_chars":       "与最近一句的用字重合",
		"dice_concepts":    "与最近一句的词义重合",
		"sequence":         "与最近一句的语序相同",
		"edit":             "与最近一句只差几个字",
		"name_conflict":    "问题点了名，文章讲的是另一家",
		"name_missing":     "问题点了名，文章没提",
		"terms_missing":    "文章常有的字母数字，问题里没有",
		"shared_missing":   "文章各说法共有的词，问题里没有",
		"uncovered":        "问题里文章从没提过的内容",
		"kind_mismatch":    "问法不同（怎么、为什么、多少）",
		"negation":         "一个说“不”，一个没说",
		"not":              "更像“不是问这篇”的例句",
		"length":           "与最近一句的长短差",
		"topic":            "说的是同一类事（按词的话题）",
		"uncovered_bigram": "问题里文章从没有的两字连写",
	}
}

// evidenceNames are the same for rank.Evidence; what it lacks are features of the first candidate, under their own names.
func evidenceNames() map[string]string {
	return map[string]string{
		"prob":          "第一名占的概率",
		"margin":        "比第二名高出的分",
		"margin3":       "比第三名高出的分",
		"entropy":       "候选之间难分的程度",
		"score":         "第一名的总分",
		"ridge":         "整体像第一名（回归分）",
		"ridge_margin":  "回归分比其余最高的高出",
		"uncovered_any": "问题里哪篇都没提过的内容",
		"length":        "问题的长短",
		"outside_ridge": "像指南以外的问题（回归分）",
		"outside_best":  "与最近一句指南以外问题的相似度",
	}
}
