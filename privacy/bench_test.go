package privacy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/privacy"
)

// ordinary are chat messages of about forty characters.
func ordinary() map[string]string {
	return map[string]string{
		"plain":   "你好请问我的机器今天早上开始就一直连不上网络重启了也没用应该怎么处理比较好呢谢谢你了",
		"numbers": "商户号898440373991234，终端号12345678，昨天14:30刷的3500元到现在没到账",
		"card":    "我用卡6222021234567894刷了500元，手机13812345678收到扣款短信，机器没出小票",
		"codes":   "卡号6222 0212 3456 7894，有效期12/28，安全码123，密码是abc123，验证码845213",
	}
}

func BenchmarkMask(b *testing.B) {
	m := privacy.NewMasker()
	for name, text := range ordinary() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Mask(text)
			}
		})
	}
}

func BenchmarkMaskMegabyte(b *testing.B) {
	m := privacy.NewMasker()
	for name, unit := range hostile() {
		b.Run(name, func(b *testing.B) {
			text := strings.Repeat(unit, 1<<20/len(unit))
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				m.Mask(text)
			}
		})
	}
}

// hostile are texts that would cost most where a rule looked further than it may.
func hostile() map[string]string {
	return map[string]string{
		"digits": "6222021234567894", "digit by digit": "6 ", "ones": "1", "twos": "1 2", "telephones": "138 1234 5678 ", "cards": "6222 0212 3456 7894 ",
		"numerals": "一", "labels": "密码", "label and digit": "密码1", "joints": "是的", "letters": "l", "digits and letters": "1l", "gaps": " ", "stars": "*",
		"invisible": "\u200b", "half a date": "12/", "ids": "11010519491231002X", "passwords": "密码是a1#", "no end": "a1#",
	}
}

func TestMaskWithoutSecretsAllocatesNothing(t *testing.T) {
	m := privacy.NewMasker()
	for _, name := range []string{"plain", "numbers"} {
		text := ordinary()[name]
		if n := testing.AllocsPerRun(100, func() { m.Mask(text) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// TestMaskIsLinear compares a text with one of sixteen times its length. Quadratic work would take 256
// times as long; the best of several tries must stay below a quarter of that, however busy the machine.
func TestMaskIsLinear(t *testing.T) {
	m := privacy.NewMasker()
	took := func(text string) time.Duration {
		start := time.Now()
		m.Mask(text)
		return time.Since(start)
	}
	for name, unit := range hostile() {
		small := strings.Repeat(unit, 1<<12/len(unit))
		large := strings.Repeat(small, 16)
		one, sixteen := time.Hour, time.Hour
		for try := 0; try < 3 || try < 200 && sixteen > 64*one; try++ {
			one, sixteen = min(one, took(small)), min(sixteen, took(large))
		}
		if sixteen > 64*one {
			t.Errorf("%s: %v for 4 KB, %v for 64 KB", name, one, sixteen)
		}
	}
}
