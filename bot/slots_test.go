package bot

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
)

// bundled is the bundled guide.
func bundled(t testing.TB) *kb.Library {
	t.Helper()
	lib, faults, err := kb.Load(content.FS(), nil, nil)
	if err != nil || faults.Err() != nil {
		t.Fatal(err, faults.Err())
	}
	return lib
}

func bundledVocabulary(t testing.TB) *vocabulary { return newVocabulary(bundled(t)) }

// show writes details in the order of the slots.
func show(t told) string {
	var out []string
	for _, s := range kb.Slots() {
		if t[s] != "" {
			out = append(out, fmt.Sprintf("%s=%s", s, t[s]))
		}
	}
	return strings.Join(out, " ")
}

// TestFind shows what is understood of a message, without and with a question before it. It is
// Monday, 2026-11-23, a quarter past three in the afternoon in China.
func TestFind(t *testing.T) {
	d := newSlotReader(bundled(t))
	now := time.Date(2026, 11, 23, 7, 15, 0, 0, time.UTC)
	for _, c := range []struct {
		asked string
		in    string
		want  string
	}{
		// Brand and model.
		{"", "新大陆ME31打不出小票", "brand_model=新大陆 ME31"},
		{"", "我用的是联迪 a8", "brand_model=联迪 A8"},
		{"", "ME31开不了机", "brand_model=新大陆 ME31"},
		{"", "拉卡拉的机器", "brand_model=拉卡拉"},
		{"", "百富的机器型号是 S99Z", "brand_model=百富 S99Z"},
		{"", "A8是什么", ""}, // too short to be a model without its brand
		{"brand_model", "A8", "brand_model=联迪 A8"},
		{"", "机器坏了", ""},

		// Serial number.
		{"", "SN：N5300012345", "serial=N5300012345"},
		{"", "sn码是 n530 0012 345 打不开", "serial=N5300012345"},
		{"", "机身号８８８８００００１２３４", "serial=888800001234"},
		{"", "机器编号 幺二三四五六七八九零", "serial=1234567890"},
		{"", "SN在哪里看", ""},

		// What masking left of a card's number is no detail.
		{"merchant_no terminal_no", "卡号622202*********0128", ""},
		{"serial", "622202*********0128", ""},
		{"serial", "N5300012345", "serial=N5300012345"},
		{"brand_model serial", "联迪A8 N5300012345", "brand_model=联迪 A8 serial=N5300012345"},
		{"amount", "新大陆 N5300099887", "brand_model=新大陆 serial=N5300099887"},
		{"serial", "848100058120001", "serial=848100058120001"}, // asked for it, so it is it

		// Merchant and terminal number.
		{"", "商户编号848100058120001", "merchant_no=848100058120001"},
		{"", "848100058120001", "merchant_no=848100058120001"},
		{"", "商户号 8481 0005 8120 001，终端号10203040", "merchant_no=848100058120001 terminal_no=10203040"},
		{"", "商戶編號：848100058120001", "merchant_no=848100058120001"},
		{"merchant_no terminal_no", "848100058120001 10203040", "merchant_no=848100058120001 terminal_no=10203040"},
		{"merchant_no terminal_no", "10203040，848100058120001", "merchant_no=848100058120001 terminal_no=10203040"},
		{"merchant_no", "84810005812000", "merchant_no=84810005812000"}, // a digit short, and told so later
		{"terminal_no", "10203040", "terminal_no=10203040"},
		{"", "10203040", ""},
		{"", "商户号是多少", ""},

		// Version of the app.
		{"", "APP版本v3.2.1闪退", "app_version=3.2.1"},
		{"app_version", "3.2", ""},
		{"app_version", "3.2.1", "app_version=3.2.1"},

		// When.
		{"", "今天上午10点刷的", "occurred_at=2026-11-23 10:00"},
		{"", "11月23日 14:05刷的没到", "occurred_at=2026-11-23 14:05"},
		{"", "昨天刷的到现在没到账", "occurred_at=2026-11-22"},
		{"", "昨晚刷的", "occurred_at=2026-11-22 晚上"},
		{"", "昨晚9点半收的钱", "occurred_at=2026-11-22 21:30"},
		{"", "刚才刷卡失败了", "occurred_at=2026-11-23 15:15"},
		{"", "三天前的一笔", "occurred_at=2026-11-20"},
		{"", "12月30日做的那笔", "occurred_at=2025-12-30"}, // nobody reports what is to come
		{"", "今天还没到账", ""},
		{"", "今天能办吗", ""},
		{"occurred_at", "前天", "occurred_at=2026-11-21"},
		{"occurred_at", "下午两点", "occurred_at=2026-11-23 14:00"},
		{"occurred_at", "2026-11-20", "occurred_at=2026-11-20"},
		{"", "13月40日刷的", ""},

		// Amount.
		{"", "收了3800元", "amount=3800元"},
		{"", "刷了三千八", "amount=3800元"},
		{"", "一共一万二没到", "amount=12000元"},
		{"", "1.5万块不见了", "amount=15000元"},
		{"", "金额是3900", "amount=3900元"},
		{"", "收了我两百五十块", "amount=250元"},
		{"", "刷了一笔3800，到现在没到", "amount=3800元"},
		{"amount", "金额写错了，是3900", "amount=3900元"},
		{"", "刷了3次都不行", ""},
		{"", "刷了两天了", ""},
		{"", "手续费收0.6%", ""},
		{"amount", "3,800.50", "amount=3800.5元"},
		{"amount", "1万2", "amount=12000元"},
		{"", "刷了1万2没到账", "amount=12000元"},
		{"", "收了3千5", "amount=3500元"},
		{"", "1万2千块", "amount=12000元"},
		{"", "刷了1万两千三", "amount=12300元"},
		{"", "刷了2w3", "amount=23000元"},
		{"", "付了1万2300元", "amount=12300元"},
		{"", "刷了1万", "amount=10000元"},
		{"occurred_at amount", "今天上午10点，3800", "occurred_at=2026-11-23 10:00 amount=3800元"},
		{"amount", "三千八", "amount=3800元"},
		{"amount", "大概3800吧", "amount=3800元"},
		{"amount", "差不多三千八左右", "amount=3800元"},
		{"amount", "报05", "error_code=05"}, // a number beside other words is no bare one
		{"amount", "05", "error_code=05"},
		{"amount", "打95016没人接", ""},
		{"amount", "我是T+1的", ""},
		{"amount", "我等了20分钟", ""},
		{"amount", "12315管不管", ""},
		{"error_code", "打95016没人接", ""},
		{"serial", "打4008886666没人接", ""},
		{"serial", "4008886666", "serial=4008886666"},
		{"merchant_no terminal_no", "我用的95后四位是123456的卡", ""},

		// Merchants' names.
		{"", "小票上写的是平价烟酒店，账单显示某某百货商行", "receipt_merchant=平价烟酒店 statement_merchant=某某百货商行"},
		{"", "小票上写的不是我的店", ""},
		{"", "小票显示的商户名怎么不对", ""},

		// Error code, city.
		{"", "报05", "error_code=05"},
		{"", "错误码：E1023", "error_code=E1023"},
		{"", "我在长沙，机器坏了", "city=长沙"},
		{"", "广州市天河区", "city=广州"},
		{"", "上海银行的卡", ""},
		{"", "中山路那家店", ""},
		{"city", "长沙岳麓区", "city=长沙"},

		// Contact: a telephone number never gets here, masking takes it out.
		{"contact", "微信号 laowang_88", "contact=微信号 laowang_88"},
		{"contact", "wang@example.com", "contact=wang@example.com"},
		{"", "微信号 laowang_88", ""},
		{"", "", ""},
	} {
		var asked []kb.Slot
		for _, s := range strings.Fields(c.asked) {
			asked = append(asked, kb.Slot(s))
		}
		told, _ := d.recognize(c.in, asked, now)
		if got := show(told); got != c.want {
			t.Errorf("find(%q, asked %q) = %q, want %q", c.in, c.asked, got, c.want)
		}
	}
}

// FuzzFind reads anything without panic, and keeps nothing empty or long.
func FuzzFind(f *testing.F) {
	d := newSlotReader(bundled(f))
	for _, seed := range []string{"SN：N53 0001", "昨晚9点半收了三千八", "小票上写的是", "848100058120001", "\xff\x00幺幺幺幺幺幺", "十十百万"} {
		f.Add(seed, true)
	}
	now := time.Date(2026, 11, 23, 7, 15, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string, asked bool) {
		var slots []kb.Slot
		if asked {
			slots = kb.Slots()
		}
		told, _ := d.recognize(text, slots, now)
		for slot, value := range told {
			if value == "" || !slices.Contains(kb.Slots(), slot) {
				t.Errorf("find(%q): %s=%q", text, slot, value)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	d := newSlotReader(bundled(b))
	now := time.Now()
	for b.Loop() {
		d.recognize("你好，我昨天下午三点刷了一笔3800元到现在还没到账，机器是新大陆的ME31", nil, now)
	}
}
