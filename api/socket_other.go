//go:build !unix

package api

import "syscall"

// hungUp is not known here: the second heartbeat finds it out.
func hungUp(syscall.RawConn) bool { return false }

// writeNow leaves everything to whoever waits.
func writeNow(syscall.RawConn, []byte) (n int, err error) { return 0, nil }
