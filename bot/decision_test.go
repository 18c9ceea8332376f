package bot

import (
	"testing"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// TestDecide takes a message as understood and shows what the bot dares.
func TestDecide(t *testing.T) {
	p := Policy{Answer: 0.6, Clarify: 0.3, Near: 0.1, Human: 0.4, Option: 0.05}
	hits := func(scores ...float64) []kb.Hit {
		var out []kb.Hit
		for i, score := range scores {
			out = append(out, kb.Hit{ID: string(rune('a' + i)), Score: score})
		}
		return out
	}
	for _, c := range []struct {
		name    string
		in      Understanding
		want    chat.Decision
		options string // the ids offered
	}{
		{"sure", Understanding{Result: kb.Result{Hits: hits(0.9), Confidence: 0.9}}, chat.Answer, ""},
		{"just sure", Understanding{Result: kb.Result{Hits: hits(0.6), Confidence: 0.6}}, chat.Answer, ""},
		{"not quite sure", Understanding{Result: kb.Result{Hits: hits(0.59, 0.3, 0.04), Confidence: 0.59}}, chat.Clarify, "ab"},
		{"unsure of four", Understanding{Result: kb.Result{Hits: hits(0.3, 0.2, 0.2, 0.2), Confidence: 0.3}}, chat.Clarify, "abc"},
		{"unsure of one", Understanding{Result: kb.Result{Hits: hits(0.01), Confidence: 0.3}}, chat.Clarify, "a"},
		{"near", Understanding{Result: kb.Result{Hits: hits(0.2, 0.1), Confidence: 0.29}}, chat.Decline, "ab"},
		{"just near", Understanding{Result: kb.Result{Hits: hits(0.2), Confidence: 0.1}}, chat.Decline, "a"},
		{"far", Understanding{Result: kb.Result{Hits: hits(0.2), Confidence: 0.09}}, chat.Decline, ""},
		{"nothing found", Understanding{Result: kb.Result{Confidence: 0.9}}, chat.Decline, ""},
		{"nothing at all", Understanding{}, chat.Decline, ""},

		{"wants a person", Understanding{Result: kb.Result{Hits: hits(0.9), Intent: kb.IntentHuman, IntentScore: 0.4, Confidence: 0.2}}, chat.Escalate, ""},
		{"may want a person", Understanding{Result: kb.Result{Hits: hits(0.9), Intent: kb.IntentHuman, IntentScore: 0.39, Confidence: 0.39}}, chat.Clarify, "a"},
		{"says so", Understanding{Act: ActPerson, Result: kb.Result{Hits: hits(0.9), Confidence: 0.9}}, chat.Escalate, ""},
		{"says so, and nothing is found", Understanding{Act: ActPerson}, chat.Escalate, ""},
		{"speaks of it", Understanding{Result: kb.Result{Text: "人工费", Hits: hits(0.9), Confidence: 0.9}}, chat.Answer, ""},

		{"greets", Understanding{Result: kb.Result{Intent: kb.IntentGreet, IntentScore: 0.9, Confidence: 0.6}}, chat.Greet, ""},
		{"thanks", Understanding{Result: kb.Result{Hits: hits(0.04), Intent: kb.IntentThanks, IntentScore: 0.9, Confidence: 0.9}}, chat.Greet, ""},
		{"may greet", Understanding{Result: kb.Result{Hits: hits(0.2), Intent: kb.IntentGreet, IntentScore: 0.5, Confidence: 0.59}}, chat.Clarify, "a"},
		{"may greet, and nothing is found", Understanding{Result: kb.Result{Intent: kb.IntentBye, IntentScore: 0.5, Confidence: 0.59}}, chat.Decline, ""},

		{"names a code", Understanding{Codes: []string{"05"}}, chat.Answer, ""},
		{"names a code, and a person", Understanding{Result: kb.Result{Text: "报05 转人工", Intent: kb.IntentHuman, IntentScore: 1, Confidence: 1}, Codes: []string{"05"}}, chat.Escalate, ""},
	} {
		got := Decide(Session{}, c.in, p)
		ids := ""
		for _, h := range got.Options {
			ids += h.ID
		}
		if got.Kind != c.want || ids != c.options {
			t.Errorf("%s: Decide = %s, options %q; want %s, %q", c.name, got.Kind, ids, c.want, c.options)
		}
	}
}

func TestAsksForPerson(t *testing.T) {
	v := bundledVocabulary(t)
	for in, want := range map[string]bool{
		"人工": true, "转人工!!": true, " 找人工 ": true, "真人？": true,
		"": false, "人": false, "人工费多少": false, "不要人工": false,
	} {
		if got := v.asksForPerson(in); got != want {
			t.Errorf("asksForPerson(%q) = %t", in, got)
		}
	}
}

func TestPick(t *testing.T) {
	v := bundledVocabulary(t)
	offered := []chat.Option{{ID: "a", Title: "什么是跳码"}, {ID: "b", Title: "跳码怎么办"}, {ID: "human", Title: "转人工"}}
	for in, want := range map[string]string{
		"1": "a", "2": "b", "3": "human", " 2 ": "b", "2.": "b", "2。": "b", "２": "b",
		"第一个": "a", "第2个": "b", "跳码怎么办": "b", "转人工": "human",
		"": "", "0": "", "4": "", "12": "", "跳码": "", "第四个": "", "第5个": "",
	} {
		got, ok := v.pick(offered, in)
		if got.ID != want || ok != (want != "") {
			t.Errorf("pick(%q) = %q, %t; want %q", in, got.ID, ok, want)
		}
	}
	if got, ok := v.pick(nil, "1"); ok {
		t.Errorf("nothing is offered, and pick finds %v", got)
	}
}

func FuzzPick(f *testing.F) {
	v := bundledVocabulary(f)
	f.Add("第一个", 3)
	f.Add("５", 6)
	f.Fuzz(func(t *testing.T, text string, n int) {
		offered := make([]chat.Option, min(max(n, 0), 20))
		for i := range offered {
			offered[i].Title = "题"
		}
		if _, ok := v.pick(offered, text); ok && len(offered) == 0 {
			t.Fatal("picked from nothing")
		}
	})
}

// TestDecideRule names what decided.
func TestDecideRule(t *testing.T) {
	sure := Understanding{Result: kb.Result{Hits: []kb.Hit{{ID: "a", Score: 0.9}}, Confidence: 0.9}}
	unsure := Understanding{Result: kb.Result{Hits: []kb.Hit{{ID: "a", Score: 0.9}}, Confidence: 0.5}}
	intent := func(i kb.Intent) Understanding {
		return Understanding{Result: kb.Result{Intent: i, IntentScore: 0.9, Confidence: 0.9}}
	}
	for _, c := range []struct {
		name    string
		session Session
		in      Understanding
		want    Rule
	}{
		{"sure", Session{}, sure, RuleRanking},
		{"unsure", Session{}, unsure, RuleRanking},
		{"nothing", Session{}, Understanding{}, RuleRanking},
		{"unsure once more", Session{Unhelped: maxUnhelped}, unsure, RuleUnhelped},
		{"a code", Session{}, Understanding{Codes: []string{"05"}}, RuleCode},
		{"several questions", Session{}, Understanding{Parts: []Understanding{sure, sure}}, RuleParts},
		{"a person", Session{}, intent(kb.IntentHuman), RulePerson},
		{"thanks", Session{}, intent(kb.IntentThanks), RuleTalk},
		{"no help", Session{}, intent(kb.IntentUnsolved), RuleUnsolved},
		{"no help from an answer", Session{Topic: "a"}, intent(kb.IntentUnsolved), RuleUnsolved},
		{"not that", Session{}, Understanding{Act: ActDeny}, RuleDenied},
	} {
		if got := Decide(c.session, c.in, DefaultPolicy()); got.Rule != c.want {
			t.Errorf("%s: decided by %q, want %q", c.name, got.Rule, c.want)
		}
	}
}
