package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/yingda/yingda/bench/budget"
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
)

// measureInbox takes what one turn costs this process without HTTP, and what a customer waits while others write: masked,
// decided about and kept. "turn" asks the guide; "kept turn" says the same to everything, so that what remains is the keeping.
func measureInbox(b *testing.B, run *budget.Run) {
	const rounds = 5
	lib, ix := loadBundled(b)
	answers := bot.New(lib, ix, bot.DefaultPolicy(), time.Now).
		WithHandover(bot.Handover{Hours: new(desk.Hours), Number: bot.Numbers(time.Now, rand.Reader)})
	bare := startWarmBare(b)
	for _, d := range databases(b) {
		db := openStore(b, d.fresh())
		inboxes := map[string]*bot.Inbox{"inbox turn ": newInbox(b, db, answers), "inbox kept turn ": newInbox(b, db, parrot{})}
		for _, inbox := range inboxes {
			converse(b, db, inbox) // to warm up
		}
		for range rounds {
			for name, inbox := range inboxes {
				before := ownCPU(b)
				waited := converse(b, db, inbox)
				micros := float64(ownCPU(b)-before) / 1e3 / float64(len(waited))
				run.AddCPU(name+d.name, micros, bare.send(b).micros)
				run.Add(name+d.name+" p50", p50(waited))
				run.Add(name+d.name+" p99", p99(waited))
			}
		}
	}
}

func newInbox(b *testing.B, db *store.Store, stepper bot.Stepper) *bot.Inbox {
	b.Helper()
	sealer, err := privacy.NewSealer(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	return bot.NewInbox(bot.InboxConfig{Store: db, Bot: func() bot.Stepper { return stepper }, Masker: privacy.NewMasker(), Sealer: sealer})
}

// parrot says the same to everything.
type parrot struct{}

// Step says it.
func (parrot) Step(context.Context, *bot.Session, chat.Message) (bot.Outcome, error) {
	return bot.Outcome{Reply: chat.Reply{Decision: chat.Answer, Text: "跳码是指刷卡的商户和小票上的商户不一样。"}}, nil
}

// converse says every golden question once, over many customers who write at once, and returns how long each took.
func converse(b *testing.B, db *store.Store, inbox *bot.Inbox) []time.Duration {
	b.Helper()
	conversations := slices.Collect(slices.Chunk(goldenQuestions(b), turnsPerConversation))
	waited := make([][]time.Duration, len(conversations))
	inParallel(turnConcurrency, len(conversations), func(i int) {
		c, _, err := db.OpenConversation(b.Context(), chat.OpenRequest{Channel: "api", Account: "default"})
		for n, text := range conversations[i] {
			start := time.Now()
			if err == nil {
				_, err = inbox.Receive(b.Context(), chat.Message{Conversation: c.ID, Channel: c.Channel, ExternalID: fmt.Sprint(c.ID, "/", n), Text: text})
			}
			waited[i] = append(waited[i], time.Since(start))
		}
		if err != nil {
			b.Error(err)
		}
	})
	return slices.Concat(waited...)
}
