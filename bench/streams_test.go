package bench

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/yingda/yingda/bench/budget"
	"github.com/yingda/yingda/store/storetest"
)

// measureStreams opens as many event streams as a node takes, on either database, and takes what they cost while nothing is
// said, and how long one message to all of them takes from its commit, by another process, until each client has it.
func measureStreams(b *testing.B, run *budget.Run) {
	const batches, silence = 5, 30 * time.Second // two heartbeats of each stream
	for _, d := range databases(b) {
		o := d.fresh()
		p := startOn(b, o).ready()
		outside := storetest.OpenNeighbour(b, o)
		people := openConversations(b, p.url, streamsThatFit(b))
		sendAll(b, turnConcurrency, asks(b, p.url, 2000)) // to warm up
		alone, held := idleShare(p, silence/3), p.memory("RssAnon")
		var audience []listener
		for some := range slices.Chunk(people, (len(people)+batches-1)/batches) {
			audience = append(audience, openStreams(b, p, some)...)
			now := p.memory("RssAnon")
			run.Add("idle stream "+d.name, 1e6*(now-held)/float64(len(some)))
			held = now
		}
		time.Sleep(silence / 3) // PostgreSQL counts up to 10 s late what it did at the opening
		transactions := outside.Transactions(b)
		share := max(0, idleShare(p, silence)-alone) / float64(len(people))
		run.Add("10000 idle streams "+d.name, 100*10_000*share)
		if o.DSN != "" {
			run.Add("idle streams transactions", (outside.Transactions(b)-transactions)/silence.Seconds())
		}
		times := broadcast(b, outside, audience)
		run.Add("message to all streams "+d.name+" p50", p50(times))
		run.Add("message to all streams "+d.name+" p99", p99(times))
		p.stop()
	}
}

// streamsThatFit is how many there can be: 10,000, as far as there are descriptors.
func streamsThatFit(b *testing.B) int {
	b.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		b.Fatal(err)
	}
	return min(10_000, int(limit.Cur)-500)
}

// idleShare is the share of a core that a process uses in the next while.
func idleShare(p *process, while time.Duration) float64 {
	before := p.cpu()
	time.Sleep(while)
	return float64(p.cpu()-before) / float64(while)
}

// listener is the client of a stream.
type listener struct {
	conversation
	conn net.Conn
}

// openStreams opens the streams of conversations, and returns when each has begun.
func openStreams(b *testing.B, p *process, people []conversation) []listener {
	b.Helper()
	out := make([]listener, len(people))
	inParallel(turnConcurrency, len(people), func(i int) {
		var err error
		if out[i], err = openStream(b, p, people[i]); err != nil {
			b.Error(err)
		}
	})
	if b.Failed() {
		b.FailNow()
	}
	return out
}

func openStream(b *testing.B, p *process, c conversation) (l listener, err error) {
	l.conversation = c
	if l.conn, err = new(net.Dialer).DialContext(b.Context(), "tcp", p.address()); err != nil {
		return l, err
	}
	_, err = fmt.Fprintf(l.conn, "GET /api/v1/conversations/%s/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", c.ID, c.Token)
	if err != nil {
		return l, err
	}
	return l, l.read("retry: 1000\n\n")
}

// read reads until some text has come.
func (l listener) read(text string) error {
	var got []byte
	for buffer := make([]byte, 1024); !strings.Contains(string(got), text); {
		n, err := l.conn.Read(buffer)
		if err != nil {
			return fmt.Errorf("after %q: %w", got, err)
		}
		got = append(got, buffer[:n]...)
	}
	return nil
}

// broadcast says one thing to the whole audience, by one commit, and returns how long each waited for it.
func broadcast(b *testing.B, outside storetest.Neighbour, audience []listener) []time.Duration {
	b.Helper()
	const notice = "今晚系统维护"
	conversations, arrived := make([]string, len(audience)), make([]time.Time, len(audience))
	var heard sync.WaitGroup
	for i, l := range audience {
		conversations[i] = l.ID
		heard.Go(func() {
			if err := l.read(notice); err != nil {
				b.Error(err)
			}
			arrived[i] = time.Now()
		})
	}
	var start time.Time
	outside.Broadcast(b, conversations, notice, func() { start = time.Now() })
	heard.Wait()
	times := make([]time.Duration, len(audience))
	for i, at := range arrived {
		times[i] = at.Sub(start)
		_ = audience[i].conn.Close()
	}
	return times
}
