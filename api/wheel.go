package api

// roundsPerBeat is in how many rounds each stream has its turn once.
const roundsPerBeat = 15

// wheel spreads the streams evenly over the rounds of a heartbeat, however many come at once. Each keeps its slot, and a
// round turns to the next one, so that a round looks at no stream whose turn it is not.
type wheel struct {
	slots   [roundsPerBeat][]*stream
	current int
}

// add adds a stream to the slot that has the fewest, of those to the one whose turn comes last.
func (w *wheel) add(s *stream) {
	least := w.current
	for i := 1; i < roundsPerBeat; i++ {
		if slot := (w.current - i + roundsPerBeat) % roundsPerBeat; len(w.slots[slot]) < len(w.slots[least]) {
			least = slot
		}
	}
	s.slot, s.place = least, len(w.slots[least])
	w.slots[least] = append(w.slots[least], s)
}

// remove removes a stream that was added.
func (w *wheel) remove(s *stream) {
	slot := w.slots[s.slot]
	last := slot[len(slot)-1]
	slot[s.place], last.place = last, s.place
	slot[len(slot)-1] = nil
	w.slots[s.slot] = slot[:len(slot)-1]
}

// turn turns to the next slot, and returns its streams.
func (w *wheel) turn() []*stream {
	w.current = (w.current + 1) % roundsPerBeat
	return w.slots[w.current]
}
