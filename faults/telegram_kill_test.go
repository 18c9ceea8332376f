package faults

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/yingda/yingda/internal/standin/telegram"
)

// TestTelegramKill: whoever writes while the program is killed again and again is stored once, for the offset moves
// only behind the commit; and is answered at most once. What was on its way when it was killed is unknown, at most
// one message of each person's a kill; everything else arrived once, in order.
func TestTelegramKill(t *testing.T) {
	t.Parallel()
	eachOr(t, "sqlite", func(t *testing.T, db database) {
		setup := telegramSetup{db: db}
		if !full() { // else the program as it ships, with leases of a minute
			setup.planted = []string{"YINGDA_LEASE=3s"}
		}
		town := newTelegramTown(t, setup)
		n := scaled(2, 100)
		people := town.killed(n)
		town.books.settled(people)
		sum := town.books.fine(people)
		if sum.unknown > n*len(people) || sum.unknown == 0 && full() {
			t.Errorf("%d sendings are unknown after %d kills", sum.unknown, n)
		}
		town.stop()
	})
}

// TestTelegramKillFinds: the same ledger catches a server that sends again what may have arrived, and one that moves
// the offset before the commit.
func TestTelegramKillFinds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ bug, found string }{
		{"blind", "was seen 2 times"},
		{"early", "is stored 0 times"},
	} {
		t.Run(tt.bug, func(t *testing.T) {
			town := newTelegramTown(t, telegramSetup{planted: []string{"YINGDA_PLANTED=" + tt.bug}})
			town.books.hunt(tt.found, func() []*person { return town.killed(2) })
		})
	}
}

// killed kills and restarts the program n times while people write. Telegram's answers take a moment, so that most
// of the time something is sent and not yet recorded.
func (town *telegramTown) killed(n int) []*person {
	town.t.Helper()
	town.people.SetScript(func(c telegram.Call) telegram.Fault {
		if c.Method == "sendMessage" {
			return telegram.Slow(30 * time.Millisecond)
		}
		return telegram.Fault{}
	})
	ctx, cancel := context.WithCancel(town.t.Context())
	wait := talk(ctx, 8, 80*time.Millisecond, town.person)
	for range n {
		time.Sleep(300*time.Millisecond + rand.N(300*time.Millisecond))
		_ = town.nodes[0].kill() // "signal: killed" is what was wanted
		town.nodes[0].start()
	}
	time.Sleep(300 * time.Millisecond)
	cancel()
	return wait()
}
