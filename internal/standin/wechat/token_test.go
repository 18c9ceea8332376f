package wechat_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/internal/standin/wechat"
)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Unix(1_764_000_000, 0)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// stable asks for a token of the account.
func stable(t *testing.T, s http.Handler, force bool) (token string, seconds float64) {
	t.Helper()
	out := call(t, s, "POST", "/cgi-bin/stable_token", map[string]any{"grant_type": "client_credential", "appid": appID, "secret": secret, "force_refresh": force})
	token, _ = out["access_token"].(string)
	seconds, _ = out["expires_in"].(float64)
	if token == "" {
		t.Fatalf("stable_token answers %v", out)
	}
	return token, seconds
}

// holds returns the errcode that a call with the token gets.
func holds(t *testing.T, s http.Handler, token string) int {
	t.Helper()
	return code(call(t, s, "GET", "/cgi-bin/get_api_domain_ip?access_token="+token, nil))
}

func TestStableTokenIsKeptAndRenewedWithOverlap(t *testing.T) {
	c := newClock()
	s, _ := newAccount(t, wechat.Config{Now: c.now}, wechat.Account{}, replying(""))
	first, seconds := stable(t, s, false)
	if seconds != 7200 {
		t.Errorf("it holds %v s", seconds)
	}
	c.move(time.Hour)
	if again, left := stable(t, s, false); again != first || left != 3600 {
		t.Errorf("an hour later it is another one, or holds %v s", left)
	}
	c.move(55*time.Minute - time.Second)
	if again, left := stable(t, s, false); again != first || left != 301 {
		t.Errorf("more than five minutes before its end it is another one, or holds %v s", left)
	}
	c.move(time.Second)
	second, left := stable(t, s, false)
	if second == first || left != 7200 {
		t.Fatalf("five minutes before its end it is the same one, or holds %v s", left)
	}
	if holds(t, s, first) != 0 || holds(t, s, second) != 0 {
		t.Error("the old and the new token do not hold side by side")
	}
	c.move(5 * time.Minute)
	if got := holds(t, s, first); got != 42001 {
		t.Errorf("after its end the old token gets %d", got)
	}
	if holds(t, s, second) != 0 {
		t.Error("the new token holds no more")
	}
}

func TestForceRefresh(t *testing.T) {
	c := newClock()
	s, _ := newAccount(t, wechat.Config{Now: c.now}, wechat.Account{}, replying(""))
	token, _ := stable(t, s, false)
	for n := range 20 {
		next, _ := stable(t, s, true)
		if next == token {
			t.Fatalf("force_refresh %d gives the same token", n+1)
		}
		if got := holds(t, s, token); got != 42001 {
			t.Fatalf("force_refresh %d leaves the old token good: %d", n+1, got)
		}
		c.move(29 * time.Second)
		if again, _ := stable(t, s, true); again != next {
			t.Fatalf("force_refresh within 30 s gives another token")
		}
		c.move(time.Second)
		token = next
	}
	body := map[string]any{"grant_type": "client_credential", "appid": appID, "secret": secret, "force_refresh": true}
	if out := call(t, s, "POST", "/cgi-bin/stable_token", body); code(out) != 45009 {
		t.Errorf("the 21st force_refresh of a day gives %v", out)
	}
	if again, _ := stable(t, s, false); again != token {
		t.Error("the token changed by a refused force_refresh")
	}
	c.move(24 * time.Hour)
	stable(t, s, true)
}

func TestBasicTokenIsAnotherOne(t *testing.T) {
	c := newClock()
	s, _ := newAccount(t, wechat.Config{Now: c.now}, wechat.Account{}, replying(""))
	token, _ := stable(t, s, false)
	fetch := func() string {
		out := call(t, s, "GET", "/cgi-bin/token?grant_type=client_credential&appid="+appID+"&secret=an%20app%20secret", nil)
		got, _ := out["access_token"].(string)
		return got
	}
	first := fetch()
	second := fetch()
	if first == "" || first == second || first == token {
		t.Fatal("every call of token makes a new one")
	}
	if holds(t, s, first) != 0 || holds(t, s, second) != 0 || holds(t, s, token) != 0 {
		t.Error("one of the three tokens does not hold")
	}
	c.move(5 * time.Minute)
	if got := holds(t, s, first); got != 42001 {
		t.Errorf("five minutes later the old token gets %d", got)
	}
}

func TestRevoke(t *testing.T) {
	s, a := newAccount(t, wechat.Config{}, wechat.Account{}, replying(""))
	for _, errcode := range []int{40001, 40014, 42001} {
		token, _ := stable(t, s, false)
		if got := holds(t, s, token); got != 0 {
			t.Fatalf("a new token gets %d", got)
		}
		a.Revoke(errcode)
		if got := holds(t, s, token); got != errcode {
			t.Errorf("a revoked token gets %d, want %d", got, errcode)
		}
	}
}

func TestTokenRefusals(t *testing.T) {
	s, _ := newAccount(t, wechat.Config{}, wechat.Account{WhiteList: []string{"203.0.113.1"}}, replying(""))
	body := func(grant, id, secret string) map[string]any {
		return map[string]any{"grant_type": grant, "appid": id, "secret": secret}
	}
	const cc = "client_credential"
	for _, tt := range []struct {
		name, method, path string
		body               any
		want               int
	}{
		{"another grant", "POST", "stable_token", body("password", appID, secret), 40002},
		{"no appid", "POST", "stable_token", body(cc, "", secret), 41002},
		{"an unknown appid", "POST", "stable_token", body(cc, "wx0", secret), 40013},
		{"no secret", "POST", "stable_token", body(cc, appID, ""), 41004},
		{"a wrong secret", "POST", "stable_token", body(cc, appID, "guess"), 40125},
		{"a foreign address", "POST", "stable_token", body(cc, appID, secret), 40164},
		{"GET", "GET", "stable_token", nil, 43002},
		{"a form", "POST", "stable_token", []byte("grant_type=client_credential"), 47001},
		{"nothing", "POST", "stable_token", nil, 44002},
		{"POST to token", "POST", "token", nil, 43001},
		{"a foreign address at token", "GET", "token?grant_type=client_credential&appid=" + appID + "&secret=an%20app%20secret", nil, 40164},
		{"no token", "GET", "get_api_domain_ip", nil, 41001},
		{"an unknown token", "GET", "get_api_domain_ip?access_token=x", nil, 40001},
		{"an unknown path", "POST", "message/custom/sent", nil, 40066},
	} {
		if out := call(t, s, tt.method, "/cgi-bin/"+tt.path, tt.body); code(out) != tt.want {
			t.Errorf("%s: %v, want %d", tt.name, out, tt.want)
		}
	}
}
