package store

import (
	"cmp"
	"context"
	"database/sql"

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
}

func (*ticketRow) table() string { return "tickets" }

func newTicketRow(t desk.Ticket, version int64) ticketRow {
	return ticketRow{
		ID: t.ID, Number: t.Number, State: t.State, Reason: t.Reason, Urgency: t.Urgency, Rank: rank(t.Urgency), Category: t.Category,
		Conversation: sql.NullString{String: t.Conversation, Valid: t.Conversation != ""}, Device: asJSON[chat.Device]{t.Device},
		Articles: asJSON[[]chat.Article]{t.Articles}, Summary: t.Summary, Holder: t.Assignee, Version: version,
		CreatedAt: t.CreatedAt.UnixMilli(), UpdatedAt: t.UpdatedAt.UnixMilli(),
	}
}

// ticket is the ticket without what its conversation knows.
func (r *ticketRow) ticket() desk.Ticket {
	return desk.Ticket{
		ID: r.ID, Number: r.Number, State: r.State, Reason: r.Reason, Urgency: r.Urgency, Category: r.Category,
		Conversation: r.Conversation.String, Device: r.Device.V, Articles: r.Articles.V, Summary: r.Summary, Assignee: r.Holder, CreatedAt: timeOf(r.CreatedAt), UpdatedAt: timeOf(r.UpdatedAt),
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
		Summary: d.Summary, CreatedAt: timeOf(now), UpdatedAt: timeOf(now),
	}
	if t.Articles == nil {
		t.Articles = []chat.Article{}
	}
	return t
}

// ListTickets lists by urgency, then age.
func (s *Store) ListTickets(ctx context.Context, f desk.Filter) ([]desk.Ticket, error) {
	where, args := `t.state <> 'closed'`, []any{cmp.Or(f.Limit, 100), f.Assignee}
	if len(f.States) > 0 {
		in, states := inList(f.States, 3)
		where, args = `t.state `+in, append(args, states...)
	}
	tickets, err := selectTickets(ctx, s.reading("list tickets"), where+` AND ($2 = '' OR t.holder = $2)
		ORDER BY t.rank, t.created_at, t.id LIMIT $1`, args...)
	return convert(tickets, func(t *versionedTicket) desk.Ticket { return t.Ticket }), err
}

// versionedTicket is a ticket and its version.
type versionedTicket struct {
	desk.Ticket
	version int64
}

// selectTickets reads tickets AS t with what their conversations know.
func selectTickets(ctx context.Context, q querier, condition string, args ...any) ([]versionedTicket, error) {
	return queryAll(ctx, q, func(r scanner) (t versionedTicket, err error) {
		var row ticketRow
		var channel string
		var customer chat.Customer
		err = r.Scan(append(fields(&row), &channel, &customer.ID, &customer.Name)...)
		t.Ticket, t.version = row.ticket(), row.Version
		t.Channel, t.Customer = channel, customer
		return t, err
	}, `SELECT `+columnNames[ticketRow]("t.")+`, COALESCE(c.channel, ''), COALESCE(c.customer_id, ''), COALESCE(c.customer_name, '')
		FROM tickets t LEFT JOIN conversations c ON c.id = t.conversation WHERE `+condition, args...)
}

// FindTicket is one ticket by its id or its number.
func (s *Store) FindTicket(ctx context.Context, idOrNumber string) (desk.Ticket, error) {
	t, err := findTicket(ctx, s.reading("read a ticket"), idOrNumber, "")
	return t.Ticket, err
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
