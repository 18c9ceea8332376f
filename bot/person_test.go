package bot_test

import (
	"testing"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// TestPersonAlwaysWins asks for a person in every wording of the guide, at every stage of a
// registration: the ticket opens at once.
func TestPersonAlwaysWins(t *testing.T) {
	b, lib := newBundled(t)
	for stage, said := range map[string][]string{
		"fresh":      nil,
		"asking":     {"钱没到账", "好"},
		"confirming": {"钱没到账", "好", "跳过", "跳过", "跳过"},
		"doubted":    {"钱没到账", "好", "跳过", "12345678901"},
	} {
		k := newTalk(t, b)
		for _, text := range said {
			k.say(chat.Message{Text: text})
		}
		if k.s.Case == nil != (said == nil) {
			t.Fatalf("%s: the case is %+v", stage, k.s.Case)
		}
		for _, text := range append(lib.Phrases.Intents[kb.IntentHuman], lib.Phrases.Words[kb.CueNow]...) {
			if stage == "fresh" && !isHuman(lib, text) {
				continue // 别问了 means nothing where nothing was asked
			}
			s := roundTrip(t, k.s)
			out, err := k.bot.Step(t.Context(), &s, chat.Message{Text: text, At: k.now})
			if err != nil {
				t.Fatal(err)
			}
			if out.Reply.Decision != chat.Escalate || out.Ticket == nil {
				t.Errorf("%s: %q leads to %s %q", stage, text, out.Reply.Decision, out.Reply.Text)
			}
		}
	}
}

func isHuman(lib *kb.Library, text string) bool {
	for _, w := range lib.Phrases.Intents[kb.IntentHuman] {
		if w == text {
			return true
		}
	}
	return false
}

// TestYesAndNo answers the offer of a person in many words, where there is no desk.
func TestYesAndNo(t *testing.T) {
	b, _ := newBundled(t)
	for in, want := range map[string]chat.Decision{
		"好": chat.Escalate, "要": chat.Escalate, "转吧": chat.Escalate, "行": chat.Escalate, "嗯": chat.Escalate, "好的。": chat.Escalate, "要的呀": chat.Escalate, "可以": chat.Escalate,
		"不用": chat.Greet, "不用了": chat.Greet, "算了": chat.Greet, "不用麻烦了": chat.Greet, "暂时不用了，谢谢": chat.Greet, "押金能退吗": chat.Answer,
	} {
		var s bot.Session
		for _, text := range []string{"跳商户怎么办", "没用", "还是没解决", in} {
			out, err := b.Step(t.Context(), &s, chat.Message{Text: text})
			if err != nil {
				t.Fatal(err)
			}
			if text == in && out.Reply.Decision != want {
				t.Errorf("%q leads to %s %q, want %s", in, out.Reply.Decision, out.Reply.Text, want)
			}
		}
	}
}
