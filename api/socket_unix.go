//go:build unix

package api

import (
	"errors"
	"syscall"
)

// hungUp tells whether the client has closed its end. It peeks at what it says and never waits: net/http would spend a
// goroutine on each connection, and a write finds it out only at the second heartbeat.
func hungUp(conn syscall.RawConn) bool {
	var first [1]byte
	var n int
	var err error
	if conn.Control(func(fd uintptr) { n, _, err = syscall.Recvfrom(int(fd), first[:], syscall.MSG_PEEK) }) != nil {
		return false // closed by us
	}
	return n == 0 && err == nil || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ETIMEDOUT)
}

// writeNow writes as much as the connection takes without waiting.
func writeNow(conn syscall.RawConn, data []byte) (n int, err error) {
	failure := conn.Control(func(fd uintptr) { n, err = syscall.Write(int(fd), data) })
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
		err = nil
	}
	return max(n, 0), errors.Join(failure, err)
}
