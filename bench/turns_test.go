package bench

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

// BenchmarkTurns compares durable turns that share transactions with a transaction per turn, in turn
// within one run: 64 clients, each with a conversation of its own, every commit on disk.
func BenchmarkTurns(b *testing.B) {
	const clients, turns, rounds = 64, 4000, 3
	for name, fresh := range map[string]func(*testing.B) store.Options{
		"sqlite": func(b *testing.B) store.Options { return store.Options{Dir: b.TempDir()} },
		"postgres": func(b *testing.B) store.Options {
			return store.Options{DSN: storetest.StartPostgres(b).Database(b)}
		},
	} {
		b.Run(name, func(b *testing.B) {
			grouped, alone := fresh(b), fresh(b)
			alone.Group = 1
			together, single := openStore(b, grouped), openStore(b, alone)
			var shared, each float64
			for b.Loop() {
				for range rounds {
					each += turnsPerSecond(b, single, clients, turns/4)
					shared += turnsPerSecond(b, together, clients, turns)
				}
			}
			b.ReportMetric(shared/rounds/float64(b.N), "grouped/s")
			b.ReportMetric(each/rounds/float64(b.N), "single/s")
			b.ReportMetric(shared/each, "ratio")
		})
	}
}

// openStore opens a store for a benchmark.
func openStore(b *testing.B, o store.Options) *store.Store {
	b.Helper()
	s, err := store.Open(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

// turnsPerSecond does n turns over all clients.
func turnsPerSecond(b *testing.B, s *store.Store, clients, n int) float64 {
	b.Helper()
	think := func(context.Context, *bot.Session) (bot.Outcome, error) {
		return bot.Outcome{Reply: chat.Reply{Decision: chat.Answer, Text: "跳码是指刷卡的商户和小票上的商户不一样。"}}, nil
	}
	var left atomic.Int64
	left.Store(int64(n))
	var done sync.WaitGroup
	start := time.Now()
	for range clients {
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
