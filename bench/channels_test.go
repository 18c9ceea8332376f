package bench

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/bench/budget"
	"github.com/yingda/yingda/internal/standin/telegram"
	"github.com/yingda/yingda/internal/standin/wechat"
)

// measureTelegram takes how long it takes from what a customer says until the answer is at Telegram's door, by
// the program as it ships, on SQLite: polling and by webhook, one customer at a time and many at once. A bare round
// trip to the same program, as many at once, is measured in turn within one run.
func measureTelegram(b *testing.B, run *budget.Run) {
	for _, pushed := range []bool{false, true} {
		for _, customers := range []int{1, turnConcurrency} {
			people := telegram.New(telegram.Config{})
			standin := serveHandler(b, people)
			b.Cleanup(people.Close)
			people.SetLimits(telegram.Limits{Off: true})
			bot, err := people.Populate(telegram.Demo{})
			if err != nil {
				b.Fatal(err)
			}
			settings := []string{"YINGDA_TELEGRAM_TOKEN=" + bot.Token, "YINGDA_TELEGRAM_API=" + standin}
			way, address := "polled", freeAddress(b)
			if pushed {
				way = "pushed"
				settings = append(settings, "YINGDA_TELEGRAM_WEBHOOK=http://"+address, "YINGDA_TELEGRAM_SECRET=secret-of-the-benchmark")
			}
			p := startYingdaAt(b, address, settings).ready()
			measureChannel(b, run, fmt.Sprintf("%s, %s", way, crowdName(customers)), p, customers, telegramCustomers(people))
			p.stop()
		}
	}
}

// measureWechat takes how long WeChat waits for the answer to what a customer says, likewise.
func measureWechat(b *testing.B, run *budget.Run) {
	for _, customers := range []int{1, turnConcurrency} {
		platform := wechat.New(wechat.Config{})
		standin := serveHandler(b, platform)
		b.Cleanup(platform.Close)
		address := freeAddress(b)
		practice := wechat.DefaultPractice(standin, "http://"+address+"/hooks/wechat/default", "")
		account, err := platform.AddAccount(practice.Account)
		if err != nil {
			b.Fatal(err)
		}
		p := startYingdaAt(b, address, []string{
			"YINGDA_WECHAT_APPID=" + practice.Account.AppID, "YINGDA_WECHAT_SECRET=" + practice.Account.Secret, "YINGDA_WECHAT_TOKEN=" + practice.Account.Token,
			"YINGDA_WECHAT_AESKEY=" + practice.Account.AESKey, "YINGDA_WECHAT_API=" + standin,
		}).ready()
		measureChannel(b, run, "wechat, "+crowdName(customers), p, customers, wechatCustomers(b, account))
		p.stop()
	}
}

// crowdName is how the table of figures calls so many customers.
func crowdName(customers int) string {
	if customers == 1 {
		return "one customer"
	}
	return fmt.Sprint(customers, " customers")
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

// askFunc asks a question as a customer, and returns how long the answer took.
type askFunc func(question string) time.Duration

// measureChannel has so many customers at once ask, and takes what an answer takes, and what a bare round trip.
func measureChannel(b *testing.B, run *budget.Run, name string, p *process, customers int, newCustomer func() askFunc) {
	b.Helper()
	const rounds = 4
	transport := &http.Transport{MaxIdleConnsPerHost: customers}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	trip := func(string) time.Duration {
		begin := time.Now()
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, p.url+"/healthz", http.NoBody)
		if err == nil {
			err = doRequest(client, r)
		}
		if err != nil {
			b.Error(err)
		}
		return time.Since(begin)
	}
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
	for range rounds {
		bare, answered := crowd(func() askFunc { return trip }), crowd(newCustomer)
		run.Add(name+" p50", p50(answered))
		run.Add(name+" p99", p99(answered))
		run.Add(name+" p50/round trip", p50(answered)/p50(bare))
	}
}

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
