package store

import (
	"context"
	"time"
)

// auditRow is a row of audit.
type auditRow struct {
	ID                            string
	At                            int64
	Author, Event, Ticket, Detail string // ticket is '' where it is about none; detail is never what was said
}

func (*auditRow) table() string { return "audit" }

// newAudit is the row of something that was done now.
func (s *Store) newAudit(by, event, ticket, detail string) auditRow {
	return auditRow{ID: s.newID(), At: s.now(), Author: by, Event: event, Ticket: ticket, Detail: detail}
}

// AuditRecord is one thing that somebody did.
type AuditRecord struct {
	At     time.Time
	By     string
	Event  string
	Ticket string // id; "" where it is about none
	Detail string
}

// ListAudit is what was done to a ticket, oldest first; with "" what was done to none.
func (s *Store) ListAudit(ctx context.Context, ticket string, limit int) ([]AuditRecord, error) {
	rows, err := selectRows[auditRow](ctx, s.reading("list the audit trail"), `WHERE ticket = $1 ORDER BY at, id LIMIT $2`, ticket, limit)
	return convert(rows, func(r *auditRow) AuditRecord { return AuditRecord{timeOf(r.At), r.Author, r.Event, r.Ticket, r.Detail} }), err
}
