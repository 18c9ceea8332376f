package faults

import (
	"testing"
	"time"
)

// TestTelegramCrowd: five hundred conversations at once, several messages each. All are answered, none out of order.
func TestTelegramCrowd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		nodes int
	}{
		{"polled", 1},
		{"pushed to two nodes", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var setup telegramSetup
			if tt.nodes > 1 {
				setup = telegramSetup{db: newPostgres(t), nodes: tt.nodes}
			}
			town := newTelegramTown(t, setup)
			people := town.crowd(scaled(100, 500))
			begin := time.Now()
			for range scaled(3, 12) {
				for _, p := range people {
					p.ask()
				}
			}
			town.books.settled(people)
			took := time.Since(begin)
			sum := town.books.fine(people)
			t.Logf("%d answers in %v: %.0f a second", sum.answered, took.Round(time.Millisecond), float64(sum.answered)/took.Seconds())
			town.stop()
		})
	}
}
