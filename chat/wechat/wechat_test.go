package wechat_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/chat"
	standin "github.com/yingda/yingda/internal/standin/wechat"
)

// In each mode the handshake succeeds, a message is answered within its own request, and nothing is left over.
func TestModes(t *testing.T) {
	for name, mode := range map[string]standin.Mode{"plain": standin.Plain, "compatible": standin.Compatible, "safe": standin.Safe} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, func(a *standin.Account) { a.Mode = mode })
				if err := s.official.Handshake(t.Context()); err != nil {
					t.Error(err)
				}
				f := s.follower(openID)
				d := f.Say(t.Context(), "机器坏了]]>&<b>")
				if !d.OK() || len(d.Attempts) != 1 || len(d.Seen) != 1 || d.Seen[0].Text != "答：机器坏了]]>&<b>" || d.Seen[0].Via != standin.Passive {
					t.Errorf("%+v", d)
				}
				time.Sleep(time.Hour)
				if got := s.states(); got != "sent 2, queued 0, taken 0, dead 0, unknown 0" || len(f.Seen()) != 2 {
					t.Errorf("%s, seen %q", got, seen(f))
				}
			})
		})
	}
}

// What customers send becomes messages.
func TestMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		f := s.official.Follower(openID)
		ctx := t.Context()
		for _, tt := range []struct {
			name string
			do   func() standin.Delivery
			want chat.Message
		}{
			{"follow by search", func() standin.Delivery { return f.Subscribe(ctx, "") }, chat.Message{Text: "[关注公众号]", Welcome: true}},
			{"follow by a sticker", func() standin.Delivery { return f.Subscribe(ctx, "N5300012345") }, chat.Message{Text: "[关注公众号]", Welcome: true, Device: chat.Device{Serial: "N5300012345"}}},
			{"scan a sticker", func() standin.Delivery { return f.Scan(ctx, "N5300099999") }, chat.Message{Text: "[扫描二维码]", Welcome: true, Device: chat.Device{Serial: "N5300099999"}}},
			{"scan an advertisement", func() standin.Delivery { return f.Scan(ctx, "123") }, chat.Message{Text: "[扫描二维码]", Welcome: true}},
			{"a text", func() standin.Delivery { return f.Say(ctx, "机器坏了") }, chat.Message{Text: "机器坏了"}},
			{"a sticker that is not passed on", func() standin.Delivery { return f.Say(ctx, "【收到不支持的消息类型，暂无法显示】") }, chat.Message{Text: "[表情]", Medium: chat.Sticker}},
			{"an option", func() standin.Delivery { return f.Choose(ctx, "fee", "费率是多少") }, chat.Message{Text: "费率是多少"}},
			{"a recognised voice", func() standin.Delivery { return f.SendVoice(ctx, []byte("#!AMR"), "押金怎么退") }, chat.Message{Text: "押金怎么退"}},
			{"a voice", func() standin.Delivery { return f.SendVoice(ctx, []byte("#!AMR"), "") }, chat.Message{Text: "[语音]", Medium: chat.Voice}},
			{"a video", func() standin.Delivery { return f.SendVideo(ctx, []byte("mp4"), []byte("jpg")) }, chat.Message{Text: "[视频]", Medium: chat.Video}},
			{"a place", func() standin.Delivery { return f.SendLocation(ctx, 28.2, 112.9, "长沙市五一广场") }, chat.Message{Text: "长沙市五一广场"}},
			{"a place without a name", func() standin.Delivery { return f.SendLocation(ctx, 28.2, 112.9, "") }, chat.Message{Text: "[位置]", Medium: chat.Location}},
			{"a link", func() standin.Delivery { return f.SendLink(ctx, "公告", "说明", "https://a.example/?a=1&b=2") }, chat.Message{Text: "公告\nhttps://a.example/?a=1&b=2"}},
			{"the menu's help", func() standin.Delivery { return f.Click(ctx, "help") }, chat.Message{Text: "帮助", Welcome: true}},
			{"the menu's way to a person", func() standin.Delivery { return f.Click(ctx, "human") }, chat.Message{Text: "转人工"}},
			{"the menu's ticket", func() standin.Delivery { return f.Click(ctx, "ticket") }, chat.Message{Text: "我的工单"}},
			{"an article of the menu", func() standin.Delivery { return f.Click(ctx, "fee-basic-rates") }, chat.Message{Text: "费率是多少"}},
			{"words of the menu", func() standin.Delivery { return f.Click(ctx, "怎么申请") }, chat.Message{Text: "怎么申请"}},
			{"an old menu", func() standin.Delivery { return f.Click(ctx, "V1001_TODAY_MUSIC") }, chat.Message{Text: "[点按菜单]", Welcome: true}},
			{"a menu without a key", func() standin.Delivery { return f.Click(ctx, "") }, chat.Message{Text: "[点按菜单]", Welcome: true}},
		} {
			before := len(s.inbox.Messages())
			d := tt.do()
			if !d.OK() || len(d.Seen) != 1 {
				t.Errorf("%s: %+v", tt.name, d)
			}
			all := s.inbox.Messages()
			if len(all) != before+1 {
				t.Fatalf("%s: %d messages were kept", tt.name, len(all)-before)
			}
			got := all[before]
			if got.Text != tt.want.Text || got.Medium != tt.want.Medium || got.Welcome != tt.want.Welcome || got.Device != tt.want.Device ||
				got.Channel != "wechat" || !strings.HasPrefix(got.ExternalID, "default/") || got.At.IsZero() || got.ReplyWindow <= 5*time.Second {
				t.Errorf("%s: %+v", tt.name, got)
			}
			time.Sleep(2 * time.Second) // events have no id but their second
		}
		for name, do := range map[string]func() standin.Delivery{
			"an opened page":   func() standin.Delivery { return f.View(ctx, "https://a.example") },
			"a reported place": func() standin.Delivery { return f.Report(ctx, 1, 2, 3) },
		} {
			before := len(s.inbox.Messages())
			if d := do(); !d.OK() || d.Seen != nil || len(s.inbox.Messages()) != before {
				t.Errorf("%s: %+v", name, d)
			}
		}
	})
}

// A picture is fetched from the API where the account may, else from its address, and kept.
func TestPictures(t *testing.T) {
	jpeg := []byte("\xff\xd8\xff\xe0\x00\x10JFIF")
	for _, certified := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, func(a *standin.Account) { a.Certified = certified })
			f := s.follower(openID)
			if d := f.SendImage(t.Context(), jpeg); !d.OK() {
				t.Fatal(d.Fault)
			}
			m := s.inbox.Messages()[1]
			if len(m.Attachments) != 1 || m.Text != "" || m.Medium != "" {
				t.Fatalf("%+v", m)
			}
			if _, a, err := s.inbox.Open(t.Context(), m.Attachments[0].ID); err != nil || a.Size != int64(len(jpeg)) {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
}

// A picture whose address is on the inside is not fetched.
func TestPictureFromInside(t *testing.T) {
	for _, address := range []string{
		"http://127.0.0.1/x", "http://[::1]/x", "http://169.254.169.254/latest", "http://shop.example/x", "file:///etc/passwd",
		"http://qpic.cn.evil.example/x", "http://mmbiz.qpic.cn:8080/x", "http://u:p@mmbiz.qpic.cn/x", "http://evilqpic.cn/", "",
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, func(a *standin.Account) { a.Certified = false })
			if d := push(t, s, openID, "<MsgType>image</MsgType><PicUrl><![CDATA["+address+"]]></PicUrl><MediaId>m</MediaId><MsgId>7</MsgId>"); d.status != 200 {
				t.Fatalf("%+v", d)
			}
			if m := s.inbox.Messages()[0]; m.Medium != chat.Picture || m.Text != "[图片未能取回]" || m.Enclosure == nil || m.Enclosure.Lost == "" || m.Attachments != nil {
				t.Errorf("%q: %+v", address, m)
			}
		})
	}
}

// Each of several messages, repeated 20 times at once and in any order, is kept once and answered always the same.
func TestRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		s.start("") // a second node
		f := s.follower(openID)
		var texts []string
		for i := range 5 {
			texts = append(texts, fmt.Sprintf("问题%d", i))
		}
		for _, d := range f.Storm(t.Context(), 20, texts...) {
			if !d.OK() || len(d.Attempts) != 20 {
				t.Fatalf("%s, %d attempts", d.Fault, len(d.Attempts))
			}
			for _, a := range d.Attempts {
				if string(a.Body) != string(d.Attempts[0].Body) {
					t.Errorf("two answers: %s and %s", a.Body, d.Attempts[0].Body)
				}
			}
		}
		time.Sleep(time.Hour)
		if n := len(s.inbox.Messages()); n != 6 {
			t.Errorf("%d messages were kept", n)
		}
		for _, text := range texts {
			if n := count(seen(f), "答："+text); n != 1 {
				t.Errorf("%s was answered %d times: %q", text, n, seen(f))
			}
		}
		if n := count(seen(f), "消息收到"); n != 0 {
			t.Errorf("an answer was promised that had come: %q", seen(f))
		}
		if got := s.states(); got != "sent 6, queued 0, taken 0, dead 0, unknown 0" {
			t.Error(got)
		}
	})
}

// Whoever leaves is erased, and so is nobody who has come back.
func TestUnsubscribe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		f := s.follower(openID)
		f.Say(t.Context(), "在吗")
		s.official.Repeat(5)
		if d := f.Unsubscribe(t.Context()); !d.OK() {
			t.Fatal(d.Fault)
		}
		if got := s.inbox.Forgotten(); len(got) != 1 || got[0] != "wechat default "+openID {
			t.Errorf("%q", got)
		}
	})
}

// A reply's options are numbered where they are in the answer.
func TestOptionsAreNumbered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		s.inbox.Reply = func(chat.Conversation, chat.Message) ([]chat.Entry, error) {
			return []chat.Entry{fromBot("您想问哪个？", chat.Option{ID: "a", Title: "费率"}, chat.Option{ID: "human", Title: "转人工"})}, nil
		}
		d := s.follower(openID).Say(t.Context(), "费")
		if want := "您想问哪个？\n\n1. 费率\n2. 转人工\n（回复数字即可）"; len(d.Seen) != 1 || d.Seen[0].Text != want {
			t.Errorf("%+v", d.Seen)
		}
	})
}

// While an agent holds the conversation nothing is said.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		s.inbox.Reply = nil
		f := s.follower(openID)
		if d := f.Say(t.Context(), "在吗"); !d.OK() || d.Seen != nil || string(d.Attempts[0].Body) != "success" {
			t.Errorf("%+v", d)
		}
	})
}
