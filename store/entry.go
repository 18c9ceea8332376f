package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/yingda/yingda/chat"
)

// appender puts entries behind a conversation's last, and into the outbox where the channel is pushed.
type appender struct {
	s    *Store
	c    chat.Conversation
	push bool
	now  int64
	hold int64 // milliseconds that the courier leaves to the channel
	seq  int64
	err  error

	said []said // what was added

	entries     [][]any
	attachments [][]any
	outbox      [][]any
}

func (s *Store) appender(c chat.Conversation, now int64) *appender {
	return &appender{s: s, c: c, push: c.Address != "" && s.opt.Push(c.Channel), now: now, seq: c.LastSeq}
}

// origin is where an entry comes from: a channel's message, or the message that it answers.
type origin struct {
	channel, external string
	answers           int64
}

// said is an entry, and the id that it has where it comes from.
type said struct {
	entry    chat.Entry
	external string
}

// add completes an entry and returns it as it is kept.
func (a *appender) add(e chat.Entry, from origin) chat.Entry {
	a.seq++
	e.Seq, e.ID = a.seq, a.s.id()
	if e.At.IsZero() {
		e.At = moment(a.now)
	}
	if e.Attachments == nil {
		e.Attachments = []chat.Attachment{}
	}
	var reply, external, answers any
	if e.Reply != nil {
		reply = a.text(e.Reply)
	}
	if from.external != "" {
		external = from.external
	}
	if from.answers > 0 {
		answers = from.answers
	}
	a.entries = append(a.entries, []any{
		a.c.ID, e.Seq, e.ID, string(e.From), e.Text, e.At.UnixMilli(), reply, from.channel, external, answers, int64(len(e.Attachments)),
	})
	for n, p := range e.Attachments {
		a.attachments = append(a.attachments, []any{p.ID, a.c.ID, e.Seq, int64(n), p.Type, p.Size, int64(p.Width), int64(p.Height)})
	}
	if a.push && e.From != chat.FromCustomer {
		a.outbox = append(a.outbox, a.s.heldBack(chat.Sending{
			Lane: a.c.ID, Channel: a.c.Channel, Account: a.c.Account, Address: a.c.Address, Body: []byte(a.text(e)),
		}, e.Seq, a.c.ID, a.now, a.now+a.hold))
	}
	a.said = append(a.said, said{e, from.external})
	return e
}

// text is v as JSON; what fails is told by err.
func (a *appender) text(v any) string {
	raw, err := json.Marshal(v)
	if err != nil && a.err == nil {
		a.err = fmt.Errorf("write an entry: %w", err)
	}
	return string(raw)
}

func entryRows() bulk {
	return insert("entries", "conversation", "seq", "id", "author", "text", "at", "reply", "channel", "external", "answers", "pictures")
}

func attachmentRows() bulk {
	return insert("attachments", "id", "conversation", "seq", "n", "type", "size", "width", "height")
}

// ListEntries are at most limit entries behind seq after, in order.
func (s *Store) ListEntries(ctx context.Context, id string, after int64, limit int) ([]chat.Entry, error) {
	return s.entries(ctx, id, `seq > $2 ORDER BY seq LIMIT $3`, after, limit)
}

// entries reads those of a conversation that which chooses; its parameters begin with $2.
func (s *Store) entries(ctx context.Context, id, which string, args ...any) ([]chat.Entry, error) {
	pictures := false
	entries, err := all(ctx, s.read, func(r row) (chat.Entry, error) {
		e, n, err := scanEntry(r)
		pictures = pictures || n > 0
		return e, err
	}, `SELECT seq, id, author, text, at, reply, pictures FROM entries WHERE conversation = $1 AND `+which, append([]any{id}, args...)...)
	if err != nil {
		return nil, s.fault("read a conversation's entries", err)
	}
	if pictures {
		return entries, s.attach(ctx, id, entries)
	}
	return entries, nil
}

func scanEntry(r row) (e chat.Entry, pictures int64, err error) {
	var at int64
	var reply *string
	if err := r.Scan(&e.Seq, &e.ID, &e.From, &e.Text, &at, &reply, &pictures); err != nil {
		return e, 0, err
	}
	e.At, e.Attachments = moment(at), []chat.Attachment{}
	if reply != nil {
		if err := json.Unmarshal([]byte(*reply), &e.Reply); err != nil {
			return e, 0, fmt.Errorf("entry %d: %w", e.Seq, err)
		}
	}
	return e, pictures, nil
}

// attach adds the attachments of a stretch of entries.
func (s *Store) attach(ctx context.Context, id string, entries []chat.Entry) error {
	at := map[int64]int{}
	for i, e := range entries {
		at[e.Seq] = i
	}
	_, err := all(ctx, s.read, func(r row) (p chat.Attachment, err error) {
		var seq int64
		if err = r.Scan(&seq, &p.ID, &p.Type, &p.Size, &p.Width, &p.Height); err != nil {
			return p, err
		}
		if i, ok := at[seq]; ok {
			entries[i].Attachments = append(entries[i].Attachments, p)
		}
		return p, nil
	}, `SELECT seq, id, type, size, width, height FROM attachments WHERE conversation = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq, n`,
		id, entries[0].Seq, entries[len(entries)-1].Seq)
	if err != nil {
		return s.fault("read a conversation's attachments", err)
	}
	return nil
}

// FindAttachment tells whether the conversation has that attachment.
func (s *Store) FindAttachment(ctx context.Context, id, attachment string) (p chat.Attachment, err error) {
	found, err := first(ctx, s.read, []any{&p.ID, &p.Type, &p.Size, &p.Width, &p.Height},
		`SELECT id, type, size, width, height FROM attachments WHERE id = $1 AND conversation = $2`, attachment, id)
	if err != nil {
		return p, s.fault("read an attachment", err)
	}
	if !found {
		return p, fmt.Errorf("attachment %q: %w", attachment, chat.ErrNotFound)
	}
	return p, nil
}

// KeepsPicture tells whether a picture must stay: an entry has it, or no entry has any picture at all,
// so that this may not be the database that the pictures belong to.
func (s *Store) KeepsPicture(ctx context.Context, id string) (keeps bool, err error) {
	if _, err = first(ctx, s.read, []any{&keeps},
		`SELECT EXISTS (SELECT 1 FROM attachments WHERE id = $1) OR NOT EXISTS (SELECT 1 FROM attachments)`, id); err != nil {
		return true, s.fault("look for a picture", err)
	}
	return keeps, nil
}

// RateEntry notes whether a bot's entry helped.
func (s *Store) RateEntry(ctx context.Context, id, entry string, helpful bool) error {
	mark := int64(0)
	if helpful {
		mark = 1
	}
	return s.do(ctx, "rate an entry", func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, `UPDATE entries SET helpful = $1 WHERE conversation = $2 AND id = $3 AND author = 'bot'`, mark, id, entry)
		if err == nil && n == 0 {
			return refusal{fmt.Errorf("entry %q: %w", entry, chat.ErrNotFound)}
		}
		return err
	})
}

// FindExternalID is the channel's own id of the customer's message that became an entry.
func (s *Store) FindExternalID(ctx context.Context, id string, seq int64) (external string, err error) {
	found, err := first(ctx, s.read, []any{&external},
		`SELECT external FROM entries WHERE conversation = $1 AND seq = $2 AND author = 'customer' AND external IS NOT NULL`, id, seq)
	if err != nil {
		return "", s.fault("find a message's external id", err)
	}
	if !found {
		return "", fmt.Errorf("entry %d of conversation %q: %w", seq, id, chat.ErrNotFound)
	}
	return external, nil
}
