package store

import (
	"context"
	"strconv"
	"strings"
)

// bulk is a statement over many rows: head, the VALUES, tail. casts name the columns' types where the
// database cannot tell them; "" leaves one out.
type bulk struct {
	head  string
	tail  string
	width int
	casts []string
}

// batch is the largest number of rows in one statement. Fewer go as powers of two, so that few
// statements are ever prepared.
const batch = 64

// bulk runs a statement over rows and returns how many rows it touched.
func (t *tx) bulk(ctx context.Context, b bulk, rows [][]any) (touched int64, err error) {
	for len(rows) > 0 {
		n := batch
		for n > len(rows) {
			n /= 2
		}
		args := make([]any, 0, n*b.width)
		for _, row := range rows[:n] {
			args = append(args, row...)
		}
		m, err := t.exec(ctx, t.c.text(b, n), args...)
		if err != nil {
			return touched, err
		}
		touched, rows = touched+m, rows[n:]
	}
	return touched, nil
}

// bulkKey tells statements apart.
type bulkKey struct {
	head, tail string
	rows       int
}

// text is the statement for n rows, which is long: it is made once.
func (c *connection) text(b bulk, n int) string {
	key := bulkKey{b.head, b.tail, n}
	text, ok := c.texts[key]
	if !ok {
		text = b.text(n, c.d.nameless)
		c.texts[key] = text
	}
	return text
}

// text is the statement for n rows; its parameters are numbered unless they are nameless.
func (b bulk) text(n int, nameless bool) string {
	var s strings.Builder
	s.WriteString(b.head)
	for i := range n * b.width {
		switch {
		case i == 0:
			s.WriteString("(")
		case i%b.width == 0:
			s.WriteString("),(")
		default:
			s.WriteString(",")
		}
		param := "?"
		if !nameless {
			param = "$" + strconv.Itoa(i+1)
		}
		if i < len(b.casts) && b.casts[i] != "" { // the first row decides for all
			param = "CAST(" + param + " AS " + b.casts[i] + ")"
		}
		s.WriteString(param)
	}
	s.WriteString(")")
	s.WriteString(b.tail)
	return s.String()
}

// insert is an INSERT of whole rows into a table.
func insert(table string, columns ...string) bulk {
	return bulk{
		head:  "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES ",
		tail:  " ON CONFLICT DO NOTHING",
		width: len(columns),
	}
}
