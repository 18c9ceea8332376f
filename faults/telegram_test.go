package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/internal/standin/telegram"
)

// telegramTown is the stand-in for Telegram, and a Yingda whose bot people write to there.
type telegramTown struct {
	t      *testing.T
	people *telegram.Server
	host   *host
	bot    telegram.Demo
	nodes  []*server
	books  *books

	mu   sync.Mutex
	last int64 // the last person's id
}

// telegramSetup is what differs between the towns.
type telegramSetup struct {
	db      database // the default SQLite when nil
	nodes   int      // with more than one, and with push, updates are pushed
	push    bool
	group   bool     // agents follow
	planted []string // the environment of the program with bugs; nil for the program as it ships
	debug   bool     // everything is logged
}

// newTelegramTown opens one, and starts Yingda.
func newTelegramTown(t *testing.T, o telegramSetup) *telegramTown {
	t.Helper()
	town := &telegramTown{t: t, people: telegram.New(telegram.Config{}), last: 10_000}
	town.host = newHost(t, town.people)
	t.Cleanup(town.people.Close) // before the host
	town.people.SetLimits(telegram.Limits{Off: true})
	var err error
	town.bot, err = town.people.Populate(telegram.Demo{})
	must(t, err)
	env := append([]string{"YINGDA_TELEGRAM_TOKEN=" + town.bot.Token, "YINGDA_TELEGRAM_API=" + town.host.url()}, o.planted...)
	if o.group {
		env = append(env, fmt.Sprintf("YINGDA_TELEGRAM_GROUP=%d", town.bot.Group))
	}
	var f *front
	if o.push || o.nodes > 1 {
		f = newFront(t)
		env = append(env, "YINGDA_TELEGRAM_WEBHOOK="+f.url(), "YINGDA_TELEGRAM_SECRET=harness-secret-0")
	}
	if o.db == nil {
		o.db = sqliteFile{}
	}
	town.nodes = newNodes(t, o.db, max(o.nodes, 1), o.planted != nil, o.debug)
	if f != nil {
		f.join(town.nodes...)
	}
	keepSecret(t, town.nodes, func() []string {
		_, half, _ := strings.Cut(town.bot.Token, ":")
		return []string{town.bot.Token, half, "harness-secret-0"}
	})
	for _, s := range town.nodes {
		s.env = env
		s.start()
	}
	town.books = booksOf(t, town.nodes[0], o.db)
	return town
}

// newNodes makes servers on one database that answer from the channels' guide.
func newNodes(t *testing.T, db database, n int, buggy, debug bool) (all []*server) {
	t.Helper()
	guide := channelGuide(t)
	for range n {
		var args []string
		if debug {
			args = []string{"-log", "debug"}
		}
		s := newServer(t, db, args...)
		s.reads(guide)
		if buggy {
			s.bin = planted(t)
		}
		all = append(all, s)
	}
	return all
}

// person lets somebody new in.
func (town *telegramTown) person() *person {
	town.mu.Lock()
	town.last++
	id := town.last
	town.mu.Unlock()
	return callerOn(town.t, town.people, id)
}

// callerOn lets somebody new into Telegram.
func callerOn(t testing.TB, people *telegram.Server, id int64) *person {
	people.AddUser(telegram.User{ID: id, FirstName: fmt.Sprint("顾客", id), Language: "zh-hans"})
	at := telegram.Place{Chat: id}
	return &person{
		opening: chat.OpenRequest{Channel: "telegram", Account: "default", Address: fmt.Sprint(id)},
		say: func(text string) bool {
			if _, err := people.Say(id, at, text); err != nil {
				t.Error(err)
				return false
			}
			return true
		},
		seen: func() (texts []string) {
			for _, m := range people.Messages(at) {
				if m.Bot {
					texts = append(texts, m.Text)
				}
			}
			return texts
		},
	}
}

// crowd lets n people in.
func (town *telegramTown) crowd(n int) (people []*person) {
	for range n {
		people = append(people, town.person())
	}
	return people
}

// stop asks the nodes to end.
func (town *telegramTown) stop() {
	for _, s := range town.nodes {
		s.stop()
	}
}

// talk has people talk until ctx ends: each of so many voices asks one question after the other without waiting
// for answers, a new person when one has no more to ask.
func talk(ctx context.Context, voices int, pause time.Duration, next func() *person) (wait func() []*person) {
	var all sync.WaitGroup
	var mu sync.Mutex
	var people []*person
	for range voices {
		all.Go(func() {
			for ctx.Err() == nil {
				p := next()
				mu.Lock()
				people = append(people, p)
				mu.Unlock()
				for ctx.Err() == nil && p.ask() {
					time.Sleep(pause/2 + rand.N(pause))
				}
			}
		})
	}
	return func() []*person {
		all.Wait()
		return people
	}
}
