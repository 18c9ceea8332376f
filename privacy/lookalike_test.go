package privacy_test

import "fmt"

// framed puts a number into one of several sentences.
func framed(number func(g *generator) string, frames ...string) func(g *generator) string {
	return func(g *generator) string { return fmt.Sprintf(g.pick(frames), number(g)) }
}

// random is n digits, every second time such that they pass the check of cards.
func random(prefix string, n int) func(g *generator) string {
	return func(g *generator) string {
		if g.rng.IntN(2) == 0 {
			return g.luhn(prefix, n)
		}
		return prefix + g.digits(n-len(prefix))
	}
}

// serial is YYMMDD and more, inside 2221 to 2720, mostly passing the check.
func serial(n int) func(g *generator) string {
	return func(g *generator) string { return g.luhn(fmt.Sprint(23+g.rng.IntN(4))+g.date(), n) }
}

func tunedLookAlikes() []lookAlike {
	return []lookAlike{
		{"dated serial", framed(serial(16), "SN：%s", "机身号%s", "序列号是%s，开不了机", "我的SN码 %s", "%s是序列号", "机器背面写着%s")},
		{"dated serial, bare", serial(16)},
		{"serial like a card", framed(random("62", 16), "SN %s", "序列号：%s", "设备号是%s")},
		{"long serial", framed(random("", 18), "机具编号%s", "SN:%s 蓝牙连不上")},
		{"letters and digits", framed(random("", 12), "SN：N9%s", "机身号P%sB", "型号A920 SN D1V%s")},
		{"merchant", framed(random("8984", 15), "商户号%s", "商户编号：%s", "%s", "我的商户号是%s，跳商户了", "小票上商户编号 %s 不是我的")},
		{"terminal", framed(random("", 8), "终端号%s", "终端编号：%s 签到失败", "终端号是%s，密码错误", "%s")},
		{"reference", framed(random("", 12), "参考号%s", "检索参考号：%s", "交易参考号是 %s，没到账")},
		{"reference like a card", framed(random("62", 16), "参考号%s", "系统参考号：%s")},
		{"voucher", framed(random("", 6), "凭证号%s", "批次号 %s", "授权码：%s", "凭证号%s，验证码没收到")},
		{"order", framed(random("2026", 18), "订单号%s", "交易流水号：%s", "单号是%s，麻烦查一下")},
		{"order like a card", framed(random("4", 16), "订单号%s", "商户订单号：%s，已退款", "流水号%s")},
		{"long order", framed(random("4200", 28), "订单号%s", "%s", "交易单号：%s")},
		{"amount", framed(random("", 7), "刷了%s元", "金额%s", "到账%s.00", "少了%s块钱")},
		{"amounts", framed(func(g *generator) string {
			return fmt.Sprintf("%d00 %d0 %d00", 10+g.rng.IntN(80), 10+g.rng.IntN(90), 10+g.rng.IntN(80))
		}, "昨天刷了%s", "三笔 %s 没到")},
		{"date", framed(func(g *generator) string { d := g.date(); return "2026-" + d[:2] + "-" + d[2:] }, "%s 14:30:05刷的", "交易时间%s", "有效期到%s的活动", "%s")},
		{"stamp", framed(func(g *generator) string { return "2026" + g.date() + g.digits(6) }, "时间%s", "交易时间：%s", "%s")},
		{"version", framed(func(g *generator) string {
			return fmt.Sprintf("%d.%d.%s", 1+g.rng.IntN(9), g.rng.IntN(20), g.digits(4))
		}, "版本%s", "app版本号v%s闪退", "固件%s")},
		{"IMEI", framed(func(g *generator) string { return g.luhn("86", 15) }, "IMEI %s", "imei：%s", "设备IMEI是%s")},
		{"response", framed(random("", 2), "返回码%s", "提示%s密码错误", "刷卡显示%s，密码不对", "密码输错%s次")},
		{"hot line", framed(func(g *generator) string {
			return g.pick([]string{"95516", "4008208820", "400-820-8820", "0755-83765566", "10086", "95588"})
		}, "打%s没人接", "客服电话%s", "验证码收不到，打%s也没用", "银行让我打%s")},
		{"tail", framed(random("", 4), "尾号%s的卡没到账", "卡尾号%s", "手机尾号%s")},
	}
}

// heldLookAlikes were written together with the others and are only measured.
func heldLookAlikes() []lookAlike {
	return []lookAlike{
		{"dated serial", framed(serial(16), "机器编号 %s 坏了", "SN码在背面，是%s", "S/N:%s", "设备SN=%s", "机具序列号为%s")},
		{"dated serial of 15 to 19", framed(func(g *generator) string { return serial(15 + g.rng.IntN(5))(g) }, "%s", "机身上面的号是%s", "盒子上%s")},
		{"serial like a card", framed(random("5", 16), "序列号%s，激活不了", "机身SN：%s", "设备编号 %s")},
		{"merchant", framed(random("8221", 15), "商编%s", "MID：%s", "换成了商户%s", "怎么我的商户编号变成%s了", "签购单上是 %s")},
		{"terminal", framed(random("", 8), "TID %s", "终端%s连不上网", "终端编号%s需要密码", "终端号 %s，验证码一直收不到")},
		{"reference", framed(random("", 12), "参考号为%s的那笔", "检索号%s", "%s这个参考号查一下")},
		{"voucher", framed(random("", 6), "票据号%s", "流水%s", "授权号%s", "小票凭证号 %s，密码输对了也失败")},
		{"order", framed(random("2025", 20), "退款单号%s", "订单编号：%s", "快递单号%s", "工单号 %s 处理到哪了")},
		{"order like a card", framed(random("62", 19), "订单%s", "交易流水%s", "订单号是：%s")},
		{"two orders", framed(func(g *generator) string { return g.luhn("4", 16) + "、" + g.luhn("4", 16) }, "订单号%s", "流水号：%s")},
		{"code of a company", framed(func(g *generator) string { return "91440300" + g.digits(9) + "X" }, "统一社会信用代码%s", "执照号%s")},
		{"licence", framed(random("4403", 15), "营业执照注册号%s", "注册号：%s")},
		{"SIM", framed(func(g *generator) string { return g.luhn("89860", 20) }, "ICCID %s", "流量卡号%s没信号", "物联网卡%s")},
		{"time", framed(func(g *generator) string {
			return fmt.Sprintf("%02d:%02d:%02d", g.rng.IntN(24), g.rng.IntN(60), g.rng.IntN(60))
		}, "今天%s刷的", "11月24日%s，扣了3000元", "交易时间2026/11/24 %s")},
		{"epoch", framed(random("17", 13), "时间戳%s", "%s")},
		{"bar code", framed(func(g *generator) string { return g.luhn("69", 13) }, "条码%s", "商品%s扫不出来")},
		{"parcel", framed(random("7", 15), "寄回的快递 %s 收到没", "顺丰SF%s")},
		{"money", framed(random("1", 5), "验证码收不到，%s元还没到账", "密码错误，%s块钱冻结了", "一天限额%s", "提现%s元要多久")},
		{"term", framed(func(g *generator) string { return fmt.Sprintf("2027年%d月", 1+g.rng.IntN(12)) }, "优惠活动有效期到%s", "营业执照有效期%s", "流量套餐有效期到%s吗", "%s能到账吗")},
		{"words", framed(func(g *generator) string {
			return g.pick([]string{"一二三四五", "三七二十一", "二维码", "一五一十", "八九不离十", "五一", "六七百块", "一两千"})
		}, "刷了%s没到", "%s怎么回事", "说了%s也没用")},
	}
}
