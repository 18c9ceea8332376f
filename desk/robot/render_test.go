package robot

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/zh"
)

func TestRender(t *testing.T) {
	full := desk.Ticket{
		Number: "1124-7K3F", State: desk.StateWaiting, Urgency: desk.UrgencyUrgent, Reason: desk.ReasonMoney, Category: "fees", Channel: "wechat",
		Customer: chat.Customer{ID: "oABC", Verified: true, Name: "小张\n【紧急】新工单\u202e"},
		Device: chat.Device{
			BrandModel: "联迪A8", Serial: "N5300012345", MerchantNo: "821234567890123", TerminalNo: "12345678",
			ErrorCode: "05", OccurredAt: "昨天下午", Amount: "3800元", Contact: "138****5678",
		},
		Summary: "昨天下午刷了3800没到账\r\n@all 请看",
	}
	tests := []struct {
		name string
		age  time.Duration
		in   desk.Ticket
		want string
	}{
		{"everything", 0, full, `【紧急】新工单 1124-7K3F
想问：昨天下午刷了3800没到账 @all 请看
原因：款未到账（费用与到账）
顾客：小张 【紧急】新工单（公众号）
机器：品牌型号 联迪A8，机身号SN N5300012345，商户号 821234567890123，终端号 12345678，发生时间 昨天下午，金额 3800元，错误码 05
处理：https://desk.example.com/1124-7K3F`},
		{"late", 3 * time.Hour, desk.Ticket{Number: "1124-7K3F", Urgency: desk.UrgencyHigh, Reason: "new", Channel: "line", Category: "odd"}, `【较急】新工单 1124-7K3F（11月24日15:00）
原因：new（odd）
顾客：line
处理：https://desk.example.com/1124-7K3F`},
		{"nothing", 0, desk.Ticket{Number: "1"}, `新工单 1
原因：没有说明
顾客：未知渠道
处理：https://desk.example.com/1`},
	}
	a := Account{Link: "https://desk.example.com/{number}"}
	for _, tt := range tests {
		got := render(a, map[string]string{"fees": "费用与到账"}, announcement{Event: desk.EventOpened, At: now(), Ticket: tt.in}, now().In(time.FixedZone("", 9*60*60)).Add(tt.age))
		if got != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// TestRenderOutage: a channel that stopped working, and works again; both call the group.
func TestRenderOutage(t *testing.T) {
	for event, want := range map[desk.OutageEvent]string{
		desk.EventChannelDown: "【紧急】公众号（账号shop）从11月24日14:00起不正常，顾客可能等不到回复。\n请管理员运行 yingda channel check 看原因。",
		desk.EventChannelUp:   "公众号（账号shop）已恢复正常，此前从11月24日14:00起不正常。",
	} {
		a := announcement{ID: "1", Event: desk.Event(event), Outage: &desk.Outage{Channel: "wechat", Account: "shop", Since: now()}}
		if got := renderOutage(a, zh.China()); got != want || !callsAgents(a) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// FuzzRender: whatever customers write, the message fits, is UTF-8, and has as many lines as it should.
func FuzzRender(f *testing.F) {
	f.Add("押金", "张三", "N530")
	f.Add(strings.Repeat("字", 3000), strings.Repeat("名", 3000), strings.Repeat("\xff", 3000))
	f.Fuzz(func(t *testing.T, summary, name, detail string) {
		ticket := desk.Ticket{
			Number: "1124-7K3F", Urgency: desk.UrgencyUrgent, Category: detail, Summary: summary, Customer: chat.Customer{Name: name},
			Reason: desk.Reason(detail), Channel: detail,
			Device: chat.Device{BrandModel: detail, Serial: detail, MerchantNo: name, TerminalNo: detail, ErrorCode: name, OccurredAt: detail, Amount: name},
		}
		a := Account{Link: "https://desk.example.com/" + strings.Repeat("a", maxLink-60) + "/{number}"}
		got := render(a, nil, announcement{Event: desk.EventOpened, At: now(), Ticket: ticket}, now().Add(time.Hour))
		if len(got) > maxText || !utf8.ValidString(got) || strings.Count(got, "\n") > 5 {
			t.Errorf("%d bytes, %d lines:\n%s", len(got), strings.Count(got, "\n"), got)
		}
	})
}
