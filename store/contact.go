package store

import (
	"cmp"
	"context"
	"fmt"

	"github.com/yingda/yingda/desk"
)

// RevealContact is the sealed contact of a ticket's conversation; that it was looked at is audited.
func (s *Store) RevealContact(ctx context.Context, id string, by desk.Agent) ([]byte, error) {
	return transactValue(ctx, s, "reveal a contact", func(ctx context.Context, t *tx) (sealed []byte, err error) {
		k, err := findTicket(ctx, t, id, "")
		if err != nil {
			return nil, rejectNotFound(err)
		}
		if _, err := queryOne(ctx, t, []any{&sealed}, `SELECT sealed FROM conversations WHERE id = $1`, k.Conversation); err != nil {
			return nil, err
		}
		_, err = insert(ctx, t, s.newAudit(by.Name, string(desk.EventRevealed), k.ID, ""))
		return sealed, err
	})
}

// HasSealedContacts tells whether any contact is sealed.
func (s *Store) HasSealedContacts(ctx context.Context) (bool, error) {
	var id string
	return queryOne(ctx, s.reading("look for a sealed contact"), []any{&id}, `SELECT id FROM conversations WHERE sealed IS NOT NULL AND id > $1 ORDER BY id LIMIT 1`, "")
}

// resealBatch is how many contacts one transaction of ResealContacts replaces at most.
const resealBatch = 100

// ResealContacts shows every sealed contact to reseal and keeps what that makes of it; nil leaves it as it is. A
// contact that changes meanwhile is left as it became, so that any number of nodes may do this at once, and again.
// It returns how many were replaced. What reseal fails on is left as well; the error tells of the first.
func (s *Store) ResealContacts(ctx context.Context, reseal func(conversation string, sealed []byte) ([]byte, error)) (resealed int, err error) {
	type contact struct {
		conversation  string
		sealed, fresh []byte
	}
	var failed int
	var failure error
	for last := ""; ; {
		contacts, err := queryAll(ctx, s.reading("list sealed contacts"), func(r scanner) (c contact, err error) { return c, r.Scan(&c.conversation, &c.sealed) },
			`SELECT id, sealed FROM conversations WHERE sealed IS NOT NULL AND id > $1 ORDER BY id LIMIT $2`, last, resealBatch)
		if err != nil {
			return resealed, err
		}
		if len(contacts) == 0 {
			break
		}
		last = contacts[len(contacts)-1].conversation
		var changed []contact
		for _, c := range contacts {
			if c.fresh, err = reseal(c.conversation, c.sealed); err != nil {
				failed++
				failure = cmp.Or(failure, fmt.Errorf("the contact of conversation %q: %w", c.conversation, err))
			} else if c.fresh != nil {
				changed = append(changed, c)
			}
		}
		if len(changed) == 0 {
			continue
		}
		replaced, err := transactValue(ctx, s, "seal contacts anew", func(ctx context.Context, t *tx) (sum int, err error) {
			for _, c := range changed {
				n, err := t.exec(ctx, `UPDATE conversations SET sealed = $1 WHERE id = $2 AND sealed = $3`, c.fresh, c.conversation, c.sealed)
				if err != nil {
					return 0, err
				}
				sum += int(n)
			}
			return sum, nil
		})
		if err != nil {
			return resealed, err
		}
		resealed += replaced
	}
	if failure != nil {
		return resealed, fmt.Errorf("%d contacts cannot be sealed anew, the first: %w", failed, failure)
	}
	return resealed, nil
}
