package fit

import (
	"math"
	"testing"

	"github.com/yingda/yingda/zh"
)

// Words that stand in one topic's texts must come to agree, although no text has both.
func TestTopicsRecover(t *testing.T) {
	labeled := func(topic int, chars ...string) LabeledText {
		return LabeledText{Text: zh.Text{Tokens: zh.Tokens{zh.Chars: chars}}, Topic: topic}
	}
	var texts []LabeledText
	for range 4 {
		texts = append(texts, labeled(0, "a", "the"), labeled(0, "b", "the"), labeled(1, "x", "the"), labeled(1, "y", "the"))
	}
	topics, err := Topics(texts, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		a, b string
		want float64
	}{{"a", "b", 1}, {"x", "y", 1}, {"a", "x", -1}, {"a", "unheard", 0}} {
		if got := topics.Similarity(labeled(0, c.a).Text, labeled(0, c.b).Text); math.Abs(got-c.want) > 0.1 {
			t.Errorf("%s and %s agree by %v, want %v", c.a, c.b, got, c.want)
		}
	}
}
