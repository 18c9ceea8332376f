package node

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/media"
)

// TestChannelKinds: names and settings are each kind's own, and a kind opens channels of its own name.
func TestChannelKinds(t *testing.T) {
	known := map[string]bool{}
	for _, kind := range ChannelKinds() {
		for _, name := range slices.Compact([]string{kind.Name, kind.Setting}) {
			if name == "" || known[name] {
				t.Errorf("%q is no name, or that of two kinds", name)
			}
			known[name] = true
		}
	}
	for _, tt := range []struct {
		kind    string
		account Account
		err     string // of an invalid account
	}{
		{"telegram", Account{"name": "a", "token": "1:x"}, ""},
		{"telegram", Account{"name": "a"}, "token"},
		{"telegram", Account{"name": "main", "token": "1:x", "group": "abc"}, `telegram account "main": invalid group ID "abc"`},
		{"wechat", Account{"name": "a", "appid": "wx1", "secret": "s", "token": "ttt"}, ""},
		{"wechat-kf", Account{"name": "a", "corpid": "ww1", "secret": "s", "token": "ttt", "aeskey": strings.Repeat("a", 43)}, ""},
		{"wechat-kf", Account{"name": "a", "corpid": "ww1", "secret": "s", "token": "ttt", "aeskey": strings.Repeat("a", 43), "desks": "wk1, wk2"}, ""},
		{"wechat", Account{"name": "a", "appid": "wx1", "secret": "s", "token": "a-b"}, "3 to 32 letters and digits"},
		{"wechat-kf", Account{"name": "A", "corpid": "ww1", "secret": "s", "token": "ttt", "aeskey": strings.Repeat("a", 43)}, "invalid account name"},
		{"wecom-robot", Account{"name": "a", "key": "0f6a0000-0000-4000-8000-000000000000"}, ""},
		{"webhook", Account{"name": "a", FieldMain: "https://example.com", "secret": "0123456789abcdef"}, ""},
		{"telegram", Account{"name": "a", "token": "1:x", "webhook": "https://example.com", "secret": "0123456789abcde"}, "the secret has 15 bytes"},
		{"webhook", Account{"name": "a", FieldMain: "https://example.com", "secret": "0123456789abcde"}, "the secret has 15 bytes"},
		{"webhook", Account{"name": "a", FieldMain: "https://example.com"}, "-webhook needs -webhook-secret"},
	} {
		c := Config{Limits: api.Limits{Messages: 1, Conversations: 1}, Accounts: map[string][]Account{tt.kind: {tt.account}}}
		if err := c.Validate(); (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s %v: %v, want %q", tt.kind, tt.account, err, tt.err)
		}
		if all, err := openChannels(Tools{}, c.Accounts); err == nil && (len(all) != 1 || all[0].Name() != tt.kind) {
			t.Errorf("%s opens %v", tt.kind, all)
		}
	}
}

// TestTitle: a menu may name what the guide does not know, any more or at all.
func TestTitle(t *testing.T) {
	g := &guide.Guide{Library: new(kb.Library)}
	tools := Tools{Guide: func() *guide.Guide { return g }}
	for _, key := range []string{"", "V1001_TODAY_MUSIC", "fee-renamed"} {
		if got := tools.title(key); got != "" {
			t.Errorf("%q is %q", key, got)
		}
	}
}

// TestStoreOptions: what is sent to customers, and where agents hear of tickets.
func TestStoreOptions(t *testing.T) {
	c := Config{Accounts: map[string][]Account{
		"telegram":    {{"name": "a", "group": "-1001"}, {"name": "b"}},
		"wecom-robot": {{"name": "c"}},
		"webhook":     {{"name": "default", FieldMain: "https://example.com"}},
	}}
	o := c.StoreOptions()
	for channel, want := range map[string]bool{"telegram": true, "wechat": true, "wechat-kf": true, "wecom-robot": false, "webhook": false, "widget": false, "api": false} {
		if got := o.Push(channel); got != want {
			t.Errorf("pushes to %s: %t, want %t", channel, got, want)
		}
	}
	if want := []chat.Destination{{Channel: "wecom-robot", Account: "c"}, {Channel: "webhook", Account: "default"}}; !reflect.DeepEqual(o.Announce, want) {
		t.Errorf("announces to %v, want %v", o.Announce, want)
	}
	if want := []chat.Destination{{Channel: "telegram-desk", Account: "a"}}; !reflect.DeepEqual(o.Follow, want) {
		t.Errorf("followed at %v, want %v", o.Follow, want)
	}
}

// TestPictures: what is deleted is not to be had any more.
func TestPictures(t *testing.T) {
	s, err := media.New(t.TempDir(), func() string { return "ABCDEFGHIJKLMNOPQRSTUVWXYZ" })
	if err != nil {
		t.Fatal(err)
	}
	p := pictures{s}
	if err := p.Delete("ABCDEFGHIJKLMNOPQRSTUVWXYZ"); err != nil {
		t.Error(err)
	}
	if _, _, err := p.Open(t.Context(), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("got %v, want %v", err, chat.ErrNotFound)
	}
}

// TestDeskNow: what agents are told of times is told in the desk's zone, whatever the machine's is.
func TestDeskNow(t *testing.T) {
	for zone, want := range map[string]int{"": 8, "-03:00": -3, "Asia/Tokyo": 9} {
		hours, err := desk.HoursSpec{Zone: zone}.Parse()
		if err != nil {
			t.Fatal(err)
		}
		if _, got := deskNow(hours)().Zone(); got != want*60*60 {
			t.Errorf("zone %q: %d seconds east of UTC, want %d hours", zone, got, want)
		}
	}
}
