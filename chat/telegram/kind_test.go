package telegram

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/yingda/yingda/chat"
	standin "github.com/yingda/yingda/internal/standin/telegram"
)

// said is what the conversation shows of each kind of message; what is missing here stays silent.
func said() map[string]string {
	return map[string]string{
		"rich_message": strings.Join([]string{
			"对账单", "机器不打印，见说明 (https://example.com/print)😀", "1. 关机", "☑ 换纸", "日期 | 金额", "11-24 | 3800", "昨天", "E-05", "———",
			"> 客服说等三天", "> —— 小李", "> 等三天", `0.6\%`, "更多", "里面", "[图片]", "小票", "—— 我", "几张",
			"[位置] 28.19409,112.98228 https://uri.amap.com/marker?position=112.98228,28.19409&coordinate=wgs84", "[语音]", "谢谢",
		}, "\n"),
		"animation": "[动图]", "audio": "[音频]", "document": "[文件]", "live_photo": "", "paid_media": "[付费内容]", "sticker": "[表情]", "story": "[动态]",
		"video": "[视频]", "video_note": "[视频]", "voice": "[语音]", "checklist": "要办的事\n☐ 换卷纸\n☑ 查到账", "contact": "[名片]", "dice": "[动图]",
		"game": "[游戏]", "poll": "[投票]", "venue": "名称 长沙市五一路1号", "location": "[位置]", "invoice": "[收款单]", "successful_payment": "[付款]",
		"refunded_payment": "[退款]", "users_shared": "[名片]", "chat_shared": "[群名片]", "gift": "一句话", "unique_gift": "[礼物]", "gift_upgrade_sent": "一句话",
		"passport_data": "[证件]", "giveaway_created": "[抽奖]", "giveaway": "[抽奖]", "giveaway_winners": "[抽奖]", "giveaway_completed": "[抽奖]",
		"web_app_data": "[小程序]", "hologram": "[Telegram 消息：hologram]",
	}
}

// TestAllKinds: of whatever a private chat can hold the customer is answered, but for what is the service's and not
// theirs to say. What has a caption is heard by that.
func TestAllKinds(t *testing.T) {
	h := newHouse(t).run()
	want := said()
	n := 0
	for _, k := range standin.Kinds() {
		if _, err := h.server.SendKind(ann, standin.Place{Chat: ann}, k, ""); err != nil {
			t.Fatal(err)
		}
		text, ok := want[k.Name]
		delete(want, k.Name)
		if !ok {
			continue
		}
		n++
		m := h.heard(n)[n-1]
		if m.Text != text {
			t.Errorf("%s: heard %q, want %q", k.Name, m.Text, text)
		}
		if picture := k.Name == "live_photo" || k.Name == "rich_message"; picture != (len(m.Attachments) == 1) {
			t.Errorf("%s: %d pictures", k.Name, len(m.Attachments))
		}
		if (m.Medium != "") != strings.HasPrefix(m.Text, "[") {
			t.Errorf("%s: %q is of the medium %q", k.Name, m.Text, m.Medium)
		}
	}
	for name := range want {
		t.Errorf("the stand-in cannot send %s", name)
	}
	h.say(ann, "完了")
	h.heard(n + 1)
	for _, k := range standin.Kinds() {
		if _, ok := said()[k.Name]; ok && k.Name != "rich_message" { // which has words of its own
			_, _ = h.server.SendKind(ann, standin.Place{Chat: ann}, k, "看这个"+k.Name)
			n++
			if m := h.heard(n + 1)[n]; m.Text != "看这个"+k.Name || m.Medium != "" {
				t.Errorf("%s with words is %q of the medium %q", k.Name, m.Text, m.Medium)
			}
		}
	}
}

// TestUnseen: a customer is told that agents cannot be shown what came, unless they can, or all of it is told in words.
func TestUnseen(t *testing.T) {
	for _, group := range []int64{0, agents} {
		h := newHouse(t, func(h *house) { h.config.Accounts[0].Group = group }).run()
		n := 0
		for _, k := range standin.Kinds() {
			if _, ok := said()[k.Name]; !ok {
				continue
			}
			_, _ = h.server.SendKind(ann, standin.Place{Chat: ann}, k, "")
			n++
			m := h.heard(n)[n-1]
			what := kindOf(k.Name)
			want := m.Attachments == nil && !what.described && (group == 0 || !what.copied)
			if k.Name == "voice" && want != (group == 0) || k.Name == "gift" && !want || k.Name == "contact" && want {
				t.Errorf("the test itself is wrong of %s", k.Name)
			}
			if m.Unseen != want {
				t.Errorf("group %d, %s: unseen is %v", group, k.Name, m.Unseen)
			}
		}
	}
}

// TestAddresses: the addresses of links stand behind the words that they hide behind, wherever these are.
func TestAddresses(t *testing.T) {
	link := func(offset, length int, url string) tgbotapi.MessageEntity {
		return tgbotapi.MessageEntity{Type: "text_link", Offset: offset, Length: length, URL: url}
	}
	bold := tgbotapi.MessageEntity{Type: "bold", Offset: 0, Length: 7}
	for _, tt := range []struct {
		text     string
		entities []tgbotapi.MessageEntity
		want     string
	}{
		{"没有", nil, "没有"},
		{"看这里，谢谢", []tgbotapi.MessageEntity{link(1, 2, "https://a.cn/x")}, "看这里 (https://a.cn/x)，谢谢"},
		{"😀😀看这里", []tgbotapi.MessageEntity{bold, link(5, 2, "https://a.cn")}, "😀😀看这里 (https://a.cn)"},
		{"一二", []tgbotapi.MessageEntity{link(1, 1, "http://b.cn"), link(0, 1, "http://a.cn")}, "一 (http://a.cn)二 (http://b.cn)"},
		{"外里", []tgbotapi.MessageEntity{link(0, 2, "http://a.cn"), bold, link(0, 1, "http://b.cn")}, "外 (http://b.cn)里 (http://a.cn)"},
		{"a.cn/", []tgbotapi.MessageEntity{link(0, 5, "https://A.cn")}, "a.cn/"},
		{"a@b.cn", []tgbotapi.MessageEntity{link(0, 6, "mailto:a@b.cn")}, "a@b.cn"},
		{"短", []tgbotapi.MessageEntity{link(0, 9, "http://a.cn"), link(-1, 1, "http://a.cn"), link(5, 1, "http://a.cn"), link(0, 0, "http://a.cn"), link(1<<62, 1<<62, "http://a.cn")}, "短"},
		{"😀", []tgbotapi.MessageEntity{link(0, 1, "http://a.cn")}, "\ufffd (http://a.cn)\ufffd"}, // cut in two: no telephone does that
	} {
		if got := withAddresses(tt.text, tt.entities); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
		m := Message{Message: tgbotapi.Message{Caption: tt.text, CaptionEntities: tt.entities}}
		if got := m.Words(); got != tt.want {
			t.Errorf("under a picture: got %q, want %q", got, tt.want)
		}
	}
}

// TestDeepRich: blocks that nest without end are cut, not followed.
func TestDeepRich(t *testing.T) {
	const deep = 4000
	body := `{"update_id":1,"message":{"from":{"id":42},"chat":{"id":42},"rich_message":{"blocks":[{"text":"上面"},` +
		strings.Repeat(`{"blocks":[`, deep) + `{"text":"底下"}` + strings.Repeat(`]}`, deep) + `]}}}`
	u, err := DecodeUpdate([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if got := u.Message.Words(); got != "上面" {
		t.Errorf("it says %q", got)
	}
	for _, odd := range []string{`7`, `null`, `{}`, `{"blocks":7}`, `{"blocks":[7,null,[],{"type":7,"text":7,"items":7,"cells":[7,[7]],"caption":7,"photo":7}]}`} {
		u, err := DecodeUpdate([]byte(`{"update_id":1,"message":{"from":{"id":42},"chat":{"id":42},"rich_message":` + odd + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := decodeContent(u.Message, ""); !ok || s.medium != chat.Other {
			t.Errorf("%s says %+v", odd, s)
		}
	}
}

// TestLocalFiles: files of a Bot API server of our own are read in its folder and nowhere else.
func TestLocalFiles(t *testing.T) {
	folder, outside := t.TempDir(), t.TempDir()
	write := func(path string, data []byte) string {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	link := func(to, path string) string {
		if err := os.Symlink(to, path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write(filepath.Join(folder, "a.jpg"), []byte("good"))
	secret := write(filepath.Join(outside, "secret"), []byte("secret"))
	pipe := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, folder, path string
		want               string
	}{
		{"a file", folder, good, "good"},
		{"a link within", folder, link("a.jpg", filepath.Join(folder, "b.jpg")), "good"},
		{"no folder is set", "", good, errNoFolder.Error()},
		{"another folder", outside, good, errUnread.Error()},
		{"no such folder", filepath.Join(folder, "none"), good, errUnread.Error()},
		{"outside", folder, secret, errUnread.Error()},
		{"a way out", folder, filepath.Join(folder, "..", filepath.Base(outside), "secret"), errUnread.Error()},
		{"a link that leads out", folder, link(secret, filepath.Join(folder, "c.jpg")), errUnread.Error()},
		{"a folder's link that leads out", folder, filepath.Join(link(outside, filepath.Join(folder, "d")), "secret"), errUnread.Error()},
		{"a pipe", folder, pipe, errUnread.Error()},
		{"a folder", folder, folder, errUnread.Error()},
		{"no file", folder, filepath.Join(folder, "none.jpg"), errUnread.Error()},
		{"a huge file", folder, write(filepath.Join(folder, "huge"), make([]byte, MaxFile+1)), ErrTooBig.Error()},
	} {
		data, err := Account{Files: tt.folder}.readFile(tt.path)
		got := string(data)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestLocalServer: the picture of a customer is had from the folder of a local server; where that is not set the
// message is told without it, at once.
func TestLocalServer(t *testing.T) {
	for _, set := range []bool{true, false} {
		folder := t.TempDir()
		h := newHouse(t, func(h *house) {
			if h.server.SetLocal(folder); set {
				h.config.Accounts[0].Files = folder
			}
		}).run()
		h.send(ann, standin.Content{Photo: jpegOf(t, 64, 48), Text: "报05"})
		if set {
			if m := h.heard(1)[0]; len(m.Attachments) != 1 || m.Text != "报05" {
				t.Errorf("heard %+v", m)
			}
			continue
		}
		messages := h.heard(2)
		if m := messages[0]; m.Medium != chat.Picture || !strings.Contains(m.Enclosure.String(), "[图片未能取回] 图片在Bot API服务器自己的磁盘上") {
			t.Errorf("heard %+v", m.Enclosure)
		}
		if messages[1].Text != "报05" {
			t.Errorf("heard %+v", messages[1])
		}
		if n := len(h.server.Calls("getFile")); n != 1 {
			t.Errorf("it was asked for %d times, though that is in vain", n)
		}
	}
}

// TestReplacedPictures: a picture that replaces another, or comes to a text, is heard; one that stayed is not heard again.
func TestReplacedPictures(t *testing.T) {
	h := newHouse(t).run()
	at := standin.Place{Chat: ann}
	one, other := jpegOf(t, 64, 48), jpegOf(t, 48, 64)
	photo := h.send(ann, standin.Content{Photo: one, Text: "小票"})
	text := h.say(ann, "报05")
	file := h.send(ann, standin.Content{Document: []byte("%PDF"), Name: "一.pdf", MIME: "application/pdf"})
	n := len(h.heard(3))
	for _, tt := range []struct {
		name string
		id   int
		what standin.Content
		want string
	}{
		{"another photo", photo, standin.Content{Photo: other, Text: "小票"}, "小票 1"},
		{"another text", photo, standin.Content{Text: "大票"}, "大票 0"},
		{"a photo to a text", text, standin.Content{Photo: one, Text: "报05"}, "报05 1"},
		{"another file", file, standin.Content{Document: []byte("%PDF-2"), Name: "二.pdf", MIME: "application/pdf"}, "[文件] 0 [文件] 二.pdf（1 KB）"},
	} {
		var err error
		if tt.what.Photo == nil && tt.what.Document == nil {
			err = h.server.Edit(ann, at, tt.id, tt.what.Text)
		} else {
			err = h.server.Replace(ann, at, tt.id, tt.what)
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
		m := h.heard(n)[n-1]
		got := fmt.Sprint(m.Text, " ", len(m.Attachments))
		if m.Enclosure != nil {
			got += " " + m.Enclosure.String()
		}
		if got != tt.want {
			t.Errorf("%s: heard %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestFilesOfAnAlbum: of files that came together the first is answered, and the customer is told once that agents cannot open them.
func TestFilesOfAnAlbum(t *testing.T) {
	h := newHouse(t).run()
	for _, name := range []string{"一.pdf", "二.pdf"} {
		h.send(ann, standin.Content{Document: []byte("%PDF"), Name: name, MIME: "application/pdf", Album: "7"})
	}
	messages := h.heard(2)
	if a, b := messages[0], messages[1]; a.AlbumPart || !a.Unseen || !b.AlbumPart || b.Unseen || b.Enclosure.Name != "二.pdf" {
		t.Errorf("heard %+v and %+v", a, b)
	}
}

// TestThreads: in Threaded Mode whoever writes is answered in the same thread, with pictures and the sign of typing, in
// their one conversation; where the thread is gone, without one.
func TestThreads(t *testing.T) {
	h := newHouse(t).run()
	h.server.SetThreaded(0, true)
	var threads []int
	for _, name := range []string{"一", "二"} {
		id, err := h.server.CreateTopic(ann, ann, name)
		if err != nil {
			t.Fatal(err)
		}
		threads = append(threads, id)
	}
	in := func(thread int) standin.Place { return standin.Place{Chat: ann, Thread: thread} }
	say := func(thread int, text string) standin.Message {
		t.Helper()
		if _, err := h.server.Say(ann, in(thread), text); err != nil {
			t.Fatal(err)
		}
		return h.answer(ann, "答："+text)
	}
	for i, thread := range []int{threads[0], threads[1], 0, threads[0]} {
		if m := say(thread, fmt.Sprint("问", i)); m.Thread != thread {
			t.Errorf("question %d in thread %d is answered in %d", i, thread, m.Thread)
		}
	}
	if m := h.heard(4); m[0].Conversation != m[3].Conversation {
		t.Errorf("it is another conversation in another thread")
	}
	m := say(threads[1], "选费")
	if _, err := h.server.Press(ann, in(threads[1]), m.ID, m.Buttons[0][0].Data); err != nil {
		t.Fatal(err)
	}
	if m := h.answer(ann, "答：费率是多少"); m.Thread != threads[1] {
		t.Errorf("a tap in thread %d is answered in %d", threads[1], m.Thread)
	}
	picture, err := h.inbox.Save(t.Context(), strings.NewReader(string(jpegOf(t, 64, 48))))
	if err != nil {
		t.Fatal(err)
	}
	h.settled(h.queue(chat.Entry{Seq: 50, From: chat.FromAgent, Text: "看图", Attachments: []chat.Attachment{picture}}))
	if m := h.answer(ann, "看图"); m.Thread != threads[1] || m.Photo == nil {
		t.Errorf("the agent's picture went to thread %d", m.Thread)
	}
	h.settled(h.queue(chat.Entry{Seq: 51, From: chat.FromAgent, Text: "说的是这个", QuotesSeq: 1}))
	if m := h.answer(ann, "说的是这个"); m.Thread != threads[0] || m.ReplyTo == 0 {
		t.Errorf("what quotes the first question went to thread %d, and answers %d", m.Thread, m.ReplyTo)
	}
	if err := h.server.DeleteTopic(ann, in(threads[1])); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"还在吗", "在的"} {
		h.settled(h.queue(chat.Entry{Seq: 60, From: chat.FromAgent, Text: text}))
		if m := h.answer(ann, text); m.Thread != 0 {
			t.Errorf("after its thread is gone %q went to %d", text, m.Thread)
		}
	}
	if n := len(h.server.Calls("sendMessage")); n != 10 {
		t.Errorf("%d messages were tried for 9: the one to the thread that is gone once", n)
	}
}
