package faults

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// host serves a stand-in at an address. It may be away for a while.
type host struct {
	t       testing.TB
	address string
	handler http.Handler
	server  *http.Server
}

// newHost opens one.
func newHost(t testing.TB, h http.Handler) *host {
	t.Helper()
	o := &host{t: t, address: "127.0.0.1:0", handler: h}
	o.open()
	t.Cleanup(o.close)
	return o
}

// url is where it is.
func (o *host) url() string { return "http://" + o.address }

// open takes connections, at the same address as before.
func (o *host) open() {
	o.t.Helper()
	l, err := new(net.ListenConfig).Listen(o.t.Context(), "tcp", o.address)
	must(o.t, err)
	o.address, o.server = l.Addr().String(), &http.Server{Handler: o.handler, ReadHeaderTimeout: 10 * time.Second}
	go func(s *http.Server) { _ = s.Serve(l) }(o.server) // its only error is that it was closed
}

// close cuts all connections, and has new ones refused.
func (o *host) close() { _ = o.server.Close() }

// front is the public address of nodes: it hands each request to the next one. While a node is not there the
// request waits, as with a proxy that is patient.
type front struct {
	*host
	transport *http.Transport

	mu    sync.Mutex
	nodes []*server
	next  int
}

func newFront(t testing.TB) *front {
	t.Helper()
	f := &front{transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	t.Cleanup(f.transport.CloseIdleConnections)
	f.host = newHost(t, f)
	return f
}

// join adds nodes.
func (f *front) join(nodes ...*server) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.nodes = append(f.nodes, nodes...)
}

func (f *front) node() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	return f.nodes[f.next%len(f.nodes)].address
}

// ServeHTTP hands a request on. When a node is killed over it, the caller's connection breaks.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	for {
		out := r.Clone(r.Context())
		out.URL.Scheme, out.URL.Host, out.RequestURI = "http", f.node(), ""
		out.Body = io.NopCloser(bytes.NewReader(body))
		res, err := f.transport.RoundTrip(out)
		if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" && r.Context().Err() == nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer res.Body.Close() //nolint:errcheck // it is only read
		for name, values := range res.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(res.StatusCode)
		if _, err := io.Copy(w, res.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
		return
	}
}

// keepSecret fails the test when, at its end, a log holds one of the secrets.
func keepSecret(t testing.TB, nodes []*server, secrets func() []string) {
	t.Helper()
	t.Cleanup(func() {
		for _, s := range nodes {
			for _, secret := range secrets() {
				if strings.Contains(s.output(), secret) {
					t.Errorf("a secret is in the log: %.6s…", secret)
				}
			}
		}
	})
}
