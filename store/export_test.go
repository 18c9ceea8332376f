package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/yingda/yingda/chat"
)

// Exec runs a statement on the writer's connection, to break it.
func (s *Store) Exec(ctx context.Context, text string) error {
	return s.transact(ctx, "execute", func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, text)
		return err
	})
}

// Traced is the options of a store that tells every statement.
func (o Options) Traced(trace func(text string)) Options {
	o.trace = trace
	return o
}

// Resynced is the options of a store that looks for what its subscribers missed that often.
func (o Options) Resynced(interval time.Duration) Options {
	o.resyncInterval = interval
	return o
}

// Patient is the options of a store whose writes outwait another's on a slow disk, where SQLite's lock goes to whoever asks at the right moment.
func (o Options) Patient() Options {
	o.writeWait = 5 * time.Minute
	return o
}

// CheckTables writes a row with another value in every column into every table, and reads it again: by row, and
// column by column. It tells of columns that no row knows or that the database does not have, and of tables without
// a row type.
func (s *Store) CheckTables(ctx context.Context) error {
	known := map[string]bool{"goose_db_version": true, "sqlite_sequence": true}
	return errors.Join(
		checkTable[conversationRow](ctx, s, known), checkTable[entryRow](ctx, s, known), checkTable[attachmentRow](ctx, s, known),
		checkTable[ticketRow](ctx, s, known), checkTable[noteRow](ctx, s, known), checkTable[auditRow](ctx, s, known),
		checkTable[outboxRow](ctx, s, known), checkTable[kvRow](ctx, s, known), checkTable[keyRow](ctx, s, known),
		checkTable[revisionRow](ctx, s, known), checkTable[fileRow](ctx, s, known), checkTable[tokenRow](ctx, s, known),
		checkTable[agentRow](ctx, s, known), checkTable[bundledRow](ctx, s, known),
		s.unknownTables(ctx, known),
	)
}

// unknownTables tells of tables that were not checked.
func (s *Store) unknownTables(ctx context.Context, known map[string]bool) error {
	catalog := `SELECT name FROM sqlite_master WHERE type = 'table'`
	if s.db.listens {
		catalog = `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
	}
	tables, err := queryAll(ctx, s.read, scanValue[string], catalog)
	for _, table := range tables {
		if !known[table] {
			err = errors.Join(err, fmt.Errorf("table %s has no row type", table))
		}
	}
	return err
}

func checkTable[R any, P record[R]](ctx context.Context, s *Store, known map[string]bool) error {
	table := P.table(nil)
	known[table] = true
	row := filled[R](table)
	var got []R
	err := s.transact(ctx, "check a table", func(ctx context.Context, t *tx) (err error) {
		if _, err = t.exec(ctx, `DELETE FROM `+table); err != nil {
			return err
		}
		if err = insertAll[R, P](ctx, t, []R{row}); err != nil {
			return err
		}
		if got, err = selectRows[R, P](ctx, t, ``); err != nil {
			return err
		}
		rows, err := t.query(ctx, `SELECT * FROM `+table)
		if err != nil {
			return err
		}
		names, err := rows.Columns()
		if err := errors.Join(err, rows.Close()); err != nil {
			return err
		}
		own := slices.Sorted(slices.Values(columns[R]("")))
		if slices.Sort(names); !slices.Equal(own, names) {
			return fmt.Errorf("columns %q, the database has %q", own, names)
		}
		for i, column := range columns[R]("") {
			var value any
			if _, err := queryOne(ctx, t, []any{&value}, `SELECT `+column+` FROM `+table); err != nil {
				return err
			}
			if raw, ok := value.([]byte); ok {
				value = string(raw)
			}
			if want := plain(fields(&row)[i]); fmt.Sprint(value) != fmt.Sprint(want) {
				return fmt.Errorf("column %s holds %v, want %v", column, value, want)
			}
		}
		return nil
	})
	if err == nil && (len(got) != 1 || !reflect.DeepEqual(got[0], row)) {
		err = fmt.Errorf("read %+v, want %+v", got, row)
	}
	if err != nil {
		return fmt.Errorf("table %s: %w", table, err)
	}
	return nil
}

// filled is a row with another value in every column: references hold what the rows before have.
func filled[R any](table string) (row R) {
	pointers := fields(&row)
	for i, column := range columns[R]("") {
		text := map[string]string{"attachments.conversation": "conversations.id", "entries.conversation": "conversations.id", "tickets.conversation": "conversations.id", "tokens.conversation": "conversations.id", "notes.ticket": "tickets.id"}[table+"."+column]
		if text == "" {
			text = table + "." + column
		}
		n := int64(100 + i)
		if column == "revision" {
			n = 7
		}
		switch v := reflect.ValueOf(pointers[i]).Elem(); f := pointers[i].(type) {
		case *[]byte:
			*f = []byte(text)
		case *sql.Null[[]byte]:
			*f = sql.Null[[]byte]{V: []byte(text), Valid: true}
		case *sql.NullString:
			*f = sql.NullString{String: text, Valid: true}
		case *sql.NullInt64:
			*f = sql.NullInt64{Int64: n, Valid: true}
		case *int64:
			*f = n
		case *asJSON[chat.Device]:
			f.V.Serial = text
		case *asJSON[[]chat.Article]:
			f.V = []chat.Article{{ID: text}}
		case *asJSON[*chat.Reply]:
			f.V = &chat.Reply{Text: text}
		case *asJSON[*chat.Enclosure]:
			f.V = &chat.Enclosure{Name: text}
		default:
			v.SetString(text)
		}
	}
	return row
}

// plain is the value that a field holds.
func plain(field any) any {
	switch f := field.(type) {
	case *[]byte:
		return string(*f)
	case *sql.Null[[]byte]:
		return string(f.V)
	case *sql.NullString:
		return f.String
	case *sql.NullInt64:
		return f.Int64
	case driver.Valuer:
		value, err := f.Value()
		return cmp.Or[any](err, value)
	}
	return reflect.ValueOf(field).Elem().Interface()
}
