package bench

import (
	"testing"

	"github.com/yingda/yingda/bench/budget"
	"github.com/yingda/yingda/privacy"
)

// measureMasking masks the golden questions, and messages full of secrets and look-alikes.
func measureMasking(b *testing.B, run *budget.Run) {
	const rounds = 5
	masker := privacy.NewMasker()
	for range rounds {
		for figure, texts := range map[string][]string{
			"mask golden question": goldenQuestions(b),
			"mask numbers": {
				"商户号898440373991234，终端号12345678，昨天14:30刷的3500元到现在没到账",
				"SN：2305150000000018 连不上网，提示55，打95516让我找你们，怎么办",
			},
			"mask secrets": {
				"我用卡6222021234567894刷了500元，手机13812345678收到扣款短信，机器没出小票",
				"身份证11010519491231002X认证不过，验证码收到了是 845213，麻烦帮我看看",
				"卡号是六二二二零二一二三四五六七八九四，安全码是337，密码是abc123",
			},
		} {
			run.Add(figure, perQuestion(b, texts, func(text string) error { masker.Mask(text); return nil }))
		}
	}
}
