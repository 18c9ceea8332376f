package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/yingda/yingda/chat"
)

// entryRow is a row of entries.
type entryRow struct {
	Conversation           string
	Seq, At                int64
	ID, Text               string
	Author                 chat.Author
	Reply                  asJSON[*chat.Reply] // where the bot spoke
	Channel                string              // where external is unique: a channel, or 'desk:' and a ticket
	External               sql.NullString      // the channel's own id of a message
	Answers                sql.NullInt64       // seq of the message that led to this entry
	Pictures               int64               // how many attachments
	Helpful                sql.NullInt64       // 1 or 0 once it was rated
	QuotesSeq, CorrectsSeq int64
	Enclosure              asJSON[*chat.Enclosure] // what came and is not kept itself
}

func (*entryRow) table() string { return "entries" }

// entry is the entry without its attachments.
func (r *entryRow) entry() chat.Entry {
	return chat.Entry{
		Seq: r.Seq, ID: r.ID, From: r.Author, Text: r.Text, At: timeOf(r.At), Reply: r.Reply.V, Attachments: []chat.Attachment{},
		QuotesSeq: r.QuotesSeq, CorrectsSeq: r.CorrectsSeq, Enclosure: r.Enclosure.V,
	}
}

// attachmentRow is a row of attachments.
type attachmentRow struct {
	ID, Conversation, Type string
	Seq, N                 int64 // n is its place within the entry
	Size, Width, Height    int64 // bytes, pixels
}

func (*attachmentRow) table() string { return "attachments" }

func (r *attachmentRow) attachment() chat.Attachment {
	return chat.Attachment{ID: r.ID, Type: r.Type, Size: r.Size, Width: int(r.Width), Height: int(r.Height)}
}

// ListEntries are at most limit entries behind seq after, in order.
func (s *Store) ListEntries(ctx context.Context, id string, after int64, limit int) ([]chat.Entry, error) {
	return s.selectEntries(ctx, id, `seq > $2 ORDER BY seq LIMIT $3`, after, limit)
}

// selectEntries reads those of a conversation that the condition chooses; its parameters begin with $2.
func (s *Store) selectEntries(ctx context.Context, id, condition string, args ...any) ([]chat.Entry, error) {
	rows, err := selectRows[entryRow](ctx, s.reading("list a conversation's entries"), `WHERE conversation = $1 AND `+condition, append([]any{id}, args...)...)
	entries := convert(rows, (*entryRow).entry)
	if err != nil || !slices.ContainsFunc(rows, func(r entryRow) bool { return r.Pictures > 0 }) {
		return entries, err
	}
	return entries, s.addAttachments(ctx, id, entries)
}

// addAttachments adds the attachments of a stretch of entries.
func (s *Store) addAttachments(ctx context.Context, id string, entries []chat.Entry) error {
	rows, err := selectRows[attachmentRow](ctx, s.reading("list a conversation's attachments"), `WHERE conversation = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq, n`,
		id, entries[0].Seq, entries[len(entries)-1].Seq)
	attachments := map[int64][]chat.Attachment{}
	for _, r := range rows {
		attachments[r.Seq] = append(attachments[r.Seq], r.attachment())
	}
	for i, e := range entries {
		entries[i].Attachments = append(e.Attachments, attachments[e.Seq]...)
	}
	return err
}

// WaitEntries returns once there may be an entry behind after.
func (s *Store) WaitEntries(ctx context.Context, id string, after int64) error {
	return s.hub.wait(ctx, s.ending, id, func() (bool, time.Duration, error) {
		var seq int64
		found, err := queryOne(ctx, s.reading("wait for an entry"), []any{&seq}, `SELECT last_seq FROM conversations WHERE id = $1`, id)
		return seq > after, 0, orNotFound(found, err, "conversation %q", id)
	})
}

// FindAttachment tells whether the conversation has that attachment.
func (s *Store) FindAttachment(ctx context.Context, id, attachment string) (chat.Attachment, error) {
	r, found, err := selectOne[attachmentRow](ctx, s.reading("read an attachment"), `WHERE id = $1 AND conversation = $2`, attachment, id)
	return r.attachment(), orNotFound(found, err, "attachment %q", attachment)
}

// AttachmentInUse tells whether an attachment's file must stay: an entry has it, or no entry has any at all, so
// that this may not be the database that the files belong to.
func (s *Store) AttachmentInUse(ctx context.Context, id string) (inUse bool, err error) {
	_, err = queryOne(ctx, s.reading("look for an attachment"), []any{&inUse},
		`SELECT EXISTS (SELECT 1 FROM attachments WHERE id = $1) OR NOT EXISTS (SELECT 1 FROM attachments)`, id)
	return inUse || err != nil, err
}

// RateEntry notes whether a bot's entry helped.
func (s *Store) RateEntry(ctx context.Context, id, entry string, helpful bool) error {
	return s.transact(ctx, "rate an entry", func(ctx context.Context, t *tx) error {
		return t.execOne(ctx, fmt.Errorf("entry %q: %w", entry, chat.ErrNotFound),
			`UPDATE entries SET helpful = $1 WHERE conversation = $2 AND id = $3 AND author = 'bot'`, toInt(helpful), id, entry)
	})
}

// FindExternalID is the channel's own id of the customer's message that became an entry.
func (s *Store) FindExternalID(ctx context.Context, id string, seq int64) (external string, err error) {
	found, err := queryOne(ctx, s.reading("find a message's external id"), []any{&external},
		`SELECT external FROM entries WHERE conversation = $1 AND seq = $2 AND author = 'customer' AND external IS NOT NULL`, id, seq)
	return external, orNotFound(found, err, "entry %d of conversation %q", seq, id)
}
