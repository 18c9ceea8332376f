package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/yingda/yingda/chat"
)

// column is a column's name beside the field of the row that holds it.
type column struct {
	name  string
	field any // a pointer into the row: from there it is written, and there it is read into
}

// record is a pointer to a row: it knows its table, and the columns in the order of every statement.
type record[R any] interface {
	*R
	table() (name string, columns []column)
}

// fields are the pointers into a row, for Scan and for parameters alike.
func fields[R any, P record[R]](row P) []any {
	_, columns := row.table()
	out := make([]any, len(columns))
	for i, c := range columns {
		out[i] = c.field
	}
	return out
}

// columnNames lists the columns of a row for a SELECT; prefix stands before each, such as "t.".
func columnNames[R any, P record[R]](prefix string) string {
	var b strings.Builder
	_, columns := P(new(R)).table()
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(prefix)
		b.WriteString(c.name)
	}
	return b.String()
}

// scanRow scans a result of exactly columnNames.
func scanRow[R any, P record[R]](r scanner) (row R, err error) {
	err = r.Scan(fields(P(&row))...)
	return row, err
}

// selectRows reads the rows of one table that a clause behind its name chooses.
func selectRows[R any, P record[R]](ctx context.Context, q querier, clause string, args ...any) ([]R, error) {
	name, _ := P(new(R)).table()
	return queryAll(ctx, q, scanRow[R, P], `SELECT `+columnNames[R, P]("")+` FROM `+name+` `+clause, args...)
}

// selectOne reads the first of such rows; false when there is none.
func selectOne[R any, P record[R]](ctx context.Context, q querier, clause string, args ...any) (row R, found bool, err error) {
	rows, err := selectRows[R, P](ctx, q, clause, args...)
	if len(rows) > 0 {
		row = rows[0]
	}
	return row, len(rows) > 0, err
}

// convert makes what the house speaks of out of rows; nil of none.
func convert[R, T any](rows []R, to func(*R) T) (out []T) {
	for i := range rows {
		out = append(out, to(&rows[i]))
	}
	return out
}

// asJSON is a column that holds a value as JSON; NULL for nil.
type asJSON[T any] struct{ V T }

// Value writes it.
func (j asJSON[T]) Value() (driver.Value, error) {
	raw, err := json.Marshal(j.V)
	if err != nil || string(raw) == "null" {
		return nil, err
	}
	return string(raw), nil
}

// Scan reads it.
func (j *asJSON[T]) Scan(src any) error {
	switch src := src.(type) {
	case string:
		return json.Unmarshal([]byte(src), &j.V)
	case []byte:
		return json.Unmarshal(src, &j.V)
	}
	return nil
}

// insert inserts rows and returns how many: one whose key is taken is left out.
func insert[R any, P record[R]](ctx context.Context, t *tx, rows ...R) (int64, error) {
	return insertOr[R, P](ctx, t, ` ON CONFLICT DO NOTHING`, rows...)
}

// insertOr inserts rows, and does what conflict says where a key is taken.
func insertOr[R any, P record[R]](ctx context.Context, t *tx, conflict string, rows ...R) (int64, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	return bulk[R, P](ctx, t, bulkStatement{head: `INSERT INTO `, middle: ` VALUES `, tail: conflict}, rows)
}

// insertAll inserts rows; chat.ErrConflict where the key of one is taken.
func insertAll[R any, P record[R]](ctx context.Context, t *tx, rows []R) error {
	n, err := insert[R, P](ctx, t, rows...)
	if err == nil && n != int64(len(rows)) {
		name, _ := P(new(R)).table()
		err = fmt.Errorf("insert into %s: %w", name, chat.ErrConflict)
	}
	return err
}

// update writes every column of the row that has the values of the keys, and returns how many it found.
func update[R any, P record[R]](ctx context.Context, t *tx, row R, keys ...column) (int64, error) {
	name, columns := P(&row).table()
	var args []any
	assign := func(columns []column) (out []string) {
		for _, c := range columns {
			args = append(args, c.field)
			out = append(out, c.name+" = $"+strconv.Itoa(len(args)))
		}
		return out
	}
	text := `UPDATE ` + name + ` SET ` + strings.Join(assign(columns), ", ") + ` WHERE ` + strings.Join(assign(keys), " AND ")
	return t.exec(ctx, text, args...)
}

// bulkStatement is a statement over many rows: head, the table's name and columns, middle, the VALUES, tail.
type bulkStatement struct {
	head, middle, tail string
	typed              bool // parameters are cast, where the database cannot tell their types
}

// maxBulkRows is the largest number of rows in one statement. Fewer go as powers of two, so that few
// statements are ever prepared.
const maxBulkRows = 64

// bulk runs a statement over rows and returns how many rows it touched.
func bulk[R any, P record[R]](ctx context.Context, t *tx, b bulkStatement, rows []R) (touched int64, err error) {
	for len(rows) > 0 {
		n := maxBulkRows
		for n > len(rows) {
			n /= 2
		}
		var args []any
		for i := range rows[:n] {
			_, columns := P(&rows[i]).table()
			args = slices.Grow(args, (n-i)*len(columns))
			for _, c := range columns {
				args = append(args, c.field)
			}
		}
		name, columns := P(&rows[0]).table()
		key := textKey{name, b.tail, n}
		text, ok := t.texts[key]
		if !ok { // it is long: it is made once
			text = b.text(name+` (`+columnNames[R, P]("")+`)`, columns, n, t.nameless)
			t.texts[key] = text
		}
		m, err := t.exec(ctx, text, args...)
		if err != nil {
			return touched, err
		}
		touched, rows = touched+m, rows[n:]
	}
	return touched, nil
}

// text is the statement for n rows of a table; its parameters are numbered unless they are nameless.
func (b bulkStatement) text(table string, columns []column, n int, nameless bool) string {
	var s strings.Builder
	s.WriteString(b.head + table + b.middle)
	for i := range n * len(columns) {
		switch {
		case i == 0:
			s.WriteString("(")
		case i%len(columns) == 0:
			s.WriteString("),(")
		default:
			s.WriteString(",")
		}
		param := "?"
		if !nameless {
			param = "$" + strconv.Itoa(i+1)
		}
		if b.typed && i < len(columns) { // the first row decides for all
			param = "CAST(" + param + " AS " + sqlType(columns[i].field) + ")"
		}
		s.WriteString(param)
	}
	s.WriteString(")")
	s.WriteString(b.tail)
	return s.String()
}

// sqlType is the type of a column that is never NULL, by its field.
func sqlType(field any) string {
	if _, ok := field.(*int64); ok {
		return "BIGINT"
	}
	return "TEXT"
}
