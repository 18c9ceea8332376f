package telegram

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	standin "github.com/yingda/yingda/internal/standin/telegram"
)

// TestThereAndBack: what is said arrives and is answered, polled for or pushed.
func TestThereAndBack(t *testing.T) {
	for mode, with := range map[string]func(*house){"polling": func(*house) {}, "webhook": hooked} {
		t.Run(mode, func(t *testing.T) {
			h := newHouse(t, with).run()
			h.say(ann, "POS机 <b>&</b> 机密")
			h.answer(ann, "答：POS机 <b>&</b> 机密")
			m := h.heard(1)[0]
			if !strings.HasPrefix(m.ExternalID, "4711:") || m.Channel != "telegram" || time.Since(m.At) > time.Minute {
				t.Errorf("kept as %+v", m)
			}
			h.until("the confirmation", func() bool { return h.server.Pending(0) == 0 || mode == "polling" })
		})
	}
}

// TestButtons: a button says its title, once; what is over is told kindly, and topics can still be asked for.
func TestButtons(t *testing.T) {
	h := newHouse(t).run()
	h.say(ann, "选一个")
	m := h.answer(ann, "答：选一个")
	if len(m.Buttons) != 3 || len(m.Buttons[0]) != 1 || m.Buttons[0][0].Text != "费率是多少" || len(m.Buttons[0][0].Data) > MaxData {
		t.Fatalf("the buttons are %+v", m.Buttons)
	}
	press := func(button standin.Button) {
		t.Helper()
		if _, err := h.server.Press(ann, standin.Place{Chat: ann}, m.ID, button.Data); err != nil {
			t.Fatal(err)
		}
	}
	notices := func(n int) string {
		t.Helper()
		h.until("an answer to a tap", func() bool { return len(h.server.Answers()) == n })
		return h.server.Answers()[n-1].Text
	}
	h.script("editMessageReplyMarkup", standin.BadGateway()) // the buttons stay for once
	buttons := m.Buttons
	press(buttons[1][0])
	h.answer(ann, "答：好，帮我登记")
	if got := notices(1); got != "" {
		t.Errorf("the first tap is told %q", got)
	}
	press(buttons[1][0])
	if got := notices(2); got != noticeAgain {
		t.Errorf("the same again is told %q", got)
	}
	press(buttons[2][0])
	if got := notices(3); got != noticeOver {
		t.Errorf("what is over is told %q", got)
	}
	press(buttons[0][0])
	h.answer(ann, "答：费率是多少")
	h.until("the buttons to vanish", func() bool { return len(h.answer(ann, "答：选一个").Buttons) == 0 })
	h.heard(3)
}

// TestForeignButtons: data that was made for somebody else, or by nobody, does nothing.
func TestForeignButtons(t *testing.T) {
	a := Account{Name: "default", Token: token}
	mine := optionRef{"ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1 << 40, 5}
	data := mine.encode(a, Address{Chat: ann})
	if len(data) > MaxData {
		t.Errorf("%d bytes", len(data))
	}
	if got, ok := parseOptionRef(a, Address{Chat: ann}, data); !ok || got != mine {
		t.Errorf("one's own is read as %+v, %v", got, ok)
	}
	for _, tt := range []struct {
		name string
		from Address
		data string
	}{
		{"another person's", Address{Chat: ben}, data},
		{"another option", Address{Chat: ann}, strings.Replace(data, ".5.", ".4.", 1)},
		{"another conversation", Address{Chat: ann}, strings.Replace(data, "ABC", "XYZ", 1)},
		{"nothing", Address{Chat: ann}, ""},
		{"a negative number", Address{Chat: ann}, optionRef{"A", -1, 0}.encode(a, Address{Chat: ann})},
		{"something else", Address{Chat: ann}, "o.a.b.c.d"},
	} {
		if _, ok := parseOptionRef(a, tt.from, tt.data); ok {
			t.Errorf("%s is taken", tt.name)
		}
	}
}

// TestCommands: what the menu's commands mean, and that the menu is there.
func TestCommands(t *testing.T) {
	h := newHouse(t, func(h *house) { h.config.Traditional = strings.ToUpper }).run()
	for _, tt := range []struct {
		in   string
		want chat.Message
	}{
		{"/start", chat.Message{Text: "开始对话", Welcome: true}},
		{"/start N5300012345", chat.Message{Text: "扫码进入", Welcome: true, Device: chat.Device{Serial: "N5300012345"}}},
		{"/start 不是 序列号", chat.Message{Text: "开始对话", Welcome: true}},
		{"/help", chat.Message{Text: "怎么用", Welcome: true}},
		{"/human", chat.Message{Text: "转人工", Handoff: true}},
		{"/human@yingda_bot", chat.Message{Text: "转人工", Handoff: true}},
		{"/human 钱没到账", chat.Message{Text: "钱没到账", Handoff: true}},
		{"/ticket", chat.Message{Text: "我的工单怎么样了"}},
		{"/whatever else", chat.Message{Text: "/whatever else"}},
		{"费率 /help", chat.Message{Text: "费率 /help"}},
	} {
		n := len(h.inbox.Messages()) + 1
		h.say(ann, tt.in)
		h.until(tt.in, func() bool { return len(h.inbox.Messages()) == n })
		m := h.inbox.Messages()[n-1]
		got := chat.Message{Text: m.Text, Welcome: m.Welcome, Handoff: m.Handoff, Device: m.Device}
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", tt.want) {
			t.Errorf("%s\ngot  %+v\nwant %+v", tt.in, got, tt.want)
		}
	}
	menu := h.server.Commands(0, "default", "")
	names := ""
	for _, c := range menu {
		names += c.Command + " "
	}
	if names != "start human ticket help lang " {
		t.Errorf("the menu is %q", names)
	}
}

// TestLanguage: who chooses the traditional script, or whose Telegram speaks it, is answered in it.
func TestLanguage(t *testing.T) {
	h := newHouse(t, func(h *house) {
		h.config.Traditional = strings.NewReplacer("费", "費", "体", "體").Replace
	}).run()
	h.say(ann, "费")
	h.answer(ann, "答：费")
	h.say(ann, "/lang")
	m := h.answer(ann, "请选择文字 / 請選擇文字")
	if _, err := h.server.Press(ann, standin.Place{Chat: ann}, m.ID, m.Buttons[1][0].Data); err != nil {
		t.Fatal(err)
	}
	h.answer(ann, "好的，之后都用繁體中文回复您。")
	h.say(ann, "选费")
	m = h.answer(ann, "答：选費")
	if m.Buttons[0][0].Text != "費率是多少" {
		t.Errorf("the button says %q", m.Buttons[0][0].Text)
	}
	if _, err := h.server.Press(ann, standin.Place{Chat: ann}, m.ID, m.Buttons[0][0].Data); err != nil {
		t.Fatal(err)
	}
	h.answer(ann, "答：費率是多少")
	if got := h.inbox.Messages()[2].Text; got != "费率是多少" {
		t.Errorf("the tap says %q, which the bot did not offer", got)
	}
	h.say(ben, "费")
	h.answer(ben, "答：費")
	if _, err := h.inbox.GetKV(t.Context(), scriptKey("default", "42")); err != nil {
		t.Error(err)
	}
	if err := h.inbox.Forget(t.Context(), "telegram", "default", "42"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.inbox.GetKV(t.Context(), scriptKey("default", "42")); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("who was erased still reads traditional: %v", err)
	}
}

// TestKinds: what is no words.
func TestKinds(t *testing.T) {
	h := newHouse(t).run()
	picture := jpegOf(t, 320, 240)
	for _, tt := range []struct {
		name string
		in   standin.Content
		want string // text, medium and the number of pictures
	}{
		{"a photo", standin.Content{Photo: picture}, "||1"},
		{"a photo with words", standin.Content{Photo: picture, Text: "报05 机密"}, "报05 机密||1"},
		{"a picture as a file", standin.Content{Document: picture, Name: "a.jpg", MIME: "image/jpeg"}, "||1"},
		{"a file", standin.Content{Document: []byte("%PDF"), Name: "a.pdf", MIME: "application/pdf"}, "[文件]|file|0"},
		{"a file with words", standin.Content{Document: []byte("%PDF"), Name: "a.pdf", MIME: "application/pdf", Text: "看看"}, "看看||0"},
		{"a voice", standin.Content{Voice: []byte("…"), Seconds: 3}, "[语音]|voice|0"},
		{"a sticker", standin.Content{Sticker: "👍"}, "[表情]|sticker|0"},
		{"a place", standin.Content{Location: &standin.Location{Latitude: 1, Longitude: 2}}, "[位置]|location|0"},
	} {
		n := len(h.inbox.Messages()) + 1
		h.send(ann, tt.in)
		h.until(tt.name, func() bool { return len(h.inbox.Messages()) == n })
		m := h.inbox.Messages()[n-1]
		if got := fmt.Sprintf("%s|%s|%d", m.Text, m.Medium, len(m.Attachments)); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestEdits: a changed text is heard again, with a mark that says of what; an unchanged one is not.
func TestEdits(t *testing.T) {
	h := newHouse(t).run()
	a := h.config.Accounts[0]
	id := h.say(ann, "费率")
	first := h.heard(1)[0]
	for _, text := range []string{"费率", "押金", "押金"} {
		if err := h.server.Edit(ann, standin.Place{Chat: ann}, id, text); err != nil {
			t.Fatal(err)
		}
	}
	h.say(ann, "完了")
	messages := h.heard(3)
	if messages[1].Text != "押金" {
		t.Errorf("heard %q", messages[1].Text)
	}
	source := func(m chat.Message) (s Source) {
		value, err := h.inbox.GetKV(t.Context(), SourceKey("default", m.ExternalID))
		if err != nil || json.Unmarshal(value, &s) != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := source(first); s.Edit || s.Message != id || s.Chat != ann || !s.Verbatim(a, " 费率 ") || s.Verbatim(a, "费率*") {
		t.Errorf("the first came from %+v", s)
	}
	if s := source(messages[1]); !s.Edit || s.Message != id || !s.Verbatim(a, "押金") {
		t.Errorf("the edit came from %+v", s)
	}
}

// TestRepeatedAndShuffled: twenty copies of each push, in parallel and in any order, are one message each.
func TestRepeatedAndShuffled(t *testing.T) {
	h := newHouse(t, hooked)
	h.server.SetRepeats(standin.Repeats{Times: 20, Shuffle: true})
	h.run()
	for i := range 3 {
		h.say(ann, fmt.Sprint("问", i))
		h.say(ben, fmt.Sprint("问", i))
	}
	h.until("all to be taken", func() bool { return h.server.Pending(0) == 0 })
	h.heard(6)
	for i := range 3 {
		h.answer(ann, fmt.Sprint("答：问", i))
		h.answer(ben, fmt.Sprint("答：问", i))
	}
	h.until("the end of every sending", func() bool { return h.outbox.Count()[chat.SendingSent] == 6 })
	if n := len(h.server.Calls("sendMessage")); n != 6 {
		t.Errorf("%d answers to 6 messages", n)
	}
}

// TestOffset: an update is confirmed only when it is on disk, those of a chat stay in order, and one chat's
// trouble is not another's.
func TestOffset(t *testing.T) {
	var busy atomic.Bool
	busy.Store(true)
	var mu sync.Mutex
	var tried []string
	h := newHouse(t, func(h *house) {
		h.inbox.fail = func(m chat.Message) error {
			mu.Lock()
			defer mu.Unlock()
			tried = append(tried, m.Text)
			if busy.Load() && strings.HasPrefix(m.Text, "安") {
				return chat.ErrBusy
			}
			return nil
		}
	})
	h.say(ann, "安1")
	h.say(ann, "安2")
	h.say(ben, "本1")
	h.run()
	h.answer(ben, "答：本1")
	h.say(ben, "本2")
	h.answer(ben, "答：本2")
	if h.server.Pending(0) != 4 {
		t.Errorf("%d updates wait, want all 4: the first is not on disk", h.server.Pending(0))
	}
	busy.Store(false)
	h.answer(ann, "答：安2")
	h.until("the confirmation", func() bool { return h.server.Pending(0) == 0 })
	var order []string
	for _, m := range h.heard(4) {
		order = append(order, m.Text)
	}
	if slices.Index(order, "安1") > slices.Index(order, "安2") {
		t.Errorf("the order is %v", order)
	}
	mu.Lock()
	defer mu.Unlock()
	if n := len(tried); n > 12 {
		t.Errorf("%d attempts: it spins", n)
	}
}
