package rank

// tokenTable numbers tokens, from 0 in the order in which they were added. It is a hash table in flat arrays.
type tokenTable struct {
	text  lists[byte] // of each token
	slots []int32     // by hash, open addressing: a token's number + 1, or 0; a power of two of them
}

// slotsPerToken is how many slots a token has at least: fewer would be searched longer.
const slotsPerToken = 2

func (t *tokenTable) len() int { return t.text.len() }

// token is the text of a number.
func (t *tokenTable) token(number int32) string { return string(t.text.of(int(number))) }

// find is the number of a token; false when the table does not have it.
func (t *tokenTable) find(token string) (int32, bool) {
	if len(t.slots) == 0 {
		return 0, false
	}
	number := t.slots[t.slot(token)] - 1
	return number, number >= 0
}

// add is the number of a token, which is a new one when the table does not have it yet.
func (t *tokenTable) add(token string) int32 {
	if number, ok := t.find(token); ok {
		return number
	}
	if slotsPerToken*(t.len()+1) > len(t.slots) {
		t.grow()
	}
	t.text.add([]byte(token))
	t.slots[t.slot(token)] = int32(t.len())
	return int32(t.len()) - 1
}

func (t *tokenTable) grow() {
	t.slots = make([]int32, max(1024, 2*len(t.slots)))
	for number := range int32(t.len()) {
		t.slots[t.slot(t.token(number))] = number + 1
	}
}

// slot is where a token is, or where it would go.
func (t *tokenTable) slot(token string) int {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	hash := uint64(offset)
	for i := range len(token) {
		hash = (hash ^ uint64(token[i])) * prime
	}
	mask := len(t.slots) - 1
	slot := int(hash^hash>>32) & mask
	for t.slots[slot] != 0 && string(t.text.of(int(t.slots[slot]-1))) != token {
		slot = (slot + 1) & mask
	}
	return slot
}
