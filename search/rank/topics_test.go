package rank

import (
	"bytes"
	"math"
	"testing"

	"github.com/yingda/yingda/zh"
)

// twoTopics knows words of money and of paper, some by pairs only.
func twoTopics(t testing.TB) *Topics {
	t.Helper()
	topics, err := NewTopics(2, [zh.NumTokenKinds]map[string][]float64{
		zh.Chars:   {"费": {2, 0}, "贵": {1, 0}, "纸": {0, 3}, "的": {0, 0}},
		zh.Bigrams: {"卡纸": {-1, 2}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return topics
}

func charsText(chars ...string) zh.Text { return zh.Text{Tokens: zh.Tokens{zh.Chars: chars}} }

func TestTopicsAgree(t *testing.T) {
	topics := twoTopics(t)
	for _, c := range []struct {
		a, b zh.Text
		want float64
	}{
		{charsText("费"), charsText("贵"), 1},
		{charsText("费"), charsText("纸"), 0},
		{charsText("费", "纸"), charsText("费"), 2 / math.Sqrt(13)},
		{charsText("费"), charsText("的"), 0}, // it speaks for nothing
		{charsText("费"), charsText("谁"), 0}, // unknown
		{charsText("费"), zh.Text{Tokens: zh.Tokens{zh.Bigrams: {"卡纸"}}}, -1 / math.Sqrt(5)},
	} {
		if got := topics.Similarity(c.a, c.b); math.Abs(got-c.want) > 0.01 {
			t.Errorf("%v and %v agree by %v, want %v", c.a.Tokens, c.b.Tokens, got, c.want)
		}
	}
	var none Topics
	if got := none.Similarity(charsText("费"), charsText("费")); got != 0 {
		t.Errorf("no topics agree by %v", got)
	}
}

func TestTopicsFile(t *testing.T) {
	data, err := twoTopics(t).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var again Topics
	if err := again.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	if got := again.Similarity(charsText("费"), charsText("贵", "纸")); math.Abs(got-1/math.Sqrt(10)) > 0.01 {
		t.Errorf("after reading, 费 and 贵纸 agree by %v", got)
	}
	for n := range data {
		if err := new(Topics).UnmarshalBinary(data[:n]); err == nil {
			t.Errorf("%d bytes of %d are taken for the whole file", n, len(data))
		}
	}
	if err := new(Topics).UnmarshalBinary(append(data, 0)); err == nil {
		t.Error("a byte too many is taken for a part of the file")
	}
}

// FuzzTopics: whatever can be read can be written again and says the same; the rest is an error.
func FuzzTopics(f *testing.F) {
	data, err := twoTopics(f).MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(topicsMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		var topics, again Topics
		if topics.UnmarshalBinary(data) != nil {
			return
		}
		once, err := topics.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if err := again.UnmarshalBinary(once); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if twice, err := again.MarshalBinary(); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("written twice, it differs (%v)", err)
		}
	})
}
