package store

import (
	"cmp"
	"context"
	"database/sql"
	"math"
	"slices"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// ticketRow is a row of tickets.
type ticketRow struct {
	ID, Number, Category, Summary string
	State                         desk.State
	Reason                        desk.Reason
	Urgency                       desk.Urgency
	Rank                          int64               // of the urgency: 0 is the most urgent
	Conversation                  sql.NullString      // NULL once it was deleted
	Device                        asJSON[chat.Device] // as it was when the ticket was opened
	Articles                      asJSON[[]chat.Article]
	Holder                        string // the assignee
	Version                       int64  // one for each event
	CreatedAt, UpdatedAt          int64
	Outcome                       desk.Outcome
	Origin                        string // keyed hash of day and network; '' for unknown
}

func (*ticketRow) table() string { return "tickets" }

func newTicketRow(t versionedTicket) ticketRow {
	return ticketRow{
		ID: t.ID, Number: t.Number, State: t.State, Reason: t.Reason, Urgency: t.Urgency, Rank: rank(t.Urgency), Category: t.Category,
		Conversation: sql.NullString{String: t.Conversation, Valid: t.Conversation != ""}, Device: asJSON[chat.Device]{t.Device},
		Articles: asJSON[[]chat.Article]{t.Articles}, Summary: t.Summary, Holder: t.Assignee, Version: t.version,
		CreatedAt: t.CreatedAt.UnixMilli(), UpdatedAt: t.UpdatedAt.UnixMilli(), Outcome: t.Outcome, Origin: t.origin,
	}
}

// ticket is the ticket without what its conversation knows.
func (r *ticketRow) ticket() desk.Ticket {
	return desk.Ticket{
		ID: r.ID, Number: r.Number, State: r.State, Reason: r.Reason, Urgency: r.Urgency, Category: r.Category,
		Conversation: r.Conversation.String, Device: r.Device.V, Articles: r.Articles.V, Summary: r.Summary, Assignee: r.Holder, Outcome: r.Outcome,
		CreatedAt: timeOf(r.CreatedAt), UpdatedAt: timeOf(r.UpdatedAt),
	}
}

// rank orders the queue.
func rank(u desk.Urgency) int64 {
	switch u {
	case desk.UrgencyUrgent:
		return 0
	case desk.UrgencyHigh:
		return 1
	case desk.UrgencyNormal:
	}
	return 2
}

// noteRow is a row of notes.
type noteRow struct {
	Ticket, Author, Text string
	N, At                int64 // n is the ticket's version
}

func (*noteRow) table() string { return "notes" }

// newTicket is the ticket that a draft becomes.
func (s *Store) newTicket(c chat.Conversation, d desk.TicketDraft, now int64) desk.Ticket {
	t := desk.Ticket{
		ID: s.newID(), Number: d.Number, State: desk.StateWaiting, Reason: d.Reason, Urgency: d.Urgency, Category: d.Category,
		Conversation: c.ID, Channel: c.Channel, Customer: c.Customer, Device: c.Device, Articles: d.Articles,
		Summary: d.Summary, CustomerAt: timeOf(now), CreatedAt: timeOf(now), UpdatedAt: timeOf(now),
	}
	if t.Articles == nil {
		t.Articles = []chat.Article{}
	}
	return t
}

// ListTickets lists those that are open by urgency, then age, and behind them the closed ones, the newest first.
func (s *Store) ListTickets(ctx context.Context, f desk.Filter) (tickets []desk.Ticket, err error) {
	limit := cmp.Or(f.Limit, 100)
	open := slices.DeleteFunc(slices.Clone(f.States), func(state desk.State) bool { return state == desk.StateClosed })
	if len(f.States) == 0 || len(open) > 0 {
		if tickets, err = s.listOpen(ctx, open, f.Assignee, limit); err != nil {
			return nil, err
		}
	}
	if len(open) == len(f.States) || len(tickets) == limit {
		return tickets, nil
	}
	closed, err := s.listClosed(ctx, f, limit-len(tickets))
	return append(tickets, closed...), err
}

// listOpen lists those of some states, of all open ones for none, in the order of the queue.
func (s *Store) listOpen(ctx context.Context, states []desk.State, assignee string, limit int) ([]desk.Ticket, error) {
	where, args := `t.state <> 'closed'`, []any{limit, assignee}
	if len(states) > 0 {
		in, ids := inList(states, 3)
		where, args = where+` AND t.state `+in, append(args, ids...)
	}
	return s.listTickets(ctx, where+` AND ($2 = '' OR t.holder = $2) ORDER BY t.rank, t.created_at, t.id LIMIT $1`, args...)
}

// listClosed lists the closed ones from f.Before on, the newest first.
func (s *Store) listClosed(ctx context.Context, f desk.Filter, limit int) ([]desk.Ticket, error) {
	at, id := int64(math.MaxInt64), ""
	if f.Before != "" {
		before, err := s.FindTicket(ctx, f.Before)
		if err != nil {
			return nil, err
		}
		at, id = before.UpdatedAt.UnixMilli(), before.ID
	}
	return s.listTickets(ctx, `t.state = 'closed' AND (t.updated_at, t.id) < ($3, $4) AND ($2 = '' OR t.holder = $2)
		ORDER BY t.updated_at DESC, t.id DESC LIMIT $1`, limit, f.Assignee, at, id)
}

// ListUnattended are the held tickets that their holders let wait.
func (s *Store) ListUnattended(ctx context.Context, since time.Time) ([]desk.Ticket, error) {
	return s.listTickets(ctx, `t.state <> 'closed' AND t.state = 'held' AND c.customer_at > 0 AND c.customer_at <= $1
		AND NOT EXISTS (SELECT 1 FROM agents a WHERE a.name = t.holder AND a.seen_at > $1) ORDER BY c.customer_at, t.id`, since.UnixMilli())
}

func (s *Store) listTickets(ctx context.Context, condition string, args ...any) ([]desk.Ticket, error) {
	tickets, err := selectTickets(ctx, s.reading("list tickets"), condition, args...)
	return convert(tickets, func(t *versionedTicket) desk.Ticket { return t.Ticket }), err
}

// versionedTicket is a ticket, its version, and where it came from.
type versionedTicket struct {
	desk.Ticket
	version int64
	origin  string
}

// selectTickets reads tickets AS t with what their conversations know.
func selectTickets(ctx context.Context, q querier, condition string, args ...any) ([]versionedTicket, error) {
	return queryAll(ctx, q, func(r scanner) (t versionedTicket, err error) {
		var row ticketRow
		var c conversationRow
		var same int
		err = r.Scan(append(fields(&row), &c.Channel, &c.CustomerID, &c.CustomerName, &c.CustomerVerified, &c.CustomerAt, &same)...)
		t = versionedTicket{row.ticket(), row.Version, row.Origin}
		t.Channel, t.Customer, t.SameOrigin = c.Channel, c.conversation().Customer, same
		if isOpen(&t.Ticket) && c.CustomerAt != 0 {
			t.CustomerAt = timeOf(c.CustomerAt)
		}
		return t, err
	}, `SELECT `+columnNames[ticketRow]("t.")+`, COALESCE(c.channel, ''), COALESCE(c.customer_id, ''), COALESCE(c.customer_name, ''),
			COALESCE(c.customer_verified, 0), COALESCE(c.customer_at, 0), (SELECT COUNT(*) FROM tickets o WHERE o.origin = t.origin AND o.origin <> '')
		FROM tickets t LEFT JOIN conversations c ON c.id = t.conversation WHERE `+condition, args...)
}

// FindTicket is one ticket by its id or its number.
func (s *Store) FindTicket(ctx context.Context, idOrNumber string) (desk.Ticket, error) {
	t, err := findTicket(ctx, s.reading("read a ticket"), idOrNumber, "")
	return t.Ticket, err
}

// FindNewest is a conversation's newest ticket.
func (s *Store) FindNewest(ctx context.Context, conversation string) (desk.Ticket, error) {
	found, err := s.listTickets(ctx, `t.id = (SELECT n.ticket FROM conversations n WHERE n.id = $1)`, conversation)
	if len(found) == 0 {
		return desk.Ticket{}, orNotFound(false, err, "a ticket of conversation %q", conversation)
	}
	return found[0], err
}

// findTicket reads a ticket; lock may lock it.
func findTicket(ctx context.Context, q querier, idOrNumber, lock string) (versionedTicket, error) {
	found, err := selectTickets(ctx, q, `(t.id = $1 OR t.number = $1)`+lock, idOrNumber)
	if len(found) == 0 {
		return versionedTicket{}, orNotFound(false, err, "ticket %q", idOrNumber)
	}
	return found[0], err
}

// ListNotes are a ticket's notes, oldest first.
func (s *Store) ListNotes(ctx context.Context, id string) ([]desk.Note, error) {
	rows, err := selectRows[noteRow](ctx, s.reading("list a ticket's notes"), `WHERE ticket = (SELECT t.id FROM tickets t WHERE t.id = $1 OR t.number = $1) ORDER BY n`, id)
	return convert(rows, func(r *noteRow) desk.Note { return desk.Note{By: r.Author, Text: r.Text, At: timeOf(r.At)} }), err
}
