package wechat

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// testAccount returns an account in the mode, one picture of which was uploaded.
func testAccount(t testing.TB, mode Mode) (a *OfficialAccount, picture string) {
	t.Helper()
	s := New(Config{})
	t.Cleanup(s.Close)
	a, err := s.AddAccount(Account{
		AppID: "wx5823bf96d3bd56c7", Secret: "secret", Token: "AAAAA", AESKey: "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
		Mode: mode, OriginalID: "gh_1", Hook: "http://shop.example/",
	})
	if err != nil {
		t.Fatal(err)
	}
	return a, s.store(a, "image", "", []byte("\x89PNG\r\n\x1a\n")).id
}

// reply returns a reply to the follower "o1" with that body.
func reply(kind, body string) string {
	return "<xml><ToUserName><![CDATA[o1]]></ToUserName><FromUserName><![CDATA[gh_1]]></FromUserName>" +
		"<CreateTime>1764000000</CreateTime><MsgType><![CDATA[" + kind + "]]></MsgType>" + body + "</xml>"
}

func textReply(text string) string { return reply("text", "<Content><![CDATA["+text+"]]></Content>") }

func card(n int) string {
	item := "<item><Title>指南</Title><Description>怎么换纸</Description><PicUrl>https://a.example/1.png</PicUrl><Url>https://a.example/</Url></item>"
	return fmt.Sprintf("<ArticleCount>%d</ArticleCount><Articles>%s</Articles>", n, strings.Repeat(item, n))
}

func TestReadReply(t *testing.T) {
	a, picture := testAccount(t, Plain)
	for _, tt := range []struct {
		name, in, fault string
		want            Bubble
	}{
		{"success", "success", "", Bubble{}},
		{"nothing", "", "", Bubble{}},
		{"a text", textReply("请换纸"), "", Bubble{Type: "text", Text: "请换纸"}},
		{"a text of 2047 bytes", textReply(strings.Repeat("x", 2047)), "", Bubble{Type: "text", Text: strings.Repeat("x", 2047)}},
		{"a text without CDATA", reply("text", "<Content>a &lt; b</Content>"), "", Bubble{Type: "text", Text: "a < b"}},
		{"a text with the end of CDATA in it", textReply("]]]]><![CDATA[>"), "", Bubble{Type: "text", Text: "]]>"}},
		{"a picture", reply("image", "<Image><MediaId>"+picture+"</MediaId></Image>"), "", Bubble{Type: "image", Text: "[图片]"}},
		{"a card", reply("news", card(1)), "", Bubble{Type: "news"}},
		{"line ends between elements", strings.ReplaceAll(textReply("好"), "><M", ">\n  <M"), "", Bubble{Type: "text", Text: "好"}},

		{"SUCCESS", "SUCCESS", "0 roots", Bubble{}},
		{"success and a line end", "success\n", "0 roots", Bubble{}},
		{"a space", " ", "0 roots", Bubble{}},
		{"JSON", `{"errcode":0}`, "0 roots", Bubble{}},
		{"HTML", "<html><br>hello</html>", "no XML", Bubble{}},
		{"another root", strings.ReplaceAll(textReply("好"), "xml>", "reply>"), "the root is reply", Bubble{}},
		{"a text behind the root", textReply("好") + "success", "outside of the root", Bubble{}},
		{"two roots", textReply("好") + textReply("好"), "2 roots", Bubble{}},
		{"an end that lacks", strings.TrimSuffix(textReply("好"), "</xml>"), "no XML", Bubble{}},
		{"an attribute", strings.Replace(textReply("好"), "<xml>", `<xml version="1">`, 1), "attribute", Bubble{}},
		{"a declaration", `<?xml version="1.0"?>` + textReply("好"), "declaration", Bubble{}},
		{"an unescaped ampersand", reply("text", "<Content>a & b</Content>"), "no XML", Bubble{}},
		{"a control character", textReply("\x01"), "no XML", Bubble{}},
		{"bad UTF-8", textReply("\xff"), "not UTF-8", Bubble{}},
		{"not swapped", strings.NewReplacer("[o1]", "[gh_1]", "[gh_1]", "[o1]").Replace(textReply("好")), "swapped", Bubble{}},
		{"to somebody else", strings.Replace(textReply("好"), "[o1]", "[o2]", 1), "swapped", Bubble{}},
		{"no time", strings.Replace(textReply("好"), "<CreateTime>1764000000</CreateTime>", "", 1), "lacks the element CreateTime", Bubble{}},
		{"milliseconds", strings.Replace(textReply("好"), "1764000000", "1764000000000", 1), "no time in seconds", Bubble{}},
		{"a date", strings.Replace(textReply("好"), "1764000000", "2025-11-24", 1), "no time in seconds", Bubble{}},
		{"an empty text", textReply(""), "is empty", Bubble{}},
		{"a blank text", textReply(" \n"), "is empty", Bubble{}},
		{"a text of 2048 bytes", textReply(strings.Repeat("x", 2048)), "2048 bytes", Bubble{}},
		{"a text of 683 Chinese characters", textReply(strings.Repeat("应", 683)), "2049 bytes", Bubble{}},
		{"no content", reply("text", ""), "lacks the element Content", Bubble{}},
		{"two contents", reply("text", "<Content>a</Content><Content>b</Content>"), "Content twice", Bubble{}},
		{"an unknown element", reply("text", "<Content>a</Content><FuncFlag>0</FuncFlag>"), "unknown element FuncFlag", Bubble{}},
		{"an unknown type", reply("markdown", "<Content>a</Content>"), `MsgType "markdown"`, Bubble{}},
		{"a type with a capital", reply("Text", "<Content>a</Content>"), `MsgType "Text"`, Bubble{}},
		{"an unknown picture", reply("image", "<Image><MediaId>nothing</MediaId></Image>"), "names no image", Bubble{}},
		{"two cards after a message", reply("news", card(2)), "at most 1", Bubble{}},
		{"a wrong number of cards", strings.Replace(reply("news", card(1)), ">1<", ">2<", 1), "ArticleCount", Bubble{}},
		{"an enciphered reply", "<xml><Encrypt>a</Encrypt></xml>", "plain mode", Bubble{}},
		{"elements that lie too deep", strings.Repeat("<a>", 2000), "too deep", Bubble{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := a.readReply(addressee{"o1", 1}, []byte(tt.in))
			switch {
			case tt.fault != "":
				if err == nil || !strings.Contains(err.Error(), tt.fault) {
					t.Errorf("the fault is %v, want %q", err, tt.fault)
				}
			case err != nil:
				t.Errorf("the fault is %v", err)
			case (got == nil) != (tt.want.Type == ""):
				t.Errorf("the bubble is %+v", got)
			case got != nil && (got.Type != tt.want.Type || got.Text != tt.want.Text || got.Via != Passive):
				t.Errorf("the bubble is %+v, want %+v", got, tt.want)
			}
		})
	}
	if _, err := a.readReply(addressee{"o1", 8}, []byte(reply("news", card(8)))); err != nil {
		t.Errorf("eight cards after an event: %v", err)
	}
}

// sealed enciphers a reply as a hook does; change may spoil it.
func sealed(a *OfficialAccount, document string, change func(parts map[string]string)) string {
	p := map[string]string{"TimeStamp": "1764000000", "Nonce": "77", "Encrypt": a.key.seal([]byte("0123456789abcdef"), []byte(document), a.cfg.AppID)}
	p["MsgSignature"] = sign(a.cfg.Token, p["TimeStamp"], p["Nonce"], p["Encrypt"])
	if change != nil {
		change(p)
	}
	out := "<xml>"
	for _, name := range []string{"Encrypt", "MsgSignature", "TimeStamp", "Nonce", "More"} {
		if text, ok := p[name]; ok {
			out += cdata(name, text)
		}
	}
	return out + "</xml>"
}

func TestReadSealedReply(t *testing.T) {
	safe, _ := testAccount(t, Safe)
	both, _ := testAccount(t, Compatible)
	again := func(p map[string]string) {
		p["MsgSignature"] = sign("AAAAA", p["TimeStamp"], p["Nonce"], p["Encrypt"])
	}
	for _, tt := range []struct {
		name  string
		a     *OfficialAccount
		in    string
		fault string
	}{
		{"safe", safe, sealed(safe, textReply("好"), nil), ""},
		{"compatible and enciphered", both, sealed(both, textReply("好"), nil), ""},
		{"compatible and plain", both, textReply("好"), ""},
		{"safe and plain", safe, textReply("好"), "in safe mode"},
		{"safe and success", safe, "success", ""},
		{"enciphered success", safe, sealed(safe, "success", nil), "success was enciphered"},
		{"enciphered nothing", safe, sealed(safe, "", nil), "nothing or success"},
		{"enciphered JSON", safe, sealed(safe, `{"a":1}`, nil), "0 roots"},
		{"enciphered empty text", safe, sealed(safe, textReply(""), nil), "is empty"},
		{"another signature", safe, sealed(safe, textReply("好"), func(p map[string]string) { p["MsgSignature"] = strings.Repeat("0", 40) }), "MsgSignature"},
		{"the signature of signature", safe, sealed(safe, textReply("好"), func(p map[string]string) { p["MsgSignature"] = sign("AAAAA", p["TimeStamp"], p["Nonce"]) }), "MsgSignature"},
		{"another nonce", safe, sealed(safe, textReply("好"), func(p map[string]string) { p["Nonce"] = "78" }), "MsgSignature"},
		{"no nonce", safe, sealed(safe, textReply("好"), func(p map[string]string) { p["Nonce"] = ""; again(p) }), "Nonce"},
		{"no time", safe, sealed(safe, textReply("好"), func(p map[string]string) { p["TimeStamp"] = "now"; again(p) }), "TimeStamp"},
		{"a missing part", safe, sealed(safe, textReply("好"), func(p map[string]string) { delete(p, "Nonce") }), "lacks the element Nonce"},
		{"one part more", safe, sealed(safe, textReply("好"), func(p map[string]string) { p["More"] = "1" }), "unknown element More"},
		{"another appid", safe, sealed(safe, textReply("好"), func(p map[string]string) {
			p["Encrypt"] = safe.key.seal(make([]byte, 16), []byte(textReply("好")), "wx0")
			again(p)
		}), `for "wx0"`},
		{"no base64", safe, sealed(safe, textReply("好"), func(p map[string]string) { p["Encrypt"] = "好"; again(p) }), "not base64"},
		{"half a block", safe, sealed(safe, textReply("好"), func(p map[string]string) { p["Encrypt"] = "AAAA"; again(p) }), "multiple of 16"},
		{"another key", safe, sealed(safe, textReply("好"), func(p map[string]string) {
			p["Encrypt"] = aesKey(strings.Repeat("k", 32)).seal(make([]byte, 16), []byte(textReply("好")), safe.cfg.AppID)
			again(p)
		}), "padding"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.a.readReply(addressee{"o1", 1}, []byte(tt.in))
			if tt.fault == "" && err != nil || tt.fault != "" && (err == nil || !strings.Contains(err.Error(), tt.fault)) {
				t.Errorf("the fault is %v, want %q", err, tt.fault)
			}
		})
	}
}

// FuzzReadReply looks for answers that are taken though they are none: what is shown was said in UTF-8, is not too
// long, and stands in the answer.
func FuzzReadReply(f *testing.F) {
	safe, picture := testAccount(f, Compatible)
	for _, in := range []string{
		"success", textReply("好"), reply("news", card(1)), reply("image", "<Image><MediaId>"+picture+"</MediaId></Image>"), sealed(safe, textReply("好"), nil),
		"<xml><Encrypt>AAAA</Encrypt><MsgSignature/><TimeStamp/><Nonce/></xml>", "<a><b/></a>", `{"a":[1,2]}`,
	} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := safe.readReply(addressee{"o1", 1}, in)
		if err != nil || got == nil {
			return
		}
		if got.Via != Passive || got.Type == "text" && (strings.TrimSpace(got.Text) == "" || len(got.Text) > maxPassive) {
			t.Errorf("%q was taken as %+v", in, got)
		}
	})
}

// FuzzOpen looks for ciphertexts that make open fail badly.
func FuzzOpen(f *testing.F) {
	key := aesKey(strings.Repeat("k", 32))
	f.Add(key.seal(make([]byte, 16), []byte("好"), "wx0"), "wx0")
	f.Add("AAAA", "")
	f.Fuzz(func(t *testing.T, in, receiver string) {
		message, err := key.open(in, receiver)
		if err == nil && len(in)/4*3 < 21+len(message)+len(receiver) {
			t.Errorf("%q holds no message of %d bytes", in, len(message))
		}
	})
}

func TestPushedXML(t *testing.T) {
	var got string
	hook := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = string(body)
	})
	for _, mode := range []Mode{Plain, Compatible, Safe} {
		a, _ := testAccount(t, mode)
		a.server.cfg.Client = &http.Client{Transport: Direct(hook)}
		f := a.Follower("o1")
		f.Subscribe(t.Context(), "SN-1")
		if d := f.Say(t.Context(), "x]]>y<&"); !d.OK() {
			t.Fatal(d.Fault)
		}
		root, err := parseXML([]byte(got))
		if err != nil {
			t.Fatal(err)
		}
		fields := []string{"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "MsgId"}
		switch mode {
		case Plain:
		case Compatible:
			fields = append(fields, "Encrypt")
		case Safe:
			fields = []string{"ToUserName", "Encrypt"}
		}
		outer, err := root.fields(fields...)
		if err != nil {
			t.Fatalf("mode %d: %v", mode, err)
		}
		plain := outer
		if mode != Plain {
			document, err := a.key.open(outer["Encrypt"].text, a.cfg.AppID)
			if err != nil {
				t.Fatal(err)
			}
			if root, err = parseXML(document); err != nil {
				t.Fatal(err)
			}
			if plain, err = root.fields("ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "MsgId"); err != nil {
				t.Fatal(err)
			}
		}
		if plain["Content"].text != "x]]>y<&" || plain["FromUserName"].text != "o1" || plain["ToUserName"].text != "gh_1" {
			t.Errorf("mode %d pushes %s", mode, got)
		}
	}
}
