package chattest

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
)

// Outbox is a chat.Outbox in memory, for one process.
type Outbox struct {
	mu     sync.Mutex
	items  []*Item       // in the order in which they were added
	change chan struct{} // closed and made anew whenever something changes
	now    func() time.Time
	keep   func([]chat.KV) // the values of settlements; set by NewInbox
}

// Item is a sending and how far it is.
type Item struct {
	Sending   chat.Sending
	State     chat.SendingState
	Reason    string
	NotBefore time.Time
	lease     time.Time
}

// NewOutbox makes an empty outbox.
func NewOutbox(now func() time.Time) *Outbox {
	return &Outbox{change: make(chan struct{}), now: now, keep: func([]chat.KV) {}}
}

// Add queues a sending whose body is an entry of the given number.
func (o *Outbox) Add(s chat.Sending, seq int64) (id int64, err error) {
	if s.Body, err = json.Marshal(chat.Entry{Seq: seq}); err != nil {
		return 0, err
	}
	return o.AddBody(s), nil
}

// AddBody queues a sending as it is, but for its ID and QueuedAt.
func (o *Outbox) AddBody(s chat.Sending) (id int64) { return o.add(s, time.Time{}) }

// add queues a sending that is due only then, in one step: no courier sees it before.
func (o *Outbox) add(s chat.Sending, due time.Time) (id int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s.ID, s.QueuedAt = int64(len(o.items))+1, o.now()
	o.items = append(o.items, &Item{Sending: s, State: chat.SendingQueued, NotBefore: due})
	o.changed()
	return s.ID
}

// AddEntry queues what was said in a conversation, as a store does. The courier leaves it to the channel
// for as long as hold.
func (o *Outbox) AddEntry(c chat.Conversation, e chat.Entry, hold time.Duration) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	o.add(chat.Sending{Lane: c.ID, Channel: c.Channel, Account: c.Account, Address: c.Address, Body: body}, o.now().Add(hold))
	return nil
}

// changed wakes whoever waits in WaitDue. The lock is held.
func (o *Outbox) changed() {
	close(o.change)
	o.change = make(chan struct{})
}

// Item is what is known of a sending.
func (o *Outbox) Item(id int64) Item {
	o.mu.Lock()
	defer o.mu.Unlock()
	return *o.items[id-1]
}

// Count is how many sendings are in each state.
func (o *Outbox) Count() map[chat.SendingState]int {
	o.mu.Lock()
	defer o.mu.Unlock()
	count := map[chat.SendingState]int{}
	for _, i := range o.items {
		count[i.State]++
	}
	return count
}

// Lease is as chat.Outbox says.
func (o *Outbox) Lease(_ context.Context, now time.Time, lease time.Duration, limit int) ([]chat.Sending, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var taken []chat.Sending
	held := map[string]bool{} // lanes with an earlier sending that is not settled
	for _, i := range o.items {
		o.expire(i, now)
		if i.State != chat.SendingQueued && i.State != chat.SendingLeased {
			continue
		}
		if !held[i.Sending.Lane] && i.State == chat.SendingQueued && !now.Before(i.NotBefore) && len(taken) < limit {
			i.State, i.lease = chat.SendingLeased, now.Add(lease)
			i.Sending.Attempts++
			taken = append(taken, i.Sending)
		}
		held[i.Sending.Lane] = true
	}
	return taken, nil
}

// LeaseLane is as chat.Outbox says.
func (o *Outbox) LeaseLane(_ context.Context, lane string, behind int64, lease time.Duration) (taken []chat.Sending, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	of := func(i *Item) bool { o.expire(i, now); return i.Sending.Lane == lane }
	for _, i := range o.items {
		if of(i) && i.State == chat.SendingLeased && i.Sending.ID != behind {
			return nil, nil
		}
	}
	for _, i := range o.items {
		if of(i) && i.State == chat.SendingQueued {
			i.State, i.lease = chat.SendingLeased, now.Add(lease)
			i.Sending.Attempts++
			taken = append(taken, i.Sending)
		}
	}
	return taken, nil
}

// expire ends a lease that ran out.
func (o *Outbox) expire(i *Item, now time.Time) {
	if i.State != chat.SendingLeased || now.Before(i.lease) {
		return
	}
	if i.State = chat.SendingUnknown; i.Sending.Idempotent {
		i.State = chat.SendingQueued
	}
	i.Reason = "租约到期，不知道送到没有"
}

// Settle is as chat.Outbox says; chat.ErrConflict where there is no lease any more. That something arrived
// is believed nevertheless, as a store does.
func (o *Outbox) Settle(_ context.Context, id int64, s chat.Settlement) error {
	if err := o.settle(id, s, false); err != nil {
		return err
	}
	o.keep(s.KV) // before anybody else can take the next of the lane
	return o.settle(id, s, true)
}

// settle ends a lease, or only tells whether it may.
func (o *Outbox) settle(id int64, s chat.Settlement, end bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if id < 1 || id > int64(len(o.items)) {
		return chat.ErrNotFound
	}
	i := o.items[id-1]
	late := s.State == chat.SendingSent && (i.State == chat.SendingQueued || i.State == chat.SendingUnknown)
	if i.State != chat.SendingLeased && !late {
		return chat.ErrConflict
	}
	if !end {
		return nil
	}
	i.State, i.NotBefore, i.Reason = s.State, s.NotBefore, s.Reason
	i.Sending.PartsSent = max(i.Sending.PartsSent, s.PartsSent)
	if s.Untried {
		i.Sending.Attempts--
	}
	o.changed()
	return nil
}

// ReleaseLane makes due at once whatever is queued in a lane, as a store does.
func (o *Outbox) ReleaseLane(_ context.Context, lane string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, i := range o.items {
		if i.Sending.Lane == lane && i.State == chat.SendingQueued {
			i.NotBefore = time.Time{}
		}
	}
	o.changed()
	return nil
}

// MarkUndelivered makes a sending dead that seemed to have arrived, as a store does.
func (o *Outbox) MarkUndelivered(_ context.Context, id int64, reason string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if id < 1 || id > int64(len(o.items)) || o.items[id-1].State == chat.SendingDead {
		return chat.ErrConflict
	}
	o.items[id-1].State, o.items[id-1].Reason = chat.SendingDead, reason
	o.changed()
	return nil
}

// WaitDue returns when something changed, is due, or has lost its lease.
func (o *Outbox) WaitDue(ctx context.Context) error {
	o.mu.Lock()
	changed, wait := o.change, time.Hour
	held := map[string]bool{} // as in Lease: the others wait for a settling
	for _, i := range o.items {
		due := i.NotBefore
		switch {
		case i.State == chat.SendingLeased:
			due = i.lease
		case i.State != chat.SendingQueued:
			continue
		}
		if !held[i.Sending.Lane] {
			wait = min(wait, due.Sub(o.now()))
		}
		held[i.Sending.Lane] = true
	}
	o.mu.Unlock()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil
}
