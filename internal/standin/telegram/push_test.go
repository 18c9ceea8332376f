package telegram_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/internal/standin/telegram"
)

// receiver is a webhook without a network, so that time can be synthetic.
type receiver struct {
	mu      sync.Mutex
	answer  func(n int, w http.ResponseWriter, r *http.Request) // n counts from 1
	n       int
	got     []string // texts, in the order of arrival
	at      []time.Time
	secrets []string
	busy    int
	most    int // were busy at once
}

func (v *receiver) RoundTrip(r *http.Request) (*http.Response, error) {
	var u update
	if err := json.NewDecoder(r.Body).Decode(&u); err != nil {
		return nil, err
	}
	v.mu.Lock()
	v.n++
	n := v.n
	if u.Message != nil {
		v.got = append(v.got, u.Message.Text)
	}
	v.at = append(v.at, time.Now())
	v.secrets = append(v.secrets, r.Header.Get("X-Telegram-Bot-Api-Secret-Token"))
	v.busy++
	v.most = max(v.most, v.busy)
	v.mu.Unlock()
	defer func() { v.mu.Lock(); v.busy--; v.mu.Unlock() }()
	w := httptest.NewRecorder()
	if v.answer != nil {
		v.answer(n, w, r)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if w.Code == 0 {
		return nil, errors.New("cut")
	}
	return w.Result(), nil
}

// taken returns what has come so far, and how many came at once at most.
func (v *receiver) taken() ([]string, int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.got), v.most
}

// times returns when it came, and with which secrets.
func (v *receiver) times() ([]time.Time, []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.at), slices.Clone(v.secrets)
}

// hooked starts a stand-in whose bot has a webhook, in a bubble of synthetic time.
func hooked(t *testing.T, v *receiver, form string) *telegram.Server {
	t.Helper()
	s := stand(t, telegram.Config{Client: &http.Client{Transport: v}, Limits: telegram.Limits{Off: true}})
	drain(t, s)
	if a := ask(t, s, "setWebhook", "url=https://bot.example/hook&secret_token=s3cret&"+form); !a.OK || a.Description != "Webhook was set" {
		t.Fatalf("setWebhook: %+v", a)
	}
	return s
}

func say(t *testing.T, s *telegram.Server, user int64, texts ...string) {
	t.Helper()
	for _, text := range texts {
		got(s.Say(user, telegram.Place{Chat: user}, text)).must(t)
	}
}

// TestPushRepeats checks when an update that is not taken comes again, and that its chat waits for it.
func TestPushRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &receiver{answer: func(n int, w http.ResponseWriter, _ *http.Request) {
			if n <= 9 {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}}
		s := hooked(t, v, "")
		start := time.Now()
		say(t, s, customer, "一", "二")
		time.Sleep(time.Second)
		if info := s.Webhook(0); info.PendingUpdateCount != 2 || info.LastErrorMessage != "Wrong response from the webhook: 500 Internal Server Error" || info.LastErrorDate == 0 {
			t.Errorf("getWebhookInfo says %+v", info)
		}
		time.Sleep(30 * time.Minute)
		var gaps []time.Duration
		last := start
		times, secrets := v.times()
		for _, at := range times {
			gaps = append(gaps, at.Sub(last))
			last = at
		}
		want := []time.Duration{0, 0, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second}
		if !slices.Equal(gaps[:7], want) {
			t.Errorf("it came after %v, want %v and then 60s to 120s", gaps, want)
		}
		for _, gap := range gaps[7:10] {
			if gap < 60*time.Second || gap > 120*time.Second {
				t.Errorf("it came after %v, want 60s to 120s at last", gaps)
			}
		}
		if got, _ := v.taken(); strings.Join(got, "") != strings.Repeat("一", 10)+"二" {
			t.Errorf("came: %v", got)
		}
		if secrets[0] != "s3cret" {
			t.Errorf("the secret header is %q", secrets[0])
		}
	})
}

func TestPushAnswers(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer func(n int, w http.ResponseWriter, r *http.Request)
		after  time.Duration // from the first to the second try
		says   string
	}{
		{"Retry-After is obeyed", func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.Header().Set("Retry-After", "33")
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}, 33 * time.Second, "Wrong response from the webhook: 503 Service Unavailable"},
		{"but not beyond an hour", func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.Header().Set("Retry-After", "86000")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}, time.Hour, "Wrong response from the webhook: 429 Too Many Requests"},
		{"no answer for a minute is a failure", func(n int, _ http.ResponseWriter, r *http.Request) {
			if n == 1 {
				<-r.Context().Done()
			}
		}, time.Minute, "Read timeout expired"},
		{"a redirect is a failure", func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.Header().Set("Location", "https://bot.example/elsewhere")
				w.WriteHeader(http.StatusFound)
			}
		}, 0, "Wrong response from the webhook: 302 Found"},
		{"any 2xx will do", func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.WriteHeader(http.StatusNoContent)
			}
		}, -1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &receiver{answer: tt.answer}
				s := hooked(t, v, "")
				say(t, s, customer, "x")
				time.Sleep(2 * time.Hour)
				after := time.Duration(-1)
				if times, _ := v.times(); len(times) > 1 {
					after = times[1].Sub(times[0])
				}
				if after != tt.after || s.Webhook(0).LastErrorMessage != tt.says || s.Pending(0) != 0 {
					t.Errorf("came again after %v, want %v; the error is %q", after, tt.after, s.Webhook(0).LastErrorMessage)
				}
			})
		})
	}
}

// TestPushLanes checks that chats are independent of each other, each in order, within the connections.
func TestPushLanes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &receiver{answer: func(int, http.ResponseWriter, *http.Request) { time.Sleep(time.Second) }}
		s := hooked(t, v, "max_connections=3")
		for id := range int64(5) {
			s.AddUser(telegram.User{ID: 5000 + id, FirstName: "x"})
			for n := range 4 {
				say(t, s, 5000+id, fmt.Sprintf("%d.%d", id, n))
			}
		}
		time.Sleep(time.Minute)
		got, most := v.taken()
		if len(got) != 20 || most != 3 {
			t.Errorf("%d came, %d at once, want 20 and 3", len(got), most)
		}
		last := map[string]string{}
		for _, text := range got {
			chat, n, _ := strings.Cut(text, ".")
			if n <= last[chat] {
				t.Errorf("%s came after %s", text, last[chat])
			}
			last[chat] = n
		}
	})
}

func TestPushFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &receiver{answer: func(int, http.ResponseWriter, *http.Request) { time.Sleep(time.Second) }}
		s := hooked(t, v, "")
		s.SetRepeats(telegram.Repeats{Times: 20, Shuffle: true})
		for n := range 8 {
			say(t, s, customer, fmt.Sprint(n))
		}
		time.Sleep(time.Minute)
		got, most := v.taken()
		if len(got) != 8*20 || most <= 20 || slices.IsSorted(got) {
			t.Errorf("%d came, %d at once, want each of 8 twenty times, many at once and in no order", len(got), most)
		}
	})
}

// TestPushEnds checks how long an update and a webhook live.
func TestPushEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var status atomic.Int32
		status.Store(http.StatusInternalServerError)
		v := &receiver{answer: func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) }}
		s := hooked(t, v, "")
		say(t, s, customer, "x")
		time.Sleep(23 * time.Hour)
		if s.Pending(0) != 1 {
			t.Error("an update was given up before a day had passed")
		}
		time.Sleep(2 * time.Hour)
		if s.Pending(0) != 0 {
			t.Error("an update is tried after a day")
		}
		status.Store(http.StatusGone)
		say(t, s, customer, "y")
		time.Sleep(22 * time.Hour)
		if s.Webhook(0).URL == "" {
			t.Error("the webhook is gone before 23 hours of 410")
		}
		time.Sleep(90 * time.Minute)
		if s.Webhook(0).URL != "" {
			t.Error("the webhook is there after 23 hours of 410")
		}
	})
}

// TestPushCalls checks that a webhook may put a call into its answer.
func TestPushCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &receiver{answer: func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"method":"sendMessage","chat_id":%d,"text":"收到"}`, customer)
		}}
		s := hooked(t, v, "")
		say(t, s, customer, "x")
		synctest.Wait()
		if calls := s.Calls("sendMessage"); len(calls) != 1 || !calls[0].Accepted {
			t.Errorf("calls: %+v", calls)
		}
	})
}
