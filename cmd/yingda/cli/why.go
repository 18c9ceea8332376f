package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
	"github.com/yingda/yingda/zh"
)

// why shows a content editor how one question was understood, ranked and decided.
func why(ctx context.Context, w io.Writer, g *guide.Guide, question string) error {
	out, err := g.Bot.Step(ctx, new(bot.Session), chat.Message{Channel: "ask", Text: question})
	if err != nil {
		return err
	}
	e := g.Index.Explain(out.Understood.Asked)
	var b strings.Builder
	whyDecided(&b, g, question, out, &e)
	if len(e.Ranked) == 0 {
		b.WriteString("\n没有候选：指南里没有与它相近的内容，或者没有可查的文字。\n")
	} else {
		whyFound(&b, e.Ranked)
		if len(e.Ranked) > 1 {
			whyFirst(&b, &e)
		}
		whySure(&b, &e)
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// whyDecided shows the question, what it was read as, and the decision with its thresholds.
func whyDecided(b *strings.Builder, g *guide.Guide, question string, out bot.Outcome, e *search.Explanation) {
	t := table{indent: "  ", left: 2}
	t.add("问题", question)
	if out.Understood.Asked != "" && out.Understood.Asked != question {
		t.add("所问", out.Understood.Asked)
	}
	if e.Text != "" {
		t.add("读作", e.Text)
	}
	if mended := changes(zh.Fold(out.Understood.Asked), e.Text); len(mended) > 0 {
		t.add("改了", strings.Join(mended, "，"))
	}
	p := bot.DefaultPolicy()
	t.add("决定", decision(out, p))
	if d := out.Understood.Danger; d != nil {
		t.add("危险", d.ID+"：先说马上要做的事")
	}
	t.add("门槛", fmt.Sprintf("把握到 %.2f 回答，到 %.2f 反问，到 %.2f 婉拒并列出相近内容，再低只婉拒；“找人工”占 %.2f 且把握到 %.2f 就转人工",
		p.Answer, p.Clarify, p.Near, p.Human, p.Hunch))
	t.write(b)
}

// decision says what was decided, and by what.
func decision(out bot.Outcome, p bot.Policy) string {
	did := map[chat.Decision]string{
		chat.Answer: "回答", chat.Clarify: "反问", chat.Collect: "收集资料", chat.Escalate: "转人工", chat.Decline: "婉拒", chat.Greet: "寒暄",
	}[out.Reply.Decision]
	sure := fmt.Sprintf("把握 %.2f", out.Reply.Confidence)
	by := map[bot.Rule]string{
		bot.RulePerson:   "规则：客户要找人工，这总是优先",
		bot.RuleCode:     "规则：提到了应答码，直接查表，不看排序",
		bot.RuleParts:    "规则：一条消息里有几个问题，个个有把握，分别回答；下面是整条消息的排序",
		bot.RuleUnsolved: "规则：客户说没解决",
		bot.RuleTalk:     "规则：打招呼、道谢、告别，或只是应了一声",
		bot.RuleProgram:  "规则：客户问答话的是不是真人，照实说",
		bot.RuleContact:  "规则：客户只留了电话号码，记下",
		bot.RuleDenied:   "规则：客户只说了“不是”",
		bot.RuleUnhelped: "规则：连着几次没帮上忙，主动提出转人工",
		bot.RuleAnger:    "规则：客户在骂人，先道歉，提出转人工",
		bot.RuleOffer:    "规则：客户回绝了转人工的提议",
		bot.RuleUntold:   "规则：接着问的这一点，上一篇里没有写",
		bot.RuleRepeat:   "规则：同样的话不说第三遍",
	}[out.Rule]
	if by == "" {
		by = "按排序：" + map[chat.Decision]string{
			chat.Answer:  fmt.Sprintf("到了回答线 %.2f", p.Answer),
			chat.Clarify: fmt.Sprintf("到了反问线 %.2f，没到回答线 %.2f", p.Clarify, p.Answer),
			chat.Decline: fmt.Sprintf("没到反问线 %.2f，或没有可选的文章", p.Clarify),
		}[out.Reply.Decision]
	}
	return did + "；" + sure + "；" + by
}

// whyFound lists the best candidates.
func whyFound(b *strings.Builder, ranked []search.DocExplanation) {
	shown := ranked[:min(len(ranked), kb.DefaultLimit)]
	fmt.Fprintf(b, "\n候选（前 %d 名，共 %d 名）\n", len(shown), len(ranked))
	t := table{indent: "  ", left: 4}
	t.add("名次", "概率", "内容", "最接近的说法")
	for i := range shown {
		t.add(strconv.Itoa(i+1), fmt.Sprintf("%.3f", shown[i].Prob), title(&shown[i]), shown[i].Nearest)
	}
	t.write(b)
}

// title names an article, or what a customer wants that is none.
func title(c *search.DocExplanation) string {
	if c.Title != "" {
		return fmt.Sprintf("%s（%s）", c.Title, c.ID)
	}
	return map[string]string{
		"intent:" + string(kb.IntentHuman):    "〔找人工〕",
		"intent:" + string(kb.IntentGreet):    "〔打招呼〕",
		"intent:" + string(kb.IntentThanks):   "〔道谢〕",
		"intent:" + string(kb.IntentBye):      "〔告别〕",
		"intent:" + string(kb.IntentUnsolved): "〔没解决〕",
	}[c.ID]
}

// whyFirst compares the first candidate with the second, of two at least; the feature that parts them most
// comes first.
func whyFirst(b *strings.Builder, e *search.Explanation) {
	first, second := &e.Ranked[0], &e.Ranked[1]
	fmt.Fprintf(b, "\n为什么第一名是%s，不是%s\n加分 = 权重 × 标准值（离平均几倍标准差）；差距大的在前\n", title(first), title(second))
	t := table{indent: "  ", left: 1}
	t.add("特征", "权重", "第一名：值", "标准值", "加分", "第二名：值", "标准值", "加分", "差距")
	features := featureNames()
	apart := difference(first, second)
	order := make([]int, len(apart))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return byWeight(apart[i], apart[j]) })
	for _, i := range order {
		x, y := first.Features[i], second.Features[i]
		t.add(cmp.Or(features[x.Name], x.Name), signed(x.Weight),
			number(x.Value), signed(x.Standard), signed(x.Adds), number(y.Value), signed(y.Standard), signed(y.Adds), signed(apart[i].Adds))
	}
	t.add("起点", "", "", "", signed(e.Bias), "", "", signed(e.Bias), "")
	t.add("合计", "", "", "", signed(first.Score), "", "", signed(second.Score), signed(first.Score-second.Score))
	t.write(b)
}

// whySure shows what makes the confidence, the evidence that moves it most first.
func whySure(b *strings.Builder, e *search.Explanation) {
	b.WriteString("\n把握是怎么来的\n加分 = 权重 × 标准值；影响大的在前；合计换算成概率就是把握\n")
	t := table{indent: "  ", left: 1}
	t.add("证据", "权重", "值", "标准值", "加分")
	evidence := slices.Clone(e.Evidence)
	slices.SortStableFunc(evidence, byWeight)
	sum, names, features := e.EvidenceBias, evidenceNames(), featureNames()
	for _, c := range evidence {
		t.add(cmp.Or(names[c.Name], features[c.Name], c.Name), signed(c.Weight), number(c.Value), signed(c.Standard), signed(c.Adds))
		sum += c.Adds
	}
	t.add("起点", "", "", "", signed(e.EvidenceBias))
	t.add("合计", "", "", "", signed(sum))
	t.write(b)
	fmt.Fprintf(b, "换算：1/(1+e^%s) = %.3f\n", signed(-sum), e.RawConfidence)
	if e.Exact {
		fmt.Fprintf(b, "原话就是指南里的一句说法，把握至少 %.3f。\n", e.Confidence)
	}
}

func number(x float64) string { return fmt.Sprintf("%.2f", x) }

// signed shows which way x moves a sum; what would show as nothing has no sign.
func signed(x float64) string {
	const shown = 0.005
	if math.Abs(x) < shown {
		return "0.00"
	}
	return fmt.Sprintf("%+.2f", x)
}

// changes lists what was replaced to make one text of the other, as "绿 → 率".
func changes(before, after string) []string {
	a, b := []rune(before), []rune(after)
	common := subsequences(a, b)
	var out []string
	var from, to []rune
	flush := func() {
		if text := strings.TrimSpace(string(from) + string(to)); text != "" {
			out = append(out, strings.TrimSpace(string(from))+" → "+strings.TrimSpace(string(to)))
		}
		from, to = nil, nil
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			flush()
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			from = append(from, a[i])
			i++
		default:
			to = append(to, b[j])
			j++
		}
	}
	flush()
	return out
}

// subsequences[i][j] is the length of the longest common subsequence of a[i:] and b[j:].
func subsequences(a, b []rune) [][]int {
	common := make([][]int, len(a)+1)
	common[len(a)] = make([]int, len(b)+1)
	for i := len(a) - 1; i >= 0; i-- {
		common[i] = make([]int, len(b)+1)
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	return common
}
