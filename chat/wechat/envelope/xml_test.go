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

// TestForgedXML: whatever a customer types, the fields that WeChat writes are WeChat's.
func TestForgedXML(t *testing.T) {
	type fields struct {
		XMLName xml.Name `xml:"xml"`
		From    string   `xml:"FromUserName"`
		Type    string   `xml:"MsgType"`
		Content string   `xml:"Content"`
		Title   string   `xml:"Title"`
		About   string   `xml:"Description"`
		ID      string   `xml:"MsgId"`
	}
	const forged = "<FromUserName><![CDATA[victim]]></FromUserName><MsgType>event</MsgType>"
	const head = "<xml><FromUserName><![CDATA[o1]]></FromUserName><MsgType><![CDATA[text]]></MsgType>"
	for _, tt := range []struct {
		in, content, title string
		id                 string
	}{
		{head + "<Content><![CDATA[a]]></Content>" + forged + "<Content><![CDATA[b]]></Content><MsgId>1</MsgId></xml>", "a]]></Content>" + forged + "<Content><![CDATA[b", "", "1"},
		{head + "<Content><![CDATA[a]]></Content><MsgId>9</MsgId><x><![CDATA[]]></Content><MsgId>1</MsgId></xml>", "a]]></Content><MsgId>9</MsgId><x><![CDATA[", "", "1"},
		{head + "<Content><![CDATA[a]]>" + forged + "]]></Content><MsgId>1</MsgId></xml>", "a]]>" + forged, "", "1"},
		{head + "<Title><![CDATA[t]]></Title><Description><![CDATA[d]]></Title>" + forged + "<Title>]]></Description><MsgId>1</MsgId></xml>", "", "t", "1"},
		{head + "<Title><![CDATA[t]]></Title>" + forged + "<Title><![CDATA[]]></Title><MsgId>1</MsgId></xml>", "", "t", "1"},
	} {
		got, err := DecodeXML[fields]([]byte(tt.in))
		if err != nil || got.From != "o1" || got.Type != "text" || got.Content != tt.content || got.Title != tt.title || got.ID != tt.id {
			t.Errorf("%s\nis %+v, %v", tt.in, got, err)
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
