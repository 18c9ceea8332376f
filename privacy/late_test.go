package privacy_test

import (
	"fmt"
	"strings"

	"github.com/yingda/yingda/privacy"
)

// lateStyles, lateFrames and lateLookAlikes were written when the masker had been mended on the two
// other sets.
func lateStyles() []style {
	return []style{
		{"plain", with("0123456789")},
		{"plain again", with("0123456789")},
		{"minus signs", grouped("−", 4)},
		{"tildes", grouped("~", 4)},
		{"narrow spaces", grouped("\u2009", 4)},
		{"dash in spaces", grouped(" - ", 4)},
		{"sans-serif", with("𝟢𝟣𝟤𝟥𝟦𝟧𝟨𝟩𝟪𝟫")},
		{"Arabic-Indic", with("٠١٢٣٤٥٦٧٨٩")},
		{"traditional cheque", with("零壹貳叄肆伍陸柒捌玖")},
		{"byte order marks", func(_ *generator, s string) string { return group(s, "\ufeff", 2) }},
		{"struck out", func(_ *generator, s string) string { return group(s, "\u0336", 1) }},
		{"Chinese head", func(_ *generator, s string) string { return translate(s[:2], "零一二三四五六七八九") + s[2:] }},
		{"three scripts", func(g *generator, s string) string {
			all := []string{"0123456789", "０１２３４５６７８９", "零一二三四五六七八九"}
			var b strings.Builder
			for _, r := range s {
				b.WriteString(translate(string(r), all[g.rng.IntN(len(all))]))
			}
			return b.String()
		}},
	}
}

func lateFrames() map[privacy.Kind][]string {
	return map[privacy.Kind][]string{
		privacy.Card: {
			"收款人卡是%，尾号对得上，就是没到", "我输的卡号 % 提示无效卡号", "%，建设银行的", "参考号123456789012，卡%", "顾客用%付了380，小票没出", "能不能把到账卡从%换掉", "机器SN忘了，刷的%",
			"批次号000123 凭证号000456 卡号%", "老是扣我%这张卡的流量费", "流水号对不上，客户说用%付的",
		},
		privacy.Identity: {"店主身份证 %，换法人", "我老婆的身份证%能注册吗", "上传不了，身份证号填%", "持证人%", "证号：%，已经过期了"},
		privacy.Phone: {
			"麻烦回电%", "业务员电话%打不通了", "短信发到%了但我没收到", "换绑手机，原来是%", "%，姓李", "商户号898440373991234，手机号%", "师傅什么时候来，我电话%，在店里等", "加微信聊%",
		},
		privacy.CVV:      {"CVV码%", "安全码三位%", "卡背面签名栏数字%", "卡背面的数字是%", "cvv2=%", "安全码给你：%", "它让我输安全码，我输的%"},
		privacy.Expiry:   {"有效期是%，没过期啊", "卡上有效期%", "有效日期：%", "信用卡%到期", "卡面写着有效期 %", "有效期限是 %"},
		privacy.Password: {"密码就是%", "我用的密码是%，一直提示错误", "交易密码 = %", "原密码%，改不了", "password: %", "登陆密码是“%”", "密码设置成%可以吗"},
		privacy.Code:     {"验证码来了：%", "手机收到%，是验证码吧", "他要我验证码，我给了他%", "短信说验证码%，10分钟有效", "验证码（%）", "我的验证码 %", "动态密码%", "激活码是%"},
	}
}

func lateLookAlikes() []lookAlike {
	return []lookAlike{
		{"dated serial", framed(serial(16), "SN号%s查保修", "序列号 %s", "我的机器%s", "机身背面SN: %s", "换机，旧机序列号%s")},
		{"dated serial after talk", framed(serial(17), "机身号我找了半天，是%s", "二维码扫出来%s")},
		{"serial like a card", framed(random("4", 16), "SN%s", "机具序列号：%s", "这台设备的序列号是%s")},
		{"merchant", framed(random("8983", 15), "签购单商户编号%s，不是我店", "小票商户号变成了%s", "%s 是我的商户编号", "商户号（%s）")},
		{"terminal", framed(random("", 8), "终端号：%s", "我的终端号是%s，提示密码错误", "POS终端编号%s")},
		{"reference", framed(random("", 12), "系统参考号%s", "参考号：%s，金额500", "参考号码%s")},
		{"voucher", framed(random("", 6), "凭证号码：%s", "批次：%s", "交易凭证号%s", "授权码%s，验证码没用上")},
		{"order", framed(random("1000", 28), "微信单号%s", "支付宝交易号：%s", "退款订单号%s")},
		{"order like a card", framed(random("62", 17), "商户单号%s", "订单号 %s 退款", "交易单号是%s")},
		{"amount", framed(func(g *generator) string { return fmt.Sprintf("%d,%s.%s", 1+g.rng.IntN(90), g.digits(3), g.digits(2)) }, "刷了%s", "余额%s元", "%s没到账，卡号对的")},
		{"date", framed(func(g *generator) string { return fmt.Sprintf("2026年%d月%d日", 1+g.rng.IntN(12), 1+g.rng.IntN(28)) }, "%s刷的", "密码%s改过一次", "有效期到%s", "验证码%s就收不到了")},
		{"version", framed(func(g *generator) string {
			return fmt.Sprintf("V%d.%d.%d_%s", g.rng.IntN(9), g.rng.IntN(9), g.rng.IntN(9), g.digits(8))
		}, "系统版本%s", "%s升级失败", "固件%s，密码键盘失灵")},
		{"IMEI", framed(func(g *generator) string { return g.luhn("35", 15) }, "IMEI1：%s", "手机串号imei %s", "imei号%s")},
		{"response", framed(random("", 2), "报错%s", "输密码后提示%s", "验证码输完出来%s")},
		{"hot line", framed(func(g *generator) string {
			return g.pick([]string{"95533", "4006695566", "010-66194114", "12363", "021-58331234"})
		}, "电话%s是你们的吗", "打%s投诉", "%s让我找你们", "密码锁了，打%s没人理")},
		{"counts", framed(random("1", 4), "密码输错锁了，欠%s块", "一天%s笔", "安全码是什么，%s元刷不了", "有效期多久，押金%s")},
		{"model", framed(func(g *generator) string { return g.pick([]string{"A920", "N910Pro", "P1000", "S800", "QR65"}) }, "型号%s", "密码 %s 怎么重置", "%s机器忘记密码", "%s的验证码在哪输")},
		{"address", framed(random("1", 4), "XX路%s号", "店在人民路%s号3楼", "邮编51%s")},
	}
}
