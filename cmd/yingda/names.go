package main

import "cmp"

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

// evidenceNames are the same for rank.Evidence; all but the last few are about the first candidate.
func evidenceNames() map[string]string {
	return map[string]string{
		"prob":          "第一名占的概率",
		"margin":        "比第二名高出的分",
		"margin3":       "比第三名高出的分",
		"entropy":       "候选之间难分的程度",
		"score":         "第一名的总分",
		"ridge":         "整体像第一名（回归分）",
		"ridge_z":       "比其他文章更像（倍标准差）",
		"ridge_margin":  "回归分比其余最高的高出",
		"best":          "与最近一句说法的相似度",
		"cover_chars":   "问题的字，说法里有多少",
		"cover_bigrams": "问题的两字连写，说法里有多少",
		"cover_body":    "问题的两字连写，正文或说法里有多少",
		"uncovered":     "问题里文章从没提过的内容",
		"uncovered_any": "问题里哪篇都没提过的内容",
		"name_missing":  "问题点了名，文章没提",
		"not":           "更像“不是问这篇”的例句",
		"sequence":      "与最近一句的语序相同",
		"topic":         "说的是同一类事（按词的话题）",
		"length":        "问题的长短",
		"outside_ridge": "像指南以外的问题（回归分）",
		"outside_best":  "与最近一句指南以外问题的相似度",
	}
}

// nameOf is the readable name, or the technical one of a feature that the table lacks.
func nameOf(names map[string]string, name string) string { return cmp.Or(names[name], name) }
