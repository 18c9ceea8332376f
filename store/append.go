package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/yingda/yingda/chat"
)

// newRows are the rows that one write inserts.
type newRows struct {
	entries     []entryRow
	attachments []attachmentRow
	tickets     []ticketRow // at most one of a conversation
	notes       []noteRow
	audit       []auditRow
	outbox      []outboxRow
}

func (r *newRows) addAll(o newRows) {
	r.entries = append(r.entries, o.entries...)
	r.attachments = append(r.attachments, o.attachments...)
	r.tickets = append(r.tickets, o.tickets...)
	r.notes = append(r.notes, o.notes...)
	r.audit = append(r.audit, o.audit...)
	r.outbox = append(r.outbox, o.outbox...)
}

// insert writes them. chat.ErrConflict where the key of one is taken.
func (r *newRows) insert(ctx context.Context, t *tx) (err error) {
	for _, insert := range []func() error{
		func() error { return insertAll(ctx, t, r.entries) },
		func() error { return insertAll(ctx, t, r.attachments) },
		func() error { return insertAll(ctx, t, r.tickets) },
		func() error { return insertAll(ctx, t, r.notes) },
		func() error { return insertAll(ctx, t, r.audit) },
		func() error { return insertAll(ctx, t, r.outbox) },
	} {
		if err == nil {
			err = insert()
		}
	}
	return err
}

// appender puts entries behind a conversation's last, and into the outbox where the channel is pushed.
type appender struct {
	s           *Store
	c           chat.Conversation
	push        bool
	now         int64
	replyWindow int64 // milliseconds that the courier leaves to the channel
	seq         int64 // of the newest entry
	err         error

	added []addedEntry
	newRows
}

// addedEntry is an entry, and the id that it has where it comes from.
type addedEntry struct {
	entry      chat.Entry
	externalID string
}

// origin is where an entry comes from: a channel's message, or the message that it answers.
type origin struct {
	channel, externalID string
	answers             int64
}

func (s *Store) newAppender(c chat.Conversation, now int64) *appender {
	return &appender{s: s, c: c, push: c.Address != "" && s.opt.Push(c.Channel), now: now, seq: c.LastSeq}
}

// add completes an entry and returns it as it is kept.
func (a *appender) add(e chat.Entry, from origin) chat.Entry {
	a.seq++
	e.Seq, e.ID = a.seq, a.s.newID()
	if e.At.IsZero() {
		e.At = timeOf(a.now)
	}
	if e.Attachments == nil {
		e.Attachments = []chat.Attachment{}
	}
	a.entries = append(a.entries, entryRow{
		Conversation: a.c.ID, Seq: e.Seq, ID: e.ID, Author: e.From, Text: e.Text, At: e.At.UnixMilli(), Reply: asJSON[*chat.Reply]{e.Reply}, Channel: from.channel,
		External: sql.NullString{String: from.externalID, Valid: from.externalID != ""},
		Answers:  sql.NullInt64{Int64: from.answers, Valid: from.answers > 0},
		Pictures: int64(len(e.Attachments)), QuotesSeq: e.QuotesSeq, CorrectsSeq: e.CorrectsSeq, Enclosure: asJSON[*chat.Enclosure]{e.Enclosure},
	})
	for n, p := range e.Attachments {
		a.attachments = append(a.attachments, attachmentRow{
			ID: p.ID, Conversation: a.c.ID, Seq: e.Seq, N: int64(n), Type: p.Type, Size: p.Size, Width: int64(p.Width), Height: int64(p.Height),
		})
	}
	if a.push && e.From != chat.FromCustomer {
		a.outbox = append(a.outbox, a.s.newSending(chat.Sending{
			Lane: a.c.ID, Channel: a.c.Channel, Account: a.c.Account, Address: a.c.Address, Body: a.marshal(e),
		}, e.Seq, a.c.ID, a.now, a.now+a.replyWindow))
	}
	a.added = append(a.added, addedEntry{e, from.externalID})
	return e
}

// marshal is v as JSON; what fails is told by err.
func (a *appender) marshal(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil && a.err == nil {
		a.err = fmt.Errorf("write entry %d of conversation %q: %w", a.seq, a.c.ID, err)
	}
	return raw
}
