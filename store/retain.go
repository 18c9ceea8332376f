package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
)

// Deleted is what was deleted. The files of the attachments are for the caller to delete.
type Deleted struct {
	Messages, Conversations int
	Attachments             []string // ids
}

// deleteBatch is how many conversations one transaction of DeleteBefore or Forget touches, so that turns get their turn.
const deleteBatch = 100

// DeleteBefore deletes what was said before a time, and conversations of which nothing newer is left.
// Conversations with an open ticket stay whole.
func (s *Store) DeleteBefore(ctx context.Context, before time.Time) (Deleted, error) {
	var deleted Deleted
	limit := before.UnixMilli()
	for last := ""; ; {
		ids, err := queryAll(ctx, s.reading("look for what is old"), scanValue[string], `SELECT c.id FROM conversations c WHERE c.id > $1 AND c.created_at < $2
			AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.conversation = c.id AND t.state <> 'closed') ORDER BY c.id LIMIT $3`, last, limit, deleteBatch)
		if err != nil {
			return deleted, err
		}
		if len(ids) == 0 {
			break
		}
		if err := s.deleteStep(ctx, &deleted, ids, func(ctx context.Context, t *tx) (Deleted, error) { return deleteOld(ctx, t, ids, limit) }); err != nil {
			return deleted, err
		}
		last = ids[len(ids)-1]
	}
	for {
		n, err := transactValue(ctx, s, "delete old sendings", func(ctx context.Context, t *tx) (int64, error) {
			return t.exec(ctx, `DELETE FROM outbox WHERE id IN
				(SELECT id FROM outbox WHERE created_at < $1 AND state NOT IN ('queued', 'sending') ORDER BY created_at LIMIT 1000)`, limit)
		})
		if err != nil || n == 0 {
			return deleted, err
		}
	}
}

// Forget erases a person, by the customer's id or a conversation's: what was said, names, device, contact,
// attachments and what waits to be sent. Of tickets, number and state stay; of the deed, a line in the audit trail.
func (s *Store) Forget(ctx context.Context, customer string) (Deleted, error) {
	var deleted Deleted
	if customer == "" {
		return deleted, fmt.Errorf("forget a customer: the id is missing")
	}
	for {
		ids, err := queryAll(ctx, s.reading("look for a customer"), scanValue[string],
			`SELECT id FROM conversations WHERE customer_id = $1 AND customer_id <> '' UNION SELECT id FROM conversations WHERE id = $1 LIMIT $2`, customer, deleteBatch)
		if err != nil {
			return deleted, err
		}
		if len(ids) == 0 {
			break
		}
		if err := s.deleteStep(ctx, &deleted, ids, func(ctx context.Context, t *tx) (Deleted, error) { return erase(ctx, t, ids) }); err != nil {
			return deleted, err
		}
	}
	err := s.transact(ctx, "audit an erasure", func(ctx context.Context, t *tx) error {
		detail := fmt.Sprintf("%d conversations, %d messages", deleted.Conversations, deleted.Messages)
		_, err := insert(ctx, t, s.newAudit("", "customer.forgotten", "", detail))
		return err
	})
	if err == nil {
		err = s.scrub(ctx)
	}
	return deleted, err
}

// scrub makes what was deleted vanish from the disk.
func (s *Store) scrub(ctx context.Context) error {
	db, err := s.db.connect()
	if err != nil {
		return err
	}
	var blocked, log, done int64 // PostgreSQL says nothing
	_, err = queryOne(ctx, newPreparer(db, false), []any{&blocked, &log, &done}, s.db.scrub)
	if err == nil && blocked != 0 {
		err = fmt.Errorf("%w: readers keep the database's log; what was erased leaves it with the next checkpoint", chat.ErrBusy)
	}
	return errors.Join(err, db.Close())
}

// deleteStep does one transaction of deleting, and counts.
func (s *Store) deleteStep(ctx context.Context, sum *Deleted, ids []string, step func(context.Context, *tx) (Deleted, error)) error {
	r, err := transactValue(ctx, s, "delete conversations", step, ids...)
	sum.Messages += r.Messages
	sum.Conversations += r.Conversations
	sum.Attachments = append(sum.Attachments, r.Attachments...)
	return err
}

// deleteOld deletes from conversations what was said before a time, and those of which nothing is left.
func deleteOld(ctx context.Context, t *tx, ids []string, before int64) (r Deleted, err error) {
	in, args := inList(ids, 2)
	args = append([]any{before}, args...)
	// A ticket may have been opened since they were chosen. The rows are locked: no turn comes between.
	kept := in + ` AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.conversation = c.id AND t.state <> 'closed')`
	if ids, err = queryAll(ctx, t, scanValue[string], `SELECT c.id FROM conversations c WHERE c.created_at < $1 AND c.id `+kept+t.lockRow, args...); err != nil || len(ids) == 0 {
		return r, err
	}
	in, args = inList(ids, 2)
	args = append([]any{before}, args...)
	if r.Attachments, err = queryAll(ctx, t, scanValue[string], `DELETE FROM attachments WHERE conversation `+in+`
		AND (conversation, seq) IN (SELECT e.conversation, e.seq FROM entries e WHERE e.conversation `+in+` AND e.at < $1) RETURNING id`, args...); err != nil {
		return r, err
	}
	n, err := t.exec(ctx, `DELETE FROM entries WHERE conversation `+in+` AND at < $1`, args...)
	if err != nil {
		return r, err
	}
	r.Messages = int(n)
	gone, err := queryAll(ctx, t, scanValue[string], `SELECT c.id FROM conversations c WHERE c.updated_at < $1 AND c.id `+in+`
		AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.conversation = c.id)`, args...)
	if err != nil || len(gone) == 0 {
		return r, err
	}
	more, err := erase(ctx, t, gone)
	r.Conversations = more.Conversations
	return r, err
}

// erase deletes conversations and everything personal that hangs on them.
func erase(ctx context.Context, t *tx, ids []string) (r Deleted, err error) {
	in, args := inList(ids, 1)
	if r.Attachments, err = queryAll(ctx, t, scanValue[string], `DELETE FROM attachments WHERE conversation `+in+` RETURNING id`, args...); err != nil {
		return r, err
	}
	entries, err := t.exec(ctx, `DELETE FROM entries WHERE conversation `+in, args...)
	if err != nil {
		return r, err
	}
	for _, statement := range []string{
		`DELETE FROM outbox WHERE conversation ` + in,
		`DELETE FROM marks WHERE conversation <> '' AND conversation ` + in,
		`DELETE FROM notes WHERE ticket IN (SELECT id FROM tickets WHERE conversation ` + in + `)`,
		`UPDATE audit SET detail = '' WHERE ticket IN (SELECT id FROM tickets WHERE conversation ` + in + `)`,
		`UPDATE tickets SET state = 'closed', device = '{}', articles = '[]', summary = '', origin = '' WHERE conversation ` + in,
	} {
		if _, err := t.exec(ctx, statement, args...); err != nil {
			return r, err
		}
	}
	n, err := t.exec(ctx, `DELETE FROM conversations WHERE id `+in, args...)
	r.Messages, r.Conversations = int(entries), int(n)
	return r, err
}
