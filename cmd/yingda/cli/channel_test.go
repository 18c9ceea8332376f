package cli

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/yingda/yingda/internal/standin/telegram"
	"github.com/yingda/yingda/internal/standin/wechat"
)

// hosts are stand-ins for Telegram and WeChat, and the settings of accounts there.
func hosts(t *testing.T) map[string]string {
	t.Helper()
	people, followers := telegram.New(telegram.Config{}), wechat.New(wechat.Config{})
	telegramHost, wechatHost := httptest.NewServer(people), httptest.NewServer(followers)
	t.Cleanup(func() {
		people.Close()
		followers.Close()
		telegramHost.Close()
		wechatHost.Close()
	})
	bot, err := people.Populate(telegram.Demo{})
	if err != nil {
		t.Fatal(err)
	}
	p := wechat.DefaultPractice(wechatHost.URL, "http://127.0.0.1:1", "http://127.0.0.1:1")
	if _, err := followers.Practise(p); err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"YINGDA_TELEGRAM_TOKEN": bot.Token, "YINGDA_TELEGRAM_API": telegramHost.URL, "YINGDA_TELEGRAM_GROUP": fmt.Sprint(bot.Group),
		"YINGDA_WECHAT_APPID": p.Account.AppID, "YINGDA_WECHAT_SECRET": p.Account.Secret, "YINGDA_WECHAT_TOKEN": p.Account.Token,
		"YINGDA_WECHAT_AESKEY": p.Account.AESKey, "YINGDA_WECHAT_API": wechatHost.URL,
		"YINGDA_WECHAT_KF_CORPID": p.Corp.ID, "YINGDA_WECHAT_KF_SECRET": p.Corp.Secret, "YINGDA_WECHAT_KF_TOKEN": p.Corp.Token,
		"YINGDA_WECHAT_KF_AESKEY": p.Corp.AESKey, "YINGDA_WECHAT_KF_API": wechatHost.URL,
		"YINGDA_ROBOT_KEY": p.RobotKey, "YINGDA_ROBOT_API": wechatHost.URL,
	}
}

// TestChannelCheck: every account is looked at, and what is wrong is said in words, without a secret.
func TestChannelCheck(t *testing.T) {
	usual := hosts(t)
	for _, tt := range []struct {
		name   string
		change map[string]string
		args   []string
		code   int
		want   []string // what is printed somewhere, in this order
	}{
		{name: "all is well", want: []string{
			"telegram, account default", "ok       The token is that of @yingda_practice_bot.", "ok       The agents' group has topics",
			"wechat, account default", "ok       WeChat takes the app id and the secret",
			"wechat-kf, account default", "ok       It reads the desk",
			"wecom-robot, account default", "ok       Enterprise WeChat knows the robot",
		}},
		{name: "one of them", args: []string{"telegram"}, want: []string{"telegram, account default", "ok       The token"}},
		{name: "for scripts", args: []string{"-json", "telegram"}, want: []string{`{"account":"telegram/default","level":"ok","text":"The token is that of @yingda_practice_bot.","fix":""}`}},
		{name: "a wrong token", change: map[string]string{"YINGDA_TELEGRAM_TOKEN": "7000000001:wrong"}, code: 1, want: []string{"error    Telegram does not answer", "→ Telegram does not know the token"}},
		{name: "a wrong secret", change: map[string]string{"YINGDA_WECHAT_SECRET": "wrong"}, code: 1, want: []string{"error    WeChat gives no access token", "→ copy the AppSecret again"}},
		{name: "an empty secret", change: map[string]string{"YINGDA_WECHAT_SECRET": ""}, code: 2, want: []string{"the secret (AppSecret) is empty"}},
		{name: "no token", change: map[string]string{"YINGDA_TELEGRAM_TOKEN": ""}, code: 2, want: []string{"the token is empty: @BotFather gives one"}},
		{name: "a group that is no number", change: map[string]string{"YINGDA_TELEGRAM_GROUP": "客服群"}, code: 2, want: []string{`telegram account "default": invalid group ID "客服群"`}},
		{name: "unknown", args: []string{"wechat/shop"}, code: 2, want: []string{`no account "wechat/shop" is set up`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			getenv := func(name string) string {
				if value, ok := tt.change[name]; ok {
					return value
				}
				return usual[name]
			}
			var out bytes.Buffer
			code := execute(t.Context(), terminal{in: strings.NewReader(""), out: &out, err: &out, getenv: getenv}, append([]string{"channel", "check"}, tt.args...))
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			rest := out.String()
			for _, part := range tt.want {
				_, after, ok := strings.Cut(rest, part)
				if !ok {
					t.Fatalf("%q is not said, or not there, in\n%s", part, out.String())
				}
				rest = after
			}
			for name, secret := range usual {
				if strings.HasSuffix(name, "SECRET") || strings.HasSuffix(name, "AESKEY") || strings.HasSuffix(name, "_TOKEN") || strings.HasSuffix(name, "_KEY") {
					if strings.Contains(out.String(), secret) {
						t.Errorf("%s is printed", name)
					}
				}
			}
		})
	}
}
