package main

import (
	"strings"

	"golang.org/x/text/width"
)

// table is rows of cells for a terminal, in which a Han character is as wide as two letters.
type table struct {
	left int // how many columns, from the first, stand to the left; the others are numbers
	rows [][]string
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
		var line strings.Builder
		for i, cell := range row {
			gap := strings.Repeat(" ", widest[i]-columns(cell))
			if i < t.left {
				cell += gap
			} else {
				cell = gap + cell
			}
			line.WriteString("  " + cell)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
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
