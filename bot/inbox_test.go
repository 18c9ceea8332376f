package bot_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
)

// door is an Inbox on a real SQLite database, with one conversation.
type door struct {
	t     *testing.T
	inbox *bot.Inbox
	store *store.Store
	seal  *privacy.Sealer
	id    string
	dir   string
	seen  []bot.Observation
	log   bytes.Buffer
	n     int
}

func openDoor(t *testing.T) *door {
	t.Helper()
	d := &door{t: t, dir: t.TempDir()}
	var err error
	if d.store, err = store.Open(t.Context(), store.Options{Dir: d.dir, Random: rand.Reader}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.store.Close(); err != nil {
			t.Error(err)
		}
	})
	if d.seal, err = privacy.NewSealer(bytes.Repeat([]byte{7}, 32)); err != nil {
		t.Fatal(err)
	}
	plain, _ := newBundled(t)
	b := plain.WithHandover(bot.Handover{Hours: shop{}, Number: bot.Numbers(monday, rand.Reader)})
	d.inbox = bot.NewInbox(bot.InboxConfig{
		Store: d.store, Bot: func() bot.Stepper { return b }, Masker: privacy.NewMasker(), Sealer: d.seal,
		Now: monday, Log: slog.New(slog.NewTextHandler(&d.log, nil)), Observe: func(o bot.Observation) { d.seen = append(d.seen, o) },
	})
	c, _, err := d.store.OpenConversation(t.Context(), chat.OpenRequest{Channel: "widget"})
	if err != nil {
		t.Fatal(err)
	}
	d.id = c.ID
	return d
}

// say sends a message; every one has an id of its own.
func (d *door) say(text string) bot.TurnResult {
	d.t.Helper()
	d.n++
	turned, err := d.inbox.Receive(d.t.Context(), chat.Message{Conversation: d.id, Channel: "widget", ExternalID: string(rune('a' + d.n)), Text: text})
	if err != nil {
		d.t.Fatal(err)
	}
	return turned
}

// TestInbox goes from a question to a ticket on a real database, and back.
func TestInbox(t *testing.T) {
	d := openDoor(t)
	for _, l := range []struct{ say, want string }{
		{"昨天刷了3800元没到账，机器是联迪A8", "不要重复刷"},
		{"好", "商户编号"},
		{"848100058120001 10203040", "怎么联系"},
		{"13812345678", "请核对"},
	} {
		if turned := d.say(l.say); len(turned.Replies) == 0 || !strings.Contains(turned.Replies[0].Text, l.want) || turned.Ticket != nil {
			t.Fatalf("%q: %+v, want %q", l.say, turned, l.want)
		}
	}
	turned := d.say("确认")
	ticket := turned.Ticket
	if ticket == nil || ticket.State != desk.StateWaiting || ticket.Reason != desk.ReasonMoney || ticket.Urgency != desk.UrgencyHigh {
		t.Fatalf("no ticket for money: %+v", turned)
	}
	if got := known(ticket.Device); got != "brand_model=联迪 A8 merchant_no=848100058120001 terminal_no=10203040 occurred_at=2026-11-22 amount=3800元 contact=138****5678" {
		t.Errorf("the ticket's device is %q", got)
	}
	if ticket.Category != "fees" || !strings.Contains(ticket.Summary, "没到账") || len(ticket.Articles) == 0 {
		t.Errorf("the ticket says too little: %+v", ticket)
	}
	sealed, err := d.store.RevealContact(t.Context(), ticket.ID, desk.Agent{Name: "a", Role: desk.RoleAgent})
	if err != nil {
		t.Fatal(err)
	}
	if contact, err := d.seal.UnsealContact(d.id, sealed); err != nil || contact != "13812345678" {
		t.Errorf("the sealed contact opens as %q, %v", contact, err)
	}
	if _, err := d.seal.UnsealContact("another", sealed); !errors.Is(err, privacy.ErrTampered) {
		t.Errorf("the sealed contact opens in another conversation: %v", err)
	}
	if turned := d.say("押金能退吗"); len(turned.Replies) != 1 || !inOrder(turned.Replies[0].Text, ticket.Number+" 先问我 押金") {
		t.Errorf("the bot is silent while nobody is there: %+v", turned.Replies)
	}
	d.claim()
	if turned := d.say("在吗"); len(turned.Replies) != 0 {
		t.Errorf("the bot speaks while an agent holds the conversation: %+v", turned.Replies)
	}
	if turned := d.say("我的工单怎么样了"); len(turned.Replies) != 1 || turned.Replies[0].From != chat.FromSystem || !strings.Contains(turned.Replies[0].Text, ticket.Number) {
		t.Errorf("the ticket's state is not told: %+v", turned.Replies)
	}
}

// claim lets an agent have the conversation's ticket.
func (d *door) claim() desk.Ticket {
	d.t.Helper()
	open, err := d.store.ListTickets(d.t.Context(), desk.Filter{})
	if err != nil || len(open) != 1 {
		d.t.Fatalf("the open tickets are %+v, %v", open, err)
	}
	claimed, err := d.desk().Claim(d.t.Context(), desk.Agent{Name: "a", Role: desk.RoleAgent}, open[0].ID)
	if err != nil {
		d.t.Fatal(err)
	}
	return claimed
}

// desk is where agents act on the tickets.
func (d *door) desk() *desk.Desk {
	return desk.New(desk.Config{Store: d.store, Mask: func(text string) string { return text }})
}

// TestWithdrawnWhileHeld: whoever calls a held ticket off is asked first; a yes ends it, unless the agent spoke since.
func TestWithdrawnWhileHeld(t *testing.T) {
	d := openDoor(t)
	d.say("转人工")
	ticket := d.claim()
	reply := func(text string) {
		t.Helper()
		if _, err := d.desk().Reply(t.Context(), desk.Agent{Name: "a", Role: desk.RoleAgent}, ticket.ID, desk.ReplyRequest{Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	reply("您好")
	for _, answered := range []bool{true, false} {
		if turned := d.say("让机器人回答"); len(turned.Replies) != 1 || !inOrder(turned.Replies[0].Text, ticket.Number+" 正在处理 确定要结束吗") {
			t.Fatalf("it is not asked: %+v", turned.Replies)
		}
		if answered {
			reply("要不要换一台？")
			if turned := d.say("是"); len(turned.Replies) != 0 {
				t.Errorf("what was for the agent was taken: %+v", turned.Replies)
			}
		}
	}
	if turned := d.say("是"); len(turned.Replies) != 1 || !strings.Contains(turned.Replies[0].Text, "已取消") {
		t.Errorf("the ticket goes on: %+v", turned.Replies)
	}
	after, err := d.store.FindTicket(t.Context(), ticket.ID)
	if err != nil || after.State != desk.StateClosed || after.Outcome != desk.OutcomeWithdrawn {
		t.Errorf("the ticket is %+v, %v", after, err)
	}
	if turned := d.say("押金能退吗"); len(turned.Replies) != 1 || turned.Replies[0].Reply.Decision != chat.Answer {
		t.Errorf("the bot does not come back: %+v", turned.Replies)
	}
}

// TestInboxMasks looks for secrets in every file that the store wrote, and in the log.
func TestInboxMasks(t *testing.T) {
	d := openDoor(t)
	card := "6222021234567890128"
	turned := d.say("我的卡号" + card + "没到账")
	if !strings.HasPrefix(turned.Replies[0].Text, "为了您的安全") || strings.Contains(turned.Message.Text, card) {
		t.Errorf("nothing is said of what was hidden: %+v", turned)
	}
	d.say("转人工 直接转")
	d.say("直接转人工")
	d.claim()
	if turned := d.say("卡号" + card); len(turned.Replies) != 1 || turned.Replies[0].From != chat.FromSystem || !strings.Contains(turned.Replies[0].Text, "为了您的安全") {
		t.Errorf("the notice is lost beside an agent: %+v", turned.Replies)
	}
	d.say("我的电话是13812345678")
	files, err := filepath.Glob(filepath.Join(d.dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{card, "13812345678"} {
			if bytes.Contains(data, []byte(secret)) || strings.Contains(d.log.String(), secret) {
				t.Errorf("%s stands in %s or in the log", secret, filepath.Base(f))
			}
		}
	}
}

// TestInboxMasksEnclosures: names and numbers on what came are masked, and the names are short.
func TestInboxMasksEnclosures(t *testing.T) {
	d := openDoor(t)
	in := &chat.Enclosure{Medium: chat.Other, Label: "[名片]", Name: "老李13800138000" + strings.Repeat("长", 300), Contact: "+12025550123"}
	result, err := d.inbox.Receive(t.Context(), chat.Message{Conversation: d.id, Channel: "telegram", ExternalID: "e", Text: "[名片]", Medium: chat.Other, Enclosure: in})
	if err != nil {
		t.Fatal(err)
	}
	e := result.Message.Enclosure
	if !strings.HasPrefix(e.Name, "老李138****8000") || utf8.RuneCountInString(e.Name) > 200 || e.Contact != "120****0123" {
		t.Errorf("kept as %+v", e)
	}
	if in.Contact != "+12025550123" {
		t.Error("the channel's own was changed")
	}
}

// TestInboxCleans sends what no channel should: it is kept clean, and nothing breaks.
func TestInboxCleans(t *testing.T) {
	d := openDoor(t)
	for name, text := range map[string]string{
		"long": strings.Repeat("没到账", 5000), "bad UTF-8": "没到账\xff\xfe", "NUL": "没到\x00账", "empty": "", "a megabyte": strings.Repeat("a", 1<<20),
	} {
		got := d.say(text).Message.Text
		if !utf8.ValidString(got) || strings.Contains(got, "\x00") || utf8.RuneCountInString(got) > bot.MaxText {
			t.Errorf("%s: %d runes are kept, valid %t", name, utf8.RuneCountInString(got), utf8.ValidString(got))
		}
	}
}

// TestInboxRepeats takes one message twice, and says what went wrong.
func TestInboxRepeats(t *testing.T) {
	d := openDoor(t)
	m := chat.Message{Conversation: d.id, Channel: "widget", ExternalID: "one", Text: "押金能退吗"}
	first, err := d.inbox.Receive(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.inbox.Receive(t.Context(), m)
	if err != nil || !again.Repeat || again.Message.Seq != first.Message.Seq || len(d.seen) != 2 || !d.seen[1].Repeat || d.seen[0].Decision != chat.Answer {
		t.Errorf("the repeat is %+v, %v; observed %+v", again, err, d.seen)
	}
	m.Conversation = "nobody"
	if _, err := d.inbox.Receive(context.WithoutCancel(t.Context()), m); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("an unknown conversation: %v", err)
	}
}

// TestUnaskedContact seals a telephone number that nobody asked for, and warns nobody of it.
func TestUnaskedContact(t *testing.T) {
	d := openDoor(t)
	got := d.say("13812345678")
	if len(got.Replies) != 1 || !strings.HasPrefix(got.Replies[0].Text, "号码记下了") || got.Message.Text != "138****5678" {
		t.Fatalf("%q is answered with %+v", got.Message.Text, got.Replies)
	}
	ticket := d.say("转人工").Ticket
	if ticket == nil {
		t.Fatal("no ticket")
	}
	sealed, err := d.store.RevealContact(t.Context(), ticket.ID, desk.Agent{Name: "a", Role: desk.RoleAgent})
	if err != nil {
		t.Fatal(err)
	}
	if number, err := d.seal.UnsealContact(d.id, sealed); err != nil || number != "13812345678" {
		t.Errorf("sealed is %q, %v", number, err)
	}
}
