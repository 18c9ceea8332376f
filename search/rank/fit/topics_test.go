package fit

import (
	"math"
	"testing"

	"github.com/yingda/yingda/zh"
)

// Words that stand in one topic's texts must come to agree, although no text has both.
func TestTopicsRecover(t *testing.T) {
	said := func(topic int, chars ...string) About {
		return About{Text: zh.Text{Tokens: zh.Tokens{zh.Chars: chars}}, Topic: topic}
	}
	var texts []About
	for range 4 {
		texts = append(texts, said(0, "a", "the"), said(0, "b", "the"), said(1, "x", "the"), said(1, "y", "the"))
	}
	topics := Topics(texts, 2)
	for _, c := range []struct {
		a, b string
		want float64
	}{{"a", "b", 1}, {"x", "y", 1}, {"a", "x", -1}, {"a", "unheard", 0}} {
		if got := topics.Agreement(said(0, c.a).Text, said(0, c.b).Text); math.Abs(got-c.want) > 0.1 {
			t.Errorf("%s and %s agree by %v, want %v", c.a, c.b, got, c.want)
		}
	}
}
