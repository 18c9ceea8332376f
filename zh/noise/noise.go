// Package noise writes a question as somebody else would: with a typo, in traditional script, in
// pinyin. It is for measuring how well an index stands that. The same text and draw always give the
// same noise, and digits and Latin letters are never mistyped: a response code must stay one.
package noise

import (
	"cmp"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/yingda/yingda/zh"
)

// Kind is one kind of noise.
type Kind struct {
	Name  string
	Draws int // how many different draws are worth asking: 1 when all are alike
	apply func(rng *rand.Rand, text string) string
}

// Apply returns the noisy text; false when the text stays as it is, for it offers no place for this noise.
func (k Kind) Apply(text string, draw int) (string, bool) {
	h := fnv.New64a()
	h.Write([]byte(text))
	noisy := k.apply(rand.New(rand.NewPCG(h.Sum64(), uint64(draw))), text)
	return noisy, noisy != text
}

// writer knows how Chinese is written and read.
type writer struct {
	words      zh.Background
	pinyin     *zh.Pinyin
	polyphones zh.Words
	readings   []string          // of the words in polyphones
	homophones map[string][]rune // reading → everyday characters, the commonest first
}

// Kinds returns every kind of noise.
func Kinds(t *zh.Tables) []Kind {
	w := &writer{words: t.Background, pinyin: t.Pinyin, homophones: map[string][]rune{}}
	w.learnPolyphones()
	w.learnHomophones()
	traditional := zh.ToTraditional()
	const draws = 3
	return []Kind{
		{"one typo", draws, w.typo},
		{"one homophone", draws, w.homophone},
		{"traditional script", 1, func(_ *rand.Rand, text string) string { return traditional(text) }},
		{"full-width", 1, fullWidth},
		{"one word in pinyin", draws, w.wordInPinyin},
		{"all pinyin", 1, w.allPinyin},
		{"filler", draws, filler},
	}
}

// maxHomophones is how many everyday characters of one reading people mistake for each other.
const maxHomophones = 4

// rare is the information, in nats, from which a character is no everyday one.
const rare = 9.0

func (w *writer) learnHomophones() {
	for r, readings := range w.pinyin.All() {
		if w.words.Information(string(r)) < rare {
			w.homophones[readings[0]] = append(w.homophones[readings[0]], r)
		}
	}
	for reading, runes := range w.homophones {
		slices.SortFunc(runes, func(a, b rune) int {
			return cmp.Or(cmp.Compare(w.words.Information(string(a)), w.words.Information(string(b))), cmp.Compare(a, b))
		})
		w.homophones[reading] = runes[:min(len(runes), maxHomophones+1)]
	}
}

// minHanRunes is how many Han characters a question must have to be understood with one of them wrong.
const minHanRunes = 4

// hanIndices are the indices of text's Han characters; none when there are too few to spoil one.
func (w *writer) hanIndices(text []rune) []int {
	var at []int
	for i, r := range text {
		if w.isHan(r) {
			at = append(at, i)
		}
	}
	if len(at) < minHanRunes {
		return nil
	}
	return at
}

func (w *writer) isHan(r rune) bool { return len(w.pinyin.Readings(r)) > 0 }

// typo drops a character, doubles it, or swaps it with its neighbour.
func (w *writer) typo(rng *rand.Rand, text string) string {
	runes := []rune(text)
	at := w.hanIndices(runes)
	if at == nil {
		return text
	}
	i := at[rng.IntN(len(at))]
	const slips = 3
	switch rng.IntN(slips) {
	case 0:
		return string(slices.Delete(runes, i, i+1))
	case 1:
		return string(slices.Insert(runes, i, runes[i]))
	}
	pairs := slices.DeleteFunc(at, func(i int) bool { // the first of two neighbours that differ
		return i+1 == len(runes) || !w.isHan(runes[i+1]) || runes[i] == runes[i+1]
	})
	if len(pairs) == 0 {
		return text
	}
	i = pairs[rng.IntN(len(pairs))]
	runes[i], runes[i+1] = runes[i+1], runes[i]
	return string(runes)
}

// homophone writes another everyday character of the same sound.
func (w *writer) homophone(rng *rand.Rand, text string) string {
	runes := []rune(text)
	at := slices.DeleteFunc(w.hanIndices(runes), func(i int) bool { return len(w.confusable(runes[i])) == 0 })
	if len(at) == 0 {
		return text
	}
	i := at[rng.IntN(len(at))]
	others := w.confusable(runes[i])
	runes[i] = others[rng.IntN(len(others))]
	return string(runes)
}

// confusable are the everyday characters that sound like r.
func (w *writer) confusable(r rune) []rune {
	same := w.homophones[w.pinyin.Readings(r)[0]]
	return slices.DeleteFunc(slices.Clone(same), func(other rune) bool { return other == r })
}

// fullWidth writes ASCII as a Chinese keyboard in full-width mode does.
func fullWidth(_ *rand.Rand, text string) string {
	return strings.Map(func(r rune) rune {
		const shift = '！' - '!'
		switch {
		case r == ' ':
			return '　'
		case '!' <= r && r <= '~':
			return r + shift
		}
		return r
	}, text)
}

// filler adds what people say around a question: dialect, politeness, haste.
func filler(rng *rand.Rand, text string) string {
	before := []string{"那个啥 ", "你们这 ", "请问一下，", "哎老板 ", "师傅麻烦问一哈 ", "你好在吗 ", "我说 ", "不好意思打扰了，"}
	after := []string{" 咋整", " 晓得不", "，谢谢了", " 急急急", " 咋个办嘛", " 帮我看哈嘛", "啊喂", "，麻烦您了"}
	const ways = 3
	way := rng.IntN(ways)
	if way != 0 {
		text = before[rng.IntN(len(before))] + text
	}
	if way != 1 {
		text += after[rng.IntN(len(after))]
	}
	return text
}
