package chat_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
)

// rush is many sendings over many lanes, half of them to an account "slow" and half to "fast".
type rush struct {
	lanes, each int
	slow, fast  time.Duration // what one sending takes
	after       time.Duration // what a 429 asks for; one attempt in ten gets one
}

// account is where a lane leads.
func (r rush) account(lane int) string { return []string{"slow", "fast"}[lane%2] }

// script refuses one attempt in ten, always the same ones.
func (r rush) script(s chat.Sending, try int) chattest.Fate {
	h := fnv.New32a()
	fmt.Fprintf(h, "%s %s %d", s.Lane, s.Body, try)
	f := chattest.Fate{Delay: r.fast}
	if s.Account == "slow" {
		f.Delay = r.slow
	}
	if h.Sum32()%10 == 0 {
		f.Kind, f.After = chattest.Busy, r.after
	}
	return f
}

// fill queues the rush, and tells what must arrive.
func (r rush) fill(add func(lane, account string, seq int64)) (want map[string][]int64) {
	want = map[string][]int64{}
	for seq := range int64(r.each) {
		for lane := range r.lanes {
			name := fmt.Sprintf("lane-%02d", lane)
			add(name, r.account(lane), seq+1)
			want[name] = append(want[name], seq+1)
		}
	}
	return want
}

// p99 is how long after start the account's sendings had arrived, the slowest hundredth aside.
func p99(arrived []chattest.Arrival, account string, start time.Time) time.Duration {
	var took []time.Duration
	for _, a := range arrived {
		if a.Sending.Account == account {
			took = append(took, a.At.Sub(start))
		}
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// send lets a courier of 16 workers empty the outbox, until as many arrived or d is over.
func (r rush) send(t *testing.T, o chat.Outbox, room *chattest.Room, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	left := atomic.Int64{}
	left.Store(int64(r.lanes * r.each))
	c := config(o, room)
	c.Workers, c.Lease, c.Timeout = 16, time.Minute, 10*time.Second
	c.Observe.Settled = func(_ chat.Sending, how chat.Settlement, _ time.Duration) {
		if how.State != chat.SendingQueued && left.Add(-1) == 0 {
			cancel()
		}
	}
	chat.NewCourier(c).Run(ctx)
}

// addTo queues entries of a room's into an outbox in memory.
func addTo(t *testing.T, o *chattest.Outbox, repeatable bool) func(lane, account string, seq int64) {
	return func(lane, account string, seq int64) { add(t, o, lane, account, seq, repeatable) }
}

func TestCourierKeepsOrderAndSparesTheFast(t *testing.T) {
	trial := func(t *testing.T, r rush) (fast, whole time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			o := chattest.NewOutbox(time.Now)
			room := chattest.NewRoom("r", r.script)
			want := r.fill(addTo(t, o, false))
			start := time.Now()
			r.send(t, o, room, time.Hour)
			if err := errors.Join(chattest.Check(room.Arrivals()), chattest.Missing(room.Arrivals(), want)); err != nil {
				t.Error(err)
			}
			if n := o.Count()[chat.SendingSent]; n != r.lanes*r.each {
				t.Errorf("%d were sent", n)
			}
			fast, whole = p99(room.Arrivals(), "fast", start), time.Since(start)
		})
		return fast, whole
	}
	r := rush{lanes: 50, each: 20, slow: 50 * time.Millisecond, fast: 50 * time.Millisecond, after: 200 * time.Millisecond}
	even, _ := trial(t, r)
	r.slow = 2 * time.Second
	uneven, whole := trial(t, r)
	t.Logf("the fast account's p99 is %s beside a slow one, %s beside a fast one; everything took %s", uneven, even, whole)
	if uneven > 2*even {
		t.Errorf("the fast account's p99 is %s beside a slow one, %s beside a fast one", uneven, even)
	}
	// 500 sendings of 2 s and some 55 refusals, four at a time.
	if ideal := 555 * r.slow / 4; whole > ideal*5/4 {
		t.Errorf("the slow account took %s, where %s would do", whole, ideal)
	}
}

// killed is an outbox of a process that was killed: nothing comes through any more.
type killed struct {
	chat.Outbox
	dead atomic.Bool
}

var errKilled = errors.New("killed")

func (k *killed) Lease(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]chat.Sending, error) {
	if k.dead.Load() {
		return nil, errKilled
	}
	return k.Outbox.Lease(ctx, now, lease, limit)
}

func (k *killed) Settle(ctx context.Context, id int64, s chat.Settlement) error {
	if k.dead.Load() {
		return errKilled
	}
	return k.Outbox.Settle(ctx, id, s)
}

// sendAndKill kills a courier when the entry of that number has arrived, before it is settled, and
// lets another one do the rest. Everything is one lane.
func sendAndKill(t *testing.T, o chat.Outbox, at int64, short time.Duration) *chattest.Room {
	t.Helper()
	k := &killed{Outbox: o}
	room := chattest.NewRoom("r", nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := config(k, killer{room, at, func() { k.dead.Store(true); cancel() }})
	c.Grace = time.Millisecond
	chat.NewCourier(c).Run(ctx)
	run(t, config(o, room), short)
	return room
}

// killer is a channel that kills its courier after an entry has arrived.
type killer struct {
	*chattest.Room
	at   int64
	kill func()
}

func (k killer) Send(ctx context.Context, s chat.Sending) ([]chat.KV, error) {
	marks, err := k.Room.Send(ctx, s)
	if all := k.Arrivals(); all[len(all)-1].Seq == k.at {
		k.kill()
	}
	return marks, err
}

func TestKilledCourierLeavesOneUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := chattest.NewOutbox(time.Now)
		want := rush{lanes: 1, each: 10}.fill(addTo(t, o, false))
		room := sendAndKill(t, o, 4, time.Hour)
		if err := errors.Join(chattest.Check(room.Arrivals()), chattest.Missing(room.Arrivals(), want)); err != nil {
			t.Error(err)
		}
		if got := o.Count(); got[chat.SendingUnknown] != 1 || got[chat.SendingSent] != 9 {
			t.Errorf("states %v, want one unknown, nine sent", got)
		}
		if i := o.Item(4); i.State != chat.SendingUnknown {
			t.Errorf("what was being sent at the kill is %s", i.State)
		}
	})
}

// What follows has bugs on purpose: the ledger must tell.

func TestLedgerTellsOfABlindResend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := chattest.NewOutbox(time.Now)
		rush{lanes: 1, each: 10}.fill(addTo(t, o, true)) // as though unknown ones were sent again
		room := sendAndKill(t, o, 4, time.Hour)
		if err := chattest.Check(room.Arrivals()); err == nil || !strings.Contains(err.Error(), "entry 4 arrived twice") {
			t.Errorf("the ledger tells %v", err)
		}
	})
}

// hasty settles before it sends.
func hasty(ctx context.Context, o chat.Outbox, room *chattest.Room) {
	var sends sync.WaitGroup
	defer sends.Wait()
	for ctx.Err() == nil {
		taken, err := o.Lease(ctx, time.Now(), time.Minute, 16)
		if err != nil || len(taken) == 0 {
			return
		}
		for _, s := range taken {
			if o.Settle(ctx, s.ID, chat.Settlement{State: chat.SendingSent}) == nil {
				sends.Go(func() { _, _ = room.Send(ctx, s) })
			}
		}
	}
}

func TestLedgerTellsOfSettlingBeforeSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rush{lanes: 10, each: 20, fast: time.Millisecond}
		o := chattest.NewOutbox(time.Now)
		room := chattest.NewRoom("r", func(s chat.Sending, try int) chattest.Fate {
			f := r.script(s, try)
			f.Delay = time.Duration(s.ID*7%13) * time.Millisecond
			return f
		})
		want := r.fill(addTo(t, o, false))
		hasty(t.Context(), o, room)
		if err := chattest.Check(room.Arrivals()); err == nil || !strings.Contains(err.Error(), "arrived behind") {
			t.Errorf("the ledger tells %v", err)
		}
		if err := chattest.Missing(room.Arrivals(), want); err == nil {
			t.Error("the ledger misses nothing, though refused sendings were settled")
		}
	})
}
