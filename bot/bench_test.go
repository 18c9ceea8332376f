package bot_test

import (
	"testing"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
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
