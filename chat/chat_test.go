package chat

import "testing"

func TestSerialNumber(t *testing.T) {
	for in, want := range map[string]string{
		"N5300012345": "N5300012345", "A8-00012345": "A8-00012345", "12345678": "12345678",
		"": "", "1234567": "", "spring-sale": "", "SN_5300012345": "", "N53000 12345": "", "N530001234567890123456789": "", "编号5300012345": "",
	} {
		if got := ParseSerialNumber(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
