package cli

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
	"github.com/yingda/yingda/search/rank"
)

// TestNames gives every feature and every piece of evidence a readable name of its own, and names
// nothing that is not there.
func TestNames(t *testing.T) {
	for _, c := range []struct {
		what         string
		names, other map[string]string
		all          []string
	}{
		{"featureNames", featureNames(), nil, rank.Features()},
		{"evidenceNames", evidenceNames(), featureNames(), rank.Evidence()},
	} {
		seen := map[string]string{}
		for _, name := range c.all {
			switch readable := cmp.Or(c.names[name], c.other[name]); {
			case readable == "":
				t.Errorf("%s has no name for %s; a content editor would read that in `ask -why`", c.what, name)
			case seen[readable] != "":
				t.Errorf("%s calls %s and %s the same", c.what, name, seen[readable])
			default:
				seen[readable] = name
			}
		}
		for name := range c.names {
			if !slices.Contains(c.all, name) {
				t.Errorf("%s names %s, which is none any more", c.what, name)
			}
		}
	}
}

// TestDecision says something for every rule and for every decision by the ranking.
func TestDecision(t *testing.T) {
	p := bot.DefaultPolicy()
	for _, rule := range []bot.Rule{
		bot.RulePerson, bot.RuleCode, bot.RuleParts, bot.RuleUnsolved, bot.RuleTalk, bot.RuleDenied, bot.RuleUnhelped, bot.RuleRepeat,
	} {
		if got := decision(bot.Outcome{Rule: rule, Reply: chat.Reply{Decision: chat.Answer}}, p); !strings.Contains(got, "规则：") {
			t.Errorf("%s: %s", rule, got)
		}
	}
	for _, c := range []struct {
		in   chat.Decision
		want string
	}{
		{chat.Answer, "回答；把握 0.80；按排序：到了回答线 0.75"},
		{chat.Clarify, "反问；把握 0.80；按排序：到了反问线 0.25，没到回答线 0.75"},
		{chat.Decline, "婉拒；把握 0.80；按排序：没到反问线 0.25，或没有可选的文章"},
	} {
		out := bot.Outcome{Rule: bot.RuleRanking, Reply: chat.Reply{Decision: c.in, Confidence: 0.8}}
		if got := decision(out, bot.Policy{Answer: 0.75, Clarify: 0.25}); got != c.want {
			t.Errorf("decision = %s, want %s", got, c.want)
		}
	}
}

func TestIntentTitles(t *testing.T) {
	for _, intent := range kb.Intents() {
		if title(&search.DocExplanation{ID: "intent:" + string(intent)}) == "" {
			t.Errorf("%s has no title", intent)
		}
	}
}

func TestChanges(t *testing.T) {
	for _, c := range []struct {
		before, after string
		want          []string
	}{
		{"费率多少", "费率多少", nil},
		{"费绿多少", "费率多少", []string{"绿 → 率"}},
		{"feilv多少钱", "费率多少钱", []string{"feilv → 费率"}},
		{"跳马了 费绿呢", "跳码了 费率呢", []string{"马 → 码", "绿 → 率"}},
		{"刷ka卡", "刷卡", []string{"ka →"}},
		{"", "甲", []string{"→ 甲"}},
	} {
		var got []string
		for _, change := range changes(c.before, c.after) {
			got = append(got, strings.TrimSpace(change))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("changes(%q, %q) = %q, want %q", c.before, c.after, got, c.want)
		}
	}
}

// TestTable aligns Han characters, which are two columns wide.
func TestTable(t *testing.T) {
	tab := table{indent: "  ", left: 1}
	tab.add("特征", "值")
	tab.add("pos", "+1.00")
	tab.add("“费率”，", "2")
	var b strings.Builder
	tab.write(&b)
	want := "" +
		"  特征         值\n" +
		"  pos       +1.00\n" +
		"  “费率”，      2\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
