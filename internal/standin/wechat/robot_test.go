package wechat_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/internal/standin/wechat"
)

func TestRobot(t *testing.T) {
	c := newClock()
	s := wechat.New(wechat.Config{Now: c.now})
	t.Cleanup(s.Close)
	r, err := s.AddRobot("a-key", "值班群")
	if err != nil {
		t.Fatal(err)
	}
	const path = "/cgi-bin/webhook/send?key="
	note := map[string]any{"msgtype": "text", "text": map[string]any{"content": "新工单", "mentioned_list": []string{"zhangsan"}, "mentioned_mobile_list": []string{"13800001111"}}}
	markdown := func(bytes int) map[string]any {
		return map[string]any{"msgtype": "markdown", "markdown": map[string]any{"content": strings.Repeat("x", bytes)}}
	}
	long := func(bytes int) map[string]any {
		return map[string]any{"msgtype": "text", "text": map[string]any{"content": strings.Repeat("x", bytes)}}
	}
	for _, tt := range []struct {
		name, key string
		body      any
		want      int
	}{
		{"a text", "a-key", note, 0},
		{"another key", "b-key", note, 93000},
		{"no key", "", note, 93000},
		{"2048 bytes", "a-key", long(2048), 0},
		{"2049 bytes", "a-key", long(2049), 40058},
		{"Markdown", "a-key", markdown(4096), 0},
		{"long Markdown", "a-key", markdown(4097), 40058},
		{"nothing", "a-key", long(0), 44004},
		{"an unknown type", "a-key", map[string]any{"msgtype": "audio"}, 40008},
		{"a type without its body", "a-key", map[string]any{"msgtype": "text"}, 40008},
	} {
		if out := call(t, s, "POST", path+tt.key, tt.body); code(out) != tt.want {
			t.Errorf("%s: %v, want %d", tt.name, out, tt.want)
		}
	}
	if said := r.Said(); len(said) != 3 || said[0].Text != "新工单" || !slices.Equal(said[0].Mentioned, []string{"zhangsan", "13800001111"}) {
		t.Errorf("it said %+v", said)
	} else if said[1].Mentioned == nil {
		t.Error("the page has no list of those who are mentioned")
	}
	c.move(time.Minute)
	for n := range 20 {
		if out := call(t, s, "POST", path+"a-key", note); code(out) != 0 {
			t.Fatalf("call %d: %v", n+1, out)
		}
		c.move(time.Second)
	}
	if out := call(t, s, "POST", path+"a-key", note); code(out) != 45009 {
		t.Errorf("the 21st call within a minute: %v", out)
	}
	c.move(40 * time.Second)
	if out := call(t, s, "POST", path+"a-key", note); code(out) != 0 {
		t.Errorf("a minute after the first: %v", out)
	}
}
