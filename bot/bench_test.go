package bot_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/bot/eval"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
)

// BenchmarkStep takes one message through everything, with a desk and without one.
func BenchmarkStep(b *testing.B) {
	plain, _ := newBundled(b)
	for name, bt := range map[string]stepper{"alone": plain, "desk": newTalk(b, plain).bot} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var s bot.Session
				if _, err := bt.Step(b.Context(), &s, chat.Message{Text: "昨天下午三点刷了一笔3800元到现在还没到账，机器是新大陆的ME31", At: monday()}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRead takes the golden questions through everything but the index, five to a conversation: what it costs
// beside a search to understand a message, to decide and to word the reply.
func BenchmarkRead(b *testing.B) {
	lib, ix := newIndex(b)
	handing := bot.New(lib, remembering{ix, map[string]kb.Result{}}, bot.DefaultPolicy(), time.Now).
		WithHandover(bot.Handover{Hours: shop{}, Number: func() string { return "1123-AAAA" }})
	questions := goldenQuestions(b)
	readAll := func() {
		var s bot.Session
		for i, q := range questions {
			if i%5 == 0 {
				s = bot.Session{}
			}
			if _, err := handing.Step(b.Context(), &s, chat.Message{Text: q.Text, At: monday()}); err != nil {
				b.Fatal(err)
			}
		}
	}
	readAll()
	b.ReportAllocs()
	for b.Loop() {
		readAll()
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(questions)), "us/message")
}

// remembering is a searcher that searches for each text once.
type remembering struct {
	kb.Searcher
	found map[string]kb.Result
}

func (r remembering) Search(ctx context.Context, q kb.Query) (kb.Result, error) {
	if found, ok := r.found[q.Text]; ok {
		return found, nil
	}
	found, err := r.Searcher.Search(ctx, q)
	r.found[q.Text] = found
	return found, err
}

// goldenQuestions are the bundled guide's.
func goldenQuestions(tb testing.TB) []eval.Question {
	tb.Helper()
	f, err := content.FS().Open("golden.tsv")
	if err != nil {
		tb.Fatal(err)
	}
	questions, err := eval.Read(f)
	if err := errors.Join(err, f.Close()); err != nil {
		tb.Fatal(err)
	}
	return questions
}
