// Package schema holds the migrations: SQL that SQLite and PostgreSQL both read.
package schema

import "embed"

// Files are the migrations in the form of pressly/goose. A published one never changes.
//
//go:embed *.sql
var Files embed.FS
