// Package chattest tests what sends: a Room is a channel that does as a script says and keeps a ledger
// of what arrived, an Outbox one in memory.
package chattest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
)

// Kind is what becomes of a sending.
type Kind int

// The closed set of kinds.
const (
	Accept Kind = iota // it arrives
	Busy               // 429: it does not, try again after Fate.After
	Dead               // it never will
	Drop               // it arrives, but the answer is lost
	Lose               // it does not arrive, and neither does an answer
	Panic              // it arrives, and the adapter panics
)

// Fate is what a Room does with one attempt.
type Fate struct {
	Kind  Kind
	After time.Duration // for Busy
	Whole bool          // for Busy: the whole account is
	Delay time.Duration // before anything else
}

// Script decides about one attempt, from 1 for the first of each sending. It must be safe for concurrent use.
type Script func(s chat.Sending, try int) Fate

// Arrival is a line of the ledger.
type Arrival struct {
	Sending chat.Sending
	Seq     int64 // the entry's
	At      time.Time
}

// Room is a chat.Channel.
type Room struct {
	name   string
	script Script

	mu      sync.Mutex
	tries   map[int64]int // by sending
	arrived []Arrival
}

// NewRoom makes an empty room. A nil script accepts everything.
func NewRoom(name string, script Script) *Room {
	if script == nil {
		script = func(chat.Sending, int) Fate { return Fate{} }
	}
	return &Room{name: name, script: script, tries: map[int64]int{}}
}

// Name is the channel's.
func (r *Room) Name() string { return r.name }

// errLost is no SendError, as that of a connection that broke.
var errLost = errors.New("the connection was lost")

// Send does what the script says.
func (r *Room) Send(ctx context.Context, s chat.Sending) ([]chat.KV, error) {
	return nil, r.send(ctx, s)
}

func (r *Room) send(ctx context.Context, s chat.Sending) error {
	fate := r.script(s, r.try(s))
	if fate.Delay > 0 {
		select {
		case <-time.After(fate.Delay):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	switch fate.Kind {
	case Busy:
		return &chat.SendError{State: chat.SendingQueued, RetryAfter: fate.After, PausesAccount: fate.Whole, Reason: "429"}
	case Dead:
		return &chat.SendError{State: chat.SendingDead, Reason: "the customer is gone"}
	case Lose:
		return errLost
	case Accept, Drop, Panic:
	}
	if err := r.arrive(s); err != nil {
		return err
	}
	switch fate.Kind {
	case Drop:
		return errLost
	case Panic:
		panic("as the script says")
	case Accept, Busy, Dead, Lose:
	}
	return nil
}

func (r *Room) try(s chat.Sending) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tries[s.ID]++
	return r.tries[s.ID]
}

func (r *Room) arrive(s chat.Sending) error {
	var e chat.Entry
	if err := json.Unmarshal(s.Body, &e); err != nil {
		return &chat.SendError{State: chat.SendingDead, Reason: "the body is no entry"}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arrived = append(r.arrived, Arrival{Sending: s, Seq: e.Seq, At: time.Now()})
	return nil
}

// Arrivals are the ledger so far.
func (r *Room) Arrivals() []Arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Arrival(nil), r.arrived...)
}

// Tries is how often a sending was tried.
func (r *Room) Tries(id int64) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tries[id]
}

// Check tells whether something arrived twice, or overtook what was said before it in its lane.
func Check(arrived []Arrival) error {
	var errs []error
	last := map[string]int64{}
	seen := map[int64]bool{}
	for _, a := range arrived {
		lane := a.Sending.Lane
		switch {
		case seen[a.Sending.ID]:
			errs = append(errs, fmt.Errorf("lane %s: entry %d arrived twice", lane, a.Seq))
		case a.Seq <= last[lane]:
			errs = append(errs, fmt.Errorf("lane %s: entry %d arrived behind entry %d", lane, a.Seq, last[lane]))
		}
		seen[a.Sending.ID] = true
		last[lane] = max(last[lane], a.Seq)
	}
	return errors.Join(errs...)
}

// Missing are the sendings of want, by lane and the entry's number, that did not arrive.
func Missing(arrived []Arrival, want map[string][]int64) error {
	type line struct {
		lane string
		seq  int64
	}
	got := map[line]bool{}
	for _, a := range arrived {
		got[line{a.Sending.Lane, a.Seq}] = true
	}
	var errs []error
	for lane, seqs := range want {
		for _, seq := range seqs {
			if !got[line{lane, seq}] {
				errs = append(errs, fmt.Errorf("lane %s: entry %d did not arrive", lane, seq))
			}
		}
	}
	return errors.Join(errs...)
}
