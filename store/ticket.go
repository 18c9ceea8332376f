package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// ticketColumns is what ticketRow.into scans, of tickets AS t; all NULL where there is none.
const ticketColumns = `t.id, t.number, t.state, t.reason, t.urgency, t.category, t.conversation, t.device, t.articles,
	t.summary, t.holder, t.version, t.created_at, t.updated_at`

type ticketRow struct {
	id, number, state, reason, urgency, category, conversation, device, articles, summary, holder sql.NullString

	version, created, updated sql.NullInt64

	channel string
	person  chat.Customer
}

func (r *ticketRow) into() []any {
	return []any{
		&r.id, &r.number, &r.state, &r.reason, &r.urgency, &r.category, &r.conversation, &r.device, &r.articles,
		&r.summary, &r.holder, &r.version, &r.created, &r.updated,
	}
}

// customer takes over what the conversation knows.
func (r *ticketRow) customer(c chat.Conversation) { r.channel, r.person = c.Channel, c.Customer }

func (r *ticketRow) ticket() (desk.Ticket, error) {
	t := desk.Ticket{
		ID: r.id.String, Number: r.number.String, State: desk.State(r.state.String), Reason: desk.Reason(r.reason.String),
		Urgency: desk.Urgency(r.urgency.String), Category: r.category.String, Conversation: r.conversation.String,
		Channel: r.channel, Customer: r.person, Summary: r.summary.String, Assignee: r.holder.String,
		CreatedAt: moment(r.created.Int64), UpdatedAt: moment(r.updated.Int64),
	}
	if err := json.Unmarshal([]byte(r.device.String), &t.Device); err != nil {
		return t, fmt.Errorf("read a ticket's device: %w", err)
	}
	if err := json.Unmarshal([]byte(r.articles.String), &t.Articles); err != nil {
		return t, fmt.Errorf("read a ticket's articles: %w", err)
	}
	return t, nil
}

// opened is the ticket that a draft becomes.
func (s *Store) opened(c chat.Conversation, d desk.TicketDraft, now int64) desk.Ticket {
	t := desk.Ticket{
		ID: s.id(), Number: d.Number, State: desk.StateWaiting, Reason: d.Reason, Urgency: d.Urgency, Category: d.Category,
		Conversation: c.ID, Channel: c.Channel, Customer: c.Customer, Device: c.Device, Articles: d.Articles,
		Summary: d.Summary, CreatedAt: moment(now), UpdatedAt: moment(now),
	}
	if t.Articles == nil {
		t.Articles = []chat.Article{}
	}
	return t
}

func ticketRows() bulk {
	return insert("tickets", "id", "number", "state", "reason", "urgency", "rank", "category", "conversation", "device", "articles",
		"summary", "holder", "version", "created_at", "updated_at")
}

func ticketValues(t desk.Ticket, version int64) []any {
	return []any{
		t.ID, t.Number, string(t.State), string(t.Reason), string(t.Urgency), rank(t.Urgency), t.Category, t.Conversation,
		text(t.Device), text(t.Articles), t.Summary, t.Assignee, version, t.CreatedAt.UnixMilli(), t.UpdatedAt.UnixMilli(),
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
	tickets, err := all(ctx, s.read, func(r row) (desk.Ticket, error) { t, _, err := scanTicket(r); return t, err },
		ticketQuery+` WHERE `+strings.Join(where, ` AND `)+` ORDER BY t.rank, t.created_at, t.id LIMIT `+param(f.Limit), args...)
	if err != nil {
		return nil, s.fault("list tickets", err)
	}
	return tickets, nil
}

// ticketQuery reads tickets with what their conversations know.
const ticketQuery = `SELECT ` + ticketColumns + `, COALESCE(c.channel, ''), COALESCE(c.customer_id, ''), COALESCE(c.customer_name, '')
	FROM tickets t LEFT JOIN conversations c ON c.id = t.conversation`

func scanTicket(r row) (t desk.Ticket, version int64, err error) {
	var k ticketRow
	if err := r.Scan(append(k.into(), &k.channel, &k.person.ID, &k.person.Name)...); err != nil {
		return t, 0, err
	}
	t, err = k.ticket()
	return t, k.version.Int64, err
}

// FindTicket is one ticket by its id or its number.
func (s *Store) FindTicket(ctx context.Context, idOrNumber string) (desk.Ticket, error) {
	t, _, err := findTicket(ctx, s.read, idOrNumber, "")
	if err != nil {
		return t, s.fault("read a ticket", err)
	}
	return t, nil
}

// findTicket reads a ticket and its version; suffix may lock it.
func findTicket(ctx context.Context, q querier, idOrNumber, suffix string) (desk.Ticket, int64, error) {
	var version int64
	found, err := all(ctx, q, func(r row) (t desk.Ticket, err error) { t, version, err = scanTicket(r); return t, err },
		ticketQuery+` WHERE t.id = $1 OR t.number = $1`+suffix, idOrNumber)
	if err != nil {
		return desk.Ticket{}, 0, err
	}
	if len(found) == 0 {
		return desk.Ticket{}, 0, fmt.Errorf("ticket %q: %w", idOrNumber, chat.ErrNotFound)
	}
	return found[0], version, nil
}

// ListNotes are a ticket's notes, oldest first.
func (s *Store) ListNotes(ctx context.Context, id string) ([]desk.Note, error) {
	notes, err := all(ctx, s.read, func(r row) (n desk.Note, err error) {
		var at int64
		err = r.Scan(&n.By, &n.Text, &at)
		n.At = moment(at)
		return n, err
	}, `SELECT n.author, n.text, n.at FROM notes n JOIN tickets t ON t.id = n.ticket WHERE t.id = $1 OR t.number = $1 ORDER BY n.n`, id)
	if err != nil {
		return nil, s.fault("read a ticket's notes", err)
	}
	return notes, nil
}
