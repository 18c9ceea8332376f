package forum

import (
	"flag"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// phrases are the bundled ones.
func phrases(t *testing.T) *kb.Phrases {
	t.Helper()
	lib, findings, err := kb.Load(fstest.MapFS{"guide/a.md": {Data: []byte("---\ntitle: 甲\ncategory: fees\n---\n乙\n")}}, content.FS(), nil)
	if err != nil || findings.Err() != nil {
		t.Fatal(err, findings.Err())
	}
	return &lib.Phrases
}

// noon is the time of these tests.
func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

func fullCard() card {
	ticket := desk.Ticket{
		ID: "t1", Number: "1124-7K3F", State: desk.StateWaiting, Reason: desk.ReasonMoney, Urgency: desk.UrgencyHigh, Category: "fees",
		Conversation: "c0ffee", Channel: "telegram", Customer: chat.Customer{ID: "42", Name: "王 <老板>"},
		Device:   chat.Device{BrandModel: "新大陆 ME31", Serial: "N5300012345", Amount: "3800元", Contact: "138****5678"},
		Articles: []chat.Article{{ID: "late", Title: "钱没到账怎么办"}, {ID: "deposit", Title: "押金 & 退还"}},
		Summary:  "昨天下午刷的3800元\n还没到账", SameOrigin: 4,
	}
	return card{
		ticket: ticket, conversation: chat.Conversation{ID: "c0ffee", Channel: "wechat"}, quota: "4条，11-26 18:05前",
		history: []chat.Entry{
			{From: chat.FromCustomer, Text: "钱 < 没到", At: noon().Add(-26 * time.Hour)},
			{From: chat.FromBot, Text: "先看到账时间。\n再核对结算卡。", At: noon().Add(-time.Minute)},
			{From: chat.FromCustomer, At: noon(), Attachments: make([]chat.Attachment, 2)},
		},
		now: noon(),
	}
}

// TestCard compares the card of a whole case with its golden file, and looks at how long the longest gets.
func TestCard(t *testing.T) {
	got := fullCard().html() + "\n"
	if *update {
		if err := os.WriteFile("testdata/card.html", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/card.html")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the card is\n%s\nwant\n%s", got, want)
	}
	long := fullCard()
	endless := strings.Repeat("很长😀的话", 2000)
	long.ticket.Summary, long.ticket.Customer.Name = endless, endless
	for _, slot := range kb.Slots() {
		*long.ticket.Device.Field(string(slot)) = endless
	}
	for range 30 {
		long.history = append(long.history, chat.Entry{From: chat.FromCustomer, Text: endless, At: noon()})
	}
	html := long.html()
	if n := chat.UTF16Len(html); n > telegram.MaxText {
		t.Errorf("the longest card has %d characters", n)
	}
	if strings.Count(html, "👤") == 0 {
		t.Errorf("the longest card has no history")
	}
}

func TestTopicName(t *testing.T) {
	p := phrases(t)
	for _, test := range []struct {
		in   desk.Ticket
		want string
	}{
		{
			desk.Ticket{Number: "1124-7K3F", State: desk.StateWaiting, Urgency: desk.UrgencyUrgent, Category: "fees", Customer: chat.Customer{Name: "王老板"}},
			"🔴 王老板 · 费用与到账 · 1124-7K3F",
		},
		{
			desk.Ticket{Number: "N", State: desk.StateHeld, Urgency: desk.UrgencyUrgent, Customer: chat.Customer{ID: "oX-1234567890"}, Summary: "打印机\n不出纸"},
			"🟢 访客567890 · 打印机 不出纸 · N",
		},
		{
			desk.Ticket{Number: "N", State: desk.StateClosed, Conversation: "abcdefgh", Articles: []chat.Article{{Title: "押金怎么退"}}},
			"✅ 访客cdefgh · 押金怎么退 · N",
		},
		{
			desk.Ticket{Number: "N", State: desk.StateWaiting, Urgency: desk.UrgencyNormal, Customer: chat.Customer{Name: "\u202e坏\x00人\n" + strings.Repeat("长", 90)}},
			"🟡 坏人 " + strings.Repeat("长", 20) + "… · N",
		},
	} {
		got := topicName(test.in, p)
		if got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
		if n := chat.UTF16Len(got); n > telegram.MaxTopicName {
			t.Errorf("%q has %d characters", got, n)
		}
	}
}

func TestFormatQuota(t *testing.T) {
	for _, test := range []struct {
		in   chat.SendQuota
		want string
	}{
		{chat.SendQuota{Remaining: 5, ExpiresAt: noon().Add(time.Hour)}, "5条，13:00前"},
		{chat.SendQuota{Remaining: 5, ExpiresAt: noon().Add(48 * time.Hour)}, "5条，11-26 12:00前"},
		{chat.SendQuota{Remaining: 2}, "2条"},
		{chat.SendQuota{Remaining: 0, ExpiresAt: noon().Add(time.Hour)}, "0条，要等顾客再说话"},
		{chat.SendQuota{Remaining: 5, ExpiresAt: noon()}, "0条，要等顾客再说话"},
	} {
		if got := formatQuota(test.in, noon()); got != test.want {
			t.Errorf("%+v: %q, want %q", test.in, got, test.want)
		}
	}
}

func TestParseCallback(t *testing.T) {
	for _, test := range []struct {
		in             string
		message, index int
		ok             bool
	}{
		{"kb:12:3", 12, 3, true},
		{"kb:12", 0, 0, false},
		{"kb:-1:0", 0, 0, false},
		{"kb:1:-1", 0, 0, false},
		{"kb:1:x", 0, 0, false},
		{"other:1:1", 0, 0, false},
		{"", 0, 0, false},
	} {
		message, index, ok := parseCallback(test.in)
		if ok != test.ok || ok && (message != test.message || index != test.index) {
			t.Errorf("%q: %d, %d, %v", test.in, message, index, ok)
		}
	}
}

func TestLink(t *testing.T) {
	if got := (group{chatID: -1001234567890}).link(42); got != "https://t.me/c/1234567890/42" {
		t.Error(got)
	}
}
