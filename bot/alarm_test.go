package bot_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// TestDangers: what must be done at once stands in front, in a bubble of its own, before any offer.
func TestDangers(t *testing.T) {
	b, lib := newBundled(t)
	for in, want := range map[string]string{
		"我被骗了钱已经转出去了":         "money-gone",
		"被人骗了，刚给对方转过去2万":      "money-gone",
		"钱被骗走了怎么办":            "money-gone",
		"我把5000转给骗子了":         "money-gone",
		"遇到冒充银联的，已经扫码付了三千":    "money-gone",
		"验证码我已经报了":            "code-told",
		"刚才客服要验证码，我给他了":       "code-told",
		"卡号和CVV都告诉对方了":        "code-told",
		"密码不小心发给对方了咋办":        "code-told",
		"他叫我开了屏幕共享":           "screen-shared",
		"客服说冻结了要我先转五百":        "pay-first",
		"说我账户涉案，让我把钱转到安全账户":   "pay-first",
		"要退款必须先交保证金":          "pay-first",
		"让我先刷流水才能解冻":          "pay-first",
		"我被骗了":                "cheated",
		"正被人骗着转账，等人工来得及吗":     "pay-first",
		"退个保证金还要我先交50块工本费":    "pay-first",
		"说押金能退 要开手机屏幕共享":      "screen-shared",
		"刚才不小心把完整卡号发出去了":      "code-told",
		"小票拍照发给他会不会露了卡号":      "",
		"他没看就输密码了 多刷了怎么退给他":   "",
		"能起诉吗 乱扣我钱":           "",
		"咖啡洒了 纸粘在滚轴上":         "",
		"怎么防止被骗":              "",
		"会不会被骗":               "",
		"验证码收不到":              "",
		"验证码没给他":              "",
		"验证码输了好几次都不对":         "",
		"收银密码给了新来的员工能改吗":      "",
		"还没转，幸好没上当":           "",
		"机器押金先交299正常吗":        "",
		"账户冻结了怎么解冻":           "",
		"退款要几天到":              "",
		"业务员让我先交押金再发机器":       "",
		"钱转到对公账户行不行":          "",
		"转账失败了钱退不退":           "",
		"我刷了3000没到账，你们是不是骗子":  "",
		"商户号发给你了":             "",
		"验证码能告诉客服吗":           "",
		"别人骗我把钱转走了，银行卡里一分都没了": "money-gone",
		"钱已经转给对方了才发现是骗子":      "money-gone",
		"有人冒充银联骗我转账了":         "money-gone",
		"假客服让我扫码，钱没了":         "money-gone",
		"转账之后对方把我拉黑了":         "money-gone",
		"我把验证码给了":             "code-told",
		"不小心把验证码告诉客服了":        "code-told",
		"验证码发给业务员了":           "code-told",
		"刚才验证码念给电话里的人听了":      "code-told",
		"我把银行卡密码说出去了":         "code-told",
		"验证码被人要走了":            "code-told",
		"验证码已经填在他发的链接里了":      "code-told",
		"他问我要验证码我就说了":         "code-told",
		"说账户冻结了要先转一笔钱验证":      "pay-first",
		"叫我先打款才给我退流量费":        "pay-first",
		"要我刷一笔流水才解封":          "pay-first",
		"有个95016打电话让我转钱":      "pay-first",
		"骗子让我把钱转到指定账户":        "pay-first",
		"有人让我把钱转到安全账户":        "pay-first",
		"客服说我账户异常要我转账验证":      "pay-first",
		"给骗子打了3000":           "money-gone",
		"已经汇款给骗子了":            "money-gone",
		"点了链接卡里钱没了":           "money-gone",
		"验证码已经说了":             "code-told",
		"我按他说的输了密码":           "code-told",
		"说要先交押金才发货，以后能退":      "",
		"客户付款了把我拉黑了":          "",
		"顾客转账了没到账":            "",
		"验证码发给业务员的手机了，我收不到":   "",
		"说要先付解冻费":             "pay-first",
		"他说要共享屏幕帮我操作":         "screen-shared",
		"客服远程控制我手机了":          "screen-shared",
		"说要先交回机器才退款":          "",
		"银行让我先交流水才能解冻":        "",
		"说账户冻结了要先交资料":         "",
		"验证码给了我怎么填":           "",
		"客服给了我验证码可是提示错误":      "",
		"业务员把密码给了我":           "",
		"你们能远程控制我手机吗":         "",
		"让我先付款再退货可以吗":         "",
	} {
		k := newTalk(t, b)
		out := k.say(chat.Message{Text: in})
		if want == "" {
			if out.Understood.Danger != nil {
				t.Errorf("%q is taken for %s", in, out.Understood.Danger.ID)
			}
			continue
		}
		i := slices.IndexFunc(lib.Phrases.Dangers, func(d kb.Danger) bool { return d.ID == want })
		if d := out.Understood.Danger; d == nil || d.ID != want || out.Reply.Text != lib.Phrases.Dangers[i].Say || len(out.More) == 0 {
			t.Errorf("%q is %+v: %q, want %s first", in, d, saidIn(out), want)
			continue
		}
		if say := out.Reply.Text; !strings.Contains(say, "110") || !strings.Contains(say, "96110") || !strings.Contains(say, "银行卡背面") || !strings.Contains(say, "别") {
			t.Errorf("%s does not say what to do: %q", want, say)
		}
		k.say(chat.Message{Text: "好"})
		k.say(chat.Message{Text: "直接转人工"})
		if k.ticket == nil || k.ticket.Reason != "fraud" || k.ticket.Urgency != "urgent" {
			t.Errorf("%q leads to %+v", in, k.ticket)
		}
	}
	for name, script := range map[string][]line{
		"once, and the next one too": {
			{"我被骗了钱已经转出去了", "answer", "110 止付 登记", ""},
			{"真的被骗了钱已经转走了", "collect", "登记", ""},
			{"验证码也告诉他了", "answer", "银行卡背面 登记", ""},
		},
		"while a case is registered": {
			{"钱没到账", "answer", "登记", ""},
			{"好", "collect", "金额", ""},
			{"有个客服要验证码，我报给他了", "answer", "银行卡背面 110", ""},
		},
		"beside an agent": {
			{"转人工", "escalate", "工单号", ""},
			{"@claim", "", "", ""},
			{"验证码我已经报给他了", "silent", "银行卡背面 110", ""},
		},
	} {
		t.Run(name, func(t *testing.T) { newTalk(t, b).play(script) })
	}
	alone, _ := newBundled(t)
	out, err := alone.Step(t.Context(), new(bot.Session), chat.Message{Text: "我被骗了钱已经转出去了"})
	if err != nil || !strings.HasPrefix(out.Reply.Text, "先别慌") {
		t.Errorf("without a desk: %q, %v", out.Reply.Text, err)
	}
}

// TestTriggersAreWords: what only looks like swearing, or asks how, is not apologised to.
func TestTriggersAreWords(t *testing.T) {
	b, guide := newBundled(t)
	for in, want := range map[string]string{
		"滚": "angry", "你给我滚": "angry", "滚！": "angry", "滚滚滚": "angry", "都滚吧": "angry", "骗子公司": "angry", "我要报警了": "angry", "再不退钱就打12315": "angry", "垃圾机器": "angry",
		"卡被盗刷了": "fraud", "账户被冻结了": "frozen",
		"滚筒卡纸": "", "打印头的滚轴": "", "走纸的滚子坏了": "", "12315怎么投诉": "", "怎么报警": "", "报警需要什么材料": "", "如何起诉他们": "", "12315电话多少": "", "机器一直报警": "",
		"我妈的身份证能办吗": "", "垃圾桶旁边那台机器": "", "遇到骗子怎么办": "", "起诉有用吗": "", "要不要报警": "", "翻滚的纸卡住了": "",
	} {
		k := newTalk(t, b)
		out := k.say(chat.Message{Text: in})
		got := ""
		if fired := out.Understood.Triggers; len(fired) > 0 {
			got = guide.Phrases.Triggers[fired[0]].Reason
		}
		if got != want {
			t.Errorf("%q sets off %q, want %q", in, got, want)
		}
	}
}
