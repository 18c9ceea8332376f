package bot_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/yingda/yingda/chat"
)

// nods are messages that say nothing of their own, as people send them: one a blank.
const nods = `👍 👌 🙏 👍👍👍 👍🏻 👌🏽 ❤️ 🌹 🌹🌹 😊 🙂 😂 🤣 😭 😅 🤔 👀 🎉 💯 ✅ 👨‍👩‍👧 🇨🇳 🏳️‍🌈 🫡 🫶 🆗
	[强] [强][强] [OK] [ok] [玫瑰] [玫瑰][玫瑰][玫瑰] [微笑] [呲牙] [抱拳] [握手] [合十] [捂脸] [流泪] [大哭] [偷笑] [爱心] [鼓掌] [愉快] [Smile] [ThumbsUp] [Rose] [旺柴] [好的] [加油] [破涕为笑] [裂开] [叹气]
	/:strong /::) /::D /::P /:rose /:ok /:v /::'( /:,@-D /:@) /:handclap /:heart /::> /:8-) /:hug
	。 . … ...... ， ~ ！ !!! 、 —— * ^_^ :) :-) (^_^) （） 。。。 ——！
	嗯 嗯嗯 嗯嗯嗯嗯 恩 嗯。 嗯~ 嗯呢 嗯啊 哦 哦哦 哦。 噢 哦哦哦哦 额 呃 啊 诶 唉 哎 嘿嘿 哈哈 哈哈哈哈 呵呵 嘻嘻 hhhh 666 6666 233 2333 1 11 111
	好 好的 好滴 好哒 好嘞 好勒 好咧 好好好 好吧 好呀 行 行行行 行吧 行呢 可以 可以的 ok OK Ok okk okok yes 对 对对对 是的 是是是 收到 收到收到 收到了 收到！ 知道了 知道啦 晓得了 明白 明白了 懂了 了解 了解了 清楚了 原来如此 这样啊 厉害 棒 牛 赞 不错 没事 没事儿 稍等 等一下 等等 我看看 我试试 先这样
	好的[OK] 好的[玫瑰] 收到[抱拳] 嗯嗯[愉快] 好👌 知道了👍 明白了🙏 行[OK] 哦哦[捂脸] 好的/:ok 哈哈😂 。👍`

// questioning are nods that ask.
const questioning = `？ ? ？？？ ??? 嗯？ 啊？ 哦？ 嗯? 。？ 😳？`

// courtesies are hello, thanks and goodbye.
const courtesies = `谢谢 谢谢[玫瑰] 谢谢🙏 谢谢谢谢 谢了 谢啦 多谢 感谢 好的谢谢 好的谢谢[玫瑰] 辛苦了 麻烦您了 太感谢了 3q thanks 你好 您好 在吗 在么 在？ 早 早上好 晚上好 hello hi 嗨 哈喽 你好[微笑] 再见 再见👋 拜拜[再见] 拜拜 bye 先这样吧 没事了 好的再见`

// remarks hold numbers, names and words that are no detail of a case and no wish for a person.
const remarks = `报05|报51什么意思|我是T+1的|T+0和T+1啥区别|D0的|费率0.6正常吗|0.38%的|提示57|95016是官方的吗|12315怎么投诉|12363管不管|96110打来的|怎么报警|报警有用吗
	|一天能刷几次|能刷几笔|第1次用|分3期|5G的卡行不行|4G信号|用了2年了|等了20分钟了|3天没动静|2026年的新规|我的是86开头|62开头的卡|小票少一联
	|滚筒卡纸|打印头的滚轴|机器一直滴滴报警|垃圾短信怎么屏蔽|我妈的卡能用吗|要投诉找哪个部门|起诉要准备什么|人工费多少|真人认证怎么过|机器人能帮我查到账吗|客服电话多少|你们客服几点上班
	|你是机器人吗|你是真人吗|是人工还是机器人|你是人还是机器|这是自动回复吧|你是AI吗|怎么防止被骗|骗子都怎么骗人|验证码收不到|验证码输了好几遍|密码输错3次|冻结了怎么解冻|退款要几天|先转账后发货靠谱吗`

func fields(t *testing.T) map[string][]string {
	t.Helper()
	parts := strings.FieldsFunc(remarks, func(r rune) bool { return r == '|' })
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	lines := map[string][]string{"nods": strings.Fields(nods), "questioning": strings.Fields(questioning), "courtesies": strings.Fields(courtesies), "remarks": parts}
	n := 0
	for _, list := range lines {
		n += len(list)
	}
	if n < 200 {
		t.Fatalf("only %d lines", n)
	}
	return lines
}

// TestChatter says what customers type between their questions, at every stage: no line opens a ticket that nobody
// wished for, is taken for a detail, or counts as a question that was not answered.
func TestChatter(t *testing.T) {
	b, _ := newBundled(t)
	all := fields(t)
	for stage, said := range map[string][]string{
		"fresh":      nil,
		"answered":   {"机器押金能退吗"},
		"unhelped":   {"跳商户怎么办", "没用"},
		"declined":   {"红烧肉怎么做"},
		"asking":     {"钱没到账", "好"},
		"contact":    {"钱没到账", "好", "昨天，3800元", "跳过"},
		"confirming": {"钱没到账", "好", "跳过", "跳过", "跳过"},
	} {
		k := newTalk(t, b)
		for _, text := range said {
			k.say(chat.Message{Text: text})
		}
		for kind, lines := range all {
			for _, text := range lines {
				s := roundTrip(t, k.s)
				out, err := k.bot.Step(t.Context(), &s, chat.Message{Text: text, At: k.now})
				if err != nil {
					t.Fatal(err)
				}
				isNumber := strings.Trim(text, "0123456789") == ""
				if isNumber && (stage == "asking" || stage == "declined") {
					continue // it is the amount that was asked for, and picks the only option
				}
				confirms := stage == "confirming" && (kind == "nods" || kind == "courtesies")
				if (out.Ticket != nil || out.Reply.Decision == chat.Escalate) && !confirms {
					t.Errorf("%s: %q opens a ticket: %q", stage, text, saidIn(out))
				}
				if now := known(s.Device); now != known(k.s.Device) && !strings.HasPrefix(now, strings.TrimSpace(known(k.s.Device)+" error_code=")) {
					t.Errorf("%s: %q tells %q", stage, text, now)
				}
				if kind != "remarks" && (s.Unhelped > k.s.Unhelped || strings.Contains(saidIn(out), "不在我的资料里") || strings.Contains(saidIn(out), "没帮上忙")) {
					t.Errorf("%s: %q counts as a miss: %q", stage, text, saidIn(out))
				}
				if strings.Contains(saidIn(out), "对不起") {
					t.Errorf("%s: %q is taken for swearing: %q", stage, text, saidIn(out))
				}
			}
		}
	}
}

// TestChatterGoesOn sends nothing but nods for a long time: nobody is handed over, and nothing is said three times in a row.
func TestChatterGoesOn(t *testing.T) {
	b, _ := newBundled(t)
	for _, first := range []string{"机器押金能退吗", "红烧肉怎么做", "👍"} {
		k := newTalk(t, b)
		k.say(chat.Message{Text: first})
		k.s.Offered = nil // else a number picks
		var bubbles []string
		for _, text := range strings.Fields(nods + " " + questioning + " 👍 👍 👍 👍 ？ ？ ？ ？") {
			out := k.say(chat.Message{Text: text})
			bubbles = append(bubbles, saidIn(out))
			check(t, out, false, bubbles, []string{first, text})
			if strings.Contains(saidIn(out), "没帮上忙") {
				t.Fatalf("%q behind %q is given up on: %q", text, first, saidIn(out))
			}
		}
	}
}

// TestFaces reads as scripts: what a face means where it stands.
func TestFaces(t *testing.T) {
	b, _ := newBundled(t)
	for name, script := range map[string][]line{
		"behind an answer": {
			{"机器押金能退吗", "answer", "", ""},
			{"[强]", "greet", "不客气", ""},
			{"要多久", "answer", "几个工作日", ""}, // the topic stays
			{"好的[OK]", "greet", "不客气", ""},
		},
		"no help": {
			{"机器押金能退吗", "answer", "", ""},
			{"[弱]", "answer", "抱歉没帮上忙", ""},
			{"👎", "decline", "要不要转人工", ""},
			{"[强]", "collect", "先登记", ""},
		},
		"yes to an offer": {
			{"钱没到账", "answer", "登记", ""},
			{"👌", "collect", "先登记 什么时候", ""},
			{"👍", "collect", "接着登记 什么时候", ""},
			{"[弱]", "collect", "接着登记 什么时候", ""},
			{"昨天上午，3800左右", "collect", "记下了 商户编号", ""},
		},
		"no to an offer": {
			{"钱没到账", "answer", "登记", ""},
			{"[NO]", "greet", "先不转", ""},
		},
		"neither": {
			{"钱没到账", "answer", "登记", ""},
			{"[捂脸]", "greet", "", ""},
			{"好", "collect", "先登记", ""}, // the offer stands
		},
		"the summary": {
			{"钱没到账", "answer", "登记", ""},
			{"[OK]", "collect", "先登记", ""},
			{"昨天，3800元", "collect", "记下了", ""},
			{"跳过", "collect", "怎么联系", ""},
			{"跳过", "collect", "请核对", ""},
			{"[捂脸]", "collect", "请核对", ""},
			{"👍", "escalate", "工单号", ""},
		},
		"somebody new": {
			{"👋", "greet", "您好 程序 转人工", ""},
			{"。", "greet", "", ""},
			{"机器押金能退吗", "answer", "押金", ""},
		},
		"beside an agent": {
			{"转人工", "escalate", "工单号", ""},
			{"@claim", "", "", ""},
			{"👍", "silent", "", ""},
		},
	} {
		t.Run(name, func(t *testing.T) { newTalk(t, b).play(script) })
	}
	k := newTalk(t, b)
	for _, text := range []string{"机器押金能退吗", "[表情]"} {
		k.say(chat.Message{Text: text, Medium: map[bool]chat.Medium{true: chat.Sticker}[text == "[表情]"]})
	}
	if !strings.Contains(k.out.Reply.Text, "不客气") {
		t.Errorf("a sticker behind an answer: %q", k.out.Reply.Text)
	}
}

// TestDetailsAndQuestions: what is told is noted, what is asked is answered, and both where a message does both.
func TestDetailsAndQuestions(t *testing.T) {
	b, _ := newBundled(t)
	for name, script := range map[string][]line{
		"a code is no amount": {
			{"钱没到账", "answer", "登记", ""},
			{"好", "collect", "金额", ""},
			{"报05", "answer", "提示05 记下了 05 金额", "error_code=05"},
			{"我是T+1的", "answer", "T+1 接着登记 金额", "error_code=05"},
			{"昨天，3800", "collect", "记下了 商户编号", "occurred_at=2026-11-22 amount=3800元 error_code=05"},
		},
		"both": {
			{"钱没到账", "answer", "登记", ""},
			{"好", "collect", "金额", ""},
			{"昨天，3800，押金能退吗", "answer", "押金 记下了 3800元 商户编号", "occurred_at=2026-11-22 amount=3800元"},
			{"848100058120001 押金能退不", "answer", "押金 记下了 终端号", "merchant_no=848100058120001 occurred_at=2026-11-22 amount=3800元"},
		},
		"a wish beside a detail": {
			{"钱没到账", "answer", "登记", ""},
			{"好", "collect", "金额", ""},
			{"商户号848100058120001 直接给我转人工", "escalate", "工单号", "merchant_no=848100058120001"},
		},
		"a paused case": {
			{"钱没到账", "answer", "登记", ""},
			{"好", "collect", "金额", ""},
			{"@later", "", "", ""},
			{"我昨天刷的卡报05是什么意思", "answer", "提示05", ""},
			{"机器押金能退吗", "answer", "押金", ""},
			{"接着来", "collect", "金额", ""},
		},
		"at once": {
			{"钱没到账", "answer", "登记", ""},
			{"直接转人工", "escalate", "工单号", ""},
		},
	} {
		t.Run(name, func(t *testing.T) { newTalk(t, b).play(script) })
	}
}

// TestProgram: the bot says what it is, and how to reach a person.
func TestProgram(t *testing.T) {
	b, _ := newBundled(t)
	for _, in := range []string{
		"你是机器人吗", "你是真人吗", "是人工还是机器人", "你是人还是机器", "你是机器人吧", "你是不是机器人啊", "您是人工客服吗？", "你是AI吗", "请问你是真人吗[微笑]", "这是自动回复吧", "你是真人还是机器人呀",
		"机器人？", "机器人吧", "人工智能？", "你不是人吧", "是真人不", "我在和机器人说话吗",
	} {
		for _, before := range [][]string{nil, {"机器押金能退吗"}, {"钱没到账"}, {"钱没到账", "好"}} {
			k := newTalk(t, b)
			for _, text := range before {
				k.say(chat.Message{Text: text})
			}
			out := k.say(chat.Message{Text: in})
			if out.Ticket != nil || !inOrder(saidIn(out), "程序 不是真人 转人工") {
				t.Errorf("%q behind %q: %q", in, before, saidIn(out))
			}
		}
	}
	for _, in := range []string{"你是机器人吧换真人", "你是机器人吗？转人工", "不要机器人，要人工", "有真人吗", "我不想和机器人说话"} {
		if out := newTalk(t, b).say(chat.Message{Text: in}); out.Ticket == nil {
			t.Errorf("%q: %q", in, saidIn(out))
		}
	}
}

// TestContactUnasked keeps a telephone number that nobody asked for.
func TestContactUnasked(t *testing.T) {
	b, _ := newBundled(t)
	const masked, number = "138****5678", "13812345678"
	for _, in := range []string{masked, "我的电话" + masked, "手机号" + masked, "电话：" + masked, "我手机号是" + masked, masked + "。"} {
		for _, before := range [][]string{nil, {"机器押金能退吗"}, {"钱没到账"}} {
			k := newTalk(t, b)
			for _, text := range before {
				k.say(chat.Message{Text: text})
			}
			out := k.say(chat.Message{Text: in, Contact: number})
			if !strings.Contains(saidIn(out), "号码记下了") || out.Contact != number || k.s.Device.Contact != masked || k.s.Unhelped > 0 {
				t.Errorf("%q behind %q: %q, kept %q", in, before, saidIn(out), k.s.Device.Contact)
			}
			if offered := slices.Equal(before, []string{"钱没到账"}); offered != (k.s.Case != nil) {
				t.Errorf("%q behind %q: the case is %+v", in, before, k.s.Case)
			}
		}
	}
	for _, in := range []string{masked + "是骗子的号码吗", "有个" + masked + "打电话说机器要停用"} {
		k := newTalk(t, b)
		if out := k.say(chat.Message{Text: in, Contact: number}); out.Contact != "" || strings.Contains(saidIn(out), "号码记下了") {
			t.Errorf("%q: %q", in, saidIn(out))
		}
	}
}
