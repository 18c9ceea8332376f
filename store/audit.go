package store

import (
	"context"
	"time"
)

// AuditLine is one thing that somebody did.
type AuditLine struct {
	At     time.Time
	By     string
	Event  string
	Ticket string // id; "" where it is about none
	Detail string
}

func auditRows() bulk {
	return insert("audit", "id", "at", "author", "event", "ticket", "detail")
}

func (s *Store) auditValues(by, event, ticket, detail string) []any {
	return []any{s.id(), s.now(), by, event, ticket, detail}
}

// Audit is what was done to a ticket, oldest first; with "" what was done to none.
func (s *Store) Audit(ctx context.Context, ticket string, limit int) ([]AuditLine, error) {
	lines, err := all(ctx, s.read, func(r row) (l AuditLine, err error) {
		var at int64
		err = r.Scan(&at, &l.By, &l.Event, &l.Ticket, &l.Detail)
		l.At = moment(at)
		return l, err
	}, `SELECT at, author, event, ticket, detail FROM audit WHERE ticket = $1 ORDER BY at, id LIMIT $2`, ticket, limit)
	if err != nil {
		return nil, s.fault("read the audit trail", err)
	}
	return lines, nil
}
