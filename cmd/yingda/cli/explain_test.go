package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/yingda/yingda/bot/eval"
	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/search"
)

func TestStrongest(t *testing.T) {
	a := &search.DocExplanation{Features: []search.Contribution{{Name: "best", Adds: 1}, {Name: "not", Adds: -2}, {Name: "edit", Adds: 0.5}, {Name: "length", Adds: 3}, {Name: "ridge"}}}
	b := &search.DocExplanation{Features: []search.Contribution{{Name: "best", Adds: 1.5}, {Name: "not", Adds: 1}, {Name: "edit", Adds: 0.4}, {Name: "length", Adds: 1}, {Name: "ridge", Adds: 0.2}}}
	for _, c := range []struct {
		name string
		keep func(float64) bool
		want []eval.Reason
	}{
		{"all", func(float64) bool { return true }, []eval.Reason{{Feature: "not", Adds: -3}, {Feature: "length", Adds: 2}, {Feature: "best", Adds: -0.5}, {Feature: "ridge", Adds: -0.2}}},
		{"for", func(x float64) bool { return x > 1 }, []eval.Reason{{Feature: "length", Adds: 2}}},
	} {
		if got := strongest(difference(a, b), c.keep); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestExplain says in words what a miss is explained by.
func TestExplain(t *testing.T) {
	g, err := guide.Open(smallGuide, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in, wanted, want string
	}{
		{"刷卡手续费是多少", "fee-late", "fee-rate over fee-late"},
		{"刷卡手续费是多少", "nosuch|fee-late", "fee-rate over fee-late"},
		{"刷卡手续费是多少", "fee-rate", "ranked first, but only "},
		{"刷卡手续费是多少", "nosuch", "not among the "},
		{"刷卡手续费是多少", eval.Out, "what makes fee-rate seem right"},
		{"转人工", eval.Human, "ranked first, but only "},
		{"", "fee-rate", "nothing in the guide is like it"},
	} {
		why := explain(g, c.in, strings.Split(c.wanted, "|"))
		if !strings.HasPrefix(why.What, c.want) {
			t.Errorf("explain(%q, %s) = %v; want %q", c.in, c.wanted, why, c.want)
		}
	}
}
