//go:build unix

package api

import (
	"errors"
	"syscall"
)

// hungUp are those streams whose clients have closed their end. It peeks at what they say and never waits: net/http would
// spend a goroutine on each, and a write finds it out only at the second heartbeat.
func hungUp(open []*stream) (gone []*stream) {
	var first [1]byte
	var n int
	var err error
	peek := func(fd uintptr) { n, _, err = syscall.Recvfrom(int(fd), first[:], syscall.MSG_PEEK) }
	for _, s := range open {
		if s.raw.Control(peek) != nil {
			continue // closed by us
		}
		if n == 0 && err == nil || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ETIMEDOUT) {
			gone = append(gone, s)
		}
	}
	return gone
}
