package rank

import (
	"fmt"
	"math"
	"testing"

	"github.com/yingda/yingda/zh"
)

// TestTokenTable: every token keeps its number while the table grows, and what was never added is not found.
func TestTokenTable(t *testing.T) {
	var table tokenTable
	if _, ok := table.find("费"); ok {
		t.Error("an empty table finds a token")
	}
	const n = 5000
	token := func(i int) string { return fmt.Sprintf("%c%d", 0x4e00+i%700, i) }
	for i := range n {
		if got := table.add(token(i)); got != int32(i) {
			t.Fatalf("token %d gets the number %d", i, got)
		}
	}
	for i := range n {
		number, ok := table.find(token(i))
		if !ok || number != int32(i) || table.add(token(i)) != number || table.token(number) != token(i) {
			t.Errorf("token %d is found as %d (%t), which is %q", i, number, ok, table.token(number))
		}
		if _, ok := table.find(token(i + n)); ok {
			t.Errorf("%q is found, which was never added", token(i+n))
		}
	}
	if table.len() != n {
		t.Errorf("the table has %d tokens, want %d", table.len(), n)
	}
}

// TestQueryOfUnknownTokens: what the guide does not have is told apart by its text, and weighs by what it says in
// everyday Chinese.
func TestQueryOfUnknownTokens(t *testing.T) {
	r := newTestRanker(t, nil)
	q := r.Query(r.analyzer.Analyze("龘龘靐押"))
	defer r.Release(q)
	size := int32(r.Space().Size(zh.Chars))
	n := q.numbers[zh.Chars]
	if len(n) != 4 || n[0] < size || n[0] != n[1] || n[2] < size || n[2] == n[0] || n[3] >= size {
		t.Fatalf("numbers %v, want twice one behind %d, another there, and one before", n, size)
	}
	length := 0.0
	for i, token := range q.Tokens(zh.Chars) {
		length += float64(token.weight) * float64(token.weight)
		if token.Information <= 0 || token.everyday <= 0 || i > 0 && token.Number <= q.Tokens(zh.Chars)[i-1].Number {
			t.Errorf("token %d is %+v", i, token)
		}
	}
	if math.Abs(length-1) > 1e-6 {
		t.Errorf("the vector's length is %v, want 1", length)
	}
}
