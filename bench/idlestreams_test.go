package bench

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/bench/budget"
)

// measureStreams opens event streams of as many conversations, takes what they cost while nothing is said, and how soon
// each has a message that is said in its conversation: one alone, and all at once.
func measureStreams(b *testing.B, run *budget.Run) {
	const batches, batch, heartbeats = 4, 500, 30 * time.Second // two of each stream
	p := startYingda(b, nil).ready()
	all := make([]*stream, batches*batch)
	for i := range all {
		all[i] = &stream{conversation: openConversation(b, p.url), told: make(chan time.Time, 10)}
	}
	sendAll(b, turnConcurrency, asks(b, p.url, 2000)) // to warm up
	alone, held := idleShare(p, heartbeats/3), p.memory("RssAnon")
	var reading sync.WaitGroup
	ctx, cancel := context.WithCancel(b.Context())
	transport := &http.Transport{MaxIdleConnsPerHost: -1}
	defer reading.Wait()
	defer cancel()
	for some := range slices.Chunk(all, batch) {
		for _, s := range some {
			s.open(ctx, b, &http.Client{Transport: transport}, p.url, &reading)
		}
		now := p.memory("RssAnon")
		run.Add("idle stream", 1e6*(now-held)/batch)
		held = now
	}
	idle := idleShare(p, heartbeats)
	run.Add("10000 idle streams", 100*max(0, idle-alone)*10_000/float64(len(all)))
	var single []time.Duration
	for _, s := range all[:200] {
		single = append(single, s.say(b, p.url, "刷卡手续费一般是多少"))
	}
	run.Add("message to a stream p50", p50(single))
	run.Add("message to all streams p99", p99(sayAll(b, p.url, all)))
}

// idleShare is the share of a core that a process uses in the next while.
func idleShare(p *process, while time.Duration) float64 {
	before := p.cpu()
	time.Sleep(while)
	return float64(p.cpu()-before) / float64(while)
}

// stream is an open event stream.
type stream struct {
	conversation
	told chan time.Time // when an event came
	said int            // how many messages were sent
}

// open opens the stream, and reads it until ctx ends.
func (s *stream) open(ctx context.Context, b *testing.B, client *http.Client, url string, reading *sync.WaitGroup) {
	b.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/v1/conversations/"+s.ID+"/events", http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.Token)
	res, err := client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		b.Fatal(res.Status)
	}
	reading.Go(func() {
		defer func() { _ = res.Body.Close() }() // ctx has ended it
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "data:") {
				select {
				case s.told <- time.Now():
				default: // nobody waits for it
				}
			}
		}
	})
}

// say says something in the stream's conversation, and returns how long the stream took to tell of it after it was acknowledged.
func (s *stream) say(b *testing.B, url, text string) time.Duration {
	b.Helper()
	for len(s.told) > 0 {
		<-s.told
	}
	s.said++
	said := map[string]string{"client_id": fmt.Sprint("m", s.said), "text": text}
	for begin := time.Now(); ; { // as clients do where a server has too much to do
		err := doRequest(http.DefaultClient, post(b, url+"/api/v1/conversations/"+s.ID+"/messages", s.Token, said))
		if err == nil {
			break
		}
		if time.Since(begin) > patience {
			b.Error(err)
			return patience
		}
	}
	acknowledged := time.Now()
	select {
	case at := <-s.told:
		return max(0, at.Sub(acknowledged))
	case <-time.After(patience):
		b.Error("a stream tells nothing")
		return patience
	}
}

// sayAll says something in every stream's conversation, by many clients, and returns what each stream took to tell of it.
func sayAll(b *testing.B, url string, all []*stream) []time.Duration {
	b.Helper()
	took := make([]time.Duration, len(all))
	work := make(chan int, len(all))
	for i := range all {
		work <- i
	}
	close(work)
	var done sync.WaitGroup
	for range turnConcurrency {
		done.Go(func() {
			for i := range work {
				took[i] = all[i].say(b, url, "打印机不出纸怎么办")
			}
		})
	}
	done.Wait()
	return took
}
