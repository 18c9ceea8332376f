package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Removed is what was deleted. The files of the attachments are for the caller to delete.
type Removed struct {
	Messages, Conversations int
	Attachments             []string // ids
}

// sweep is how many conversations one transaction of Retain or Forget touches, so that turns get their turn.
const sweep = 100

// Retain deletes what was said before a time, and conversations of which nothing newer is left.
// Conversations with an open ticket stay whole.
func (s *Store) Retain(ctx context.Context, before time.Time) (Removed, error) {
	var removed Removed
	limit := before.UnixMilli()
	for last := ""; ; {
		ids, err := all(ctx, s.read, one[string], `SELECT c.id FROM conversations c WHERE c.id > $1 AND c.created_at < $2
			AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.conversation = c.id AND t.state <> 'closed') ORDER BY c.id LIMIT $3`, last, limit, sweep)
		if err != nil {
			return removed, s.fault("look for what is old", err)
		}
		if len(ids) == 0 {
			break
		}
		if err := s.remove(ctx, &removed, ids, func(ctx context.Context, t *tx) (Removed, error) { return t.age(ctx, ids, limit) }); err != nil {
			return removed, err
		}
		last = ids[len(ids)-1]
	}
	for more := int64(1); more > 0; {
		err := s.do(ctx, "delete old sendings", func(ctx context.Context, t *tx) (err error) {
			more, err = t.exec(ctx, `DELETE FROM outbox WHERE id IN
				(SELECT id FROM outbox WHERE created_at < $1 AND state NOT IN ('queued', 'sending') LIMIT 1000)`, limit)
			return err
		})
		if err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// Forget erases a person, by the customer's id or a conversation's: what was said, names, device, contact,
// attachments and what waits to be sent. Of tickets, number and state stay; of the deed, a line in the audit trail.
func (s *Store) Forget(ctx context.Context, customer string) (Removed, error) {
	var removed Removed
	if customer == "" {
		return removed, fmt.Errorf("forget a customer: the id is missing")
	}
	for {
		ids, err := all(ctx, s.read, one[string],
			`SELECT id FROM conversations WHERE customer_id = $1 UNION SELECT id FROM conversations WHERE id = $1 LIMIT $2`, customer, sweep)
		if err != nil {
			return removed, s.fault("look for a customer", err)
		}
		if len(ids) == 0 {
			break
		}
		if err := s.remove(ctx, &removed, ids, func(ctx context.Context, t *tx) (Removed, error) { return t.erase(ctx, ids) }); err != nil {
			return removed, err
		}
	}
	err := s.do(ctx, "audit an erasure", func(ctx context.Context, t *tx) error {
		detail := fmt.Sprintf("%d conversations, %d messages", removed.Conversations, removed.Messages)
		_, err := t.bulk(ctx, auditRows(), [][]any{s.auditValues("", "customer.forgotten", "", detail)})
		return err
	})
	if err == nil {
		err = s.d.scrub(ctx, s)
	}
	return removed, err
}

// remove does one transaction of deleting, and counts.
func (s *Store) remove(ctx context.Context, sum *Removed, ids []string, step func(context.Context, *tx) (Removed, error)) error {
	var r Removed
	err := s.do(ctx, "delete", func(ctx context.Context, t *tx) (err error) {
		r, err = step(ctx, t)
		return err
	}, ids...)
	if err != nil {
		return err
	}
	sum.Messages += r.Messages
	sum.Conversations += r.Conversations
	sum.Attachments = append(sum.Attachments, r.Attachments...)
	return nil
}

// age deletes from conversations what was said before a time, and those of which nothing is left.
func (t *tx) age(ctx context.Context, ids []string, before int64) (r Removed, err error) {
	in, args := list(ids, 2)
	args = append([]any{before}, args...)
	// A ticket may have been opened since they were chosen. The rows are locked: no turn comes between.
	kept := in + ` AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.conversation = c.id AND t.state <> 'closed')`
	if ids, err = all(ctx, t, one[string], `SELECT c.id FROM conversations c WHERE c.created_at < $1 AND c.id `+kept+t.s.d.forUpdate, args...); err != nil || len(ids) == 0 {
		return r, err
	}
	in, args = list(ids, 2)
	args = append([]any{before}, args...)
	if r.Attachments, err = all(ctx, t, one[string], `DELETE FROM attachments WHERE conversation `+in+`
		AND (conversation, seq) IN (SELECT e.conversation, e.seq FROM entries e WHERE e.conversation `+in+` AND e.at < $1) RETURNING id`, args...); err != nil {
		return r, err
	}
	n, err := t.exec(ctx, `DELETE FROM entries WHERE conversation `+in+` AND at < $1`, args...)
	if err != nil {
		return r, err
	}
	r.Messages = int(n)
	gone, err := all(ctx, t, one[string], `SELECT c.id FROM conversations c WHERE c.updated_at < $1 AND c.id `+in+`
		AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.conversation = c.id)`, args...)
	if err != nil || len(gone) == 0 {
		return r, err
	}
	more, err := t.erase(ctx, gone)
	r.Conversations = more.Conversations
	return r, err
}

// erase deletes conversations and everything personal that hangs on them.
func (t *tx) erase(ctx context.Context, ids []string) (r Removed, err error) {
	in, args := list(ids, 1)
	if r.Attachments, err = all(ctx, t, one[string], `DELETE FROM attachments WHERE conversation `+in+` RETURNING id`, args...); err != nil {
		return r, err
	}
	said, err := t.exec(ctx, `DELETE FROM entries WHERE conversation `+in, args...)
	if err != nil {
		return r, err
	}
	for _, text := range []string{
		`DELETE FROM outbox WHERE conversation ` + in,
		`DELETE FROM marks WHERE conversation ` + in,
		`DELETE FROM notes WHERE ticket IN (SELECT id FROM tickets WHERE conversation ` + in + `)`,
		`UPDATE audit SET detail = '' WHERE ticket IN (SELECT id FROM tickets WHERE conversation ` + in + `)`,
		`UPDATE tickets SET state = 'closed', device = '{}', articles = '[]', summary = '' WHERE conversation ` + in,
	} {
		if _, err := t.exec(ctx, text, args...); err != nil {
			return r, err
		}
	}
	n, err := t.exec(ctx, `DELETE FROM conversations WHERE id `+in, args...)
	r.Messages, r.Conversations = int(said), int(n)
	return r, err
}

// list is IN (…) over ids, whose parameters begin with $from.
func list(ids []string, from int) (in string, args []any) {
	params := make([]string, len(ids))
	for i, id := range ids {
		params[i] = "$" + strconv.Itoa(from+i)
		args = append(args, id)
	}
	return `IN (` + strings.Join(params, ", ") + `)`, args
}
