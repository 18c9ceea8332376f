package wechat_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/internal/standin/wechat"
)

func TestScript(t *testing.T) {
	const path = "/cgi-bin/message/custom/send"
	s, f, send := chatting(t, wechat.Config{})
	f.Say(t.Context(), "在吗")
	codes := []int{-1, 40001, 40014, 42001, 45009, 45011, 45015, 45047, 48001, 45002, 40164}
	for _, errcode := range codes {
		s.Script(path, wechat.Answer{Errcode: errcode})
	}
	for _, errcode := range codes {
		if got := send(custom("好")); got != errcode {
			t.Errorf("scripted %d, got %d", errcode, got)
		}
	}
	if got := send(custom("好")); got != 0 || f.Left() != 7 {
		t.Errorf("after the script it gets %d, and %d sends are left", got, f.Left())
	}
	s.Hook(func(c wechat.Call) (wechat.Answer, bool) {
		return wechat.Answer{Errcode: 45011, Errmsg: "slower"}, c.Path == path && strings.Contains(string(c.Body), "快")
	})
	if got := send(custom("快")); got != 45011 {
		t.Errorf("the hook's answer is %d", got)
	}
	if got := send(custom("慢")); got != 0 {
		t.Errorf("what the hook lets pass gets %d", got)
	}
	calls := s.Calls(path)
	if n := len(calls); n != len(codes)+3 || calls[0].Errcode != -1 || calls[n-1].Errcode != 0 || calls[n-2].Owner != appID || !strings.Contains(calls[n-2].Errmsg, "slower") {
		t.Errorf("%d calls: %+v", n, calls[n-2])
	}
	if all := s.Calls(); len(all) <= len(calls) {
		t.Error("the ledger holds no calls of other paths")
	}
}

func TestScriptedConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const path = "/cgi-bin/message/custom/send"
		s, f, _ := chatting(t, wechat.Config{})
		f.Say(t.Context(), "在吗")
		client := &http.Client{Transport: wechat.Direct(s), Timeout: 10 * time.Second}
		access := accessToken(t, s)
		post := func() (status int, body string, took time.Duration, err error) {
			began := time.Now()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, apiHost+path+"?access_token="+access,
				strings.NewReader(`{"touser":"`+openID+`","msgtype":"text","text":{"content":"好"}}`))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := client.Do(req)
			if err != nil {
				return 0, "", time.Since(began), err
			}
			raw, err := io.ReadAll(resp.Body)
			return resp.StatusCode, string(raw), time.Since(began), errors.Join(err, resp.Body.Close())
		}
		s.Script(path, wechat.Answer{Status: 502}, wechat.Answer{Cut: true}, wechat.Answer{Drop: true}, wechat.Answer{Delay: 3 * time.Second}, wechat.Answer{Delay: time.Minute})
		if status, body, _, _ := post(); status != 502 || !strings.HasPrefix(body, "<html>") || len(f.Seen()) != 0 {
			t.Errorf("502: %d %q, seen %d", status, body, len(f.Seen()))
		}
		if _, _, _, err := post(); err == nil || len(f.Seen()) != 0 {
			t.Errorf("cut: %v, seen %d", err, len(f.Seen()))
		}
		if _, _, _, err := post(); err == nil || len(f.Seen()) != 1 {
			t.Errorf("drop: %v, seen %d", err, len(f.Seen()))
		}
		if status, _, took, err := post(); status != 200 || took != 3*time.Second || err != nil || len(f.Seen()) != 2 {
			t.Errorf("slow: %d after %v, %v, seen %d", status, took, err, len(f.Seen()))
		}
		if _, _, took, err := post(); err == nil || took != 10*time.Second || len(f.Seen()) != 2 {
			t.Errorf("too slow: %v after %v, seen %d", err, took, len(f.Seen()))
		}
		time.Sleep(time.Minute)
	})
}
