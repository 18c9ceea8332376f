package forum_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/yingda/yingda/chat"
	standin "github.com/yingda/yingda/internal/standin/telegram"
)

// TestEveryKindReachesAgents: while an agent holds the conversation whatever the customer sends is in the topic: itself
// where Telegram copies it, else what it is. The customer is told of what agents cannot be shown, and of nothing else.
func TestEveryKindReachesAgents(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	s.agentSays(jia, topic, "/take")
	s.inPrivate("接手")
	told := map[string]string{ // what agents read where it is not copied
		"rich_message": "机器不打印，见说明 (https://example.com/print)😀\n1. 关机\n☑ 换纸", "live_photo": "photo", "paid_media": "[付费内容]", "story": "[动态]",
		"checklist": "要办的事\n☐ 换卷纸\n☑ 查到账\n[清单]", "contact": "[名片] 李 四 139****5678", "game": "[游戏] 名称", "invoice": "[收款单] 名称",
		"successful_payment": "[付款]", "refunded_payment": "[退款]", "users_shared": "[名片]", "chat_shared": "[群名片]", "gift": "一句话\n[礼物]",
		"unique_gift": "[礼物]", "gift_upgrade_sent": "一句话\n[礼物]", "passport_data": "[证件]", "giveaway_created": "[抽奖]", "giveaway": "[抽奖] 一年会员",
		"giveaway_winners": "[抽奖]", "giveaway_completed": "[抽奖]", "web_app_data": "[小程序]", "hologram": "[Telegram 消息：hologram]",
	}
	shown := "rich_message live_photo checklist contact"
	copied := " animation audio document sticker video video_note voice dice poll venue location "
	unseen := 0
	for _, k := range standin.Kinds() {
		before := len(s.server.Messages(topic))
		_, err := s.server.SendKind(customer, private(), k, "")
		s.must(err)
		want, ok := told[k.Name]
		switch {
		case strings.Contains(copied, " "+k.Name+" "):
			s.wait(topic, k.Name, func(m standin.Message) bool { return m.Bot && m.Kind == k.Name })
		case ok:
			got := standin.Message{}
			s.until(k.Name, func() bool {
				for _, m := range s.server.Messages(topic)[before:] {
					if strings.Contains(m.Text, want) || want == "photo" && m.Photo != nil || k.Name == "rich_message" && strings.Contains(m.Text, "对账单") {
						got = m
					}
				}
				return got.ID != 0
			})
			if want != "photo" && !strings.Contains(got.Text, want) {
				t.Errorf("of %s agents read %q", k.Name, got.Text)
			}
			if strings.Contains(got.Text, "13912345678") {
				t.Errorf("agents see the whole number: %q", got.Text)
			}
			if !strings.Contains(shown, k.Name) {
				unseen++
				s.until("the customer to be told of "+k.Name, func() bool { return s.count(private(), "客服那边打不开") == unseen })
			}
		default:
			s.settled(topic)
			for _, m := range s.server.Messages(topic)[before:] {
				if m.Bot && !strings.Contains(m.Text, "哨兵") && !strings.Contains(m.Text, "备注已记下") && !strings.Contains(m.Text, "客服那边打不开") {
					t.Errorf("of %s, which is the service's own, agents read %q", k.Name, m.Text)
				}
			}
		}
	}
	s.settled(topic)
	if n := s.count(private(), "客服那边打不开"); n != unseen {
		t.Errorf("the customer is told %d times of what agents cannot be shown, want %d:\n%s", n, unseen, s.texts(private()))
	}
}

// TestUncopied: where Telegram does not copy a voice, or the customer is on another channel, agents read what it is; the
// record has it either way. Of what was not copied the customer is told, once however often it is delivered.
func TestUncopied(t *testing.T) {
	s := open(t)
	topic := s.held()
	var tries atomic.Int32
	s.server.SetScript(func(c standin.Call) standin.Fault {
		switch {
		case c.Method == "copyMessage":
			return standin.Refuse(http.StatusBadRequest, "Bad Request: VOICE_MESSAGES_FORBIDDEN")
		case strings.Contains(c.Params["text"], "原件取不到") && tries.Add(1) == 1:
			return standin.TooMany(1) // it is delivered once more
		}
		return standin.Fault{}
	})
	_, err := s.server.Send(customer, private(), standin.Content{Voice: []byte("OggS"), Seconds: 12})
	s.must(err)
	if got := s.sees(topic, "[语音]"); !strings.HasPrefix(got.Text, "👤 王老板：[语音] 12秒（1 KB）\n（原件取不到") {
		t.Errorf("agents read %q", got.Text)
	}
	entries, err := s.store.ListEntries(t.Context(), s.ticket().Conversation, 0, 1000)
	s.must(err)
	i := slices.IndexFunc(entries, func(e chat.Entry) bool { return e.Enclosure != nil })
	if e := entries[i].Enclosure; e == nil || e.Medium != chat.Voice || e.Seconds != 12 {
		t.Errorf("the record has %+v", e)
	}
	s.inPrivate("客服那边打不开")
	s.settled(topic)
	if n := s.count(private(), "客服那边打不开"); n != 1 || tries.Load() != 2 {
		t.Errorf("the customer is told %d times, after %d deliveries:\n%s", n, tries.Load(), s.texts(private()))
	}
	c, _, err := s.store.OpenConversation(t.Context(), chat.OpenRequest{Channel: "widget", Customer: chat.Customer{Name: "李女士"}})
	s.must(err)
	s.receive(c, chat.Message{Text: "转人工", Handoff: true})
	other := s.topic("李女士")
	s.receive(c, chat.Message{Text: "看看", Enclosure: &chat.Enclosure{Medium: chat.File, Label: "[文件]", Name: "对账单.pdf", Size: 2 << 20}})
	if got := s.sees(other, "看看"); got.Text != "👤 李女士：看看\n[文件] 对账单.pdf（2.0 MB）" {
		t.Errorf("agents read %q", got.Text)
	}
}

// TestReplacedMedia: a photo or a file that the customer puts into an older message reaches the agents, with a mark that
// says of which.
func TestReplacedMedia(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	photo, err := s.server.Send(customer, private(), standin.Content{Photo: picture(t), Text: "小票"})
	s.must(err)
	twin := s.wait(topic, "小票", func(m standin.Message) bool { return m.Photo != nil })
	s.must(s.server.Replace(customer, private(), photo, standin.Content{Photo: picture(t), Text: "这张才是"}))
	if got := s.wait(topic, "这张才是", func(m standin.Message) bool { return m.Photo != nil && strings.Contains(m.Text, "这张才是") }); got.ReplyTo != twin.ID || !strings.HasPrefix(got.Text, "✏️ 顾客改了这条消息。\n👤 王老板：") {
		t.Errorf("agents see %q, an answer to %d", got.Text, got.ReplyTo)
	}
	file, err := s.server.Send(customer, private(), standin.Content{Document: []byte("%PDF"), Name: "一.pdf", MIME: "application/pdf"})
	s.must(err)
	twin = s.wait(topic, "the file", func(m standin.Message) bool { return m.Document != nil })
	s.must(s.server.Replace(customer, private(), file, standin.Content{Document: []byte("%PDF-2"), Name: "二.pdf", MIME: "application/pdf"}))
	s.wait(topic, "the mark", func(m standin.Message) bool {
		return m.Text == "✏️ 顾客改了这条消息。" && m.ReplyTo == twin.ID
	})
	s.wait(topic, "the other file", func(m standin.Message) bool { return m.Document != nil && m.Document.Name == "二.pdf" })
}

// TestHiddenAddresses: what agents link behind words, or paste with its format, reaches the customer with its address.
func TestHiddenAddresses(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	from := fmt.Sprintf(`"from":{"id":%d,"first_name":"甲"}`, jia)
	s.update(topic, 90_001, from+`,"text":"😀看这里就行","entities":[{"type":"text_link","offset":3,"length":2,"url":"https://example.com/a"}]`)
	s.inPrivate("😀看这里 (https://example.com/a)就行")
	s.update(topic, 90_002, from+`,"rich_message":{"blocks":[{"type":"heading","size":1,"text":"步骤"},{"type":"list","items":[{"label":"1.","blocks":[{"type":"paragraph","text":"关机"}]}]}]}`)
	s.inPrivate("步骤\n1. 关机")
	s.update(topic, 90_003, from+`,"rich_message":{"blocks":[{"type":"paragraph","text":"//只给同事看"}]}`)
	s.sees(topic, "📝 备注已记下，顾客看不到。")
	if n := s.count(private(), "只给同事看"); n > 0 {
		t.Error("the customer sees a note")
	}
}
