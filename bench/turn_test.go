package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/media"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

// turnConcurrency is how many customers wait for a reply at once.
const turnConcurrency = 64

// BenchmarkTurnHTTP compares a whole durable turn, POST …/messages, with POST /ask, which keeps
// nothing, in turn within one run. The questions are the same, five to a conversation.
func BenchmarkTurnHTTP(b *testing.B) {
	for name, dsn := range map[string]func(b *testing.B) string{
		"sqlite":   func(*testing.B) string { return "" },
		"postgres": func(b *testing.B) string { return storetest.StartPostgres(b).Database(b) },
	} {
		b.Run(name, func(b *testing.B) { benchmarkTurns(b, dsn(b)) })
	}
}

func benchmarkTurns(b *testing.B, dsn string) {
	db, err := store.Open(b.Context(), store.Options{Dir: b.TempDir(), DSN: dsn})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	server := httptest.NewServer(newAPI(b, db))
	b.Cleanup(server.Close)
	var asked, turned []time.Duration
	var askTime, turnTime time.Duration
	const rounds = 3
	for b.Loop() {
		for range rounds {
			took, each := sendAll(b, askRequests(b, server.URL))
			askTime, asked = askTime+took, append(asked, each...)
			took, each = sendAll(b, turnRequests(b, server.URL, db))
			turnTime, turned = turnTime+took, append(turned, each...)
		}
	}
	asks, turns := float64(len(asked))/askTime.Seconds(), float64(len(turned))/turnTime.Seconds()
	b.ReportMetric(asks, "ask/s")
	b.ReportMetric(turns, "turn/s")
	b.ReportMetric(turns/asks, "ratio")
	b.ReportMetric(p99(asked), "ask-p99-ms")
	b.ReportMetric(p99(turned), "turn-p99-ms")
}

// newAPI serves every route, wired as serve wires them.
func newAPI(b *testing.B, db *store.Store) http.Handler {
	b.Helper()
	lib, ix := loadBundled(b)
	plain := bot.New(lib, ix, bot.DefaultPolicy(), time.Now)
	hours := new(desk.Hours)
	handing := plain.WithHandover(bot.Handover{Hours: hours, Number: bot.Numbers(time.Now, rand.Reader)})
	sealer, err := privacy.NewSealer(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	masker := privacy.NewMasker()
	pictures, err := media.New(b.TempDir(), nil)
	if err != nil {
		b.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	return api.New(api.Config{
		Guide:         func() api.Guide { return api.Guide{Library: lib, Searcher: ix, Bot: plain} },
		Problems:      func() []string { return nil },
		Log:           slog.New(slog.DiscardHandler),
		Registry:      registry,
		Conversations: db,
		Inbox: bot.NewInbox(bot.InboxConfig{
			Store: db, Bot: func() bot.Stepper { return handing }, Masker: masker, Sealer: sealer, Observe: api.ObserveTurns(registry),
		}),
		Media:    pictures,
		Desk:     desk.New(desk.Config{Store: db, Mask: func(s string) string { return s }}),
		Agents:   db,
		Database: db,
	})
}

// requestChain is requests that wait for each other.
type requestChain []*http.Request

// askRequests are questions of many customers.
func askRequests(b *testing.B, url string) []requestChain {
	b.Helper()
	var out []requestChain
	for i, body := range askBodies(b) {
		if i%turnsPerConversation == 0 {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], request(b, url+"/api/v1/ask", "", body))
	}
	return out
}

// turnsPerConversation is how many questions are asked in one.
const turnsPerConversation = 5

// turnRequests are the same questions, in new conversations.
func turnRequests(b *testing.B, url string, db *store.Store) []requestChain {
	b.Helper()
	var out []requestChain
	var conversation chat.Conversation
	var token string
	for i, body := range askBodies(b) {
		var err error
		if i%turnsPerConversation == 0 {
			out = append(out, nil)
			if conversation, token, err = db.OpenConversation(b.Context(), chat.OpenRequest{Channel: "api", Account: "default"}); err != nil {
				b.Fatal(err)
			}
		}
		var asked struct{ Question string }
		if err := json.Unmarshal(body, &asked); err != nil {
			b.Fatal(err)
		}
		said, err := json.Marshal(map[string]string{"client_id": fmt.Sprint("m", i), "text": asked.Question})
		if err != nil {
			b.Fatal(err)
		}
		out[len(out)-1] = append(out[len(out)-1], request(b, url+"/api/v1/conversations/"+conversation.ID+"/messages", token, said))
	}
	return out
}

func request(b *testing.B, url, token string, body []byte) *http.Request {
	b.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(b.Context()), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

// sendAll sends all chains with turnConcurrency clients, and returns how long that took, and each request.
func sendAll(b *testing.B, chains []requestChain) (took time.Duration, each []time.Duration) {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: turnConcurrency}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	work := make(chan requestChain, len(chains))
	for _, chain := range chains {
		work <- chain
	}
	close(work)
	times := make([][]time.Duration, turnConcurrency)
	start := time.Now()
	var done sync.WaitGroup
	for i := range turnConcurrency {
		done.Go(func() {
			for chain := range work {
				for _, r := range chain {
					begin := time.Now()
					if err := doRequest(client, r); err != nil {
						b.Error(err)
						return
					}
					times[i] = append(times[i], time.Since(begin))
				}
			}
		})
	}
	done.Wait()
	return time.Since(start), slices.Concat(times...)
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

// p99 is what 99 of 100 stay below, in milliseconds.
func p99(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)*99/100]) / 1e6
}
