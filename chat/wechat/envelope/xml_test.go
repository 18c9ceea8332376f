package envelope

import (
	"encoding/xml"
	"fmt"
	"testing"
)

// TestDecodeXML: whatever a customer types, the message is read, and what XML cannot hold is left out.
func TestDecodeXML(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"<![CDATA[手续费]]>", "手续费"},
		{"<![CDATA[a]]]]><![CDATA[>b]]>", "a]]>b"}, // split as it should be
		{"<![CDATA[a]]>b]]>", "a]]>b"},
		{"<![CDATA[]]>]]>]]>", "]]>]]>"},
		{"<![CDATA[a\x01\x1f\x0bb]]>", "ab"},
		{"<![CDATA[a\ufffe\uffffb]]>", "ab"},
		{"<![CDATA[\xe6\x89\x8b\xe7\xbb]]>", "手"},  // cut
		{"<![CDATA[\x02&#29;&<b>]]>", "&#29;&<b>"}, // nothing is a reference here
		{"a&#29;b&#x1F;&#0;&#xFFFE;&#99999999;c", "abc"},
		{"a]]>b", "a]]>b"},
		{"a & b &amp; &nbsp; &#65; &#x; &#", "a & b & &nbsp; A &#x; &#"},
		{"<![CDATA[a]\x01]>b]]>", "a]]>b"},
		{"", ""},
	} {
		got, err := DecodeXML[struct {
			XMLName xml.Name `xml:"xml"`
			Text    string   `xml:"Content"`
			Behind  string   `xml:"MsgId"`
		}]([]byte("<xml><Content>" + tt.in + "</Content><MsgId>1</MsgId></xml>"))
		if err != nil || got.Text != tt.want || got.Behind != "1" {
			t.Errorf("%q is %q, %q, %v; want %q", tt.in, got.Text, got.Behind, err, tt.want)
		}
	}
	for _, in := range []string{"", "<xml>", "<xml><Content><![CDATA[a</Content></xml>", "<xml><a></b></xml>", "<html></html>", "x"} {
		if got, err := DecodeXML[struct {
			XMLName xml.Name `xml:"xml"`
		}]([]byte(in)); err == nil {
			t.Errorf("%q is %v", in, got)
		}
	}
}

// FuzzDecodeXML: a section of any text is read, and what XML can hold is read as it is.
func FuzzDecodeXML(f *testing.F) {
	f.Add("a]]>b", "\x01")
	f.Fuzz(func(t *testing.T, a, b string) {
		got, err := DecodeXML[struct {
			XMLName xml.Name `xml:"xml"`
			Text    string   `xml:"Content"`
		}](fmt.Appendf(nil, "<xml><Content>%s</Content></xml>", CDATA(a)))
		if err != nil {
			t.Fatalf("%q: %v", a, err)
		}
		_ = got
		_, _ = DecodeXML[struct{}]([]byte(b)) // does not panic
	})
}
