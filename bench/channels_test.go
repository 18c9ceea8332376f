package bench

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/internal/standin/telegram"
	"github.com/yingda/yingda/internal/standin/wechat"
)

// BenchmarkTelegram measures how long it takes from what a customer says until the answer is at Telegram's door, by
// the program as it ships, on SQLite: polling and by webhook, one customer at a time and many at once. A bare round
// trip to the same program, as many at once, is measured in turn within one run.
func BenchmarkTelegram(b *testing.B) {
	bin := buildBinary(b)
	for _, pushed := range []bool{false, true} {
		for _, customers := range []int{1, turnConcurrency} {
			name := map[bool]string{false: "polled", true: "pushed"}[pushed]
			b.Run(fmt.Sprintf("%s/%d", name, customers), func(b *testing.B) {
				people := telegram.New(telegram.Config{})
				standin := serveHandler(b, people)
				b.Cleanup(people.Close)
				people.SetLimits(telegram.Limits{Off: true})
				address := freeAddress(b)
				bot, err := people.Populate(telegram.Demo{})
				if err != nil {
					b.Fatal(err)
				}
				env := []string{"YINGDA_TELEGRAM_TOKEN=" + bot.Token, "YINGDA_TELEGRAM_API=" + standin}
				if pushed {
					env = append(env, "YINGDA_TELEGRAM_WEBHOOK=http://"+address, "YINGDA_TELEGRAM_SECRET=benchmark")
				}
				startServer(b, bin, address, env)
				benchmarkChannel(b, address, customers, telegramCustomers(people))
			})
		}
	}
}

// BenchmarkWechat measures how long WeChat waits for the answer to what a customer says, likewise.
func BenchmarkWechat(b *testing.B) {
	bin := buildBinary(b)
	for _, customers := range []int{1, turnConcurrency} {
		b.Run(fmt.Sprint(customers), func(b *testing.B) {
			platform := wechat.New(wechat.Config{})
			standin := serveHandler(b, platform)
			b.Cleanup(platform.Close)
			address := freeAddress(b)
			p := wechat.DefaultPractice(standin, "http://"+address+"/hooks/wechat/default", "")
			account, err := platform.AddAccount(p.Account)
			if err != nil {
				b.Fatal(err)
			}
			startServer(b, bin, address, []string{
				"YINGDA_WECHAT_APPID=" + p.Account.AppID, "YINGDA_WECHAT_SECRET=" + p.Account.Secret, "YINGDA_WECHAT_TOKEN=" + p.Account.Token,
				"YINGDA_WECHAT_AESKEY=" + p.Account.AESKey, "YINGDA_WECHAT_API=" + standin,
			})
			benchmarkChannel(b, address, customers, wechatCustomers(b, account))
		})
	}
}

// serveHandler serves a stand-in, and returns its address.
func serveHandler(b *testing.B, h http.Handler) string {
	b.Helper()
	l, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.Serve(l) }() // its only error is that it was closed
	b.Cleanup(func() { _ = s.Close() })
	return "http://" + l.Addr().String()
}

// startServer runs the program until the benchmark ends.
func startServer(b *testing.B, bin, address string, env []string) {
	b.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(b.Context()), bin, "serve", "-listen", address, "-data", b.TempDir(), "-log", "error")
	cmd.Env = append(os.Environ(), env...)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			b.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	})
	for begin := time.Now(); !isReady(b.Context(), "http://"+address+"/readyz"); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			b.Fatal("not ready after 20 s")
		}
	}
}

// askFunc asks a question as a customer, and returns how long the answer took.
type askFunc func(question string) time.Duration

// benchmarkChannel has so many customers at once ask, and reports what an answer takes, and what a bare round trip.
func benchmarkChannel(b *testing.B, address string, customers int, newCustomer func() askFunc) {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: customers}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	trip := func(string) time.Duration {
		begin := time.Now()
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://"+address+"/healthz", http.NoBody)
		if err == nil {
			err = doRequest(client, r)
		}
		if err != nil {
			b.Error(err)
		}
		return time.Since(begin)
	}
	var bare, answered []time.Duration
	const rounds = 4
	crowd := func(newOne func() askFunc) []time.Duration {
		times := make([][]time.Duration, customers)
		var all sync.WaitGroup
		for i := range customers {
			all.Go(func() {
				for range max(1, 16/customers) {
					ask := newOne()
					for _, question := range sampleQuestions() {
						times[i] = append(times[i], ask(question))
					}
				}
			})
		}
		all.Wait()
		return slices.Concat(times...)
	}
	crowd(newCustomer) // to warm up
	for b.Loop() {
		for range rounds {
			bare = append(bare, crowd(func() askFunc { return trip })...)
			answered = append(answered, crowd(newCustomer)...)
		}
	}
	b.ReportMetric(p99(bare), "bare-p99-ms")
	b.ReportMetric(p99(answered), "p99-ms")
	b.ReportMetric(p50(bare), "bare-p50-ms") // p99 has sorted them
	b.ReportMetric(p50(answered), "p50-ms")
	b.ReportMetric(p50(answered)/p50(bare), "ratio")
}

// p50 is what half of sorted times stay below, in milliseconds.
func p50(times []time.Duration) float64 { return float64(times[len(times)/2]) / 1e6 }

// sampleQuestions are questions that the bot answers by itself.
func sampleQuestions() []string {
	return []string{"刷卡手续费一般是多少", "打印机不出纸怎么办", "跳商户怎么办", "机器连不上网怎么办", "押金怎么退", "刷卡成功但没到账怎么办"}
}

// telegramCustomers makes customers, each new.
func telegramCustomers(people *telegram.Server) func() askFunc {
	var mu sync.Mutex
	last := int64(10_000)
	arrived := map[int64]chan time.Time{}
	people.SetScript(func(c telegram.Call) telegram.Fault {
		mu.Lock()
		defer mu.Unlock()
		if at := arrived[c.Chat]; at != nil && c.Method == "sendMessage" {
			at <- time.Now()
		}
		return telegram.Fault{}
	})
	return func() askFunc {
		mu.Lock()
		defer mu.Unlock()
		last++
		id, at := last, make(chan time.Time, 100)
		arrived[id] = at
		people.AddUser(telegram.User{ID: id, FirstName: "顾客"})
		return func(question string) time.Duration {
			begin := time.Now()
			if _, err := people.Say(id, telegram.Place{Chat: id}, question); err != nil {
				panic(err) // nobody has blocked anybody
			}
			return (<-at).Sub(begin)
		}
	}
}

// wechatCustomers makes followers, each new.
func wechatCustomers(b *testing.B, account *wechat.OfficialAccount) func() askFunc {
	var mu sync.Mutex
	last := 0
	return func() askFunc {
		mu.Lock()
		last++
		f := account.Follower(fmt.Sprintf("oBenchmark%018d", last))
		mu.Unlock()
		f.Join()
		return func(question string) time.Duration {
			begin := time.Now()
			d := f.Say(b.Context(), question)
			if !d.OK() || len(d.Seen) == 0 {
				b.Errorf("no answer: %q", d.Fault)
			}
			return time.Since(begin)
		}
	}
}
