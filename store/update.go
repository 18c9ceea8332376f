package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// UpdateTicket commits what decide makes of a ticket: the ticket, what is said, who holds the conversation, the
// note, the audit line and the announcement.
func (s *Store) UpdateTicket(ctx context.Context, id string, by desk.Agent, decide func(desk.Ticket) (desk.Change, error)) (desk.Ticket, error) {
	var after desk.Ticket
	w := &writeJob{locks: id}
	w.do = func(ctx context.Context, t *tx) error {
		before, err := findTicket(ctx, t, id, t.lockTicket)
		if err != nil {
			return rejectNotFound(err)
		}
		change, err := decide(before.Ticket)
		if err != nil {
			return rejection{err}
		}
		repeats, err := repeatsDeskEntry(ctx, t, before.ID, by.Name, change)
		if err != nil {
			return err
		}
		if repeats {
			after = before.Ticket
			return nil
		}
		u := &ticketUpdate{s: s, t: t, by: by, change: change, version: before.version + 1, now: s.now()}
		if err := u.apply(ctx, before); err != nil {
			return err
		}
		after, w.wake = u.change.Ticket, []string{before.Conversation, outboxKey}
		return nil
	}
	if err := s.committer.commit(ctx, w); err != nil {
		return desk.Ticket{}, fmt.Errorf("update ticket %q: %w", id, err)
	}
	return after, nil
}

// deskChannel is where the clients' ids of an agent's entries are unique. Earlier programs kept those of all agents
// in deskChannelOfAll.
func deskChannel(ticket, agent string) string { return deskChannelOfAll(ticket) + ":" + agent }

func deskChannelOfAll(ticket string) string { return "desk:" + ticket }

// repeatsDeskEntry tells whether what a change says is kept already under its client's id. desk.ErrClientIDUsed where
// something else is. Pictures that come again are kept under other ids: they are counted.
func repeatsDeskEntry(ctx context.Context, t *tx, ticket, agent string, change desk.Change) (bool, error) {
	if change.ClientID == "" || len(change.Say) == 0 {
		return false, nil
	}
	kept, found, err := selectOne[entryRow](ctx, t, `WHERE channel IN ($1, $2) AND external = $3`,
		deskChannel(ticket, agent), deskChannelOfAll(ticket), change.ClientID)
	if err != nil || !found {
		return false, err
	}
	if said := change.Say[bearer(change.Say)]; said.Text != kept.Text || int64(len(said.Attachments)) != kept.Pictures {
		return false, rejection{desk.ErrClientIDUsed}
	}
	return true, nil
}

// bearer is which of some entries bears the client's id: the agent's first, else the first.
func bearer(say []chat.Entry) int {
	return max(0, slices.IndexFunc(say, func(e chat.Entry) bool { return e.From == chat.FromAgent }))
}

// ticketUpdate is one agent's change on its way into the database.
type ticketUpdate struct {
	s       *Store
	t       *tx
	by      desk.Agent
	change  desk.Change
	version int64 // of the ticket from now on
	now     int64
	rows    newRows
}

// apply writes all of it.
func (u *ticketUpdate) apply(ctx context.Context, before versionedTicket) error {
	k := &u.change.Ticket
	k.ID, k.Number, k.Conversation, k.CreatedAt = before.ID, before.Number, before.Conversation, before.CreatedAt
	k.Channel, k.Customer, k.SameOrigin, k.UpdatedAt = before.Channel, before.Customer, before.SameOrigin, timeOf(u.now)
	if k.State == desk.StateClosed || slices.ContainsFunc(u.change.Say, func(e chat.Entry) bool { return e.From == chat.FromAgent }) {
		k.CustomerAt = time.Time{}
	}
	if k.Articles == nil {
		k.Articles = []chat.Article{}
	}
	n, err := update(ctx, u.t, newTicketRow(versionedTicket{*k, u.version, before.origin}), `id = $1 AND version = $2`, k.ID, u.version-1)
	if err != nil {
		return err
	}
	if n == 0 {
		return chat.ErrConflict
	}
	if err := u.say(ctx, before.Assignee); err != nil {
		return err
	}
	if err := noteSeen(ctx, u.t, u.by.Name, u.now); err != nil {
		return err
	}
	if u.change.Note != "" {
		u.rows.notes = []noteRow{{Ticket: k.ID, N: u.version, Author: u.by.Name, Text: u.change.Note, At: u.now}}
	}
	u.rows.audit = []auditRow{u.s.newAudit(u.by.Name, string(u.change.Event), k.ID, u.change.Detail)}
	u.rows.outbox = append(u.rows.outbox, u.s.newAnnouncements(*k, u.change.Event, u.version)...)
	return u.rows.insert(ctx, u.t)
}

// say appends to the conversation, and sets its holder and since when the customer waits. It moves the conversation's
// version, so a bot that thinks at this moment thinks again. assignee is who had the ticket before.
func (u *ticketUpdate) say(ctx context.Context, assignee string) error {
	id := u.change.Ticket.Conversation
	if id == "" || (len(u.change.Say) == 0 && u.change.Holder == "") {
		return nil
	}
	c, _, err := findConversation(ctx, u.t, `id = $1`+u.t.lockRow, id)
	if err != nil {
		return err
	}
	if u.change.Holder != "" {
		c.Holder = u.change.Holder
	}
	a := u.s.newAppender(c, u.now)
	agents := bearer(u.change.Say)
	for i, e := range u.change.Say {
		from := origin{}
		if i == agents && u.change.ClientID != "" {
			from = origin{channel: deskChannel(u.change.Ticket.ID, u.by.Name), externalID: u.change.ClientID}
		}
		if err := dropDeadReferences(ctx, u.t, id, &e); err != nil {
			return err
		}
		u.change.Say[i] = a.add(chat.Entry{
			From: e.From, Text: e.Text, Attachments: e.Attachments, QuotesSeq: e.QuotesSeq, CorrectsSeq: e.CorrectsSeq,
		}, from)
	}
	if a.err != nil {
		return a.err
	}
	u.rows = a.newRows
	activity := desk.Activity{Event: u.change.Event, Ticket: &u.change.Ticket, By: u.by.Name}
	if assignee != u.change.Ticket.Assignee {
		activity.Former = assignee
	}
	u.rows.outbox = append(u.rows.outbox, u.s.newActivities(c, a.added, activity, u.now)...)
	_, err = u.t.exec(ctx, `UPDATE conversations SET version = version + 1, last_seq = $1, holder = $2, updated_at = $3, customer_at = $4 WHERE id = $5`,
		a.seq, string(c.Holder), u.now, customerAtOf(&u.change.Ticket), id)
	return err
}

// dropDeadReferences makes an entry say nothing of what it quotes or corrects where the conversation has no such
// entry, of an agent's where it corrects: what the agent says is kept and sent all the same.
func dropDeadReferences(ctx context.Context, t *tx, conversation string, e *chat.Entry) error {
	if e.QuotesSeq == 0 && e.CorrectsSeq == 0 {
		return nil
	}
	rows, err := selectRows[entryRow](ctx, t, `WHERE conversation = $1 AND seq IN ($2, $3)`, conversation, e.QuotesSeq, e.CorrectsSeq)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(rows, func(r entryRow) bool { return r.Seq == e.QuotesSeq }) {
		e.QuotesSeq = 0
	}
	if !slices.ContainsFunc(rows, func(r entryRow) bool { return r.Seq == e.CorrectsSeq && r.Author == chat.FromAgent }) {
		e.CorrectsSeq = 0
	}
	return nil
}
