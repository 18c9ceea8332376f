package bench

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yingda/yingda/bench/budget"
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/store"
)

// measureCommits compares durable turns that share transactions with a transaction a turn, in turn within one run: each
// client has a conversation of its own, every commit is on disk, and the bot says the same always.
func measureCommits(b *testing.B, run *budget.Run) {
	const rounds, shared, single = 3, 4000, 1000
	for _, d := range databases(b) {
		alone := d.fresh()
		alone.Group = 1
		one, many := openStore(b, alone), openStore(b, d.fresh())
		for range rounds {
			each := commitTurns(b, one, single)
			together := commitTurns(b, many, shared)
			run.Add("commits shared "+d.name, together)
			run.Add("commits shared/single "+d.name, together/each)
		}
	}
}

// commitTurns commits n turns over all clients, and returns how many that were in a second.
func commitTurns(b *testing.B, s *store.Store, n int) float64 {
	b.Helper()
	think := func(ctx context.Context, s *bot.Session) (bot.Outcome, error) {
		return parrot{}.Step(ctx, s, chat.Message{})
	}
	var left atomic.Int64
	left.Store(int64(n))
	var done sync.WaitGroup
	start := time.Now()
	for range turnConcurrency {
		done.Go(func() {
			c, _, err := s.OpenConversation(b.Context(), chat.OpenRequest{Channel: "widget"})
			for i := 0; err == nil && left.Add(-1) >= 0; i++ {
				m := chat.Message{Conversation: c.ID, Channel: "widget", ExternalID: fmt.Sprint(c.ID, ":", i), Text: "为什么会跳码"}
				_, err = s.Turn(b.Context(), m, think)
			}
			if err != nil {
				b.Error(err)
			}
		})
	}
	done.Wait()
	return float64(n) / time.Since(start).Seconds()
}

// fillStore keeps n turns in the database of a data folder.
func fillStore(b *testing.B, data string, n int) {
	b.Helper()
	const together = 5000 // in a conversation of each client
	db, err := store.Open(b.Context(), store.Options{Dir: data})
	if err != nil {
		b.Fatal(err)
	}
	for range n / together {
		commitTurns(b, db, together)
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
}
