package store

import (
	"encoding/json"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// outboxRow is a row of outbox.
type outboxRow struct {
	id, seq                   int64  // id is random, seq the order within the lane
	lane, conversation        string // conversation: whom it is about, for erasing
	channel, account, address string
	body                      []byte
	repeatable                int64 // 1 where it is idempotent
	state                     chat.SendingState
	reason                    string
	attempts, done            int64 // done: how many parts have arrived
	notBefore, leaseUntil     int64
	createdAt                 int64
}

func (r *outboxRow) table() (string, []column) {
	return "outbox", []column{
		{"id", &r.id},
		{"lane", &r.lane},
		{"seq", &r.seq},
		{"conversation", &r.conversation},
		{"channel", &r.channel},
		{"account", &r.account},
		{"address", &r.address},
		{"body", &r.body},
		{"repeatable", &r.repeatable},
		{"state", &r.state},
		{"attempts", &r.attempts},
		{"not_before", &r.notBefore},
		{"lease_until", &r.leaseUntil},
		{"reason", &r.reason},
		{"created_at", &r.createdAt},
		{"done", &r.done},
	}
}

func (r *outboxRow) sending() chat.Sending {
	return chat.Sending{
		ID: r.id, Lane: r.lane, Channel: r.channel, Account: r.account, Address: r.address, Body: r.body, Attempts: int(r.attempts),
		PartsSent: int(r.done), Idempotent: r.repeatable == 1, QueuedAt: timeOf(r.createdAt),
	}
}

// newSending is the row of a sending that is due at notBefore; seq orders it within its lane.
func (s *Store) newSending(m chat.Sending, seq int64, conversation string, now, notBefore int64) outboxRow {
	return outboxRow{
		id: s.newSendingID(), lane: m.Lane, seq: seq, conversation: conversation, channel: m.Channel, account: m.Account, address: m.Address,
		body: m.Body, repeatable: toInt(m.Idempotent), state: chat.SendingQueued, notBefore: notBefore, createdAt: now,
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
