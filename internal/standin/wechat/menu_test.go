package wechat_test

import (
	"testing"

	"github.com/yingda/yingda/internal/standin/wechat"
)

func TestMenu(t *testing.T) {
	s, _, _ := chatting(t, wechat.Config{})
	click := func(name string) map[string]any { return map[string]any{"type": "click", "name": name, "key": "k"} }
	many := func(n int, b map[string]any) []any {
		var out []any
		for range n {
			out = append(out, b)
		}
		return out
	}
	for _, tt := range []struct {
		name    string
		buttons []any
		want    int
	}{
		{"three", many(3, click("常见问题")), 0},
		{"none", many(0, nil), 40016},
		{"four", many(4, click("问题")), 40016},
		{"17 bytes of name", many(1, click("12345678901234567")), 40018},
		{"no key", many(1, map[string]any{"type": "click", "name": "问题"}), 40019},
		{"no url", many(1, map[string]any{"type": "view", "name": "问题"}), 40020},
		{"an unknown type", many(1, map[string]any{"type": "tap", "name": "问题"}), 40017},
		{"five below one", many(1, map[string]any{"name": "问题", "sub_button": many(5, click("一个长一点的名字"))}), 0},
		{"six below one", many(1, map[string]any{"name": "问题", "sub_button": many(6, click("问题"))}), 40023},
		{"below below", many(1, map[string]any{"name": "问题", "sub_button": many(1, map[string]any{"name": "一", "sub_button": many(1, click("二"))})}), 40023},
	} {
		out := call(t, s, "POST", "/cgi-bin/menu/create?access_token="+accessToken(t, s), map[string]any{"button": tt.buttons})
		if code(out) != tt.want {
			t.Errorf("%s: %v, want %d", tt.name, out, tt.want)
		}
	}
	if out := call(t, s, "GET", "/cgi-bin/menu/delete?access_token="+accessToken(t, s), nil); code(out) != 0 {
		t.Errorf("deleting gets %v", out)
	}
}

func TestSmallCalls(t *testing.T) {
	s, f, _ := chatting(t, wechat.Config{})
	access := "?access_token=" + accessToken(t, s)
	if out := call(t, s, "GET", "/cgi-bin/user/info"+access+"&openid="+openID, nil); out["subscribe"] != 1.0 || out["openid"] != openID {
		t.Errorf("user/info answers %v", out)
	}
	f.Unsubscribe(t.Context())
	if out := call(t, s, "GET", "/cgi-bin/user/info"+access+"&openid="+openID, nil); out["subscribe"] != 0.0 {
		t.Errorf("user/info of one who left answers %v", out)
	}
	if out := call(t, s, "GET", "/cgi-bin/user/info"+access+"&openid=nobody", nil); code(out) != 40003 {
		t.Errorf("user/info of nobody answers %v", out)
	}
	if out := call(t, s, "POST", "/cgi-bin/clear_quota"+access, map[string]any{"appid": appID}); code(out) != 0 {
		t.Errorf("clear_quota answers %v", out)
	}
	if out := call(t, s, "POST", "/cgi-bin/clear_quota"+access, map[string]any{"appid": "wx0"}); code(out) != 40013 {
		t.Errorf("clear_quota of another answers %v", out)
	}
	if out := call(t, s, "GET", "/cgi-bin/getcallbackip"+access, nil); len(out["ip_list"].([]any)) == 0 {
		t.Errorf("getcallbackip answers %v", out)
	}
}
