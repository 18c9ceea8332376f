package privacy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/yingda/yingda/zh"
)

// labelClass is what a word says about the number beside it.
type labelClass uint8

const (
	noClass      labelClass = iota
	link                    // joins a word to its number: 是, 就是, 我的
	copula                  // a link that says that one is the other
	ordinaryWord            // a word that merely begins with a numeral: 一直, 两个
	bankCard
	resident
	telephone
	ownTelephone // a telephone that is the writer's own, so that a landline counts too
	cvv
	expiry
	dueDate     // expires, of a card or of anything else
	termSubject // what else may have a term: contracts, offers
	password
	code
	recordField // a number of any length that is kept: serials, orders
	shortField  // a number that is kept and never as long as a card's: merchant, terminal, voucher
)

// labelWords is the dictionary's text: words in simplified lower case, by class; _ stands for a blank.
func labelWords() map[labelClass]string {
	return map[labelClass]string{
		link: `到 至 我的 您的 你的 他的 她的 我 您 你 的 了 给你 给您 发你 发您 发给你 发给您 告诉你 报给你 如下 这个 那个 这 那
			应该 好像 大概 可能 现在 目前 原来 之前 以前 刚 刚刚 刚才 收到 收到的 收到了 显示 显示的 显示了 写的 写着 标的 上面 下面
			后面 后边 背面 也 都 就 用 用的 叫 数字 一共 说 输 输入 输的 输了 输入的 输入了 填 填的 填写 号 码 号码 编号 no number # 三位数 三位数字 三位码 三位 3位 3位数
			3位数字 后三位 后3位 末三位 末3位 最后三位 最后3位 四位 4位 四位数 4位数 六位 6位 六位数 6位数 6位数字 六位数字 八位 8位 11位 十一位 十五位 15位 十六位 16位 十九位 19位 不是 是不是
			啊 呀 呢 哈 吧 哦 嗯 那么 麻烦 帮我 查 查下 查一下 看 看下 看一下 看看 记 记下 记一下 请 上 里 里面 一直 一直用 还 又 再 最新 新 旧 老 短信 发来 发来的 发的 来的 银行发来的 手机收到的 of my 给了 给他 给她 他 她 对方 原 然后 接着 之后 随后 最后 and then shi`,
		copula: `是 为 就是 即 等于 改成 改为 改成了 设成 设为 设置成 设置为 设的是 设的 设了 换成 换成了 is are`,
		ordinaryWord: `一下 一个 一直 一样 一共 一起 一张 一分 一次 一笔 一天 一年 一月 一点 一些 一般 一定 一台 一会 一边 一遍 一位 一条 一万 一千 一百
			两个 两张 两次 两笔 两天 两年 两台 两遍 两位 两万 两千 两百 三个 三张 三次 三笔 三天 三年 三月 三万 三千 三百 四个 四天 五个 五天 六个 七个 七天 八个 九个 零钱 零售 三方 二维码 一旦 一切 一方面 一致 两边 两种 两者 三星`,
		bankCard: `卡号 kahao ka_hao yinhangka 卡 银行卡 信用卡 储蓄卡 借记卡 贷记卡 结算卡 收款卡 付款卡 账号 账户 银行账号 收款账号 银行账户 card cardno 工行 建行 农行 中行 招行 交行 邮储 工商银行
			建设银行 农业银行 中国银行 招商银行 交通银行 平安银行 浦发 中信 光大 民生银行 兴业 广发 银联卡 visa mastercard 万事达 pan 卡片 卡面 卡正面`,
		resident:     `身份证 身份证号 身份证号码 身份证件 证件号 证件号码 公民身份号码 身份号 二代证 idcard`,
		telephone:    `手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 联系人 微信 微信号 号码 预留手机 预留手机号 预留号码 tel phone mobile 打给我 联系我 找我 加我 vx wx whatsapp 热线 座机 固话`,
		ownTelephone: `我的电话 我电话 我的电话号码 我电话号码 我的联系电话 我的座机 我的固话 我家电话 家里电话 家庭电话 家里座机 家里的电话 本人电话 住宅电话 我的号码`,
		cvv: `cvv cvv2 cvc cvc2 cvn cvn2 cid 安全码 卡安全码 卡背面 卡背后 卡的背面 卡背 卡片背面 卡后面 卡反面 银行卡背面 信用卡背面 签名栏 签名条 背面三位 背面后三位 背面的三位 背面三位数 背面三位数字 背面的三位数 背面的三位数字 背后三位
			背面3位 背面后3位 背面的3位 背面末三位 背后三位数`,
		expiry:      `有效期 有效期限 有效日期 卡有效期 信用卡有效期 有效期到 有效期至 有效至 exp expiry expires expdate validthru goodthru valid`,
		dueDate:     `到期 过期 到期日 失效`,
		termSubject: `活动 优惠 套餐 流量 合同 协议 证书 执照 营业执照 押金 费率 保修 质保 会员 券 政策 通知 公告`,
		password: `密码 mima mi_ma 支付密码 取款密码 登录密码 登陆密码 交易密码 查询密码 卡密码 银行卡密码 操作员密码 主管密码 管理员密码 初始密码 口令 password passwd passcode pwd pin
			pin码 密吗 蜜码`,
		code: `验证码 yanzhengma yan_zheng_ma yzm code 短信验证码 手机验证码 校验码 短信码 动态码 动态密码 动态口令 短信密码 确认码 激活码 验证吗 验证嘛 otp vcode verifycode 认证码 短信校验码`,
		recordField: `sn s/n sn码 sn号 机身号 机身码 机身编号 机身sn 序列号 序列码 设备号 设备编号 设备码 机具号 机具编号 机具序列号 机器号 机器码 机器编号 机号 出厂编号 参考号 检索号 检索参考号 系统参考号 交易参考号
			流水号 流水 交易流水 交易流水号 订单号 订单 订单编号 商户订单号 交易单号 交易号 交易编号 单号 运单号 快递单号 快递 物流单号 工单号 工单 imei imsi iccid meid mac 条码 条形码 物联网卡 物联网卡号 流量卡 流量卡号 物联卡
			物联卡号 sim卡 sim卡号 会员卡号 会员卡 尾号 版本 版本号 固件 固件版本 软件版本 统一社会信用代码 信用代码 注册号 执照号 营业执照号 营业执照注册号 发票号 合同号 合同编号 追踪号 跟踪号 系统跟踪号 查询号 查询编号 型号 资产编号 时间戳
			刷卡机 刷卡器 pos机 pos 机器 机子 设备 终端 orderid orderno order ref rrn traceno trace serial 退款单号 交易凭证 备案号 证书编号 机构号 工号 员工号 邮编 qq qq号 税号 ean upc`,
		shortField: `error_code errorcode return_code response_code result_code status_code reason_code zip_code qr_code bar_code qrcode barcode 错误code 返回code 应答code 提示code 商户号 商户编号 商编 商户 商户代码 mid 终端号 终端编号 终端码 tid 凭证号 票据号 批次号 授权码 授权号 应答码 返回码 错误码 错误代码 响应码 代码 金额 交易金额 日期 时间 交易时间 交易日期
			元 块 块钱 余额 手续费 额度 限额 客服电话 客服热线 mcc 行号 联行号 收单机构号 版次`,
	}
}

// dictionary finds the longest word at a place.
type dictionary struct {
	first  [1024]bool // by the low bits of a word's first character; most characters stop here
	byRune map[rune][]labelWord
}

type labelWord struct {
	runes []rune
	class labelClass
}

func newDictionary(text map[labelClass]string) dictionary {
	d := dictionary{byRune: map[rune][]labelWord{}}
	for c, words := range text {
		for _, w := range strings.Fields(words) {
			r := []rune(strings.ReplaceAll(w, "_", " "))
			d.first[r[0]&1023] = true
			d.byRune[r[0]] = append(d.byRune[r[0]], labelWord{runes: r, class: c})
		}
	}
	for _, words := range d.byRune {
		slices.SortFunc(words, func(a, b labelWord) int {
			return cmp.Or(cmp.Compare(len(b.runes), len(a.runes)), cmp.Compare(b.class, a.class))
		})
	}
	return d
}

// longestAt is the length in cells and the class of the longest word that begins at cells[i], or 0. Latin
// words stand alone: sn is no part of snow, and cvv289 is cvv with a number.
func (d *dictionary) longestAt(cells []cell, i int) (int, labelClass) {
	r := cells[i].r
	if !d.first[r&1023] || isLatin(r) && i > 0 && isLatin(cells[i-1].r) {
		return 0, noClass
	}
next:
	for _, w := range d.byRune[r] {
		end := i + len(w.runes)
		if end > len(cells) {
			continue
		}
		for k, want := range w.runes {
			if cells[i+k].r != want {
				continue next
			}
		}
		if last := w.runes[len(w.runes)-1]; end < len(cells) &&
			(isLatin(last) && isLatin(cells[end].r) || last < '0'+10 && last >= '0' && cells[end].digit != zh.NoDigit) {
			continue
		}
		return len(w.runes), w.class
	}
	return 0, noClass
}
