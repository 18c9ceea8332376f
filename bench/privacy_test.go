package bench

import (
	"testing"

	"github.com/yingda/yingda/privacy"
)

// BenchmarkMask masks the golden questions, and messages full of secrets and look-alikes.
func BenchmarkMask(b *testing.B) {
	for _, c := range []struct {
		name  string
		texts []string
	}{
		{"golden", goldenQuestions(b)},
		{"numbers", []string{
			"商户号898440373991234，终端号12345678，昨天14:30刷的3500元到现在没到账",
			"SN：2305150000000018 连不上网，提示55，打95516让我找你们，怎么办",
		}},
		{"secrets", []string{
			"我用卡6222021234567894刷了500元，手机13812345678收到扣款短信，机器没出小票",
			"身份证11010519491231002X认证不过，验证码收到了是 845213，麻烦帮我看看",
			"卡号是六二二二零二一二三四五六七八九四，安全码是337，密码是abc123",
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			m := privacy.NewMasker()
			passes := max(1, 2000/len(c.texts)) // with -benchtime 1x, too, more than a moment
			masked := 0
			for b.Loop() {
				for range passes {
					for _, text := range c.texts {
						m.Mask(text)
						masked++
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1000/float64(masked), "µs/message")
		})
	}
}
