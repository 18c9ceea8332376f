package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/internal/standin/telegram"
	"github.com/yingda/yingda/internal/standin/wechat"
)

// TestGarbage: whatever is posted to a hook, with a good signature or without one, is refused or passed over: no
// panic, no fault of ours, and little work.
func TestGarbage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		mode wechat.Mode
	}{{"plain mode", wechat.Plain}, {"safe mode", wechat.Safe}} {
		t.Run(tt.name, func(t *testing.T) {
			people := telegram.New(telegram.Config{})
			t.Cleanup(people.Close)
			bot, err := people.Populate(telegram.Demo{})
			must(t, err)
			const secret = "harness-secret-0"
			town := newWechatTown(t, wechatSetup{mode: tt.mode, debug: true, env: []string{
				"YINGDA_TELEGRAM_TOKEN=" + bot.Token, "YINGDA_TELEGRAM_API=" + newHost(t, people).url(),
				"YINGDA_TELEGRAM_WEBHOOK=http://127.0.0.1:1", "YINGDA_TELEGRAM_SECRET=" + secret,
			}})
			s := town.nodes[0]
			keepSecret(t, town.nodes, func() []string { return []string{bot.Token, secret} })
			hooks := "http://" + s.address + "/hooks/"
			for _, hook := range []struct {
				name string
				ask  func(ctx context.Context, body []byte) (*http.Request, error)
			}{
				{"telegram with the secret", signed(hooks+"telegram/default", secret)},
				{"telegram", poster(hooks + "telegram/default")},
				{"wechat with a signature", func(ctx context.Context, body []byte) (*http.Request, error) {
					return town.account.Request(ctx, "oGarbage", body)
				}},
				{"wechat", poster(hooks + "wechat/default?signature=0&timestamp=0&nonce=0")},
				{"wechat-kf with a signature", town.company.Request},
				{"wechat-kf", poster(hooks + "wechat-kf/default?msg_signature=0&timestamp=0&nonce=0")},
				{"nobody's", poster(hooks + "nobody/default")},
			} {
				for _, wrong := range pelt(t, s, hook.name, hook.ask) {
					t.Error(wrong)
				}
			}
			if out := s.output(); strings.Contains(out, "panic") {
				t.Errorf("something panicked:\n%s", out)
			}
			if !s.well() {
				t.Error("the server is not well any more")
			}
			town.stop()
		})
	}
}

// TestGarbageFinds: a server that panics over what it is told is caught.
func TestGarbageFinds(t *testing.T) {
	t.Parallel()
	town := newWechatTown(t, wechatSetup{mode: wechat.Safe, planted: []string{
		"YINGDA_PLANTED=fragile", "YINGDA_TELEGRAM_TOKEN=1:x", "YINGDA_TELEGRAM_API=http://127.0.0.1:1",
		"YINGDA_TELEGRAM_WEBHOOK=http://127.0.0.1:1", "YINGDA_TELEGRAM_SECRET=harness-secret-0",
	}})
	found := pelt(t, town.nodes[0], "telegram with the secret", signed("http://"+town.nodes[0].address+"/hooks/telegram/default", "harness-secret-0"))
	if len(found) == 0 || !strings.Contains(town.nodes[0].output(), "panic") {
		t.Errorf("the planted bug was not found: %q", found)
	}
}

// signed makes requests with the secret of a webhook of Telegram's.
func signed(url, secret string) func(ctx context.Context, body []byte) (*http.Request, error) {
	return func(ctx context.Context, body []byte) (*http.Request, error) {
		r, err := poster(url)(ctx, body)
		if err == nil {
			r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
		}
		return r, err
	}
}

func poster(url string) func(ctx context.Context, body []byte) (*http.Request, error) {
	return func(ctx context.Context, body []byte) (*http.Request, error) {
		return http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	}
}

// pelt throws garbage at a hook, and returns what is wrong with the answers.
func pelt(t *testing.T, s *server, name string, ask func(ctx context.Context, body []byte) (*http.Request, error)) (found []string) {
	t.Helper()
	const throwers = 4
	n := scaled(200, 10_000)
	before := s.cpu()
	var all sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for thrower := range throwers {
		all.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(thrower), 11))
			for range n / throwers {
				body := garbage(rng)
				status, err := throwOne(t.Context(), ask, body)
				mu.Lock()
				statuses[status]++
				if err != nil || status >= 500 || status/100 == 3 {
					found = append(found, fmt.Sprintf("%s answered %d, %v to %.200q", name, status, err, body))
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	each := (s.cpu() - before) / time.Duration(n)
	t.Logf("%s: %v, %v of CPU each", name, statuses, each.Round(time.Microsecond))
	if each > 10*time.Millisecond {
		found = append(found, fmt.Sprintf("%s: %v of CPU for each body, want at most 10ms", name, each))
	}
	return found
}

func throwOne(ctx context.Context, ask func(ctx context.Context, body []byte) (*http.Request, error), body []byte) (int, error) {
	r, err := ask(ctx, body)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil // who is sent far too much may hang up
	}
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, errors.Join(err, res.Body.Close())
}

// garbage is a body that nobody wants: noise, what nearly is a message, and what is far too large.
func garbage(rng *rand.Rand) []byte {
	noise := make([]byte, rng.IntN(300))
	for i := range noise {
		noise[i] = byte(rng.IntN(256))
	}
	shapes := []func() []byte{
		func() []byte { return noise },
		func() []byte { return nil },
		func() []byte { return []byte(nearlyJSON) },
		func() []byte { return []byte(nearlyXML) },
		func() []byte { return []byte(strings.Replace(nearlyXML, "text", string(noise), 1)) },
		func() []byte { return []byte(strings.Replace(nearlyXML, "你好", string(noise), 1)) },
		func() []byte { return []byte(strings.Replace(nearlyXML, "text", words(rng.IntN(100)), 1)) },
		func() []byte { return []byte(strings.Replace(nearlyJSON, "你好", string(noise), 1)) },
		func() []byte { return bytes.Repeat([]byte("<xml>"), 2000) },
		func() []byte { return bytes.Repeat([]byte(`{"message":`), 2000) },
		func() []byte { return bytes.Repeat([]byte(`[`), 20_000) },
		func() []byte { return fmt.Appendf(nil, "<xml %s/>", strings.Repeat(`a="b" `, 5000)) },
		func() []byte {
			return []byte(`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><ToUserName>&b;</ToUserName></xml>`)
		},
		func() []byte { return []byte("<xml><ToUserName>\x00\xff\xfe</ToUserName></xml>") },
	}
	if rng.IntN(100) == 0 {
		return append(bytes.Repeat([]byte("贷款"), 200_000), noise...) // more than a megabyte
	}
	body := bytes.Clone(shapes[rng.IntN(len(shapes))]())
	for range rng.IntN(4) { // some bytes are turned over
		if len(body) > 0 {
			body[rng.IntN(len(body))] = byte(rng.IntN(256))
		}
	}
	return body
}

// Messages that lack something.
const (
	nearlyJSON = `{"update_id":7,"message":{"message_id":1,"date":1790000000,"chat":{"id":5,"type":"private"},"from":{"id":5,"first_name":"\u0000"},"text":"你好","entities":[{"type":"bold","offset":-1,"length":9999999999}]}}`
	nearlyXML  = `<xml><ToUserName><![CDATA[gh_x]]></ToUserName><FromUserName><![CDATA[oGarbage]]></FromUserName><CreateTime>1790000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好]]></Content><MsgId>1</MsgId></xml>`
)

// cpu is how much time the server has computed for, as Linux counts it.
func (s *server) cpu() time.Duration {
	s.mu.Lock()
	pid := s.cmd.Process.Pid
	s.mu.Unlock()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	must(s.t, err)
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	var state string
	var skip, user, system int64
	_, err = fmt.Sscan(string(rest), &state, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &user, &system)
	must(s.t, err)
	return time.Duration(user+system) * 10 * time.Millisecond // ticks
}
