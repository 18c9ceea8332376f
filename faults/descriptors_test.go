package faults

import (
	"net"
	"strings"
	"testing"
)

// TestDescriptorsUsedUp: while the process may open no more files connections wait; it says why, and goes on by itself.
func TestDescriptorsUsedUp(t *testing.T) {
	s := newServer(t, sqliteFile{})
	s.args = append([]string{"-c", `ulimit -n 80; exec "$0" "$@"`, s.bin}, s.args...)
	s.bin = "/bin/sh"
	s.start()
	customers := newCustomers(s, 2)
	for _, c := range customers {
		must(t, c.say(c.question()))
	}
	var held []net.Conn
	for range 200 {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.address)
		must(t, err)
		held = append(held, conn)
	}
	says := func(what string) func() bool { return func() bool { return strings.Contains(s.output(), what) } }
	eventually(t, says("raise the limit of open files, LimitNOFILE of systemd"), "word of what is used up")
	for _, conn := range held {
		must(t, conn.Close())
	}
	eventually(t, func() bool { return s.status() == "degraded" }, "a probe that tells")
	eventually(t, func() bool { return customers[0].say(customers[0].question()) == nil }, "taking messages again")
	settle(customers)
	found, _ := wrongs(customers)
	for _, wrong := range found {
		t.Error(wrong)
	}
	s.stop()
}
