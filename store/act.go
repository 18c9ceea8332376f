package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// UpdateTicket commits what decide makes of a ticket: the ticket, what is said, who holds the conversation, the
// note, the audit line and the announcement.
func (s *Store) UpdateTicket(ctx context.Context, id string, by desk.Agent, decide func(desk.Ticket) (desk.Change, error)) (desk.Ticket, error) {
	var after desk.Ticket
	w := &writeJob{locks: id}
	w.do = func(ctx context.Context, t *tx) error {
		before, version, err := findTicket(ctx, t, id, s.d.lockTicket)
		if err != nil {
			return refuse(err)
		}
		change, err := decide(before)
		if err != nil {
			return refusal{err}
		}
		said, err := t.said(ctx, before.ID, change.ClientID)
		if err != nil {
			return err
		}
		if said {
			after = before
			return nil
		}
		a := &act{t: t, by: by, change: change, version: version + 1, now: s.now()}
		if err := a.commit(ctx, before); err != nil {
			return err
		}
		after, w.wake = a.change.Ticket, wakes(before.Conversation, true)
		return nil
	}
	if err := s.commit(ctx, w); err != nil {
		return desk.Ticket{}, fmt.Errorf("act on a ticket: %w", err)
	}
	return after, nil
}

// refuse makes a refusal of what is no fault of the database.
func refuse(err error) error {
	if errors.Is(err, chat.ErrNotFound) {
		return refusal{err}
	}
	return err
}

// said tells whether an agent's word of this name was said on the ticket already.
func (t *tx) said(ctx context.Context, ticket, external string) (bool, error) {
	if external == "" {
		return false, nil
	}
	var seq int64
	return first(ctx, t, []any{&seq}, `SELECT seq FROM entries WHERE channel = $1 AND external = $2`, "desk:"+ticket, external)
}

// act is one agent's change on its way into the database.
type act struct {
	t       *tx
	by      desk.Agent
	change  desk.Change
	version int64 // of the ticket from now on
	now     int64
}

// commit writes all of it.
func (a *act) commit(ctx context.Context, before desk.Ticket) error {
	k := &a.change.Ticket
	k.ID, k.Number, k.Conversation, k.CreatedAt = before.ID, before.Number, before.Conversation, before.CreatedAt
	k.Channel, k.Customer, k.UpdatedAt = before.Channel, before.Customer, moment(a.now)
	if k.Articles == nil {
		k.Articles = []chat.Article{}
	}
	n, err := a.t.exec(ctx, `UPDATE tickets SET state = $1, reason = $2, urgency = $3, rank = $4, category = $5, device = $6, articles = $7,
		summary = $8, holder = $9, version = $10, updated_at = $11 WHERE id = $12 AND version = $13`,
		string(k.State), string(k.Reason), string(k.Urgency), rank(k.Urgency), k.Category, text(k.Device), text(k.Articles),
		k.Summary, k.Assignee, a.version, a.now, k.ID, a.version-1)
	if err != nil {
		return err
	}
	if n == 0 {
		return chat.ErrConflict
	}
	if err := a.say(ctx); err != nil {
		return err
	}
	if a.change.Note != "" {
		note := [][]any{{k.ID, a.version, a.by.Name, a.change.Note, a.now}}
		if _, err := a.t.bulk(ctx, insert("notes", "ticket", "n", "author", "text", "at"), note); err != nil {
			return err
		}
	}
	s := a.t.s
	audit := [][]any{s.auditValues(a.by.Name, string(a.change.Event), k.ID, a.change.Detail)}
	if _, err := a.t.bulk(ctx, auditRows(), audit); err != nil {
		return err
	}
	_, err = a.t.bulk(ctx, outboxRows(), s.announcements(*k, a.change.Event, a.version))
	return err
}

// say appends to the conversation and sets its holder. It moves the conversation's version, so a bot
// that thinks at this moment thinks again.
func (a *act) say(ctx context.Context) error {
	id := a.change.Ticket.Conversation
	if id == "" || (len(a.change.Say) == 0 && a.change.Holder == "") {
		return nil
	}
	c, _, err := findConversation(ctx, a.t, `c.id = $1`+a.t.s.d.forUpdate, id)
	if err != nil {
		return err
	}
	if a.change.Holder != "" {
		c.Holder = a.change.Holder
	}
	said := a.t.s.appender(c, a.now)
	named := max(0, slices.IndexFunc(a.change.Say, func(e chat.Entry) bool { return e.From == chat.FromAgent }))
	for i, e := range a.change.Say {
		from := origin{}
		if i == named && a.change.ClientID != "" {
			from = origin{channel: "desk:" + a.change.Ticket.ID, external: a.change.ClientID}
		}
		a.change.Say[i] = said.add(chat.Entry{From: e.From, Text: e.Text, Attachments: e.Attachments, QuotesSeq: e.QuotesSeq, CorrectsSeq: e.CorrectsSeq}, from)
	}
	if said.err != nil {
		return said.err
	}
	followed := a.t.s.lines(c, said.said, a.by.Name, a.change.Event, &a.change.Ticket, a.now)
	for _, step := range []struct {
		bulk bulk
		rows [][]any
	}{{outboxRows(), followed}, {entryRows(), said.entries}, {attachmentRows(), said.attachments}, {outboxRows(), said.outbox}} {
		n, err := a.t.bulk(ctx, step.bulk, step.rows)
		if err == nil && n != int64(len(step.rows)) {
			err = chat.ErrConflict
		}
		if err != nil {
			return err
		}
	}
	_, err = a.t.exec(ctx, `UPDATE conversations SET version = version + 1, last_seq = $1, holder = $2, updated_at = $3 WHERE id = $4`,
		said.seq, string(c.Holder), a.now, id)
	return err
}

// RevealContact is the sealed contact of a ticket's conversation; that it was looked at is audited.
func (s *Store) RevealContact(ctx context.Context, id string, by desk.Agent) ([]byte, error) {
	var sealed []byte
	err := s.do(ctx, "reveal a contact", func(ctx context.Context, t *tx) error {
		k, _, err := findTicket(ctx, t, id, "")
		if err != nil {
			return refuse(err)
		}
		if _, err := first(ctx, t, []any{&sealed}, `SELECT sealed FROM conversations WHERE id = $1`, k.Conversation); err != nil {
			return err
		}
		_, err = t.bulk(ctx, auditRows(), [][]any{s.auditValues(by.Name, string(desk.EventRevealed), k.ID, "")})
		return err
	})
	if err != nil {
		return nil, err
	}
	return sealed, nil
}
