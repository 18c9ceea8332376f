package store

import (
	"cmp"
	"context"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// turnTicket is the conversation's newest ticket as it is after a turn, nil for none, and what became of it. Only what
// opens one looks at the database: at how many there are from the same network.
func (s *Store) turnTicket(ctx context.Context, before *cachedConversation, c chat.Conversation, m chat.Message, out bot.Outcome, now int64) (*desk.Ticket, desk.Event, error) {
	if out.Ticket != nil {
		opened := s.newTicket(c, *out.Ticket, now)
		same, err := s.countOrigin(ctx, m.Origin)
		if m.Origin != "" {
			opened.SameOrigin = same + 1
		}
		return &opened, desk.EventOpened, err
	}
	if !isOpen(before.ticket) {
		return before.ticket, "", nil
	}
	t := *before.ticket
	if out.Withdraw {
		t.State, t.Outcome, t.CustomerAt, t.UpdatedAt = desk.StateClosed, desk.OutcomeWithdrawn, time.Time{}, timeOf(now)
		return &t, desk.EventClosed, nil
	}
	t.CustomerAt = timeOf(cmp.Or(before.customerAt, now))
	return &t, "", nil
}

// isOpen tells whether there is a ticket that is not closed.
func isOpen(t *desk.Ticket) bool { return t != nil && t.State != desk.StateClosed }

// customerAtOf is conversationRow.CustomerAt of the conversation of a ticket, nil for none.
func customerAtOf(t *desk.Ticket) int64 {
	if !isOpen(t) || t.CustomerAt.IsZero() {
		return 0
	}
	return t.CustomerAt.UnixMilli()
}

// countOrigin is how many tickets there are of an origin.
func (s *Store) countOrigin(ctx context.Context, origin string) (n int, err error) {
	if origin == "" {
		return 0, nil
	}
	_, err = queryOne(ctx, s.reading("count tickets of one origin"), []any{&n}, `SELECT COUNT(*) FROM tickets WHERE origin = $1 AND origin <> ''`, origin)
	return n, err
}

// withdrawal is a ticket that its customer closes.
type withdrawal struct {
	s      *Store
	ticket desk.Ticket // as it becomes
	from   desk.State
}

// apply closes the ticket and adds what is to be told of it. errStale when it is not as it was. Whatever moves a ticket
// between its states moves its conversation's version, too: the version of the ticket need not be known before.
func (w *withdrawal) apply(ctx context.Context, t *tx, rows *newRows) error {
	var version int64
	found, err := queryOne(ctx, t, []any{&version}, `UPDATE tickets SET state = $1, outcome = $2, updated_at = $3, version = version + 1
		WHERE id = $4 AND state = $5 RETURNING version`,
		string(w.ticket.State), string(w.ticket.Outcome), w.ticket.UpdatedAt.UnixMilli(), w.ticket.ID, string(w.from))
	if err != nil {
		return err
	}
	if !found {
		return errStale
	}
	rows.audit = append(rows.audit, w.s.newAudit("customer", string(desk.EventClosed), w.ticket.ID, desk.OutcomeName(w.ticket.Outcome)))
	rows.outbox = append(rows.outbox, w.s.newAnnouncements(w.ticket, desk.EventClosed, version)...)
	return nil
}
