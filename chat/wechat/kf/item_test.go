package kf

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/yingda/yingda/chat"
)

func TestSaid(t *testing.T) {
	tests := []struct {
		kind, body string
		text       string
		medium     chat.Medium
		enclosed   string // what agents read besides
		unseen     bool
	}{
		{"text", `{"content":"押金怎么退","menu_id":"fee-deposit"}`, "押金怎么退", "", "", false},
		{"text", `{"content":"[Sticker]"}`, "[表情]", chat.Sticker, "", false},
		{"text", `{"content":"【收到不支持的消息类型，暂无法显示】"}`, "[消息]", chat.Other, "[消息]", true},
		{"text", `{"content":7}`, "[消息]", chat.Other, "", false},
		{"image", `{"media_id":"m"}`, "[图片未能取回]", chat.Picture, "", false},
		{"voice", `{"media_id":"m"}`, "[语音]", chat.Voice, "[语音]", true},
		{"video", `{"media_id":"m"}`, "[视频]", chat.Video, "[视频]", true},
		{"file", `{"media_id":"m"}`, "[文件]", chat.File, "[文件]", true},
		{
			"location", `{"latitude":23.1,"longitude":113.3,"name":"某某广场","address":"广东省广州市海珠区"}`, "广东省广州市海珠区 某某广场", "",
			"[位置] 23.1,113.3 https://uri.amap.com/marker?position=113.3,23.1&coordinate=gaode", false,
		},
		{
			"location", `{"latitude":23.1,"longitude":113.3,"name":"","address":""}`, "[位置]", chat.Location,
			"[位置] 23.1,113.3 https://uri.amap.com/marker?position=113.3,23.1&coordinate=gaode", false,
		},
		{"location", `{"latitude":1e300,"longitude":113.3}`, "[位置]", chat.Location, "", false},
		{"link", `{"title":"费率\n调整","url":"https://example.com/?a=1&b=2"}`, "[链接] 费率\n调整\nhttps://example.com/?a=1&b=2", chat.Other, "", false},
		{"business_card", `{"userid":"zhangsan"}`, "[名片]", chat.Other, "[名片]", true},
		{"miniprogram", `{"title":"收款","appid":"wx1"}`, "[小程序]", chat.Other, "[小程序] 收款", true},
		{"channels", `{"sub_type":1,"nickname":"支付课堂","title":""}`, "[视频号]", chat.Other, "[视频号] 支付课堂", true},
		{"channels_shop_order", `{"product_titles":"纸卷"}`, "[视频号订单]", chat.Other, "[视频号订单] 纸卷", true},
		{"note", `{}`, "[笔记]", chat.Other, "[笔记]", true},
		{"hologram", `[]`, "[消息]", chat.Other, "[消息]", true},
		{
			"merged_msg", `{"title":"群聊的聊天记录","item":[{"sender_name":"甲","msgtype":"text","msg_content":"{\"text\":{\"content\":\"机器\\n坏了\"}}"},
			{"sender_name":"乙","msgtype":"image","msg_content":"{\"image\":{\"media_id\":\"m\"}}"},{"sender_name":"丙","msgtype":"text","msg_content":"{"}]}`,
			"[聊天记录] 群聊的聊天记录\n甲：机器 坏了\n乙：[图片]\n丙：[消息]", chat.Other, "", false,
		},
	}
	for _, tt := range tests {
		raw := fmt.Sprintf(`{"msgid":"m","open_kfid":"wk1","external_userid":"wm1","origin":3,"send_time":1,"msgtype":%q,%[1]q:%s}`, tt.kind, tt.body)
		i, ok := decodeItem(json.RawMessage(raw), "wk1")
		if !ok || !i.isMessage() {
			t.Fatalf("%s is not read", raw)
		}
		got, enclosed := i.said(), ""
		if got.Enclosure != nil {
			enclosed = got.Enclosure.String()
		}
		if got.Text != tt.text || got.Medium != tt.medium || enclosed != tt.enclosed || got.Unseen != tt.unseen {
			t.Errorf("%s %s: %+v, %q", tt.kind, tt.body, got, enclosed)
		}
	}
}

func TestDecodeItem(t *testing.T) {
	tests := []struct {
		name, in string
		ok, said bool
	}{
		{"a text", `{"msgid":"m","open_kfid":"wk1","external_userid":"wm1","origin":3,"msgtype":"text","text":{"content":"a"}}`, true, true},
		{"of a servicer", `{"msgid":"m","open_kfid":"wk1","external_userid":"wm1","origin":5,"msgtype":"text","text":{"content":"a"}}`, true, false},
		{"without a customer", `{"msgid":"m","open_kfid":"wk1","origin":3,"msgtype":"text","text":{"content":"a"}}`, true, false},
		{"of a customer who is a path", `{"msgid":"m","open_kfid":"wk1","external_userid":"wm1/x","origin":3,"msgtype":"text"}`, true, false},
		{"of another account", `{"msgid":"m","open_kfid":"wk2","external_userid":"wm1","origin":3,"msgtype":"text"}`, false, true},
		{"without an id", `{"open_kfid":"wk1","external_userid":"wm1","origin":3,"msgtype":"text"}`, false, true},
		{"of a new type", `{"msgid":"m","open_kfid":"wk1","external_userid":"wm1","origin":3,"msgtype":"hologram","hologram":[]}`, true, true},
		{"somebody came, with a code", `{"msgid":"m","origin":4,"msgtype":"event","event":{"event_type":"enter_session","open_kfid":"wk1","external_userid":"wm1","welcome_code":"c"}}`, true, true},
		{"somebody came, without", `{"msgid":"m","origin":4,"msgtype":"event","event":{"event_type":"enter_session","open_kfid":"wk1","external_userid":"wm1"}}`, true, false},
		{"another event", `{"msgid":"m","origin":4,"msgtype":"event","event":{"event_type":"user_recall_msg","open_kfid":"wk1","external_userid":"wm1"}}`, true, false},
		{"no object", `[]`, false, false},
		{"a number for a word", `{"msgid":1}`, false, false},
	}
	for _, tt := range tests {
		i, ok := decodeItem(json.RawMessage(tt.in), "wk1")
		if ok != tt.ok || ok && i.isMessage() != tt.said {
			t.Errorf("%s: read %v, said %v", tt.name, ok, i.isMessage())
		}
	}
}

func TestSerial(t *testing.T) {
	tests := []struct{ scene, param, want string }{
		{"", "sn=N5300012345", "N5300012345"},
		{"", "sn%3DN5300012345%26from%3Dsticker", "N5300012345"},
		{"", "N5300012345", "N5300012345"},
		{"sn_N5300012345", "", "N5300012345"},
		{"SN_N5300012345", "from=sticker", "N5300012345"},
		{"counter", "", ""},
		{"sn_", "", ""},
		{"", "from=sticker", ""},
		{"", "sn=a b c d", ""},
		{"", "12345", ""},
		{"", "sn=123456789012345678901234567890123", ""},
		{"", "%zz", ""},
	}
	for _, tt := range tests {
		if got := (content{Scene: tt.scene, SceneParam: tt.param}).serial(); got != tt.want {
			t.Errorf("scene %q, scene_param %q: %q, want %q", tt.scene, tt.param, got, tt.want)
		}
	}
}
