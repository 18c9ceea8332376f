package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
	standin "github.com/yingda/yingda/internal/standin/telegram"
)

// started lets ann begin the chat, without which no bot may write to her.
func started(t *testing.T, with ...func(*house)) *house {
	t.Helper()
	h := newHouse(t, with...)
	if _, err := h.server.Start(ann, 0, ""); err != nil {
		t.Fatal(err)
	}
	h.inbox.Reply = nil
	h.run()
	h.heard(1)
	return h
}

// TestFates: what becomes of a sending, and how often Telegram was asked.
func TestFates(t *testing.T) {
	tests := []struct {
		name    string
		faults  []standin.Fault
		state   chat.SendingState
		reason  string
		calls   int
		arrived int
	}{
		{"well", nil, chat.SendingSent, "", 1, 1},
		{"too fast", []standin.Fault{standin.TooMany(1)}, chat.SendingSent, "", 2, 1},
		{"Telegram is ill", []standin.Fault{standin.Refuse(500, "Internal Server Error")}, chat.SendingSent, "", 2, 1},
		{"a page of a proxy", []standin.Fault{standin.BadGateway()}, chat.SendingUnknown, "没等到Telegram的答复：答复不是Telegram的（HTTP 502）", 1, 0},
		{"arrived, and the answer is lost", []standin.Fault{standin.Cut(standin.DropAfter)}, chat.SendingUnknown, "没等到Telegram的答复：连接中断了", 1, 1},
		{"lost with its answer", []standin.Fault{standin.Cut(standin.DropBefore)}, chat.SendingUnknown, "没等到Telegram的答复：连接中断了", 1, 0},
		{"refused", []standin.Fault{standin.Refuse(400, "Bad Request: chat not found")}, chat.SendingDead, "顾客停用了机器人，或账号不在了（400 Bad Request: chat not found）", 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := started(t)
			h.script("sendMessage", tt.faults...)
			i := h.settled(h.queue(chat.Entry{Seq: 2, From: chat.FromBot, Text: "机密"}))
			if i.State != tt.state || i.Reason != tt.reason {
				t.Errorf("%s: %q, want %s: %q", i.State, i.Reason, tt.state, tt.reason)
			}
			time.Sleep(50 * time.Millisecond) // a second attempt would come now
			arrived := 0
			for _, m := range h.server.Messages(standin.Place{Chat: ann}) {
				if m.Bot {
					arrived++
				}
			}
			if calls := len(h.server.Calls("sendMessage")); calls != tt.calls || arrived != tt.arrived {
				t.Errorf("%d calls and %d messages, want %d and %d", calls, arrived, tt.calls, tt.arrived)
			}
		})
	}
}

func TestBlocked(t *testing.T) {
	h := started(t)
	if err := h.server.Block(ann, 0, true); err != nil {
		t.Fatal(err)
	}
	i := h.settled(h.queue(chat.Entry{Seq: 2, From: chat.FromBot, Text: "您好"}))
	if i.State != chat.SendingDead || !strings.HasPrefix(i.Reason, "顾客停用了机器人") {
		t.Errorf("%s: %s", i.State, i.Reason)
	}
	h.until("the note of it", func() bool { return strings.Contains(h.log.String(), "status=kicked") })
}

// TestParts: a long text goes in parts, whose rest is sent when the way is free again, and the marks tell
// which messages an entry became.
func TestParts(t *testing.T) {
	h := started(t)
	text := strings.Repeat("一二三四五六七八九。", 900) // 9000 characters
	h.script("sendMessage", standin.Fault{}, standin.TooMany(1))
	i := h.settled(h.queue(chat.Entry{Seq: 7, From: chat.FromBot, Text: text}))
	if i.State != chat.SendingSent || i.Sending.Attempts != 2 {
		t.Fatalf("%s: %s, %d attempts", i.State, i.Reason, i.Sending.Attempts)
	}
	var got string
	var ids []int
	for _, m := range h.server.Messages(standin.Place{Chat: ann})[1:] {
		got += m.Text
		ids = append(ids, m.ID)
		if !strings.HasSuffix(m.Text, "。") {
			t.Errorf("a part ends in %q", m.Text[len(m.Text)-3:])
		}
	}
	if got != text || len(ids) != 3 {
		t.Errorf("%d parts, whole: %v", len(ids), got == text)
	}
	if len(h.server.Calls("sendMessage")) != 4 {
		t.Error("a part was sent twice")
	}
}

// TestSentMarks: the marks of what arrived come with a success and with a failure, and complete those of
// an earlier attempt.
func TestSentMarks(t *testing.T) {
	h := started(t)
	h.stop()
	body, err := json.Marshal(chat.Entry{Seq: 7, From: chat.FromBot, Text: strings.Repeat("一二三四五六七八九。", 900)})
	if err != nil {
		t.Fatal(err)
	}
	s := chat.Sending{Lane: "c", Channel: "telegram", Account: "default", Address: "42", Body: body}
	h.script("sendMessage", standin.Fault{}, standin.Refuse(500, "Internal Server Error"))
	marks, err := h.channel.Send(t.Context(), s)
	failed, ok := errors.AsType[*chat.SendError](err)
	if !ok || failed.PartsSent != 1 || failed.State != chat.SendingQueued || failed.RetryAfter != 0 || failed.PausesAccount {
		t.Fatalf("the error is %+v", failed)
	}
	if err := h.inbox.SetKV(t.Context(), marks...); err != nil {
		t.Fatal(err)
	}
	s.PartsSent = 1
	if marks, err = h.channel.Send(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if err := h.inbox.SetKV(t.Context(), marks...); err != nil {
		t.Fatal(err)
	}
	var sent Sent
	value, err := h.inbox.GetKV(t.Context(), SentKey("default", "c", 7))
	if err != nil || json.Unmarshal(value, &sent) != nil || sent.Chat != ann || len(sent.Messages) != 3 {
		t.Fatalf("sent as %+v, %v", sent, err)
	}
	for _, id := range sent.Messages {
		var said MessageRef
		value, err := h.inbox.GetKV(t.Context(), MessageKey("default", ann, id))
		if err != nil || json.Unmarshal(value, &said) != nil || said != (MessageRef{Conversation: "c", Seq: 7}) {
			t.Errorf("message %d is %+v, %v", id, said, err)
		}
	}
	for _, m := range marks {
		if m.Conversation != "c" {
			t.Errorf("%s belongs to %q", m.Key, m.Conversation)
		}
	}
}

// TestWhoSpeaks: the system in italics, the others plain; nothing that is said is taken for HTML.
func TestWhoSpeaks(t *testing.T) {
	for _, tt := range []struct {
		from     chat.Author
		in, want string
	}{
		{chat.FromBot, "a < b & c", "a &lt; b &amp; c"},
		{chat.FromAgent, "<b>您好</b>", "&lt;b&gt;您好&lt;/b&gt;"},
		{chat.FromSystem, "客服<小王>已接手", "<i>客服&lt;小王&gt;已接手</i>"},
	} {
		got := entryParts(chat.Entry{From: tt.from, Text: tt.in}, nil, strings.TrimSpace)
		if len(got) != 1 || got[0].html != tt.want {
			t.Errorf("%s: got %+v, want %s", tt.from, got, tt.want)
		}
	}
	h := started(t)
	h.queue(chat.Entry{Seq: 2, From: chat.FromSystem, Text: "客服<小王>已接手"})
	m := h.answer(ann, "客服<小王>已接手")
	if len(m.Entities) != 1 || m.Entities[0].Type != "italic" {
		t.Errorf("the entities are %+v", m.Entities)
	}
}

// TestPicturesOut: one picture carries a short text, several follow it, and what is no photo is sent as a file.
func TestPicturesOut(t *testing.T) {
	h := started(t)
	keep := func() chat.Attachment {
		a, err := h.inbox.Save(t.Context(), bytes.NewReader(jpegOf(t, 64, 48)))
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	first, second := keep(), keep()
	h.settled(h.queue(chat.Entry{Seq: 2, From: chat.FromAgent, Text: "看这张", Attachments: []chat.Attachment{first}}))
	h.settled(h.queue(chat.Entry{Seq: 3, From: chat.FromAgent, Text: "看两张", Attachments: []chat.Attachment{first, second}}))
	h.script("sendPhoto", standin.Refuse(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"))
	h.settled(h.queue(chat.Entry{Seq: 4, From: chat.FromAgent, Attachments: []chat.Attachment{first}}))
	gone := h.settled(h.queue(chat.Entry{Seq: 5, From: chat.FromAgent, Attachments: []chat.Attachment{{ID: "nowhere"}}}))
	if gone.State != chat.SendingDead || gone.Reason != "图片已经不在了" {
		t.Errorf("%s: %s", gone.State, gone.Reason)
	}
	got := ""
	for _, m := range h.server.Messages(standin.Place{Chat: ann})[1:] {
		got += fmt.Sprintf("%s %v %v|", m.Text, m.Photo != nil, m.Document != nil)
	}
	if want := "看这张 true false|看两张 false false| true false| true false| false true|"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestPauseOfTheBot: Telegram does not say whose limit was hit. Two chats at a time mean that it is the bot's.
func TestPauseOfTheBot(t *testing.T) {
	a := &account{throttled: map[int64]time.Time{}}
	now := time.Unix(1000, 0)
	for i, tt := range []struct {
		chat int64
		at   time.Duration
		want bool
	}{
		{ann, 0, false},
		{ann, time.Second, false},
		{ben, 2 * time.Second, true},
		{ann, 20 * time.Second, false},
	} {
		if got := a.throttle(tt.chat, now.Add(tt.at), 5*time.Second); got != tt.want {
			t.Errorf("429 number %d holds the whole bot: %v", i+1, got)
		}
	}
}

// TestPauseOfAGroup: what Telegram wants no more of in a group is not tried for the others there either.
func TestPauseOfAGroup(t *testing.T) {
	h := newHouse(t, inGroup(t, club, false))
	h.script("sendMessage", standin.TooMany(7))
	for i, user := range []int64{ann, ben} {
		s := chat.Sending{Account: "default", Address: Address{Chat: club, User: user}.String(), Body: []byte(`{"text":"您好"}`)}
		_, err := h.channel.Send(t.Context(), s)
		e, ok := errors.AsType[*chat.SendError](err)
		if !ok || e.State != chat.SendingQueued || e.RetryAfter <= 6*time.Second || e.PausesAccount {
			t.Errorf("sending %d: %+v", i+1, err)
		}
	}
	if n := len(h.server.Calls("sendMessage")); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

// TestNotOurs: sendings that are none of Telegram's.
func TestNotOurs(t *testing.T) {
	h := newHouse(t)
	for _, tt := range []struct {
		name string
		in   chat.Sending
		want chat.SendingState
	}{
		{"no such account", chat.Sending{Account: "gone", Address: "42", Body: []byte(`{}`)}, chat.SendingQueued},
		{"no entry", chat.Sending{Account: "default", Address: "42", Body: []byte(`[`)}, chat.SendingDead},
		{"no address", chat.Sending{Account: "default", Address: "oABC", Body: []byte(`{}`)}, chat.SendingDead},
	} {
		_, err := h.channel.Send(t.Context(), tt.in)
		if e, ok := errors.AsType[*chat.SendError](err); !ok || e.State != tt.want {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	h.config.KV = brokenMarks{h.inbox}
	broken, err := New(h.config)
	if err != nil {
		t.Fatal(err)
	}
	_, err = broken.Send(t.Context(), chat.Sending{Account: "default", Address: "-5/0/42", Body: []byte(`{"text":"a"}`)})
	if e, ok := errors.AsType[*chat.SendError](err); !ok || e.State != chat.SendingQueued {
		t.Errorf("marks that cannot be read: %v", err)
	}
}

// brokenMarks cannot be read.
type brokenMarks struct{ chat.KVStore }

func (brokenMarks) GetKV(context.Context, string) ([]byte, error) { return nil, errBroken }

func TestReasons(t *testing.T) { chattest.CheckReasons(t, ".") }
