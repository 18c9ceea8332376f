package privacy_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/yingda/yingda/privacy"
)

// generator makes the corpus; the same seed makes the same one.
type generator struct{ rng *rand.Rand }

// style is a way to write digits.
type style struct {
	name  string
	write func(g *generator, digits string) string
}

// lookAlike is something with digits that must survive.
type lookAlike struct {
	name string
	make func(g *generator) string
}

// corpus makes perKind lines of each kind and likes look-alikes. In a frame, % stands for the secret.
func (g *generator) corpus(styles []style, frames map[privacy.Kind][]string, likes []lookAlike, perKind, alike int) []line {
	var lines []line
	for _, k := range privacy.AllKinds() {
		for range perKind {
			bare, st := g.secret(k), styles[g.rng.IntN(len(styles))]
			written := st.write(g, bare)
			switch k {
			case privacy.Expiry:
				written, st.name = g.expiry(bare), "expiry"
			case privacy.Password:
				if strings.Trim(bare, "0123456789") != "" {
					written, st.name = bare, "letters"
				}
			}
			lines = append(lines, line{text: strings.Replace(g.pick(frames[k]), "%", written, 1), kind: k, bare: bare, name: st.name})
		}
	}
	for i := range alike {
		l := likes[i%len(likes)]
		lines = append(lines, line{text: l.make(g), name: l.name})
	}
	return lines
}

func (g *generator) pick(from []string) string { return from[g.rng.IntN(len(from))] }

// digits are n random ones.
func (g *generator) digits(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + g.rng.IntN(10))
	}
	return string(b)
}

func (g *generator) date() string {
	return fmt.Sprintf("%02d%02d", 1+g.rng.IntN(12), 1+g.rng.IntN(28))
}

// luhn completes a prefix to n digits that pass the check.
func (g *generator) luhn(prefix string, n int) string {
	s := prefix + g.digits(n-1-len(prefix))
	return s + checkDigit(s)
}

func (g *generator) secret(k privacy.Kind) string {
	switch k {
	case privacy.Card:
		return g.card()
	case privacy.Identity:
		return g.identity()
	case privacy.Phone:
		return fmt.Sprintf("1%d%s", 3+g.rng.IntN(7), g.digits(9))
	case privacy.CVV:
		return g.digits(3)
	case privacy.Expiry:
		return fmt.Sprintf("%02d%02d", 1+g.rng.IntN(12), 26+g.rng.IntN(10))
	case privacy.Password:
		if g.rng.IntN(2) == 0 {
			return g.digits(6)
		}
		return g.pick([]string{"abc", "Wang", "shop", "Zx", "pos"}) + g.pick([]string{"", "@", "#", "_"}) + g.digits(3+g.rng.IntN(4))
	}
	return g.digits([]int{4, 6, 6, 6}[g.rng.IntN(4)])
}

// card is a number of an issuer's range: mostly UnionPay of 16 to 19 digits.
func (g *generator) card() string {
	switch g.rng.IntN(10) {
	case 0:
		return g.luhn("4", 16)
	case 1:
		return g.luhn(fmt.Sprint(51+g.rng.IntN(5)), 16)
	case 2:
		return g.luhn("95588", 19)
	case 3, 4, 5:
		return g.luhn("62", 19)
	}
	return g.luhn("62", 16+g.rng.IntN(3)%2)
}

// identity is a resident id with its check.
func (g *generator) identity() string {
	s := g.pick([]string{"110105", "440304", "330106", "510107", "620102", "310115"}) + fmt.Sprint(1950+g.rng.IntN(60)) + g.date() + g.digits(3)
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += w * int(s[i]-'0')
	}
	return s + "10X98765432"[sum%11:sum%11+1]
}

func (g *generator) expiry(mmyy string) string {
	month, year := mmyy[:2], mmyy[2:]
	return g.pick([]string{
		month + "/" + year, mmyy, month + "/20" + year, "20" + year + "年" + strings.TrimPrefix(month, "0") + "月", month + "-" + year, year + "年" + month + "月",
		translate(month+"/"+year, "０１２３４５６７８９"), month + " / " + year, month + "月" + year + "年", "20" + year + "-" + month, translate(mmyy, "零一二三四五六七八九"),
	})
}

// translate writes digits with others, given from 0 to 9.
func translate(digits, with string) string {
	to := []rune(with)
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return to[r-'0']
		}
		return r
	}, digits)
}

// group puts sep after every size digits.
func group(s, sep string, size int) string {
	var b strings.Builder
	for i, r := range []rune(s) {
		if i > 0 && i%size == 0 {
			b.WriteString(sep)
		}
		b.WriteRune(r)
	}
	return b.String()
}

func with(digits string) func(*generator, string) string {
	return func(_ *generator, s string) string { return translate(s, digits) }
}

func grouped(sep string, size int) func(*generator, string) string {
	return func(_ *generator, s string) string {
		r := []rune(s)
		switch {
		case len(r) == 11 && size == 4:
			return string(r[:3]) + sep + group(string(r[3:]), sep, 4)
		case len(r) == 18 && size == 4:
			return string(r[:6]) + sep + string(r[6:14]) + sep + string(r[14:])
		case len(r) < 8 && size > 1:
			return s
		}
		return group(s, sep, size)
	}
}

// then writes in one style and then in another.
func then(a, b func(*generator, string) string) func(*generator, string) string {
	return func(g *generator, s string) string { return b(g, a(g, s)) }
}

func tunedStyles() []style {
	return []style{
		{"plain", with("0123456789")}, {"spaces", grouped(" ", 4)}, {"dashes", grouped("-", 4)}, {"dots", grouped(".", 4)},
		{"full width", with("０１２３４５６７８９")}, {"Chinese", with("零一二三四五六七八九")}, {"Chinese 幺〇", with("〇幺二三四五六七八九")},
		{"cheque", with("零壹贰叁肆伍陆柒捌玖")}, {"circled", with("⓪①②③④⑤⑥⑦⑧⑨")}, {"one by one", grouped(" ", 1)},
		{"zero width", func(_ *generator, s string) string { return group(s, "\u200b", 3) }},
		{"full width spaces", then(with("０１２３４５６７８９"), grouped("　", 4))},
		{"mixed", func(g *generator, s string) string {
			return strings.Map(func(r rune) rune {
				if g.rng.IntN(2) == 0 && r >= '0' && r <= '9' {
					return []rune("零一二三四五六七八九")[r-'0']
				}
				return r
			}, s)
		}},
	}
}

// heldStyles were written together with the others and are only measured.
func heldStyles() []style {
	return []style{
		{"plain", with("0123456789")}, {"two spaces", grouped("  ", 4)}, {"long dashes", grouped("—", 4)}, {"underscores", grouped("_", 4)},
		{"middle dots", grouped("·", 4)}, {"filled circles", with("⓿❶❷❸❹❺❻❼❽❾")}, {"bold", with("𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗")},
		{"key caps", func(_ *generator, s string) string { return group(s, "\ufe0f\u20e3", 1) + "\ufe0f\u20e3" }},
		{"joiners", func(_ *generator, s string) string { return group(s, "\u200d", 1) }},
		{"soft hyphens", func(_ *generator, s string) string { return group(s, "\u00ad", 4) }},
		{"full width 8", func(_ *generator, s string) string { return translate(s, "０１２３４５６７８９") + " " }},
		{"Chinese by four", func(g *generator, s string) string {
			return grouped(" ", 4)(g, translate(s, "零幺二三四五六七八九"))
		}},
		{"half and half", func(_ *generator, s string) string {
			h := len(s) / 2
			return s[:h] + translate(s[h:], "零一二三四五六七八九")
		}},
		{"pairs", func(_ *generator, s string) string {
			if len(s) < 8 {
				return s
			}
			return group(s, " ", 2)
		}},
	}
}

func tunedFrames() map[privacy.Kind][]string {
	return map[privacy.Kind][]string{
		privacy.Card: {
			"我的卡号是%", "%", "用%刷的没到账", "银行卡 % 被冻结了怎么办", "商户号898440373991234，卡%，刷了500元", "结算卡要换成%，怎么操作", "卡号：%，户名王某", "刚才刷的%这张卡，提示51",
			"麻烦查一下 % 这笔到账没", "订单号查不到，我付款的卡是%", "终端号12345678，%刷不了", "我用的工行卡%，扣了两次",
		},
		privacy.Identity: {"身份证号%", "%", "我的身份证是%，认证不过", "法人身份证：%，怎么改", "实名认证填了%还是失败", "商户法人证件号 % 对吗"},
		privacy.Phone: {
			"电话%", "%", "打我%", "手机号是%，收不到验证码", "联系方式：%（王老板）", "你们给%回个电话", "我换号了，新号%", "微信同号%，加我", "终端号12345678，联系%",
		},
		privacy.CVV:      {"cvv%", "安全码是%", "CVV2：%", "卡背面三位数是%", "卡背面后三位 %", "%是安全码", "背面三位：%", "安全码 %，可以了吗"},
		privacy.Expiry:   {"有效期%", "有效期：%", "卡有效期是%", "信用卡有效期 %，能刷吗", "exp %", "有效期到%", "有效期%，安全码你要吗"},
		privacy.Password: {"密码是%", "密码：%", "登录密码是%，登不上", "支付密码：%", "我的密码是% 帮我看看", "%是我的密码", "pwd:%", "取款密码是%"},
		privacy.Code:     {"验证码%", "验证码是%", "短信验证码：%", "%是验证码", "收到的验证码是%，然后呢", "【银联商务】您的验证码为%，5分钟内有效", "验证码 %，快点", "动态码%"},
	}
}

// heldFrames were written together with the others and are only measured.
func heldFrames() map[privacy.Kind][]string {
	return map[privacy.Kind][]string{
		privacy.Card: {
			"客户拿%来刷，机器说余额不足", "你好，我这边%这个卡收款收不到", "昨天下午三点多刷了一张卡，%，到现在没到", "付款账号%", "退款退到%行吗", "储蓄卡%能绑定吗？", "SN是N900123456，客户卡%",
			"参考号找不到了，就记得卡号%", "招行信用卡%交易失败", "机子显示请持卡人与银行联系，卡是%",
		},
		privacy.Identity: {"法人是我，%", "注册要填身份证，我填的%", "帮我查查%名下有几台机器", "店主王某，身份证号码为%", "证件号码%，审核不通过"},
		privacy.Phone: {
			"有事请打%，谢谢", "我手机%一直收不到短信", "预留手机号是%对不对", "让师傅联系我：%", "老板电话 %，店在城东", "我叫小王，%", "登录账号%，忘记密码了", "注册手机号码%，换不了",
		},
		privacy.CVV:      {"后面签名栏的安全码%", "CVN2 是 %", "cvc：%", "信用卡背面那三位是%", "安全码应该是%吧", "%，这是安全码"},
		privacy.Expiry:   {"卡的有效期是%", "有效期写的%", "这张信用卡有效期到%，是不是不能刷了", "有效期为%", "有效期至%", "EXP：%"},
		privacy.Password: {"密码改成%了", "密码我设的是%", "操作员密码是%对吗", "我把密码设成%了", "口令：%", "初始密码是%吗", "POS机主管密码：%"},
		privacy.Code:     {"刚收到验证码，%", "你要的验证码是%", "手机验证码为%", "校验码：%", "验证码发我了，是%", "%，这个是验证码", "输入验证码%还是不对"},
	}
}
