package kb

import (
	"slices"
	"testing"
	"testing/fstest"
)

// TestHandoverOfBase gives a guide without a word about tickets what the bundled guide says of them.
func TestHandoverOfBase(t *testing.T) {
	base := fstest.MapFS{"phrases.yaml": {Data: []byte(`
categories: [{id: fees, name: 费用}]
say: {greet: 您好, thanks: 谢, bye: 再见, empty: 空, idle: 闲, program: 程序, clarify: 哪个, decline: 不知道, decline_near: 近的, escalate: 转, answer_human: 人, unknown_code: 码, expired: 旧, human: 转人工, unsolved: 没用, denied: 不是, offer: 人工}
intents: {human: [人工]}
words: {"yes": [好]}
triggers: [{reason: angry, urgency: high, words: [滚]}]
cities: 长沙
`)}}
	own := fstest.MapFS{
		"phrases.yaml": {Data: []byte("say: {greet: 嗨}\ntriggers: [{reason: fraud, urgency: urgent, words: [骗]}]\n")},
		"guide/a.md":   {Data: []byte("---\ntitle: 问\n---\n答。\n")},
	}
	lib, faults, err := Load(own, base, nil)
	if err != nil || faults.Err() != nil {
		t.Fatal(err, faults.Err())
	}
	p := &lib.Phrases
	switch {
	case p.Replies.Greet != "嗨" || p.Replies.Thanks != "谢":
		t.Errorf("sentences: %+v", p.Replies)
	case len(p.Triggers) != 1 || p.Triggers[0].Reason != "fraud":
		t.Errorf("the guide's triggers stand for the base's: %+v", p.Triggers)
	case len(p.Words[CueYes]) != 1 || p.Cities != "长沙":
		t.Errorf("words and cities are the base's: %+v", p)
	case len(p.Categories) != 0 || len(p.Intents) != 0:
		t.Errorf("categories and intents are the guide's own: %+v", p)
	}
}

// TestHandoverHalfWritten names what is missing of a section that was begun.
func TestHandoverHalfWritten(t *testing.T) {
	p := Phrases{Handover: HandoverPhrases{Offer: "登记吗"}}
	missing := p.missing()
	want := len(emptySentences("say", p.Replies)) + len(emptySentences("handover", HandoverPhrases{})) - 1 + 4*len(Slots())
	if len(missing) != want {
		t.Errorf("%d sentences are missing, want %d: %q", len(missing), want, missing)
	}
	if !slices.Contains(missing, "details.serial.where") || slices.Contains(missing, "details.serial.shape") || slices.Contains(missing, "say.aspect") {
		t.Errorf("what may be missing is told from what must not: %q", missing)
	}
	if got := len((&Phrases{}).missing()); got != len(emptySentences("say", ReplyPhrases{})) {
		t.Errorf("a guide without tickets needs %d sentences, want those of say", got)
	}
}
