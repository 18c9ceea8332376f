package store

import (
	"context"
	"time"
)

// auditRow is a row of audit.
type auditRow struct {
	id                            string
	at                            int64
	author, event, ticket, detail string // ticket is '' where it is about none; detail is never what was said
}

func (r *auditRow) table() (string, []column) {
	return "audit", []column{{"id", &r.id}, {"at", &r.at}, {"author", &r.author}, {"event", &r.event}, {"ticket", &r.ticket}, {"detail", &r.detail}}
}

// newAudit is the row of something that was done now.
func (s *Store) newAudit(by, event, ticket, detail string) auditRow {
	return auditRow{id: s.newID(), at: s.now(), author: by, event: event, ticket: ticket, detail: detail}
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
	rows, err := selectRows[auditRow](ctx, s.read, `WHERE ticket = $1 ORDER BY at, id LIMIT $2`, ticket, limit)
	if err != nil {
		return nil, s.readError("list the audit trail", err)
	}
	return convert(rows, func(r *auditRow) AuditRecord { return AuditRecord{timeOf(r.at), r.author, r.event, r.ticket, r.detail} }), nil
}
