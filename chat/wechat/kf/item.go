package kf

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

// syncPage is an answer of sync_msg. Its messages are decoded one by one, so that one of a shape that is new does
// not hide the others.
type syncPage struct {
	Next string            `json:"next_cursor"`
	More int               `json:"has_more"`
	List []json.RawMessage `json:"msg_list"`
}

// originCustomer is the origin of what customers say. Others are 4, the host's events, and 5, what somebody
// answers in the app of enterprise WeChat.
const originCustomer = 3

type item struct {
	ID       string `json:"msgid"`
	OpenKf   string `json:"open_kfid"`
	Customer string `json:"external_userid"`
	Sent     int64  `json:"send_time"` // seconds since 1970
	Origin   int    `json:"origin"`
	Type     string `json:"msgtype"`

	content content

	// Whether the same customer says something else before it, and behind it, on the page.
	before, behind bool
}

// content is what stands in an item below the name of its type. Which fields are filled, the type tells.
type content struct {
	Text    string `json:"content"`
	MediaID string `json:"media_id"`
	Name    string `json:"name"`
	Address string `json:"address"`
	Title   string `json:"title"`
	URL     string `json:"url"`

	Latitude      float64  `json:"latitude"`
	Longitude     float64  `json:"longitude"`
	Nickname      string   `json:"nickname"`       // of a video account (视频号)
	ProductTitles string   `json:"product_titles"` // of an order
	Merged        []merged `json:"item"`           // of merged_msg

	Event      string `json:"event_type"`
	OpenKf     string `json:"open_kfid"`
	Customer   string `json:"external_userid"`
	Scene      string `json:"scene"`
	SceneParam string `json:"scene_param"`
	Welcome    string `json:"welcome_code"`
	FailedID   string `json:"fail_msgid"`
	FailType   int    `json:"fail_type"`
	RecalledID string `json:"recall_msgid"`
}

// merged is one of the messages that a customer forwards as one.
type merged struct {
	Sender  string `json:"sender_name"`
	Type    string `json:"msgtype"`
	Content string `json:"msg_content"` // JSON: what stands in an item below the name of its type, with that name
}

// Events that mean something to us.
const (
	eventEnter    = "enter_session"
	eventSendFail = "msg_send_fail"
	eventRecall   = "user_recall_msg"
)

// decodeItem decodes one item; what of it has a new shape is passed over, for a customer said something all the same. ok
// is false for what nobody can be told of.
func decodeItem(raw json.RawMessage, openKf string) (i item, ok bool) {
	var bodies map[string]json.RawMessage
	_ = json.Unmarshal(raw, &i) // a field of another type stays empty
	if json.Unmarshal(raw, &bodies) != nil {
		return i, false
	}
	if body, there := bodies[i.Type]; there {
		_ = json.Unmarshal(body, &i.content) // likewise
	}
	if i.Type == "event" {
		i.OpenKf, i.Customer = i.content.OpenKf, i.content.Customer
	}
	return i, isID(i.ID) && i.OpenKf == openKf
}

func (i item) sentAt() time.Time { return time.Unix(i.Sent, 0).UTC() }

// isMessage tells whether an item is for the conversation: what a customer says or takes back, and that one comes who
// may be welcomed, or brings the serial number of a terminal.
func (i item) isMessage() bool {
	switch {
	case !isID(i.Customer):
		return false
	case i.Type != "event":
		return i.Origin == originCustomer
	case i.content.Event == eventEnter:
		return i.content.Welcome != "" || i.content.serial() != ""
	}
	return i.content.Event == eventRecall && isID(i.content.RecalledID)
}

// serial is the serial number on the sticker that led a customer here; "" for none. The sticker's link has it
// as scene_param (sn=N5300012345, or alone), or was made for it with a scene (sn_N5300012345).
func (c content) serial() string {
	param := c.SceneParam
	if plain, err := url.QueryUnescape(param); err == nil {
		param = plain
	}
	if values, err := url.ParseQuery(param); err == nil && strings.Contains(param, "=") {
		param = cmp.Or(values.Get("sn"), values.Get("SN"))
	}
	scene := ""
	if len(c.Scene) > 3 && strings.EqualFold(c.Scene[:3], "sn_") {
		scene = c.Scene[3:]
	}
	return cmp.Or(chat.ParseSerialNumber(param), chat.ParseSerialNumber(scene))
}

// said is what a customer's item says. A tapped option says its title.
func (i item) said() host.Content {
	c := i.content
	switch i.Type {
	case "text":
		return host.Words(c.Text)
	case "image": // until it is kept
		return host.Content{Text: chat.Picture.Label(), Medium: chat.Picture}
	case "voice":
		return host.Heard("")
	case "video":
		return host.Unseen(chat.Video, chat.Video.Label(), "")
	case "file":
		return host.Unseen(chat.File, chat.File.Label(), "")
	case "location":
		return host.Place(c.Address+" "+c.Name, c.Latitude, c.Longitude)
	case "link":
		return host.Link(c.Title, c.URL)
	case "merged_msg":
		return c.merged()
	}
	label := cmp.Or(map[string]string{
		"miniprogram": "[小程序]", "business_card": "[名片]", "note": "[笔记]", "channels": "[视频号]",
		"channels_shop_product": "[视频号商品]", "channels_shop_order": "[视频号订单]",
	}[i.Type], chat.Other.Label())
	return host.Unseen(chat.Other, label, cmp.Or(c.Title, c.ProductTitles, c.Nickname))
}

// What is told of forwarded messages (聊天记录): so many of them, each of so many runes.
const (
	maxMerged     = 20
	maxMergedLine = 200
)

// merged tells what was said in forwarded messages.
func (c content) merged() host.Content {
	lines := []string{strings.TrimSpace("[聊天记录] " + c.Title)}
	for _, one := range c.Merged[:min(len(c.Merged), maxMerged)] {
		var bodies map[string]json.RawMessage
		forwarded := item{Type: one.Type}
		if json.Unmarshal([]byte(one.Content), &bodies) == nil {
			_ = json.Unmarshal(bodies[one.Type], &forwarded.content) // of a shape that is new: its kind is told
		}
		text := strings.Join(strings.Fields(forwarded.said().Text), " ")
		if one.Type == "image" {
			text = chat.LabelPicture
		}
		lines = append(lines, chat.Shorten(one.Sender+"："+text, maxMergedLine, utf8.RuneCountInString))
	}
	if more := len(c.Merged) - maxMerged; more > 0 {
		lines = append(lines, fmt.Sprintf("（还有%d条）", more))
	}
	return host.Content{Text: strings.Join(lines, "\n"), Medium: chat.Other}
}
