package noise

import (
	"cmp"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yingda/yingda/zh"
)

// learnPolyphones names the words in which a character is not read as it mostly is.
func (w *writer) learnPolyphones() {
	var words [][]string
	for _, p := range []struct{ character, reading, in string }{
		{"行", "hang", "银行 銀行 行业 行業 开户行 支行 招行 建行 工行 农行 跨行"},
		{"重", "chong", "重新 重复"},
		{"还", "huan", "还款 还钱 退还 还给"},
		{"還", "huan", "還款"},
		{"调", "tiao", "调整 调高"},
		{"长", "chang", "多长 长期"},
	} {
		for _, word := range strings.Fields(p.in) {
			var read strings.Builder
			for _, r := range word {
				if string(r) == p.character {
					read.WriteString(p.reading)
				} else {
					read.WriteString(w.pinyin.Readings(r)[0])
				}
			}
			words, w.readings = append(words, []string{word}), append(w.readings, read.String())
		}
	}
	w.polyphones = zh.NewWords(words)
}

// longestWord is the most characters of an everyday word.
const longestWord = 4

// word returns the end of the word that begins at text[i], and how it is read; end is i where no
// Han character begins. A character that begins no word is one.
func (w *writer) word(text string, i int) (end int, read string) {
	if end, g := w.polyphones.MatchAt(text, i); end > i {
		return end, w.readings[g]
	}
	var syllables strings.Builder
	end = i
	for at, n := i, 0; at < len(text) && n < longestWord; n++ {
		r, size := utf8.DecodeRuneInString(text[at:])
		readings := w.pinyin.Readings(r)
		if len(readings) == 0 {
			break
		}
		syllables.WriteString(readings[0])
		at += size
		if n == 0 || w.words.Knows(text[i:at]) {
			end, read = at, syllables.String()
		}
	}
	return end, read
}

// piece is a part of a text; read is "" where it has no Han character.
type piece struct{ text, read string }

// pieces cuts a text into its words and what stands between them.
func (w *writer) pieces(text string) []piece {
	var out []piece
	for i := 0; i < len(text); {
		end, read := w.word(text, i)
		if end == i {
			_, size := utf8.DecodeRuneInString(text[i:])
			end += size
		}
		out = append(out, piece{text[i:end], read})
		i = end
	}
	return out
}

// wordInPinyin writes one word of two characters or more in pinyin.
func (w *writer) wordInPinyin(rng *rand.Rand, text string) string {
	if w.hanIndices([]rune(text)) == nil {
		return text
	}
	pieces := w.pieces(text)
	var words []int
	for i, p := range pieces {
		if p.read != "" && utf8.RuneCountInString(p.text) > 1 {
			words = append(words, i)
		}
	}
	if len(words) == 0 {
		return text
	}
	chosen := words[rng.IntN(len(words))]
	pieces[chosen].text = pieces[chosen].read
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.text)
	}
	return b.String()
}

// allPinyin writes every Han character in pinyin, a blank between two words.
func (w *writer) allPinyin(_ *rand.Rand, text string) string {
	var b strings.Builder
	word := false // the last piece was a word in pinyin
	for _, p := range w.pieces(text) {
		r, _ := utf8.DecodeRuneInString(p.text)
		touches := p.read != "" || unicode.IsLetter(r) || unicode.IsDigit(r)
		if word && touches || p.read != "" && endsInWord(b.String()) {
			b.WriteByte(' ')
		}
		word = p.read != ""
		b.WriteString(cmp.Or(p.read, p.text))
	}
	return b.String()
}

func endsInWord(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
