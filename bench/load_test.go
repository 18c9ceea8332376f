package bench

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// turnConcurrency is how many customers wait for a reply at once.
const turnConcurrency = 64

// chain is requests that wait for each other.
type chain []*http.Request

// turnsPerConversation is how many questions are asked in one, and how many requests a chain has.
const turnsPerConversation = 5

// sendAll sends all chains by so many clients, and returns how long that took, and each request.
func sendAll(tb testing.TB, atOnce int, chains []chain) (took time.Duration, each []time.Duration) {
	tb.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: atOnce, DisableCompression: true} // whoever wants gzip says so, and does not unpack it
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	times := make([][]time.Duration, len(chains))
	start := time.Now()
	inParallel(atOnce, len(chains), func(i int) {
		for _, r := range chains[i] {
			begin := time.Now()
			if err := doRequest(client, r); err != nil {
				tb.Error(err)
				return
			}
			times[i] = append(times[i], time.Since(begin))
		}
	})
	return time.Since(start), slices.Concat(times...)
}

// inParallel does n things, so many at once.
func inParallel(atOnce, n int, do func(i int)) {
	var next atomic.Int64
	var done sync.WaitGroup
	for range atOnce {
		done.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	done.Wait()
}

// doRequest sends a request and reads the whole answer.
func doRequest(client *http.Client, r *http.Request) error {
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	if res.StatusCode/100 != 2 {
		err = errors.Join(err, errors.New(res.Status))
	}
	return errors.Join(err, res.Body.Close())
}

// fetch sends a request and returns the whole answer's text, unpacked, and its size as it came.
func fetch(tb testing.TB, r *http.Request) (text string, size int) {
	tb.Helper()
	transport := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
	res, err := transport.RoundTrip(r)
	if err != nil {
		tb.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
		tb.Fatal(res.Status, err)
	}
	size = len(body)
	if res.Header.Get("Content-Encoding") == "gzip" {
		packed, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			tb.Fatal(err)
		}
		if body, err = io.ReadAll(packed); err != nil {
			tb.Fatal(err)
		}
	}
	return string(body), size
}

// asks are n questions of many customers, all different.
func asks(tb testing.TB, url string, n int) []chain {
	tb.Helper()
	requests := make([]*http.Request, n)
	for i, text := range questions(tb, n) {
		requests[i] = post(tb, url+"/api/v1/ask", "", map[string]string{"question": text})
	}
	return chained(requests)
}

// turns are the same questions, in new conversations.
func turns(tb testing.TB, url string, n int) []chain {
	tb.Helper()
	requests := make([]*http.Request, n)
	people := openConversations(tb, url, (n+turnsPerConversation-1)/turnsPerConversation)
	for i, text := range questions(tb, n) {
		c := people[i/turnsPerConversation]
		requests[i] = post(tb, url+"/api/v1/conversations/"+c.ID+"/messages", c.Token, map[string]string{"client_id": fmt.Sprint("m", i), "text": text})
	}
	return chained(requests)
}

// views are n requests of the same page by browsers that have not seen it.
func views(tb testing.TB, url string, n int) []chain {
	tb.Helper()
	requests := make([]*http.Request, n)
	for i := range requests {
		r, err := http.NewRequestWithContext(context.WithoutCancel(tb.Context()), http.MethodGet, url, http.NoBody)
		if err != nil {
			tb.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", "gzip")
		requests[i] = r
	}
	return chained(requests)
}

func chained(requests []*http.Request) []chain {
	var out []chain
	for c := range slices.Chunk(requests, turnsPerConversation) {
		out = append(out, c)
	}
	return out
}

// questions are n questions that all differ, of all kinds however few they are, and the same in every run.
func questions(tb testing.TB, n int) []string {
	tb.Helper()
	golden := goldenQuestions(tb)
	order := rand.New(rand.NewPCG(1, 2)).Perm(len(golden))
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s %d", golden[order[i%len(golden)]], 1000+i/len(golden))
	}
	return out
}

// conversation is one that was opened by the API.
type conversation struct{ ID, Token string }

// openConversations opens n of them, many at once.
func openConversations(tb testing.TB, url string, n int) []conversation {
	tb.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: turnConcurrency}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	out := make([]conversation, n)
	inParallel(turnConcurrency, n, func(i int) {
		res, err := client.Do(post(tb, url+"/api/v1/conversations", "", map[string]string{"channel": "api"}))
		if err != nil {
			tb.Error(err)
			return
		}
		if err := errors.Join(json.NewDecoder(res.Body).Decode(&out[i]), res.Body.Close()); err != nil || out[i].ID == "" {
			tb.Error("no conversation: ", res.Status, err)
		}
	})
	if tb.Failed() {
		tb.FailNow()
	}
	return out
}

func post(tb testing.TB, url, token string, body any) *http.Request {
	tb.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		tb.Fatal(err)
	}
	r, err := http.NewRequestWithContext(context.WithoutCancel(tb.Context()), http.MethodPost, url, bytes.NewReader(data))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

// p50 is what half of the times stay below, in milliseconds.
func p50(times []time.Duration) float64 { return percentile(times, 50) }

// p99 is what 99 of 100 stay below, in milliseconds.
func p99(times []time.Duration) float64 { return percentile(times, 99) }

func percentile(times []time.Duration, percent int) float64 {
	sorted := slices.Sorted(slices.Values(times))
	return milliseconds(sorted[len(sorted)*percent/100])
}

func milliseconds(d time.Duration) float64 { return float64(d) / 1e6 }
