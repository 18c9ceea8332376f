package bot_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/yingda/yingda/chat"
)

// TestWelcome: whoever comes is greeted with questions to tap, and a scanned serial number is kept.
func TestWelcome(t *testing.T) {
	b, _ := newBundled(t)
	k := newTalk(t, b)
	out := k.say(chat.Message{Text: "扫码进入", Welcome: true, Device: chat.Device{Serial: "N5300012345"}})
	if out.Reply.Decision != chat.Greet || !strings.Contains(out.Reply.Text, "N5300012345") || len(out.Reply.Options) != 6 {
		t.Errorf("welcomed with %s: %q and %d options", out.Reply.Decision, out.Reply.Text, len(out.Reply.Options))
	}
	if k.s.Device.Serial != "N5300012345" {
		t.Errorf("the serial number is %q", k.s.Device.Serial)
	}
	if out = k.say(chat.Message{Text: "2"}); out.Reply.Decision != chat.Answer {
		t.Errorf("a number behind the welcome is %s: %q", out.Reply.Decision, out.Reply.Text)
	}
	out = k.say(chat.Message{Text: "开始对话", Welcome: true})
	if strings.Contains(out.Reply.Text, "SN") || k.s.Device.Serial != "N5300012345" {
		t.Errorf("without a sticker: %q, serial %q", out.Reply.Text, k.s.Device.Serial)
	}
}

// TestUnreadable: what is no words gets a sentence of its own and a way to a person, and a case that is
// being registered goes on.
func TestUnreadable(t *testing.T) {
	b, _ := newBundled(t)
	for _, tt := range []struct {
		in   chat.Medium
		want string
	}{
		{chat.Voice, "语音"},
		{chat.Video, "视频"},
		{chat.File, "文件"},
		{chat.Location, "位置"},
		{chat.Picture, "图片"},
		{chat.Other, "这种消息"},
		{"hologram", "这种消息"},
	} {
		t.Run(string(tt.in), func(t *testing.T) {
			k := newTalk(t, b)
			out := k.say(chat.Message{Text: "[消息]", Medium: tt.in})
			human := slices.ContainsFunc(out.Reply.Options, func(o chat.Option) bool { return o.ID == "human" })
			if !strings.Contains(out.Reply.Text, tt.want) || !human {
				t.Errorf("%q, with a person to tap: %v", out.Reply.Text, human)
			}
		})
	}
	k := newTalk(t, b)
	for _, text := range []string{"昨天下午刷了3800没到账", "好"} {
		k.say(chat.Message{Text: text})
	}
	out := k.say(chat.Message{Text: "[语音]", Medium: chat.Voice})
	if len(out.More) != 1 || !strings.Contains(out.More[0].Text, "接着登记") {
		t.Errorf("in the middle of a case: %q and %+v", out.Reply.Text, out.More)
	}
	k.say(chat.Message{Text: "转人工"})
	for _, unseen := range []chat.Message{{Text: "[语音]", Medium: chat.Voice, Unseen: true}, {Text: "看看这个", Unseen: true}} {
		if out = k.say(unseen); !strings.Contains(out.Reply.Text, "客服那边打不开") {
			t.Errorf("while the ticket waits, %q: %+v", unseen.Text, out)
		}
	}
	k.claim()
	if out = k.say(chat.Message{Text: "[语音]", Medium: chat.Voice}); !out.Silent || out.System != "" {
		t.Errorf("beside an agent: %+v", out)
	}
	for _, unseen := range []chat.Message{{Text: "[语音]", Medium: chat.Voice, Unseen: true}, {Text: "看看这个", Unseen: true}} {
		if out = k.say(unseen); !out.Silent || !strings.Contains(out.System, "客服那边打不开") {
			t.Errorf("beside an agent who cannot be shown %q: %+v", unseen.Text, out)
		}
	}
	if out = k.say(chat.Message{Text: "[图片]", Medium: chat.Picture}); !out.Silent || !strings.Contains(out.System, "没能收下") {
		t.Errorf("a lost picture beside an agent: %+v", out)
	}
}

// TestAlbum: pictures that were sent together are answered once, and words with any of them are heard.
func TestAlbum(t *testing.T) {
	b, _ := newBundled(t)
	k := newTalk(t, b)
	photo := []chat.Attachment{{ID: "p"}}
	if out := k.say(chat.Message{Attachments: photo}); !strings.Contains(out.Reply.Text, "照片收到了") {
		t.Errorf("the first picture: %q", out.Reply.Text)
	}
	if out := k.say(chat.Message{Attachments: photo, AlbumPart: true}); !out.Silent || out.System != "" {
		t.Errorf("the second picture: %+v", out)
	}
	if out := k.say(chat.Message{Text: "[文件]", Medium: chat.File, AlbumPart: true}); !out.Silent {
		t.Errorf("the second file: %+v", out)
	}
	if out := k.say(chat.Message{Attachments: photo, AlbumPart: true, Text: "报05什么意思"}); out.Silent || out.Reply.Decision != chat.Answer {
		t.Errorf("a picture with words: %+v", out)
	}
}

// TestRecall: nothing is said to who takes a message back, whoever holds the conversation, and its words are not kept for
// a ticket.
func TestRecall(t *testing.T) {
	b, _ := newBundled(t)
	k := newTalk(t, b)
	k.say(chat.Message{Text: "押金怎么退"})
	if len(k.s.Words) == 0 {
		t.Fatal("the words of a question are not kept")
	}
	for _, holder := range []chat.Holder{chat.HolderBot, chat.HolderAgent} {
		k.s.Holder = holder
		out := k.say(chat.Message{Text: "顾客撤回了一条消息", Recalls: "m1"})
		if !out.Silent || out.System != "" || out.Ticket != nil || len(k.s.Words) > 0 {
			t.Errorf("%s: %+v, words %q", holder, out, k.s.Words)
		}
	}
}
