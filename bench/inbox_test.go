package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

// BenchmarkInbox is what one turn costs this process: masked, decided about and kept, without HTTP. 64 customers write
// at once, five questions to a conversation; one of them is observed, for whom the others are those that write meanwhile.
// "guide" asks the guide; "kept" says the same to everything, so that what remains is the keeping.
func BenchmarkInbox(b *testing.B) {
	lib, ix := loadBundled(b)
	handing := bot.New(lib, ix, bot.DefaultPolicy(), time.Now).
		WithHandover(bot.Handover{Hours: new(desk.Hours), Number: bot.Numbers(time.Now, rand.Reader)})
	for name, fresh := range map[string]func(*testing.B) store.Options{
		"sqlite":   func(b *testing.B) store.Options { return store.Options{Dir: b.TempDir()} },
		"postgres": func(b *testing.B) store.Options { return store.Options{DSN: storetest.StartPostgres(b).Database(b)} },
	} {
		b.Run(name, func(b *testing.B) {
			db := openStore(b, fresh(b))
			for name, stepper := range map[string]bot.Stepper{"guide": handing, "kept": parrot{}} {
				b.Run(name, func(b *testing.B) { benchmarkInbox(b, db, stepper) })
			}
		})
	}
}

// parrot says the same to everything.
type parrot struct{}

// Step says it.
func (parrot) Step(context.Context, *bot.Session, chat.Message) (bot.Outcome, error) {
	return bot.Outcome{Reply: chat.Reply{Decision: chat.Answer, Text: "跳码是指刷卡的商户和小票上的商户不一样。"}}, nil
}

func benchmarkInbox(b *testing.B, db *store.Store, stepper bot.Stepper) {
	sealer, err := privacy.NewSealer(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	inbox := bot.NewInbox(bot.InboxConfig{
		Store: db, Bot: func() bot.Stepper { return stepper }, Masker: privacy.NewMasker(), Sealer: sealer,
	})
	var observed []time.Duration
	var turns int
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu := processCPU(b)
	for b.Loop() {
		n, waited := converse(b, db, inbox)
		turns, observed = turns+n, append(observed, waited...)
	}
	cpu = processCPU(b) - cpu
	runtime.ReadMemStats(&after)
	each := float64(turns)
	b.ReportMetric(float64(cpu.Microseconds())/each, "cpu-us/turn")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/each, "allocs/turn")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/each, "B/turn")
	b.ReportMetric(p99(observed), "p99-ms")
	b.ReportMetric(p50(observed), "p50-ms")
}

// converse says every golden question once, over all customers, and returns how many they are and how long each of the
// observed customer's took.
func converse(b *testing.B, db *store.Store, inbox *bot.Inbox) (turns int, observed []time.Duration) {
	questions := goldenQuestions(b)
	work := make(chan []string, len(questions))
	for i := 0; i < len(questions); i += turnsPerConversation {
		work <- questions[i:min(i+turnsPerConversation, len(questions))]
	}
	close(work)
	var done sync.WaitGroup
	for customer := range turnConcurrency {
		done.Go(func() {
			for said := range work {
				c, _, err := db.OpenConversation(b.Context(), chat.OpenRequest{Channel: "api", Account: "default"})
				for i, text := range said {
					start := time.Now()
					if err == nil {
						_, err = inbox.Receive(b.Context(), chat.Message{Conversation: c.ID, Channel: c.Channel, ExternalID: fmt.Sprint(c.ID, "/", i), Text: text})
					}
					if customer == 0 {
						observed = append(observed, time.Since(start))
					}
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	done.Wait()
	return len(questions), observed
}

// processCPU is how much processor time this process has taken.
func processCPU(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
