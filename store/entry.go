package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

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

// ListNewEntries are the next entries of many conversations.
func (s *Store) ListNewEntries(ctx context.Context, after map[string]int64) (map[string][]chat.Entry, error) {
	args := make([]any, 0, 2*len(after))
	for id, seq := range after {
		args = append(args, id, seq)
	}
	for n := len(after); n&(n-1) != 0; n++ { // few texts are prepared; no conversation has this id
		args = append(args, "", int64(0))
	}
	tuples := make([]string, len(args)/2)
	for i := range tuples {
		tuples[i] = "(CAST(" + s.db.param(2*i+1) + " AS TEXT), CAST(" + s.db.param(2*i+2) + " AS BIGINT))"
	}
	rows, err := selectRows[entryRow](ctx, s.reading("list new entries"), `JOIN (VALUES `+strings.Join(tuples, ", ")+`) AS v
		ON conversation = v.column1 AND seq > v.column2 AND seq <= v.column2 + `+strconv.Itoa(chat.NewEntriesRange), args...)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b entryRow) int { return cmp.Compare(a.Seq, b.Seq) })
	out := make(map[string][]chat.Entry, len(after))
	pictured := map[string]bool{}
	for _, r := range rows {
		out[r.Conversation] = append(out[r.Conversation], r.entry())
		if r.Pictures > 0 {
			pictured[r.Conversation] = true
		}
	}
	for id := range pictured {
		if err := s.addAttachments(ctx, id, out[id]); err != nil {
			return nil, err
		}
	}
	return out, nil
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

// ListAttachments is the ids of attachments behind one, in their order; "" begins.
func (s *Store) ListAttachments(ctx context.Context, after string, limit int) ([]string, error) {
	return queryAll(ctx, s.reading("list attachments"), scanValue[string], `SELECT id FROM attachments WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
}

// RateEntry notes whether a bot's entry helped.
func (s *Store) RateEntry(ctx context.Context, id, entry string, helpful bool) error {
	return s.transact(ctx, "rate an entry", func(ctx context.Context, t *tx) error {
		return t.execOne(ctx, fmt.Errorf("entry %q: %w", entry, chat.ErrNotFound),
			`UPDATE entries SET helpful = $1 WHERE conversation = $2 AND id = $3 AND author = 'bot'`, toInt(helpful), id, entry)
	})
}

// findRecalled is the seq of the entry that a message takes back; 0 where it takes back none, or one that is not kept.
func (s *Store) findRecalled(ctx context.Context, m chat.Message) (seq int64, err error) {
	if m.Recalls == "" {
		return 0, nil
	}
	_, err = queryOne(ctx, s.reading("find a message that was taken back"), []any{&seq},
		`SELECT seq FROM entries WHERE channel = $1 AND external = $2 AND conversation = $3 AND author = 'customer'`, m.Channel, m.Recalls, m.Conversation)
	return seq, err
}

// eraseEntry erases what an entry says. The files of its pictures are then nobody's, and swept.
func eraseEntry(ctx context.Context, t *tx, conversation string, seq int64) error {
	if _, err := t.exec(ctx, `UPDATE entries SET text = $1, pictures = 0, enclosure = NULL WHERE conversation = $2 AND seq = $3`, chat.RecalledText, conversation, seq); err != nil {
		return err
	}
	_, err := t.exec(ctx, `DELETE FROM attachments WHERE conversation = $1 AND seq = $2`, conversation, seq)
	return err
}

// FindExternalID is the channel's own id of the customer's message that became an entry.
func (s *Store) FindExternalID(ctx context.Context, id string, seq int64) (external string, err error) {
	found, err := queryOne(ctx, s.reading("find a message's external id"), []any{&external},
		`SELECT external FROM entries WHERE conversation = $1 AND seq = $2 AND author = 'customer' AND external IS NOT NULL`, id, seq)
	return external, orNotFound(found, err, "entry %d of conversation %q", seq, id)
}
