package chat_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
)

// config is a courier's without jitter.
func config(o chat.Outbox, channels ...chat.Channel) chat.CourierConfig {
	return chat.CourierConfig{
		Outbox: o, Channels: channels, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Random: func() float64 { return 0.5 },
	}
}

// run lets a courier work for d, and stops it.
func run(t *testing.T, c chat.CourierConfig, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	chat.NewCourier(c).Run(ctx)
}

// add queues a sending to an account of the room "r" as entry seq of its lane.
func add(t *testing.T, o *chattest.Outbox, lane, account string, seq int64, repeatable bool) int64 {
	t.Helper()
	id, err := o.Add(chat.Sending{Lane: lane, Channel: "r", Account: account, Idempotent: repeatable}, seq)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestCourierSettles(t *testing.T) {
	always := func(f chattest.Fate) chattest.Script { return func(chat.Sending, int) chattest.Fate { return f } }
	first := func(f chattest.Fate) chattest.Script {
		return func(_ chat.Sending, try int) chattest.Fate {
			if try == 1 {
				return f
			}
			return chattest.Fate{}
		}
	}
	type want struct {
		state           chat.SendingState
		reason          string
		tries, arrivals int
	}
	tests := []struct {
		name       string
		script     chattest.Script
		repeatable bool
		want       want
	}{
		{"accepted", nil, false, want{chat.SendingSent, "", 1, 1}},
		{"busy once", first(chattest.Fate{Kind: chattest.Busy}), false, want{chat.SendingSent, "", 2, 1}},
		{"dead", always(chattest.Fate{Kind: chattest.Dead}), true, want{chat.SendingDead, "the customer is gone", 1, 0}},
		{"dropped", always(chattest.Fate{Kind: chattest.Drop}), false, want{chat.SendingUnknown, "发送出错（*errors.errorString）", 1, 1}},
		{"dropped, may repeat", first(chattest.Fate{Kind: chattest.Drop}), true, want{chat.SendingSent, "", 2, 2}},
		{"lost", always(chattest.Fate{Kind: chattest.Lose}), false, want{chat.SendingUnknown, "发送出错（*errors.errorString）", 1, 0}},
		{"panics", always(chattest.Fate{Kind: chattest.Panic}), false, want{chat.SendingUnknown, "程序出错，不知道送到没有", 1, 1}},
		{"too slow", always(chattest.Fate{Delay: time.Minute}), false, want{chat.SendingUnknown, "对方一直没有答复", 1, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := chattest.NewOutbox(time.Now)
				room := chattest.NewRoom("r", tt.script)
				id := add(t, o, "l", "a", 1, tt.repeatable)
				run(t, config(o, room), time.Hour)
				i := o.Item(id)
				got := want{i.State, i.Reason, room.Tries(id), len(room.Arrivals())}
				if got != tt.want {
					t.Errorf("got %+v, want %+v", got, tt.want)
				}
			})
		})
	}
}

func TestCourierBacksOffAndGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := chattest.NewOutbox(time.Now)
		var at []time.Duration
		start := time.Now()
		room := chattest.NewRoom("r", func(chat.Sending, int) chattest.Fate {
			at = append(at, time.Since(start))
			return chattest.Fate{Kind: chattest.Busy}
		})
		id := add(t, o, "l", "a", 1, false)
		next := add(t, o, "l", "a", 2, false)
		run(t, config(o, room), 24*time.Hour)
		var got []time.Duration
		for i := 1; i < 13; i++ {
			got = append(got, at[i]-at[i-1])
		}
		want := []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300}
		for i := range want {
			want[i] *= time.Second
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("waits %v\nwant  %v", got, want)
		}
		if i := o.Item(next); i.Sending.Attempts > 0 {
			t.Error("the lane did not wait for its first sending")
		}
		run(t, config(o, room), time.Hour)
		if i := o.Item(id); i.State != chat.SendingDead || !strings.HasPrefix(i.Reason, "试了29") {
			t.Errorf("after a day it is %s: %s", i.State, i.Reason)
		}
		if i := o.Item(next); i.Sending.Attempts == 0 {
			t.Error("a dead sending holds up its lane")
		}
	})
}

func TestCourierHeedsTheChannelsWait(t *testing.T) {
	for _, whole := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			o := chattest.NewOutbox(time.Now)
			start := time.Now()
			room := chattest.NewRoom("r", func(s chat.Sending, try int) chattest.Fate {
				if s.Lane == "slow" && try == 1 {
					return chattest.Fate{Kind: chattest.Busy, After: time.Minute, Whole: whole}
				}
				return chattest.Fate{}
			})
			add(t, o, "slow", "a", 1, false)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { defer close(done); chat.NewCourier(config(o, room)).Run(ctx) }()
			time.Sleep(time.Second)
			add(t, o, "slow", "a", 2, false)
			beside := add(t, o, "beside", "a", 1, false)
			elsewhere := add(t, o, "elsewhere", "b", 1, false)
			time.Sleep(time.Hour)
			cancel()
			<-done
			for _, a := range room.Arrivals() {
				late := a.At.Sub(start) >= time.Minute
				want := a.Sending.Lane == "slow" || whole && a.Sending.ID == beside
				if late != want {
					t.Errorf("whole %v: lane %s got entry %d after %s", whole, a.Sending.Lane, a.Seq, a.At.Sub(start))
				}
			}
			if i := o.Item(beside); i.State != chat.SendingSent || i.Sending.Attempts != 1 {
				t.Errorf("whole %v: beside is %s after %d attempts; what was given back untried must not count", whole, i.State, i.Sending.Attempts)
			}
			if o.Item(elsewhere).State != chat.SendingSent || len(room.Arrivals()) != 4 {
				t.Errorf("whole %v: arrived %v", whole, room.Arrivals())
			}
		})
	}
}

func TestCourierStops(t *testing.T) {
	tests := []struct {
		name  string
		delay time.Duration
		want  chat.SendingState
		took  time.Duration
	}{
		{"what is being sent is finished", 5 * time.Second, chat.SendingSent, 4 * time.Second},
		{"but not for ever", time.Hour, chat.SendingUnknown, 10 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // which fails when a goroutine is left
				o := chattest.NewOutbox(time.Now)
				room := chattest.NewRoom("r", func(chat.Sending, int) chattest.Fate { return chattest.Fate{Delay: tt.delay} })
				id := add(t, o, "l", "a", 1, false)
				next := add(t, o, "l", "a", 2, false)
				c := config(o, room)
				c.Timeout = time.Minute
				start := time.Now()
				run(t, c, time.Second)
				if took := time.Since(start) - time.Second; took != tt.took {
					t.Errorf("took %s, want %s", took, tt.took)
				}
				if i := o.Item(id); i.State != tt.want {
					t.Errorf("it is %s: %s", i.State, i.Reason)
				}
				if i := o.Item(next); i.State != chat.SendingQueued || i.Sending.Attempts > 0 {
					t.Errorf("the next is %s after %d attempts", i.State, i.Sending.Attempts)
				}
			})
		})
	}
}

func TestCourierGivesBackWhatNoChannelCarries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := chattest.NewOutbox(time.Now)
		id := add(t, o, "l", "a", 1, false)
		run(t, config(o), time.Minute)
		if i := o.Item(id); i.State != chat.SendingQueued || i.Reason != "这里没有设置这个通道" {
			t.Errorf("it is %s: %s", i.State, i.Reason)
		}
	})
}

// fragile is an outbox that fails while broken.
type fragile struct {
	*chattest.Outbox
	broken atomic.Bool
}

var errBroken = errors.New("the database is gone")

func (f *fragile) Lease(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]chat.Sending, error) {
	if f.broken.Load() {
		return nil, errBroken
	}
	return f.Outbox.Lease(ctx, now, lease, limit)
}

func (f *fragile) Settle(ctx context.Context, id int64, s chat.Settlement) error {
	if f.broken.Load() {
		return errBroken
	}
	return f.Outbox.Settle(ctx, id, s)
}

func TestCourierOutlivesItsOutbox(t *testing.T) {
	tests := []struct {
		name   string
		broken time.Duration
		want   chat.SendingState
	}{
		{"settles when it is back", 20 * time.Second, chat.SendingSent},
		{"leaves it unknown when the lease is over", 10 * time.Minute, chat.SendingUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &fragile{Outbox: chattest.NewOutbox(time.Now)}
				o.broken.Store(true)
				time.AfterFunc(5*time.Second, func() { o.broken.Store(false) })
				room := chattest.NewRoom("r", func(chat.Sending, int) chattest.Fate {
					o.broken.Store(true)
					time.AfterFunc(tt.broken, func() { o.broken.Store(false) })
					return chattest.Fate{}
				})
				id := add(t, o.Outbox, "l", "a", 1, false)
				c := config(o, room)
				ops := map[string]int{}
				var mu sync.Mutex
				c.Observe.Failed = func(op string, err error) {
					mu.Lock()
					defer mu.Unlock()
					ops[op]++
				}
				run(t, c, time.Hour)
				if i := o.Item(id); i.State != tt.want || room.Tries(id) != 1 {
					t.Errorf("it is %s after %d tries", i.State, room.Tries(id))
				}
				if ops["lease"] == 0 || ops["settle"] == 0 {
					t.Errorf("failures observed: %v", ops)
				}
			})
		})
	}
}

// TestCourierKeepsSecretsOutOfItsLog sends what panics and fails with what must not be told.
func TestCourierKeepsSecretsOutOfItsLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		o := chattest.NewOutbox(time.Now)
		for i, lane := range []string{"panic", "error"} {
			if _, err := o.Add(chat.Sending{Lane: lane, Channel: "leaky", Address: "SECRET"}, int64(i)+1); err != nil {
				t.Fatal(err)
			}
		}
		c := config(o, leaky{})
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		run(t, c, time.Minute)
		if got := o.Count()[chat.SendingUnknown]; got != 2 {
			t.Errorf("%d are unknown", got)
		}
		if strings.Contains(log.String(), "SECRET") || !strings.Contains(log.String(), "a sending was settled") {
			t.Errorf("log:\n%s", log.String())
		}
		for id := range int64(2) {
			if r := o.Item(id + 1).Reason; strings.Contains(r, "SECRET") {
				t.Errorf("reason %q", r)
			}
		}
	})
}

type leaky struct{}

func (leaky) Name() string { return "leaky" }

func (leaky) Send(_ context.Context, s chat.Sending) ([]chat.KV, error) {
	if s.Lane == "panic" {
		panic("SECRET")
	}
	return nil, fmt.Errorf("post to https://SECRET@example.com: %w", context.Canceled)
}
