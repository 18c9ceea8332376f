package rank

import (
	"maps"
	"slices"

	"github.com/yingda/yingda/zh"
)

// Words are the word lists that features need beside the analyzer's.
type Words struct {
	Names map[string][]string // class → names that exclude each other
	Kinds map[string][]string // kind of question → words that ask it
}

// cueWords finds what the features read in a text besides its tokens.
type cueWords struct {
	names     zh.Words
	classOf   []int32 // a name's number → its class's
	kinds     zh.Words
	negations zh.Words
}

func newCueWords(w Words) *cueWords {
	c := new(cueWords)
	var names, kinds [][]string
	for class, key := range slices.Sorted(maps.Keys(w.Names)) {
		for _, name := range w.Names[key] {
			names = append(names, []string{name})
			c.classOf = append(c.classOf, int32(class))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(w.Kinds)) {
		kinds = append(kinds, w.Kinds[key])
	}
	c.names, c.kinds = zh.NewWords(names), zh.NewWords(kinds)
	c.negations = zh.NewWords([][]string{
		{"不", "没", "未", "无", "别", "莫得", "无法"},
		{"是不是", "能不能", "会不会", "要不要", "可不可以", "有没有", "对不对", "不过"},
	})
	return c
}

// cues are what the features read in a text besides its tokens.
type cues struct {
	names    []int // by number
	kinds    []int // of question
	negative bool  // it denies something; "是不是" and its like ask and deny nothing
}

func (c *cueWords) read(folded string) cues {
	return cues{c.names.FindAll(folded), c.kinds.FindAll(folded), slices.Contains(c.negations.FindAll(folded), 0)}
}
