package telegram

import (
	"maps"
	"slices"
	"time"
)

// Call is one call of a method, as it came and what came of it.
type Call struct {
	At          time.Time
	Bot         int64
	Method      string // as the real server spells it: sendMessage
	Chat        int64  // 0 when there is none
	Thread      int
	Params      map[string]string // values that are not strings are JSON
	Files       []string          // names of the fields that hold a file
	Accepted    bool              // it took effect, whatever became of the answer
	Message     int               // id of the message that it made
	Status      int               // of the answer; 0 when the connection was cut
	Description string            // of the error
}

// Calls returns the calls of those methods, or of all when none is named, in the order in which they were
// finished. Calls of getUpdates are not kept.
func (s *Server) Calls(methods ...string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []Call
	for _, c := range s.calls {
		if len(methods) == 0 || slices.Contains(methods, c.Method) {
			c.Params, c.Files = maps.Clone(c.Params), slices.Clone(c.Files)
			calls = append(calls, c)
		}
	}
	return calls
}

// record adds a finished call to the ledger.
func (s *Server) record(c Call) {
	if c.Method == "getUpdates" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
	s.notify()
}
