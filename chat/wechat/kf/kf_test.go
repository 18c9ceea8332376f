package kf

import (
	"bytes"
	"image"
	"image/png"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/finding"
	"github.com/yingda/yingda/internal/standin/wechat"
)

func TestNewRefuses(t *testing.T) {
	good := Account{Name: "shop", CorpID: corpID, Secret: secret, Token: token, AESKey: aesKey}
	tests := []struct {
		name   string
		change func(*Account)
		want   string
	}{
		{"no name", func(a *Account) { a.Name = "" }, "invalid account name \"\""},
		{"a path for a name", func(a *Account) { a.Name = "a/b" }, "invalid account name \"a/b\""},
		{"no corporation", func(a *Account) { a.CorpID = "" }, "corpid"},
		{"no secret", func(a *Account) { a.Secret = "" }, "the secret is empty"},
		{"no token", func(a *Account) { a.Token = "" }, "the token is empty"},
		{"no key", func(a *Account) { a.AESKey = "" }, "the EncodingAESKey is empty"},
		{"a short key", func(a *Account) { a.AESKey = "SECRET" }, "43 letters and digits"},
		{"no API", func(a *Account) { a.API = "qyapi.weixin.qq.com" }, "base URL"},
		{"no customer service account", func(a *Account) { a.OpenKfs = []string{"a/b"} }, "invalid open_kfid \"a/b\""},
		{"a name twice", func(*Account) {}, "\"shop\" is used twice"},
	}
	for _, tt := range tests {
		a := good
		tt.change(&a)
		_, err := New(Config{Accounts: []Account{a, good}, Log: slog.New(slog.DiscardHandler), Now: time.Now})
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestCheck(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Account)
		path   string // whose answers are scripted
		answer wechat.Answer
		want   string // levels, and in between a word of the last finding
	}{
		{"well", nil, "", wechat.Answer{}, "ok ok 售后客服"},
		{"with its account", func(a *Account) { a.OpenKfs = []string{openKfID} }, "", wechat.Answer{}, "ok ok " + openKfID},
		{"with another account", func(a *Account) { a.OpenKfs = []string{"wk9"} }, "", wechat.Answer{}, "ok error wk9"},
		{"a wrong secret", func(a *Account) { a.Secret = "SECRET2" }, "", wechat.Answer{}, "error Secret anew"},
		{"another corporation", func(a *Account) { a.CorpID = "ww9" }, "", wechat.Answer{}, "error 企业ID"},
		{"a machine that is not trusted", nil, "/cgi-bin/gettoken", wechat.Answer{Errcode: 60020}, "error 企业可信IP"},
		{"no right", nil, "/cgi-bin/kf/account/list", wechat.Answer{Errcode: 48002}, "ok error 可调用接口的应用"},
		{"out of order", nil, "/cgi-bin/kf/account/list", wechat.Answer{Status: 502}, "ok error reaches"},
		{"something else", nil, "/cgi-bin/kf/account/list", wechat.Answer{Errcode: 301002}, "ok error 全局错误码"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				a := Account{Name: "shop", CorpID: corpID, Secret: secret, Token: token, AESKey: aesKey}
				if tt.change != nil {
					tt.change(&a)
				}
				c, err := New(Config{Accounts: []Account{a}, Transport: network{wechat.Direct(s.host)}, Log: slog.New(slog.DiscardHandler), Now: time.Now})
				if err != nil {
					t.Fatal(err)
				}
				s.host.Script(tt.path, tt.answer, tt.answer)
				var levels []string
				last := ""
				for _, f := range c.Check(t.Context(), "shop") {
					levels, last = append(levels, string(f.Level)), f.Text+" "+f.Fix
					if f.Text == "" || (f.Fix == "") != (f.Level == finding.OK) || strings.Contains(last, "SECRET") {
						t.Errorf("%+v", f)
					}
				}
				word, ok := strings.CutPrefix(tt.want, strings.Join(levels, " ")+" ")
				if !ok || !strings.Contains(last, word) {
					t.Errorf("%q, the last: %s; want %q", levels, last, tt.want)
				}
			})
		})
	}
}

// picture is a small PNG.
func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPictures: both ways.
func TestPictures(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		s.answers(func(m chat.Message) []chat.Entry {
			return []chat.Entry{{From: chat.FromAgent, Text: "看这里", Attachments: m.Attachments}}
		})
		c := s.desk.Customer("wm1", "")
		c.SendImage(t.Context(), picture(t))
		time.Sleep(time.Second)
		m := s.inbox.Messages()
		if len(m) != 1 || len(m[0].Attachments) != 1 || m[0].Medium != "" || m[0].Text != "" {
			t.Fatalf("kept %+v", m)
		}
		got := c.Seen()
		if len(got) != 2 || got[0].Text != "看这里" || got[1].Type != "image" {
			t.Errorf("the customer saw %+v", got)
		}
	})
}

// TestPicturesFail: a picture waits for its host, but not for ever, and what cannot be had is told.
func TestPicturesFail(t *testing.T) {
	const get = "/cgi-bin/media/get"
	tests := []struct {
		name    string
		answers []wechat.Answer
		kept    bool
	}{
		{"busy once", []wechat.Answer{{Errcode: -1}}, true},
		{"a gateway, twice", []wechat.Answer{{Status: 502}, {Status: 502}}, true},
		{"slow", []wechat.Answer{{Delay: time.Hour}}, true},
		{"gone", []wechat.Answer{{Errcode: 40007}}, false},
		{"busy for ever", slices.Repeat([]wechat.Answer{{Errcode: -1}}, 100), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in(t, func(t *testing.T, s *shop) {
				s.host.Script(get, tt.answers...)
				c := s.desk.Customer("wm1", "")
				c.Say(t.Context(), "前")
				c.SendImage(t.Context(), picture(t))
				c.Say(t.Context(), "后")
				time.Sleep(5 * time.Minute)
				m := s.inbox.Messages()
				if len(m) != 3 || m[0].Text != "前" || m[2].Text != "后" {
					t.Fatalf("kept %+v", m)
				}
				if kept := len(m[1].Attachments) == 1; kept != tt.kept || !kept && (m[1].Medium != chat.Picture || m[1].Text != "[图片未能取回]" || m[1].Enclosure == nil || m[1].Enclosure.Lost == "") {
					t.Errorf("the picture: %+v", m[1])
				}
			})
		})
	}
}

// TestNames: whoever speaks has a name, and speaks without one where the host gives none.
func TestNames(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		names := map[string]string{}
		s.inbox.Reply = func(c chat.Conversation, _ chat.Message) ([]chat.Entry, error) {
			names[c.Customer.ID] = c.Customer.Name
			return nil, nil
		}
		s.desk.Customer("wm1", "王女士").Say(t.Context(), "一")
		synctest.Wait()
		s.host.Script(batchGet, wechat.Answer{Errcode: 48002})
		s.desk.Customer("wm2", "李先生").Say(t.Context(), "二")
		synctest.Wait()
		s.desk.Customer("wm2", "李先生").Say(t.Context(), "三")
		synctest.Wait()
		if names["wm1"] != "王女士" || names["wm2"] != "" || len(s.host.Calls(batchGet)) != 2 {
			t.Errorf("names %v after %d calls", names, len(s.host.Calls(batchGet)))
		}
	})
}

var _ interface {
	chat.Channel
	chat.Runner
	chat.QuotaReporter
	chat.Checker
} = (*Channel)(nil)
