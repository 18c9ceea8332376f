package telegram

import (
	"fmt"
	"strings"
	"testing"
)

// brief writes entities as type[offset:end].
func brief(entities []Entity) string {
	var parts []string
	for _, e := range entities {
		part := fmt.Sprintf("%s[%d:%d]", e.Type, e.Offset, e.Offset+e.Length)
		if e.URL+e.Language != "" {
			part += "=" + e.URL + e.Language
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

func TestFormatted(t *testing.T) {
	for _, tt := range []struct{ in, text, entities string }{
		{"plain", "plain", ""},
		{"<b>粗</b>体", "粗体", "bold[0:1]"},
		{"😀<i>x</i>", "😀x", "italic[2:3]"},
		{"<b>a<i>b</i></b>", "ab", "bold[0:2] italic[1:2]"},
		{"a &lt;b&gt; &amp; &quot;c&quot; &#65;&#x42; &nbsp; & &lt", `a <b> & "c" AB &nbsp; & <`, ""},
		{`<a href="https://example.org/a?b=1&amp;c=2">x</a>`, "x", "text_link[0:1]=https://example.org/a?b=1&c=2"},
		{"<a href=example.org>x</a>", "x", "text_link[0:1]=http://example.org/"},
		{`<a href="javascript:alert(1)">x</a>`, "x", ""},
		{"<code>a</code> <pre>b</pre>", "a b", "code[0:1] pre[2:3]"},
		{`<pre><code class="language-go">x</code></pre>`, "x", "pre[0:1]=go"},
		{"<blockquote expandable>x</blockquote>", "x", "expandable_blockquote[0:1]"},
		{`<span class="tg-spoiler">x</span>`, "x", "spoiler[0:1]"},
		{"<b></b>x", "x", ""},
		{"</>", "", "can't parse entities: Unexpected end tag at byte offset 0"},
		{"<b>x</>", "x", "bold[0:1]"},
		{"<B>x</b>", "x", "bold[0:1]"},
		{"1 < 2", "", `can't parse entities: Unsupported start tag "" at byte offset 2`},
		{"<br/>", "", `can't parse entities: Unsupported start tag "br/" at byte offset 0`},
		{"<b", "", "can't parse entities: Unclosed start tag at byte offset 0"},
		{"字<b>x</i>", "", `can't parse entities: Unmatched end tag at byte offset 7, expected "</b>", found "</i>"`},
		{"<b>x</b", "", "can't parse entities: Unclosed end tag at byte offset 4"},
		{"<b>x", "", `can't parse entities: Can't find end tag corresponding to start tag "b"`},
		{"<span>x</span>", "", `can't parse entities: Tag "span" must have class "tg-spoiler" at byte offset 0`},
		{"<a href=a_b>x</a>", "", "can't parse entities: Unexpected end of name token at byte offset 8"},
		{"<a =x>x</a>", "", `can't parse entities: Empty attribute name in the tag "a" at byte offset 0`},
		{"  \n<b> x </b>\r\n", "x", "bold[0:1]"},
		{"/start@yingda_bot 请看 @kefu_1，谢谢", "/start@yingda_bot 请看 @kefu_1，谢谢", "bot_command[0:17] mention[21:28]"},
		{"在https://a.example/b?c=1。 见 https://a.example/b?c=1.", "在https://a.example/b?c=1。 见 https://a.example/b?c=1.", "url[28:51]"},
		{"a/b 1/2 /x-y me@example.org", "a/b 1/2 /x-y me@example.org", "bot_command[8:10]"},
		{"<code>/start</code>", "/start", "code[0:6]"},
	} {
		text, entities, err := formatted(tt.in, "HTML", "")
		got := brief(entities)
		if err != nil {
			got = strings.TrimPrefix(err.text, "Bad Request: ")
		}
		if text != tt.text || got != tt.entities {
			t.Errorf("%q: %q %s\nwant %q %s", tt.in, text, got, tt.text, tt.entities)
		}
	}
}

// FuzzHTML checks that no text makes the parser fail other than with an error, and that entities lie within the text.
func FuzzHTML(f *testing.F) {
	for _, seed := range []string{"<b>粗</b>&lt;", `<a href="x.y">😀</a>`, "<pre><code class=language-go>x", "</>", "<b a='&#x1F600;'>\r\n \x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		text, entities, err := formatted(in, "HTML", "")
		if err != nil {
			return
		}
		n := utf16Len(text)
		for i, e := range entities {
			if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > n {
				t.Errorf("%q: entity %+v does not lie within %q", in, e, text)
			}
			if i > 0 && e.Offset < entities[i-1].Offset {
				t.Errorf("%q: entities are out of order: %v", in, entities)
			}
		}
		if strings.TrimSpace(text) != "" && (text[0] == ' ' || text[0] == '\n') {
			t.Errorf("%q: a blank is left at the begin of %q", in, text)
		}
	})
}
