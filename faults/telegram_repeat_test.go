package faults

import (
	"testing"

	"github.com/yingda/yingda/internal/standin/telegram"
)

// TestTelegramRepeats: each update comes twenty times, shuffled and in parallel, or is polled again and again. It is
// one row, and one reply in the customer's chat.
func TestTelegramRepeats(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		setup telegramSetup
		pg    bool
	}{
		{"pushed", telegramSetup{push: true, debug: true}, false},
		{"pushed to two nodes", telegramSetup{nodes: 2}, true},
		{"polled", telegramSetup{debug: true}, false},
	} {
		if tt.setup.push && !full() {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			if tt.pg {
				tt.setup.db = newPostgres(t)
			}
			town := newTelegramTown(t, tt.setup)
			people := town.repeated(scaled(6, 40), scaled(3, 20))
			if full() || tt.setup.nodes == 0 {
				town.people.Redeliver(0)
			}
			eventually(t, func() bool { return town.people.Pending(0) == 0 }, "everything taken again")
			town.books.settled(people)
			town.books.fine(people)
			town.stop()
		})
	}
}

// TestTelegramRepeatsFinds: the ledger catches a server that does not look whether an update came before.
func TestTelegramRepeatsFinds(t *testing.T) {
	t.Parallel()
	town := newTelegramTown(t, telegramSetup{push: true, planted: []string{"YINGDA_PLANTED=twice"}})
	town.books.hunt("is stored 20 times", func() []*person { return town.repeated(2, 2) })
}

// repeated has people ask everything at once, each update twenty times, and waits until all is answered.
func (town *telegramTown) repeated(people, each int) []*person {
	town.t.Helper()
	town.people.SetRepeats(telegram.Repeats{Times: 20, Shuffle: true})
	crowd := town.crowd(people)
	for range each {
		for _, p := range crowd {
			p.ask()
		}
	}
	eventually(town.t, func() bool { return town.people.Pending(0) == 0 }, "everything taken")
	town.books.settled(crowd)
	return crowd
}
