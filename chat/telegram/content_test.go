package telegram

import (
	"encoding/json"
	"fmt"
	"testing"
)

// TestRead: what messages of every kind say. The messages are as Telegram writes them.
func TestRead(t *testing.T) {
	const sizes = `"photo":[{"file_id":"s","file_size":1000,"width":90,"height":60},{"file_id":"m","file_size":50000,"width":800,"height":600},{"file_id":"l","file_size":6000000,"width":9000,"height":6000}]`
	for _, tt := range []struct{ in, want string }{
		{`"text":" 费率是多少 "`, "费率是多少 typed"},
		{`"text":"@yingda_bot","entities":[{"type":"mention","offset":0,"length":11}]`, "怎么用 welcome typed"},
		{`"text":"费率 @YINGDA_BOT 多少"`, "费率  多少 typed"},
		{`"text":"@yingda_botany 多少"`, "@yingda_botany 多少 typed"},
		{sizes, " picture m"},
		{sizes + `,"caption":"报05"`, "报05 picture m typed"},
		{`"photo":[{"file_id":"l","file_size":6000000,"width":9000,"height":6000}]`, " picture l"},
		{`"document":{"file_id":"d","mime_type":"image/png","file_size":5}`, " picture d"},
		{`"document":{"file_id":"d","mime_type":"image/webp","file_size":30000000}`, " picture d too large"},
		{`"document":{"file_id":"d","mime_type":"image/svg+xml"}`, "[文件] file + [文件]"},
		{`"animation":{"file_id":"a"},"document":{"file_id":"a","mime_type":"image/png"}`, "[动图] sticker + [动图]"},
		{`"voice":{"file_id":"v"}`, "[语音] voice + [语音]"},
		{`"voice":{"file_id":"v"},"caption":"打印不了"`, "打印不了 typed + [语音]"},
		{`"audio":{"file_id":"v"}`, "[音频] other + [音频]"},
		{`"video":{"file_id":"v","file_unique_id":"u","duration":7,"file_size":1048576}`, "[视频] video + [视频] 7秒（1.0 MB）"},
		{`"video_note":{"file_id":"v"}`, "[视频] video + [视频]"},
		{`"dice":{"emoji":"🎲","value":1}`, "[动图] sticker + [动图] 🎲 1"},
		{`"location":{"latitude":1}`, "[位置] location + [位置]"},
		{`"location":{"latitude":28.5,"longitude":-1}`, "[位置] location + [位置] 28.5,-1 https://uri.amap.com/marker?position=-1,28.5&coordinate=wgs84"},
		{`"location":{},"venue":{"location":{},"title":"平价烟酒店","address":"长沙市五一路1号"}`, "平价烟酒店 长沙市五一路1号 + [位置]"},
		{`"location":{},"venue":{"location":{}}`, "[位置] location + [位置]"},
		{`"contact":{"phone_number":"+8613800138000","user_id":42}`, "13800138000"},
		{`"contact":{"phone_number":"8613800138000","user_id":42}`, "13800138000"},
		{`"contact":{"phone_number":"12025550123","user_id":42}`, "12025550123"},
		{`"contact":{"phone_number":"8613800138000","user_id":43}`, "[名片] other + [名片] 8613800138000"},
		{`"contact":{"phone_number":"8613800138000","first_name":"李","last_name":"四"}`, "[名片] other + [名片] 李 四 8613800138000"},
		{`"poll":{"id":"1","question":"哪天","options":[{"text":"周一"},{"text":"周二"}]}`, "[投票] other + [投票] 哪天：周一 / 周二"},
		{`"story":{"id":1}`, "[动态] other + [动态]"},
		{`"paid_media":{"star_count":1}`, "[付费内容] other + [付费内容]"},
		{`"gift":{"gift":{"id":"1"}}`, "[礼物] other + [礼物]"},
		{`"gift":{"gift":{"id":"1"},"text":"辛苦了"}`, "辛苦了 + [礼物]"},
		{`"checklist":{"title":"要办","tasks":[{"id":1,"text":"换纸"},{"id":2,"text":"对账","completion_date":9}]}`, "要办\n☐ 换纸\n☑ 对账 + [清单]"},
		{`"hologram":{"depth":3},"is_from_future":true`, "[Telegram 消息：hologram] other + [Telegram 消息：hologram]"},
		{`"pinned_message":null,"is_from_future":true`, "[消息] other + [消息]"},
		{`"voice":7`, "[语音] voice + [语音]"},
		{`"new_chat_members":[{"id":1}]`, "nothing"},
		{`"pinned_message":{"message_id":1}`, "nothing"},
		{`"forum_topic_created":{"name":"a"}`, "nothing"},
		{`"text":"/HELP@yingda_bot","entities":[{"type":"bot_command","offset":0,"length":16}]`, "怎么用 welcome typed"},
		{`"text":"/help@other_bot","entities":[{"type":"bot_command","offset":0,"length":15}]`, "/help@other_bot typed"},
		{`"text":"/lang","entities":[{"type":"bot_command","offset":0,"length":5}]`, " language typed"},
	} {
		u, err := DecodeUpdate([]byte(`{"update_id":1,"message":{"from":{"id":42},"chat":{"id":42},` + tt.in + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		s, ok := decodeContent(u.Message, "yingda_bot")
		got := s.text
		if s.fileID != "" {
			got += " picture " + s.fileID
		}
		for _, sign := range []struct {
			is   bool
			name string
		}{{s.tooLarge, "too large"}, {s.medium != "", string(s.medium)}, {s.welcome, "welcome"}, {s.handoff, "handoff"}, {s.scriptMenu, "language"}, {s.typed != "", "typed"}} {
			if sign.is {
				got += " " + sign.name
			}
		}
		if s.enclosure != nil {
			got += " + " + s.enclosure.String()
		}
		if !ok {
			got = "nothing"
		}
		if got != tt.want {
			t.Errorf("%s\ngot  %q\nwant %q", tt.in, got, tt.want)
		}
	}
}

// TestAddressed: in a group the bot minds what is meant for it.
func TestAddressed(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want bool
	}{
		{`"text":"大家好"`, false},
		{`"text":"😀 @Yingda_bot 好","entities":[{"type":"mention","offset":3,"length":11}]`, true},
		{`"text":"@yingda_botx 好","entities":[{"type":"mention","offset":0,"length":12}]`, false},
		{`"text":"写信给 a@yingda_bot","entities":[{"type":"email","offset":4,"length":12}]`, false},
		{`"text":"应答 好","entities":[{"type":"text_mention","offset":0,"length":2,"user":{"id":4711}}]`, true},
		{`"caption":"@yingda_bot","caption_entities":[{"type":"mention","offset":0,"length":11}]`, true},
		{`"text":"/help","entities":[{"type":"bot_command","offset":0,"length":5}]`, false},
		{`"text":"/help@yingda_bot","entities":[{"type":"bot_command","offset":0,"length":16}]`, true},
		{`"text":"/help@other_bot","entities":[{"type":"bot_command","offset":0,"length":15}]`, false},
		{`"text":"好","reply_to_message":{"message_id":1,"from":{"id":4711}}`, true},
		{`"text":"好","reply_to_message":{"message_id":1,"from":{"id":5}}`, false},
		{`"text":"好","reply_to_message":{"message_id":1,"from":{"id":4711},"forum_topic_created":{"name":"a"}}`, false},
		{`"text":"好","entities":[{"type":"mention","offset":-5,"length":99}]`, false},
	} {
		var m Message
		if err := json.Unmarshal([]byte(`{"from":{"id":42},"chat":{"id":-42},`+tt.in+`}`), &m); err != nil {
			t.Fatal(err)
		}
		if got := isAddressed(&m, 4711, "yingda_bot"); got != tt.want {
			t.Errorf("%s: %v", tt.in, got)
		}
	}
}

func TestNew(t *testing.T) {
	good := Account{Name: "default", Token: token}
	with := func(change func(*Account)) []Account {
		a := good
		change(&a)
		return []Account{a}
	}
	for _, tt := range []struct {
		name string
		in   []Account
		want string
	}{
		{"well", []Account{good, {Name: "b", Token: "4712:" + canary, Webhook: "https://example.com/pos", Secret: "a-B_9", Group: agents}}, ""},
		{"no token", with(func(a *Account) { a.Token = "" }), `telegram account "default": the token is empty: @BotFather gives one`},
		{"half a token", with(func(a *Account) { a.Token = canary }), `telegram account "default": invalid token: want one like 123456:ABC-DEF…, copied from @BotFather`},
		{"no URL", with(func(a *Account) { a.API = "api.telegram.org" }), `telegram account "default": invalid address of the Bot API: "api.telegram.org" does not begin with https:// and a host`},
		{"a URL with more", with(func(a *Account) { a.API = "https://u:p@h/?x=1" }), `telegram account "default": invalid address of the Bot API: "https://u:xxxxx@h/?x=1" has more than a host and a path`},
		{"a webhook without a secret", with(func(a *Account) { a.Webhook = "https://example.com" }), `telegram account "default": the webhook secret is empty: without one anybody could push`},
		{"a webhook in the air", with(func(a *Account) { a.Webhook, a.Secret = "example", "s" }), `telegram account "default": invalid webhook address: "example" does not begin with https:// and a host`},
		{"a secret of other letters", with(func(a *Account) { a.Webhook, a.Secret = "https://example.com", "机密" }), `telegram account "default": invalid webhook secret: want 1 to 256 of A-Z, a-z, 0-9, _ and -`},
		{"a name with a slash", with(func(a *Account) { a.Name = "a/b" }), `telegram account "a/b": invalid account name "a/b": want 1 to 64 of a-z, 0-9, _ and -`},
		{"a person as the group", with(func(a *Account) { a.Group = 5 }), `telegram account "default": invalid group ID 5: those of groups are negative`},
		{"a name twice", []Account{good, {Name: "default", Token: "4712:" + canary}}, `telegram account "default": account name "default" is used twice`},
		{"a bot twice", []Account{good, {Name: "b", Token: "4711:other"}}, `telegram account "b": bot 4711 is already that of account "default": two would take each other's messages`},
	} {
		_, err := New(Config{Accounts: tt.in})
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// TestSumKeepsNothing: whoever has the marks cannot guess a number from its sum without the token.
func TestSumKeepsNothing(t *testing.T) {
	a, b := Account{Token: token}, Account{Token: "4711:other"}
	if a.Sum("13800138000") == b.Sum("13800138000") {
		t.Error("the sum does not depend on the token")
	}
	if got := fmt.Sprint(a.Sum("一") == a.Sum(" 一\n"), a.Sum("一") == a.Sum("二")); got != "true false" {
		t.Errorf("blanks count, or words do not: %s", got)
	}
}
