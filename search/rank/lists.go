package rank

import "slices"

// lists are many lists, one behind the other in a flat array.
type lists[T any] struct {
	starts []uint32 // of each list in items, and the end of the last
	items  []T
}

// add appends a list.
func (l *lists[T]) add(list []T) {
	if len(l.starts) == 0 {
		l.starts = append(l.starts, 0)
	}
	l.items = append(l.items, list...)
	l.starts = append(l.starts, uint32(len(l.items)))
}

// trim gives back the room that growing left.
func (l *lists[T]) trim() { l.starts, l.items = slices.Clone(l.starts), slices.Clone(l.items) }

// of is list i.
func (l *lists[T]) of(i int) []T { return l.items[l.starts[i]:l.starts[i+1]] }

// len is how many lists there are.
func (l *lists[T]) len() int { return max(len(l.starts), 1) - 1 }

// runs calls f for every distinct number of a sorted list.
func runs(sorted []int32, f func(number int32, times int)) {
	for from := 0; from < len(sorted); {
		to := from + 1
		for to < len(sorted) && sorted[to] == sorted[from] {
			to++
		}
		f(sorted[from], to-from)
		from = to
	}
}

// countFunc is how many of xs f holds for.
func countFunc[T any](xs []T, f func(T) bool) int {
	n := 0
	for _, x := range xs {
		n += boolToInt(f(x))
	}
	return n
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
