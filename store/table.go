package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/yingda/yingda/chat"
)

// record is a pointer to a row: it knows its table. The row's exported fields are its columns in the order of every
// statement, and each has its column's name: CustomerID is customer_id.
type record[R any] interface {
	*R
	table() string
}

// fields are the pointers into a row, for Scan and for parameters alike.
func fields[R any](row *R) []any {
	v := reflect.ValueOf(row).Elem()
	out := make([]any, v.NumField())
	for i := range out {
		out[i] = v.Field(i).Addr().Interface()
	}
	return out
}

// columns are the names of a row's columns; prefix stands before each, such as "t.".
func columns[R any](prefix string) []string {
	t := reflect.TypeFor[R]()
	out := make([]string, t.NumField())
	for i := range out {
		field, name := t.Field(i).Name, []byte(prefix)
		for j := range len(field) {
			if j > 0 && field[j] < 'a' && field[j-1] >= 'a' {
				name = append(name, '_')
			}
			name = append(name, field[j]|0x20) // in lower case
		}
		out[i] = string(name)
	}
	return out
}

// columnNames lists the columns of a row for a SELECT.
func columnNames[R any](prefix string) string { return strings.Join(columns[R](prefix), ", ") }

// scanRow scans a result of exactly columnNames.
func scanRow[R any](r scanner) (row R, err error) {
	err = r.Scan(fields(&row)...)
	return row, err
}

// selectRows reads the rows of one table that a clause behind its name chooses.
func selectRows[R any, P record[R]](ctx context.Context, q querier, clause string, args ...any) ([]R, error) {
	return queryAll(ctx, q, scanRow[R], `SELECT `+columnNames[R]("")+` FROM `+P.table(nil)+` `+clause, args...)
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
	return bulk[R, P](ctx, t, bulkStatement{head: `INSERT INTO `, middle: ` VALUES `, tail: conflict}, rows)
}

// insertAll inserts rows; chat.ErrConflict where the key of one is taken.
func insertAll[R any, P record[R]](ctx context.Context, t *tx, rows []R) error {
	n, err := insert[R, P](ctx, t, rows...)
	if err == nil && n != int64(len(rows)) {
		err = fmt.Errorf("insert into %s: %w", P.table(nil), chat.ErrConflict)
	}
	return err
}

// update writes every column of the rows that where chooses by args, and returns how many it found.
func update[R any, P record[R]](ctx context.Context, t *tx, row R, where string, args ...any) (int64, error) {
	assign := columns[R]("")
	for i := range assign {
		assign[i] += " = $" + strconv.Itoa(len(args)+1+i)
	}
	text := `UPDATE ` + P.table(nil) + ` SET ` + strings.Join(assign, ", ") + ` WHERE ` + where
	return t.exec(ctx, text, append(args, fields(&row)...)...)
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
		first := fields(&rows[0])
		args := slices.Grow(first, (n-1)*len(first))
		for i := 1; i < n; i++ {
			args = append(args, fields(&rows[i])...)
		}
		key := textKey{P.table(nil), b.tail, n}
		text, ok := t.texts[key]
		if !ok { // it is long: it is made once
			text = b.text(key.table+` (`+columnNames[R]("")+`)`, first, n, t.param)
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

// text is the statement for n rows of a table like first.
func (b bulkStatement) text(table string, first []any, n int, param func(number int) string) string {
	params, tuples := make([]string, len(first)), make([]string, n)
	for i := range tuples {
		for j, field := range first {
			params[j] = param(i*len(first) + j + 1)
			if b.typed && i == 0 { // the first row decides for all
				params[j] = "CAST(" + params[j] + " AS " + sqlType(field) + ")"
			}
		}
		tuples[i] = "(" + strings.Join(params, ",") + ")"
	}
	return b.head + table + b.middle + strings.Join(tuples, ",") + b.tail
}

// sqlType is the type of a column that is never NULL, by its field.
func sqlType(field any) string {
	if _, ok := field.(*int64); ok {
		return "BIGINT"
	}
	return "TEXT"
}
