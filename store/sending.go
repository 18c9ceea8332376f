package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// outboxRow is a row of outbox.
type outboxRow struct {
	ID, Seq                   int64  // id is random, seq the order within the lane
	Lane, Conversation        string // conversation: whom it is about, for erasing
	Channel, Account, Address string
	Body                      []byte
	Repeatable                int64 // 1 where it is idempotent
	State                     chat.SendingState
	Reason                    string
	Attempts, Done            int64 // done: how many parts have arrived
	NotBefore                 int64
	LeaseUntil                int64 // when the lease ends, or has ended; 0: there was none
	CreatedAt                 int64
}

func (*outboxRow) table() string { return "outbox" }

func (r *outboxRow) sending() chat.Sending {
	return chat.Sending{
		ID: r.ID, Lane: r.Lane, Channel: r.Channel, Account: r.Account, Address: r.Address, Body: r.Body, Attempts: int(r.Attempts),
		PartsSent: int(r.Done), Idempotent: r.Repeatable == 1, QueuedAt: timeOf(r.CreatedAt),
	}
}

// newSending is the row of a sending that is due at notBefore; seq orders it within its lane.
func (s *Store) newSending(m chat.Sending, seq int64, conversation string, now, notBefore int64) outboxRow {
	return outboxRow{
		ID: s.newSendingID(), Lane: m.Lane, Seq: seq, Conversation: conversation, Channel: m.Channel, Account: m.Account, Address: m.Address,
		Body: m.Body, Repeatable: toInt(m.Idempotent), State: chat.SendingQueued, NotBefore: notBefore, CreatedAt: now,
	}
}

// Announcement is what a webhook gets of a ticket. Its JSON form is a contract.
type Announcement struct {
	ID     string      `json:"id"` // unique, so that a receiver knows a repeat
	Event  desk.Event  `json:"event"`
	At     time.Time   `json:"at"`
	Ticket desk.Ticket `json:"ticket"`
}

// newAnnouncements are the rows that tell every destination of an event. Each has its own lane, so that one
// which is down does not hold up another.
func (s *Store) newAnnouncements(t desk.Ticket, e desk.Event, version int64) (rows []outboxRow) {
	for _, to := range s.opt.Announce {
		body := toJSON(Announcement{ID: s.newID(), Event: e, At: t.UpdatedAt, Ticket: t})
		at := t.UpdatedAt.UnixMilli()
		rows = append(rows, s.newSending(chat.Sending{
			Lane:    "ticket:" + t.ID + ":" + laneSuffix(to),
			Channel: to.Channel, Account: to.Account, Address: to.Address, Body: json.RawMessage(body), Idempotent: true,
		}, version, t.Conversation, at, at))
	}
	return rows
}

// laneSuffix tells a destination's lanes from those of others.
func laneSuffix(d chat.Destination) string { return d.Channel + "/" + d.Account }

// OutageAnnouncement is what a webhook gets of an account of a channel that stopped working, or works again. Its JSON
// form is a contract.
type OutageAnnouncement struct {
	ID     string           `json:"id"`
	Event  desk.OutageEvent `json:"event"`
	At     time.Time        `json:"at"`
	Outage desk.Outage      `json:"outage"`
}

// AnnounceOutage tells every destination of an outage, and keeps what says that it was told, as one.
func (s *Store) AnnounceOutage(ctx context.Context, e desk.OutageEvent, o desk.Outage, kept ...chat.KV) error {
	if err := validateKV(kept); err != nil {
		return err
	}
	now := s.now()
	var rows []outboxRow
	for _, to := range s.opt.Announce {
		body := toJSON(OutageAnnouncement{ID: s.newID(), Event: e, At: timeOf(now), Outage: o})
		rows = append(rows, s.newSending(chat.Sending{
			Lane:    "outage:" + o.Channel + "/" + o.Account + ":" + laneSuffix(to),
			Channel: to.Channel, Account: to.Account, Address: to.Address, Body: json.RawMessage(body), Idempotent: true,
		}, now, "", now, now))
	}
	return s.transact(ctx, "announce an outage", func(ctx context.Context, t *tx) error {
		if err := insertAll(ctx, t, rows); err != nil {
			return err
		}
		return putKV(ctx, t, kept)
	}, outboxKey)
}
