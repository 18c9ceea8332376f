package rank

import (
	"cmp"
	"math"
	"slices"

	"github.com/yingda/yingda/zh"
)

// TokenSpace numbers every token of one guide, kind by kind, and knows what each tells. From the tokenizer on
// everything is computed with these numbers.
type TokenSpace struct {
	kernel     Kernel
	background zh.Background
	kinds      [zh.NumTokenKinds]kindSpace
	unseen     float64 // nats that a token tells which no phrasing has
}

// kindSpace are the tokens of one kind; its slices have a place for each.
type kindSpace struct {
	table    tokenTable
	docs     []int32   // how many documents have it in a phrasing
	info     []float32 // what it tells in this guide and in everyday Chinese together
	everyday []float32 // what it tells in everyday Chinese, in nats
	topics   []int32   // its place in Topics, 0 for none; those behind the last one that has any are left out
}

// Token is one of a text's distinct tokens.
type Token struct {
	Number      int32   // in the space; from Size(kind) on for those that the space lacks
	Information float64 // what it tells, as Kernel joins guide and everyday Chinese
	times       int     // how often the text has it
	everyday    float64 // what it tells in everyday Chinese, in nats
	weight      float32 // its share of the length of the text's vector, which is 1 for each kind
}

// vector is a text as its distinct tokens by kind, in order of their numbers.
type vector [zh.NumTokenKinds][]Token

// Find is the number of a token; false where the guide does not have it.
func (s *TokenSpace) Find(kind zh.TokenKind, token string) (int32, bool) {
	return s.kinds[kind].table.find(token)
}

// Text is the token of a number.
func (s *TokenSpace) Text(kind zh.TokenKind, number int32) string {
	return s.kinds[kind].table.token(number)
}

// Size is how many tokens of a kind there are.
func (s *TokenSpace) Size(kind zh.TokenKind) int { return s.kinds[kind].table.len() }

// add appends the numbers of a text's tokens of one kind to dst.
func (k *kindSpace) add(dst []int32, tokens []string) []int32 {
	for _, token := range tokens {
		dst = append(dst, k.table.add(token))
	}
	return dst
}

// weigh fills in what each token tells, once all documents are counted; numDocs is how many were.
func (s *TokenSpace) weigh(numDocs int) {
	s.unseen = s.inGuide(numDocs, 0)
	for kind := range s.kinds {
		k := &s.kinds[kind]
		size := k.table.len()
		k.docs = append(k.docs, make([]int32, size-len(k.docs))...)
		k.info, k.everyday = make([]float32, size), make([]float32, size)
		for number := range size {
			everyday := s.background.Information(k.table.token(int32(number)))
			k.everyday[number] = float32(everyday)
			k.info[number] = float32(s.information(s.inGuide(numDocs, k.docs[number]), everyday))
		}
	}
}

// inGuide is what a token tells, in nats, that so many documents of numDocs have.
func (s *TokenSpace) inGuide(numDocs int, docs int32) float64 {
	return math.Log((float64(numDocs) + 1) / (float64(docs) + 0.5))
}

// information joins what a token tells in the guide with what it tells in everyday Chinese.
func (s *TokenSpace) information(inGuide, everyday float64) float64 {
	return math.Pow(s.kernel.Guide*inGuide+s.kernel.Background*everyday, s.kernel.Damping)
}

// locate appends the numbers of a question's tokens to dst. Those that the space lacks get numbers behind it, the
// same for the same token.
func (s *TokenSpace) locate(dst []int32, kind zh.TokenKind, tokens []string) []int32 {
	k := &s.kinds[kind]
	for i, token := range tokens {
		number, ok := k.table.find(token)
		if !ok {
			number = int32(k.table.len() + slices.Index(tokens[:i+1], token))
		}
		dst = append(dst, number)
	}
	return dst
}

// distinct appends a text's distinct tokens of one kind to dst, weighed. words are those of the numbers; nil where
// the space has them all.
func (s *TokenSpace) distinct(dst []Token, kind zh.TokenKind, numbers []int32, words []string) []Token {
	k := &s.kinds[kind]
	from := len(dst)
	for i, number := range numbers {
		if at := slices.IndexFunc(dst[from:], func(t Token) bool { return t.Number == number }); at >= 0 {
			dst[from+at].times++
			continue
		}
		t := Token{Number: number, times: 1}
		if int(number) < len(k.info) {
			t.Information, t.everyday = float64(k.info[number]), float64(k.everyday[number])
		} else {
			t.everyday = s.background.Information(words[i])
			t.Information = s.information(s.unseen, t.everyday)
		}
		dst = append(dst, t)
	}
	text := dst[from:]
	slices.SortFunc(text, func(a, b Token) int { return cmp.Compare(a.Number, b.Number) })
	length := 0.0
	for i := range text {
		w := text[i].Information
		if text[i].times > 1 {
			w *= 1 + math.Log(float64(text[i].times))
		}
		text[i].weight = float32(w)
		length += w * w
	}
	length = math.Sqrt(length)
	for i := range text {
		text[i].weight /= float32(length)
	}
	return dst
}

// known tells whether a phrasing of the guide has a token, so that it can be alike to one.
func (k *kindSpace) known(number int32) bool {
	return int(number) < len(k.docs) && k.docs[number] > 0
}

// topic is a token's place in Topics; 0 for none.
func (k *kindSpace) topic(number int32) int32 {
	if int(number) >= len(k.topics) {
		return 0
	}
	return k.topics[number]
}
