package telegram

import (
	"fmt"
	"slices"
	"testing"
	"time"

	standin "github.com/yingda/yingda/internal/standin/telegram"
)

// TestManyAtOnce: many customers at once are all answered, each in order.
func TestManyAtOnce(t *testing.T) {
	const people, each = 50, 3
	for mode, with := range map[string]func(*house){"polling": func(*house) {}, "webhook": hooked} {
		t.Run(mode, func(t *testing.T) {
			h := newHouse(t, with, func(h *house) { h.config.Client = nil }).run()
			for i := range people * each {
				user := int64(1000 + i%people)
				h.server.AddUser(standin.User{ID: user, FirstName: "客"})
				h.say(user, fmt.Sprint("问", i/people))
			}
			for i := range people {
				user := int64(1000 + i)
				h.answer(user, fmt.Sprint("答：问", each-1))
				var got []string
				for _, m := range h.server.Messages(standin.Place{Chat: user}) {
					if m.Bot {
						got = append(got, m.Text)
					}
				}
				if want := []string{"答：问0", "答：问1", "答：问2"}; !slices.Equal(got, want) {
					t.Errorf("person %d was told %v", i, got)
				}
			}
			h.heard(people * each)
		})
	}
}

// BenchmarkAnswer measures a message there and back, without a bot or a database between. p99-ms is what 99
// of a hundred take at most.
func BenchmarkAnswer(b *testing.B) {
	for mode, with := range map[string]func(*house){"polling": func(*house) {}, "webhook": hooked} {
		b.Run(mode, func(b *testing.B) {
			h := newHouse(b, with, func(h *house) { h.config.Client = nil }).run()
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				user := int64(1000 + i)
				h.server.AddUser(standin.User{ID: user, FirstName: "客"})
				begin := time.Now()
				h.say(user, "费率")
				h.answer(user, "答：费率")
				took = append(took, time.Since(begin))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
