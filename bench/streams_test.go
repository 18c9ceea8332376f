package bench

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

// The size of BenchmarkStreams.
const (
	weighedStreams = 2000             // whose memory is taken
	maxStreams     = 10_000           // that hear one message, as far as there are descriptors
	silence        = 45 * time.Second // three heartbeats
)

// BenchmarkStreams opens event streams, as many as a node takes, whose clients are in this process, too: what one takes of
// memory, what all take of a core and of the database while nothing is said, and how long one message to all of them takes
// from its commit, by another process, until each client has it.
func BenchmarkStreams(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkStreams(b, store.Options{Dir: b.TempDir()}) })
	b.Run("postgres", func(b *testing.B) { benchmarkStreams(b, store.Options{DSN: storetest.StartPostgres(b).Database(b)}) })
}

func benchmarkStreams(b *testing.B, o store.Options) {
	db, err := store.Open(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	outside := storetest.OpenNeighbour(b, o)
	server := httptest.NewServer(api.New(api.Config{
		Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(), Conversations: db, Limits: api.Limits{AddressStreams: maxStreams},
	}))
	b.Cleanup(server.Close)
	for b.Loop() {
		audience := openStreams(b, db, server.Listener.Addr(), 1)
		before := inUse()
		audience = append(audience, openStreams(b, db, server.Listener.Addr(), weighedStreams)...)
		b.ReportMetric(float64(inUse()-before)/weighedStreams, "B/stream")
		audience = append(audience, openStreams(b, db, server.Listener.Addr(), streamsThatFit(b)-len(audience))...)
		b.ReportMetric(float64(len(audience)), "streams")
		cpu, transactions := cpuTime(b), outside.Transactions(b)
		time.Sleep(silence)
		b.ReportMetric(100*(cpuTime(b)-cpu).Seconds()/silence.Seconds(), "core-%")
		b.ReportMetric((outside.Transactions(b)-transactions)/silence.Seconds(), "transactions/s")
		times := broadcast(b, outside, audience)
		b.ReportMetric(p99(times), "p99-ms")
		b.ReportMetric(p50(times), "p50-ms")
	}
}

// streamsThatFit is how many there can be, for each takes two descriptors.
func streamsThatFit(b *testing.B) int {
	b.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		b.Fatal(err)
	}
	return min(maxStreams, (int(limit.Cur)-500)/2)
}

// inUse is how many bytes of heap and stacks are in use.
func inUse() uint64 {
	runtime.GC()
	runtime.GC() // pools let go of their contents at the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// cpuTime is what this process has used.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// listener is the client of a stream.
type listener struct {
	conversation string
	conn         net.Conn
}

// openStreams opens the streams of new conversations, and returns when each has begun.
func openStreams(b *testing.B, db *store.Store, at net.Addr, n int) []listener {
	b.Helper()
	out := make([]listener, n)
	work := make(chan int, n)
	for i := range n {
		work <- i
	}
	close(work)
	var done sync.WaitGroup
	for range turnConcurrency {
		done.Go(func() {
			for i := range work {
				var err error
				if out[i], err = openStream(b.Context(), db, at); err != nil {
					b.Error(err)
				}
			}
		})
	}
	done.Wait()
	if b.Failed() {
		b.FailNow()
	}
	return out
}

func openStream(ctx context.Context, db *store.Store, at net.Addr) (l listener, err error) {
	c, token, err := db.OpenConversation(ctx, chat.OpenRequest{Channel: "widget"})
	if err != nil {
		return l, err
	}
	if l.conn, err = new(net.Dialer).DialContext(ctx, at.Network(), at.String()); err != nil {
		return l, err
	}
	l.conversation = c.ID
	_, err = fmt.Fprintf(l.conn, "GET /api/v1/conversations/%s/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", c.ID, token)
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
		conversations[i] = l.conversation
		heard.Go(func() {
			if err := l.read(notice); err != nil {
				b.Error(err)
			}
			arrived[i] = time.Now()
		})
	}
	var start time.Time
	var cpu time.Duration
	outside.Broadcast(b, conversations, notice, func() { start, cpu = time.Now(), cpuTime(b) })
	heard.Wait()
	b.ReportMetric(float64((cpuTime(b)-cpu).Microseconds())/float64(len(audience)), "cpu-µs/told")
	times := make([]time.Duration, len(audience))
	for i, at := range arrived {
		times[i] = at.Sub(start)
		_ = audience[i].conn.Close()
	}
	return times
}
