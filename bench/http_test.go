package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/bot"
)

// askConcurrency is how many connections ask at once.
const askConcurrency = 32

// BenchmarkAskHTTP compares POST /api/v1/ask, every question different, with a bare Echo handler
// that binds the same body and replies, in turn within one run.
func BenchmarkAskHTTP(b *testing.B) {
	lib, ix := loadBundled(b)
	answers := bot.New(lib, ix, bot.DefaultPolicy(), time.Now)
	e := api.New(api.Config{
		Guide:    func() api.Guide { return api.Guide{Library: lib, Searcher: ix, Bot: answers} },
		Problems: func() []string { return nil },
		Log:      slog.New(slog.DiscardHandler),
		Registry: prometheus.NewRegistry(),
	})
	bare := echo.New()
	bare.POST("/api/v1/ask", func(c echo.Context) error {
		var in struct {
			Question string `json:"question"`
		}
		if err := c.Bind(&in); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, in)
	})
	bodies := askBodies(b)
	ask, echoed := httptest.NewServer(e), httptest.NewServer(bare)
	defer ask.Close()
	defer echoed.Close()
	var asked, bound float64
	const rounds = 3
	for b.Loop() {
		for range rounds {
			bound += perSecond(b, echoed.URL, bodies)
			asked += perSecond(b, ask.URL, bodies)
		}
	}
	b.ReportMetric(asked/rounds/float64(b.N), "ask/s")
	b.ReportMetric(bound/rounds/float64(b.N), "bare/s")
	b.ReportMetric(asked/bound, "ratio")
}

// askBodies are requests that all differ.
func askBodies(tb testing.TB) [][]byte {
	tb.Helper()
	var bodies [][]byte
	for round := range 4 {
		for _, q := range goldenQuestions(tb) {
			body, err := json.Marshal(map[string]string{"question": fmt.Sprintf("%s %d", q, 1000+round)})
			if err != nil {
				tb.Fatal(err)
			}
			bodies = append(bodies, body)
		}
	}
	return bodies
}

// perSecond posts every body once over all clients.
func perSecond(tb testing.TB, url string, bodies [][]byte) float64 {
	tb.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: askConcurrency}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	work := make(chan []byte, len(bodies))
	for _, body := range bodies {
		work <- body
	}
	close(work)
	start := time.Now()
	var done sync.WaitGroup
	for range askConcurrency {
		done.Go(func() {
			for body := range work {
				if err := post(tb.Context(), client, url, body); err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	done.Wait()
	return float64(len(bodies)) / time.Since(start).Seconds()
}

// post asks one question and reads the whole answer.
func post(ctx context.Context, client *http.Client, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/v1/ask", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusOK {
		err = errors.Join(err, errors.New(res.Status))
	}
	return errors.Join(err, res.Body.Close())
}
