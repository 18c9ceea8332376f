package kf

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
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

// Events that mean something to us.
const (
	eventEnter    = "enter_session"
	eventSendFail = "msg_send_fail"
	eventRecall   = "user_recall_msg"
)

// decodeItem decodes one item. ok is false for what nobody can be told of.
func decodeItem(raw json.RawMessage, openKf string) (i item, ok bool) {
	var bodies map[string]json.RawMessage
	if json.Unmarshal(raw, &i) != nil || json.Unmarshal(raw, &bodies) != nil {
		return i, false
	}
	if body, there := bodies[i.Type]; there && json.Unmarshal(body, &i.content) != nil {
		i.content = content{} // of a new shape: a customer said something all the same
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

// text is what a customer's item says, and what it is where that is no words. A tapped option says its title.
func (i item) text() (string, chat.Medium) {
	c := i.content
	switch i.Type {
	case "text":
		return c.Text, ""
	case "location":
		if where := strings.TrimSpace(c.Address + " " + c.Name); where != "" {
			return where, ""
		}
	case "link":
		return strings.TrimSpace("[链接] " + c.Title), chat.Other
	case "miniprogram":
		return strings.TrimSpace("[小程序] " + c.Title), chat.Other
	case "business_card":
		return "[名片]", chat.Other
	}
	medium := cmp.Or(map[string]chat.Medium{
		"image": chat.Picture, // until it is kept
		"voice": chat.Voice, "video": chat.Video, "file": chat.File, "location": chat.Location,
	}[i.Type], chat.Other)
	return medium.Label(), medium
}
