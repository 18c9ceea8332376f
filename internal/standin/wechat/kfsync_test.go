package wechat_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestSyncMessages(t *testing.T) {
	k := newKf(t)
	ctx := t.Context()
	c := k.customer
	c.Say(ctx, "机器不出票")
	c.Choose(ctx, "printer", "打印机")
	c.SendImage(ctx, receipt(t))
	c.SendVoice(ctx, []byte("#!AMR\n"))
	c.SendVideo(ctx, []byte("mp4"))
	c.SendFile(ctx, "流水.xlsx", []byte("PK"))
	c.SendLocation(ctx, 22.5, 113.9, "科技园", "深圳市南山区")
	c.SendLink(ctx, "指南", "怎么换纸", "https://a.example/")
	c.Answer(ctx, "zhangsan", "我来看看")
	items, cursor, more := k.pull("", 0)
	if len(items) != 9 || more {
		t.Fatalf("%d items, more: %t", len(items), more)
	}
	want := []string{"text", "text", "image", "voice", "video", "file", "location", "link", "text"}
	ids := map[any]bool{}
	for i, item := range items {
		origin := 3.0
		if i == 8 {
			origin = 5
		}
		if item["msgtype"] != want[i] || item["origin"] != origin || item["open_kfid"] != deskID || item["external_userid"] != person || item["send_time"] != 1_764_000_000.0 || item[want[i]] == nil {
			t.Errorf("item %d is %v", i, item)
		}
		ids[item["msgid"]] = true
	}
	if len(ids) != 9 {
		t.Errorf("there are %d msgids", len(ids))
	}
	if text := items[1]["text"].(map[string]any); text["menu_id"] != "printer" || text["content"] != "打印机" {
		t.Errorf("the menu item is %v", text)
	}
	if items[8]["servicer_userid"] != "zhangsan" {
		t.Errorf("the person's answer is %v", items[8])
	}
	if items, next, more := k.pull(cursor, 0); len(items) != 0 || more || next != cursor {
		t.Errorf("after the end: %d items, %q, more: %t", len(items), next, more)
	}
	file := items[2]["image"].(map[string]any)["media_id"].(string)
	if got := download(t, k.server, "/cgi-bin/media/get?media_id="+file+"&access_token="+corpToken(t, k.server)); !slices.Equal(got.Body.Bytes(), receipt(t)) {
		t.Errorf("the picture is %q", got.Body)
	}
	k.clock.move(3 * 24 * time.Hour)
	c.Say(ctx, "在吗")
	if items, _, _ := k.pull("", 0); len(items) != 1 {
		t.Errorf("after three days %d items are left", len(items))
	}
}

func TestSyncPages(t *testing.T) {
	k := newKf(t)
	other := k.corp.AddDesk("wkOther", "售前").Customer("wmOther", "李先生")
	for i := range 10 {
		k.customer.Say(t.Context(), fmt.Sprintf("第 %d 句", i))
		other.Say(t.Context(), "别的")
	}
	k.customer.Say(t.Context(), "第 10 句")
	k.corp.EmptyPages(1)
	cursor, more := "", true
	var pages []int
	var got []string
	for more && len(pages) < 20 {
		var items []map[string]any
		items, cursor, more = k.pull(cursor, 4)
		pages = append(pages, len(items))
		for _, item := range items {
			got = append(got, item["text"].(map[string]any)["content"].(string))
		}
	}
	if !slices.Equal(pages, []int{0, 4, 4, 3}) || len(got) != 11 || got[0] != "第 0 句" || got[10] != "第 10 句" {
		t.Errorf("the pages have %v items: %q", pages, got)
	}
}

func TestSyncRefusals(t *testing.T) {
	k := newKf(t)
	k.customer.Say(t.Context(), "在吗")
	good := k.last()["Token"]
	_, cursor, _ := k.pull("", 0)
	for _, tt := range []struct {
		name string
		body map[string]any
		want int
	}{
		{"an unknown token", map[string]any{"token": "ENCguess"}, 95007},
		{"an unknown cursor", map[string]any{"token": good, "cursor": "guess"}, 40058},
		{"a cursor of another", map[string]any{"token": good, "cursor": "NGd3NyA5OTk5"}, 40058},
		{"1001 messages", map[string]any{"token": good, "limit": 1001}, 40058},
		{"a format", map[string]any{"token": good, "voice_format": 2}, 40058},
		{"an unknown desk", map[string]any{"token": good, "open_kfid": "wk0"}, 95000},
		{"a good one", map[string]any{"token": good, "cursor": cursor, "voice_format": 1}, 0},
		{"1 without a token", map[string]any{}, 0},
		{"2", map[string]any{}, 0},
		{"3", map[string]any{}, 0},
		{"4", map[string]any{}, 0},
		{"5", map[string]any{}, 0},
		{"6", map[string]any{}, 0},
		{"7 within a minute", map[string]any{}, 45009},
	} {
		if out := k.call("sync_msg", tt.body); code(out) != tt.want {
			t.Errorf("%s: %v, want %d", tt.name, out, tt.want)
		}
	}
	k.clock.move(10*time.Minute - time.Second)
	if out := k.call("sync_msg", map[string]any{"token": good}); code(out) != 0 {
		t.Errorf("just before ten minutes: %v", out)
	}
	k.clock.move(time.Second)
	if out := k.call("sync_msg", map[string]any{"token": good}); code(out) != 95007 {
		t.Errorf("after ten minutes: %v", out)
	}
}
