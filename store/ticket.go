package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

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
	where, args := []string{}, []any{}
	param := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if len(f.States) == 0 {
		where = append(where, `t.state <> 'closed'`)
	} else {
		var in []string
		for _, state := range f.States {
			in = append(in, param(string(state)))
		}
		where = append(where, `t.state IN (`+strings.Join(in, ", ")+`)`)
	}
	if f.Assignee != "" {
		where = append(where, `t.holder = `+param(f.Assignee))
	}
	if f.Limit == 0 {
		f.Limit = 100
	}
	tickets, err := selectTickets(ctx, s.read, strings.Join(where, ` AND `)+` ORDER BY t.rank, t.created_at, t.id LIMIT `+param(f.Limit), args...)
	if err != nil {
		return nil, s.readError("list tickets", err)
	}
	return convert(tickets, func(t *versionedTicket) desk.Ticket { return t.Ticket }), nil
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
	t, err := findTicket(ctx, s.read, idOrNumber, "")
	if err != nil {
		return desk.Ticket{}, s.readError("read a ticket", err)
	}
	return t.Ticket, nil
}

// findTicket reads a ticket; lock may lock it.
func findTicket(ctx context.Context, q querier, idOrNumber, lock string) (versionedTicket, error) {
	found, err := selectTickets(ctx, q, `(t.id = $1 OR t.number = $1)`+lock, idOrNumber)
	if err != nil {
		return versionedTicket{}, err
	}
	if len(found) == 0 {
		return versionedTicket{}, fmt.Errorf("ticket %q: %w", idOrNumber, chat.ErrNotFound)
	}
	return found[0], nil
}

// ListNotes are a ticket's notes, oldest first.
func (s *Store) ListNotes(ctx context.Context, id string) ([]desk.Note, error) {
	rows, err := selectRows[noteRow](ctx, s.read, `WHERE ticket = (SELECT t.id FROM tickets t WHERE t.id = $1 OR t.number = $1) ORDER BY n`, id)
	if err != nil {
		return nil, s.readError("list a ticket's notes", err)
	}
	return convert(rows, func(r *noteRow) desk.Note { return desk.Note{By: r.Author, Text: r.Text, At: timeOf(r.At)} }), nil
}
