package api

import "testing"

// TestWheel: streams are spread evenly over the rounds of a heartbeat, in whatever order they come and go, and each has its
// turn once in one; the first one last, a whole heartbeat later.
func TestWheel(t *testing.T) {
	var w wheel
	all := map[*stream]bool{}
	visit := func() (turns map[*stream]int, most int) {
		turns = map[*stream]int{}
		for range roundsPerBeat {
			some := w.turn()
			most = max(most, len(some))
			for _, s := range some {
				turns[s]++
			}
		}
		return turns, most
	}
	want := func(most int) {
		t.Helper()
		turns, got := visit()
		for s := range all {
			if turns[s] != 1 {
				t.Fatalf("a stream had its turn %d times", turns[s])
			}
		}
		if len(turns) != len(all) || got > most {
			t.Fatalf("%d streams had their turn, up to %d at once, want %d and %d", len(turns), got, len(all), most)
		}
	}
	add := func(n int) {
		for range n {
			s := new(stream)
			all[s] = true
			w.add(s)
		}
	}
	add(1)
	for range roundsPerBeat - 1 {
		if len(w.turn()) > 0 {
			t.Fatal("the first stream had its turn before a heartbeat was over")
		}
	}
	w.turn()
	add(10*roundsPerBeat - 1)
	want(10)
	for s := range all { // some, wherever they are
		if len(all) == 7*roundsPerBeat {
			break
		}
		w.remove(s)
		delete(all, s)
	}
	want(10)
	add(3 * roundsPerBeat)
	want(10)
}
