package telegram

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/yingda/yingda/chat"
)

// kind is one kind of message that is neither words nor a picture.
type kind struct {
	field     string // of the message
	medium    chat.Medium
	label     string // for agents; that of the medium when ""
	copied    bool   // Telegram copies it into the agents' group as it is
	described bool   // its enclosure says all of it
}

// kinds are those that a customer can send, the special ones before those that come with them.
func kinds() []kind {
	return []kind{
		{field: "voice", medium: chat.Voice, copied: true},
		{field: "video", medium: chat.Video, copied: true},
		{field: "video_note", medium: chat.Video, copied: true},
		{field: "live_photo", medium: chat.Video, label: "[实况照片]", copied: true},
		{field: "audio", medium: chat.Other, label: "[音频]", copied: true},
		{field: "sticker", medium: chat.Sticker, copied: true, described: true},
		{field: "dice", medium: chat.Sticker, label: "[动图]", copied: true, described: true},
		{field: "animation", medium: chat.Sticker, label: "[动图]", copied: true},
		{field: "document", medium: chat.File, copied: true},
		{field: "venue", medium: chat.Location, copied: true, described: true},
		{field: "location", medium: chat.Location, copied: true, described: true},
		{field: "contact", medium: chat.Other, label: labelCard, described: true}, // a copy would show the whole number
		{field: "poll", medium: chat.Other, label: "[投票]", copied: true, described: true},
		{field: "checklist", medium: chat.Other, label: "[清单]", described: true},
		{field: "rich_message", medium: chat.Other, label: "[图文]"},
		{field: "story", medium: chat.Other, label: "[动态]"},
		{field: "paid_media", medium: chat.Other, label: "[付费内容]"},
		{field: "game", medium: chat.Other, label: "[游戏]"},
		{field: "invoice", medium: chat.Other, label: "[收款单]"},
		{field: "gift", medium: chat.Other, label: labelGift},
		{field: "unique_gift", medium: chat.Other, label: labelGift},
		{field: "gift_upgrade_sent", medium: chat.Other, label: labelGift},
		{field: "giveaway", medium: chat.Other, label: labelGiveaway},
		{field: "giveaway_winners", medium: chat.Other, label: labelGiveaway},
		{field: "giveaway_created", medium: chat.Other, label: labelGiveaway},
		{field: "giveaway_completed", medium: chat.Other, label: labelGiveaway},
		{field: "successful_payment", medium: chat.Other, label: "[付款]"},
		{field: "refunded_payment", medium: chat.Other, label: "[退款]"},
		{field: "users_shared", medium: chat.Other, label: labelCard},
		{field: "chat_shared", medium: chat.Other, label: "[群名片]"},
		{field: "web_app_data", medium: chat.Other, label: "[小程序]"},
		{field: "passport_data", medium: chat.Other, label: "[证件]"},
	}
}

// What several kinds are called.
const (
	labelCard     = "[名片]"
	labelGift     = "[礼物]"
	labelGiveaway = "[抽奖]"
)

// services are the fields of messages that tell what happened rather than what somebody said: they stay silent.
func services() []string {
	return []string{
		// How a chat looks and what it keeps, which its members set for themselves.
		"pinned_message", "message_auto_delete_timer_changed", "chat_background_set",
		"forum_topic_created", "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden",
		// What groups and channels are, and who is in them.
		"new_chat_members", "left_chat_member", "chat_owner_left", "chat_owner_changed", "new_chat_title", "new_chat_photo", "delete_chat_photo",
		"group_chat_created", "supergroup_chat_created", "channel_chat_created", "migrate_to_chat_id", "migrate_from_chat_id", "boost_added",
		"community_chat_added", "community_chat_removed", "paid_message_price_changed", "direct_message_price_changed",
		"suggested_post_approved", "suggested_post_approval_failed", "suggested_post_declined", "suggested_post_paid", "suggested_post_refunded",
		// Calls of groups.
		"video_chat_scheduled", "video_chat_started", "video_chat_ended", "video_chat_participants_invited",
		"voice_chat_scheduled", "voice_chat_started", "voice_chat_ended", "voice_chat_participants_invited",
		// What the person let their telephone do, of which Telegram tells on its own.
		"connected_website", "write_access_allowed", "proximity_alert_triggered", "managed_bot_created",
		// Ticks in a list or a poll, which is told of when it comes.
		"checklist_tasks_done", "checklist_tasks_added", "poll_option_added", "poll_option_deleted",
	}
}

// envelope are the fields that say who wrote to whom and how, and the words.
func envelope() []string {
	return []string{
		"from", "chat", "sender_chat", "sender_business_bot", "via_bot", "direct_messages_topic", "receiver_user",
		"forward_origin", "forward_from", "forward_from_chat", "reply_to_message", "external_reply", "quote", "reply_to_story",
		"guest_bot_caller_user", "guest_bot_caller_chat", "suggested_post_info",
		"entities", "caption_entities", "link_preview_options", "reply_markup",
	}
}

// heldFields are the fields of a message that are no part of its envelope: what it holds. What nobody knew in time
// counts where it is more than a single value.
func heldFields(fields map[string]json.RawMessage) map[string]json.RawMessage {
	known := slices.Concat(services(), kindFields())
	held := map[string]json.RawMessage{}
	for name, value := range fields {
		composite := len(value) > 0 && (value[0] == '{' || value[0] == '[')
		if slices.Contains(known, name) && string(value) != "null" || composite && !slices.Contains(envelope(), name) {
			held[name] = value
		}
	}
	delete(held, "photo") // a picture
	return held
}

func kindFields() (names []string) {
	for _, k := range kinds() {
		names = append(names, k.field)
	}
	return names
}

// IsService tells whether m says what happened in a chat rather than what somebody said.
func (m *Message) IsService() bool {
	if m.Words() != "" || len(m.Photo) > 0 || len(m.held) == 0 {
		return false
	}
	for name := range m.held {
		if !slices.Contains(services(), name) {
			return false
		}
	}
	return true
}

// kind is what m is besides words and a picture; false for a message of the service, and for one that is nothing else.
func (m *Message) kind() (kind, bool) {
	for _, k := range kinds() {
		if _, ok := m.held[k.field]; ok {
			return kindOf(k.field), true
		}
	}
	var strange []string
	for name := range m.held {
		if !slices.Contains(services(), name) {
			strange = append(strange, name)
		}
	}
	slices.Sort(strange)
	switch {
	case len(strange) > 0:
		name := chat.Shorten(strange[0], maxKindName, chat.UTF16Len)
		return kind{field: strange[0], medium: chat.Other, label: fmt.Sprintf("[Telegram 消息：%s]", name)}, true
	case len(m.held) > 0, m.words() != "", len(m.Photo) > 0:
		return kind{}, false
	}
	return kind{medium: chat.Other, label: chat.Other.Label()}, true
}

// kindOf is the kind of a field; the zero kind for none.
func kindOf(field string) kind {
	for _, k := range kinds() {
		if k.field == field {
			k.label = cmp.Or(k.label, k.medium.Label())
			return k
		}
	}
	return kind{}
}

// maxKindName is how much is shown of the name of a kind that nobody knew in time.
const maxKindName = 40

// body is what the fields of kinds have inside, as far as it is told.
type body struct {
	Unique  string `json:"file_unique_id"`
	Name    string `json:"file_name"`
	Type    string `json:"mime_type"`
	Size    int64  `json:"file_size"`
	Seconds int    `json:"duration"`

	Performer string `json:"performer"` // of an audio
	Title     string `json:"title"`     // of an audio, a venue, a checklist, a game, an invoice
	Emoji     string `json:"emoji"`     // of a sticker or a dice
	Value     int    `json:"value"`     // of a dice

	Latitude  *float64 `json:"latitude"`
	Longitude *float64 `json:"longitude"`
	Location  *body    `json:"location"` // of a venue
	Address   string   `json:"address"`

	FirstName string `json:"first_name"` // of a contact
	LastName  string `json:"last_name"`
	Phone     string `json:"phone_number"`
	User      int64  `json:"user_id"`

	Question string `json:"question"` // of a poll
	Options  []struct {
		Text string `json:"text"`
	} `json:"options"`
	Tasks []struct {
		Text string `json:"text"`
		Done int64  `json:"completion_date"`
	} `json:"tasks"` // of a checklist
	Text  string `json:"text"`              // with a gift
	Prize string `json:"prize_description"` // of a giveaway
}

// body reads what m has in a field. What has another shape than was known in time is left out.
func (m *Message) body(field string) (b body) {
	_ = json.Unmarshal(m.held[field], &b) // as above
	return b
}

// enclosure is what is known of a message of the kind.
func (k kind) enclosure(b body) *chat.Enclosure {
	e := &chat.Enclosure{Medium: k.medium, Label: k.label, Type: b.Type, Size: max(b.Size, 0), Seconds: max(b.Seconds, 0), Contact: b.Phone}
	e.Name = strings.TrimSpace(cmp.Or(b.Name, b.poll(), b.Prize, strings.Join([]string{
		b.Performer, b.Title, b.Address, b.FirstName, b.LastName, b.Emoji,
	}, " ")))
	e.Name = strings.Join(strings.Fields(e.Name), " ")
	if b.Value > 0 {
		e.Name += fmt.Sprintf(" %d", b.Value)
	}
	if place := cmp.Or(b.Location, &b); place.Latitude != nil && place.Longitude != nil {
		e.Point = &chat.Point{Latitude: *place.Latitude, Longitude: *place.Longitude, Datum: chat.WGS84}
	}
	return e
}

// poll is a poll's question with what may be chosen; "" for none.
func (b body) poll() string {
	if b.Question == "" {
		return ""
	}
	var options []string
	for _, o := range b.Options {
		options = append(options, o.Text)
	}
	return b.Question + "：" + strings.Join(options, " / ")
}

// words are what stands in a message of a kind that has words of its own: a gift's, a checklist's, the name of a place.
func (b body) words() string {
	lines := []string{b.Text}
	if b.Location != nil {
		lines = append(lines, strings.TrimSpace(b.Title+" "+b.Address))
	}
	if len(b.Tasks) > 0 {
		lines = append(lines, b.Title)
	}
	for _, t := range b.Tasks {
		sign := "☐ "
		if t.Done != 0 {
			sign = "☑ "
		}
		lines = append(lines, sign+t.Text)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
