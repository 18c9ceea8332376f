package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/width"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// table is rows of cells for a terminal, in which a Han character is as wide as two letters.
type table struct {
	indent string // of every row
	left   int    // how many columns, from the first, stand to the left; the others are numbers
	rows   [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// write appends the rows to b, every column as wide as its widest cell.
func (t *table) write(b *strings.Builder) {
	var widest []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widest) {
				widest = append(widest, 0)
			}
			widest[i] = max(widest[i], columns(cell))
		}
	}
	for _, row := range t.rows {
		line := t.indent
		for i, cell := range row {
			gap := strings.Repeat(" ", widest[i]-columns(cell))
			if i < t.left {
				line += cell + gap + "  "
			} else {
				line += gap + cell + "  "
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// columns is how many columns of a terminal a text takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

// printRows prints rows in columns.
func printRows(w io.Writer, rows [][]string) error {
	var b strings.Builder
	const maxColumns = 10 // all stand to the left
	t := table{left: maxColumns, rows: rows}
	t.write(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// printJSON prints a value on one line.
func printJSON[T any](w io.Writer, value T) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}

// printJSONLines prints one value a line.
func printJSONLines[T any](w io.Writer, values []T) error {
	for _, v := range values {
		if err := printJSON(w, v); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	}
	return nil
}

// truncate is a text of somebody else's on one line of at most so many columns.
func truncate(s string, maxWidth int) string { return chat.Shorten(desk.OneLine(s), maxWidth, columns) }
