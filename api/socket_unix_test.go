//go:build unix

package api

import (
	"bytes"
	"io"
	"net"
	"syscall"
	"testing"
)

// TestWriteNow: a write takes what the connection takes at once and keeps the rest, without waiting for the client and
// without losing a byte. It tells when the client is gone.
func TestWriteNow(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	client, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	s := &stream{conn: conn, raw: raw, chunked: true}
	if o := s.write(outcome{data: []byte(":\n\n")}); o.err != nil || len(o.unsent) > 0 {
		t.Fatalf("a heartbeat: %d bytes are left, %v", len(o.unsent), o.err)
	}
	data := bytes.Repeat([]byte("在吗"), 8<<20) // more than any connection holds
	o := s.write(outcome{data: data})
	if o.err != nil || len(o.unsent) == 0 || len(o.unsent) > len(data) {
		t.Fatalf("of %d bytes %d are left, %v", len(data), len(o.unsent), o.err)
	}
	for n := 1; n > 0; o.unsent = o.unsent[n:] { // until it takes nothing, which is no error
		if n, err = writeNow(raw, o.unsent); err != nil {
			t.Fatal(err)
		}
	}
	go func() { _, _ = conn.Write(o.unsent) }() // what is missing is seen below
	want := append([]byte("3\r\n:\n\n\r\n"), s.frame(data, false)...)
	got := make([]byte, len(want))
	if _, err := io.ReadFull(client, got); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("the client got something else: %v", err)
	}
	_ = client.Close()
	for o = (outcome{}); o.err == nil; {
		o = s.write(outcome{data: []byte(":\n\n")})
	}
	if len(o.unsent) > 0 {
		t.Errorf("%d bytes wait for a client that is gone", len(o.unsent))
	}
}
