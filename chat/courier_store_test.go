package chat_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

// onBoth runs a test on SQLite and on PostgreSQL. fresh is a store of its own, which pushes to the room "r".
func onBoth(t *testing.T, test func(t *testing.T, fresh func() *store.Store)) {
	pg := storetest.StartPostgres(t, "fsync = off")
	for name, options := range map[string]func(*testing.T) store.Options{
		"SQLite":     func(t *testing.T) store.Options { return store.Options{Dir: t.TempDir()} },
		"PostgreSQL": func(t *testing.T) store.Options { return store.Options{DSN: pg.Database(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			test(t, func() *store.Store {
				o := options(t)
				o.Push = func(channel string) bool { return channel == "r" }
				s, err := store.Open(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					if err := s.Close(); err != nil {
						t.Error(err)
					}
				})
				return s
			})
		})
	}
}

// converse fills a store's outbox by way of turns: lanes customers say each something, and the bot answers.
func (r rush) converse(t *testing.T, s *store.Store) (want map[string][]int64) {
	t.Helper()
	think := func(context.Context, *bot.Session) (bot.Outcome, error) {
		return bot.Outcome{Reply: chat.Reply{Decision: chat.Answer, Text: "答"}}, nil
	}
	want = map[string][]int64{}
	for lane := range r.lanes {
		c, err := s.EnsureConversation(t.Context(), chat.OpenRequest{Channel: "r", Account: r.account(lane), Address: fmt.Sprint(lane)})
		if err != nil {
			t.Fatal(err)
		}
		for n := range r.each {
			m := chat.Message{Conversation: c.ID, Channel: "r", ExternalID: fmt.Sprint(lane, ":", n), Text: "问"}
			turned, err := s.Turn(t.Context(), m, think)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range turned.Replies {
				want[c.ID] = append(want[c.ID], e.Seq)
			}
		}
	}
	return want
}

// allSettled tells of a sending that would still be taken, ever.
func allSettled(t *testing.T, o chat.Outbox) {
	t.Helper()
	left, err := o.Lease(t.Context(), time.Now().AddDate(1, 0, 0), time.Minute, 10)
	if err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestCourierOnRealStores(t *testing.T) {
	onBoth(t, func(t *testing.T, fresh func() *store.Store) {
		trial := func(slow time.Duration) time.Duration {
			r := rush{lanes: 50, each: each, slow: slow, fast: 20 * time.Millisecond, after: 100 * time.Millisecond}
			o := fresh()
			want := r.converse(t, o)
			room := chattest.NewRoom("r", r.script)
			start := time.Now()
			r.send(t, o, room, 2*time.Minute)
			if err := errors.Join(chattest.Check(room.Arrivals()), chattest.Missing(room.Arrivals(), want)); err != nil {
				t.Error(err)
			}
			if n := len(room.Arrivals()); n != r.lanes*r.each {
				t.Errorf("%d arrived", n)
			}
			allSettled(t, o)
			t.Logf("a sending to the slow account takes %s: everything took %s", slow, time.Since(start))
			return p99(room.Arrivals(), "fast", start)
		}
		even, uneven := trial(20*time.Millisecond), trial(100*time.Millisecond)
		t.Logf("the fast account's p99 is %s beside a slow one, %s beside a fast one", uneven, even)
		if uneven > 2*even {
			t.Errorf("the fast account's p99 is %s beside a slow one, %s beside a fast one", uneven, even)
		}
	})
}

func TestKilledCourierOnRealStores(t *testing.T) {
	onBoth(t, func(t *testing.T, fresh func() *store.Store) {
		s := fresh()
		want := rush{lanes: 1, each: 10}.converse(t, s)
		o := &hurried{Store: s, sent: map[int64]bool{}}
		room := sendAndKill(t, o, 8, 3*time.Second) // the fourth reply
		if err := errors.Join(chattest.Check(room.Arrivals()), chattest.Missing(room.Arrivals(), want)); err != nil {
			t.Error(err)
		}
		for _, a := range room.Arrivals() {
			if unknown := !o.sent[a.Sending.ID]; unknown != (a.Seq == 8) {
				t.Errorf("entry %d: left unknown: %v", a.Seq, unknown)
			}
		}
		allSettled(t, s)
	})
}

// hurried is a store whose leases are short, so that a test sees them run out. It notes what was sent.
type hurried struct {
	*store.Store
	mu   sync.Mutex
	sent map[int64]bool
}

func (h *hurried) Lease(ctx context.Context, now time.Time, _ time.Duration, limit int) ([]chat.Sending, error) {
	return h.Store.Lease(ctx, now, 500*time.Millisecond, limit)
}

func (h *hurried) Settle(ctx context.Context, id int64, s chat.Settlement) error {
	err := h.Store.Settle(ctx, id, s)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent[id] = err == nil && s.State == chat.SendingSent
	return err
}

func TestUntriedDoesNotCountOnRealStores(t *testing.T) {
	onBoth(t, func(t *testing.T, fresh func() *store.Store) {
		s := fresh()
		before := time.Now().Add(-time.Second)
		rush{lanes: 1, each: 1}.converse(t, s)
		for _, how := range []struct {
			settlement chat.Settlement
			attempts   int
		}{
			{chat.Settlement{State: chat.SendingQueued, Untried: true}, 1},
			{chat.Settlement{State: chat.SendingQueued}, 1},
			{chat.Settlement{State: chat.SendingSent}, 2},
		} {
			taken, err := s.Lease(t.Context(), time.Now(), time.Minute, 1)
			if err != nil || len(taken) != 1 || taken[0].Attempts != how.attempts || taken[0].QueuedAt.Before(before) || taken[0].QueuedAt.After(time.Now()) {
				t.Fatalf("took %+v, %v, want attempt %d", taken, err, how.attempts)
			}
			if err := s.Settle(t.Context(), taken[0].ID, how.settlement); err != nil {
				t.Fatal(err)
			}
		}
	})
}
