package node

import "testing"

func TestTraditional(t *testing.T) {
	convert := traditional()
	for in, want := range map[string]string{
		"刷卡成功但没到账，押金怎么退？": "刷卡成功但沒到賬，押金怎麼退？",
		"SN：N5300012345": "SN：N5300012345",
		"":               "",
	} {
		if got := convert(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
