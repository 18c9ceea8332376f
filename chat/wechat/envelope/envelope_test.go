package envelope

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// golden is what two npm packages say, see crypto.mjs beside it.
type golden struct {
	Signatures []struct{ Source, Token, Timestamp, Nonce, Encrypt, Signature string }
	Messages   []struct{ Source, Key, ID, Random, Message, Encrypt string }
}

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	raw, err := os.ReadFile("../../../internal/standin/wechat/testdata/crypto.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &g); err != nil || len(g.Signatures) == 0 || len(g.Messages) == 0 {
		t.Fatalf("%d signatures, %d messages, %v", len(g.Signatures), len(g.Messages), err)
	}
	return g
}

func TestSignaturesOfOthers(t *testing.T) {
	for _, s := range readGolden(t).Signatures {
		parts := []string{s.Token, s.Timestamp, s.Nonce}
		if s.Encrypt != "" {
			parts = append(parts, s.Encrypt)
		}
		if got := Sign(parts...); got != s.Signature {
			t.Errorf("%s signs %q with %s, we with %s", s.Source, parts, s.Signature, got)
		}
		if !VerifySignature(s.Signature, parts...) || VerifySignature(s.Signature, append(parts, "x")...) || VerifySignature("", parts...) {
			t.Errorf("%q: a genuine signature is refused, or another one taken", parts)
		}
	}
}

// The examples of WeChat's own pages.
func TestSignaturesOfTheDocumentation(t *testing.T) {
	e, err := New("AAAAA", "", "wx0")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []Query{
		{Timestamp: "1714036504", Nonce: "1514711492", Signature: "f464b24fc39322e44b38aa78f5edd27bd1441696"},
		{Timestamp: "1714037059", Nonce: "486452656", Signature: "899cf89e464efb63f54ddac96b0a0a235f53aa78"},
	} {
		if err := e.Verify(q); err != nil {
			t.Errorf("%+v: %v", q, err)
		}
		q.Nonce += "0"
		if err := e.Verify(q); !errors.Is(err, ErrSignature) {
			t.Errorf("a changed nonce: %v", err)
		}
	}
}

func TestMessagesOfOthers(t *testing.T) {
	for _, m := range readGolden(t).Messages {
		k, err := parseKey(m.Key)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := base64.StdEncoding.DecodeString(m.Random)
		if got := k.encrypt([]byte(m.Message), m.ID, [16]byte(raw)); got != m.Encrypt {
			t.Errorf("%s encrypts %.20q otherwise than we", m.Source, m.Message)
		}
		got, id, err := k.decrypt(m.Encrypt)
		if err != nil || string(got) != m.Message || id != m.ID {
			t.Errorf("decrypt %.20q: %.20q, %q, %v", m.Message, got, id, err)
		}
	}
}

const testKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

func testEnvelope(t testing.TB) *Envelope {
	t.Helper()
	e, err := New("token", testKey, "wx5823bf96d3bd56c7")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// sealed is the query and the cipher text of a message, as WeChat would send it.
func sealed(t testing.TB, e *Envelope, message string) (Query, string) {
	t.Helper()
	body, err := e.Seal([]byte(message), time.Unix(1714036504, 0), "n&]]>", [16]byte{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	var reply struct{ Encrypt, MsgSignature, TimeStamp, Nonce string }
	if err := xml.Unmarshal(body, &reply); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	if text, err := ParseCipherText(body); err != nil || text != reply.Encrypt {
		t.Fatalf("the cipher text of %s is %q, %v", body, text, err)
	}
	return Query{MsgSignature: reply.MsgSignature, Timestamp: reply.TimeStamp, Nonce: reply.Nonce}, reply.Encrypt
}

func TestOpenWhatWasSealed(t *testing.T) {
	e := testEnvelope(t)
	for _, message := range []string{"", "a", "机器连不上网", strings.Repeat("应", 682), "<xml><![CDATA[x]]></xml>"} {
		q, text := sealed(t, e, message)
		got, err := e.Open(q, text)
		if err != nil || string(got) != message {
			t.Errorf("%.20q became %.20q, %v", message, got, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	e := testEnvelope(t)
	q, text := sealed(t, e, "机器连不上网")
	other, err := New("token", testKey, "wx_somebody_else")
	if err != nil {
		t.Fatal(err)
	}
	otherKey, err := New("token", strings.Repeat("x", 43), "wx5823bf96d3bd56c7")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := New("token", "", "wx5823bf96d3bd56c7")
	if err != nil {
		t.Fatal(err)
	}
	signed := func(text string) Query {
		return Query{MsgSignature: Sign("token", q.Timestamp, q.Nonce, text), Timestamp: q.Timestamp, Nonce: q.Nonce}
	}
	for _, tt := range []struct {
		name string
		e    *Envelope
		q    Query
		text string
		want error
	}{
		{"no signature", e, Query{Timestamp: q.Timestamp, Nonce: q.Nonce}, text, ErrSignature},
		{"the plain signature", e, Query{MsgSignature: Sign("token", q.Timestamp, q.Nonce), Timestamp: q.Timestamp, Nonce: q.Nonce}, text, ErrSignature},
		{"another text", e, q, text + "A", ErrSignature},
		{"another receiver", other, q, text, ErrReceiver},
		{"another key", otherKey, q, text, ErrCipher},
		{"plain mode", plain, q, text, ErrKey},
		{"nothing", e, signed(""), "", ErrCipher},
		{"no base64", e, signed("??"), "??", ErrCipher},
		{"half a block", e, signed("AAAA"), "AAAA", ErrCipher},
		{"one block", e, signed(text[:24]), text[:24], ErrCipher},
	} {
		if got, err := tt.e.Open(tt.q, tt.text); !errors.Is(err, tt.want) || got != nil {
			t.Errorf("%s: %q, %v; want %v", tt.name, got, err, tt.want)
		}
	}
}

// The length that stands in a message is not believed.
func TestDecryptRefusesForgedLengths(t *testing.T) {
	k, err := parseKey(testKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		plain string
		want  error
	}{
		{strings.Repeat("r", 16) + "\x00\x00\x00\x01" + "mid", nil},
		{strings.Repeat("r", 16) + "\x00\x00\x00\x04" + "mid", ErrCipher},
		{strings.Repeat("r", 16) + "\xff\xff\xff\xff" + "mid", ErrCipher},
	} {
		// What encrypt puts before the message is cut off again by hand: the message is the whole plain text.
		data := []byte(tt.plain)
		pad := padBlock - len(data)%padBlock
		data = append(data, bytes.Repeat([]byte{byte(pad)}, pad)...)
		if _, _, err := k.decrypt(cbc(k, data)); !errors.Is(err, tt.want) {
			t.Errorf("%q: %v, want %v", tt.plain, err, tt.want)
		}
	}
	for _, pad := range []byte{0, 33, 200} {
		data := bytes.Repeat([]byte{pad}, 64)
		if _, _, err := k.decrypt(cbc(k, data)); !errors.Is(err, ErrCipher) {
			t.Errorf("a padding of %d: %v", pad, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, tt := range []struct{ token, key, receiver, want string }{
		{"", testKey, "wx0", "3 to 32 letters"},
		{"tt", testKey, "wx0", "3 to 32 letters"},
		{"t-t", testKey, "wx0", "3 to 32 letters"},
		{strings.Repeat("t", 33), testKey, "wx0", "3 to 32 letters"},
		{"ttt", testKey[:42] + "/", "wx0", "43 letters"},
		{"ttt", testKey, "", "no id"},
		{"ttt", testKey[1:], "wx0", "43 letters"},
		{"ttt", testKey + "A", "wx0", "43 letters"},
		{"ttt", testKey[:42] + "\n", "wx0", "43 letters"},
		{"ttt", testKey[:42] + "?", "wx0", "43 letters"},
	} {
		_, err := New(tt.token, tt.key, tt.receiver)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), testKey[:10]) {
			t.Errorf("%q, %d, %q: %v; want %q", tt.token, len(tt.key), tt.receiver, err, tt.want)
		}
	}
}

func TestCheckTimestamp(t *testing.T) {
	now := time.Unix(1714036504, 0)
	for _, tt := range []struct {
		timestamp string
		want      error
	}{
		{"1714036504", nil},
		{"1714036204", nil},
		{"1714037100", nil},
		{"1714035903", ErrStale},
		{"1714037105", ErrStale},
		{"", ErrStale},
		{"99999999999999999999", ErrStale},
	} {
		if err := (Query{Timestamp: tt.timestamp}).CheckTimestamp(now); !errors.Is(err, tt.want) {
			t.Errorf("%q: %v", tt.timestamp, err)
		}
	}
}

func TestParseQuery(t *testing.T) {
	v, err := url.ParseQuery("signature=a&msg_signature=b&timestamp=1&nonce=c&echostr=d%2B&nonce=e")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := ParseQuery(v), (Query{"a", "b", "1", "c", "d+"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestCDATA(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"a<b>&\"'", "a<b>&\"'"},
		{"]]>", "]]>"},
		{"]]]]>>", "]]]]>>"},
		{"😀\t\n", "😀\t\n"},
		{"a\x00b\x1fc\xffd\ufffee", "a\ufffdb\ufffdc\ufffdd\ufffde"},
	} {
		var got struct {
			Text string `xml:",chardata"`
		}
		if err := xml.Unmarshal([]byte("<x>"+CDATA(tt.in)+"</x>"), &got); err != nil || got.Text != tt.want {
			t.Errorf("%q became %q, %v", tt.in, got.Text, err)
		}
	}
}

func TestParseCipherText(t *testing.T) {
	for _, tt := range []struct {
		body, want string
		err        error
	}{
		{"<xml><ToUserName>a</ToUserName><Encrypt><![CDATA[abc=]]></Encrypt></xml>", "abc=", nil},
		{"<xml><Encrypt>\n abc= \n</Encrypt></xml>", "abc=", nil},
		{"<xml><Content>a</Content></xml>", "", nil},
		{"<other><Encrypt>a</Encrypt></other>", "", ErrXML},
		{"<xml><Encrypt>", "", ErrXML},
		{"", "", ErrXML},
		{`{"Encrypt":"a"}`, "", ErrXML},
		{`<?xml version="1.0" encoding="gbk"?><xml/>`, "", ErrXML},
		{strings.Repeat("<xml>", 20000), "", ErrXML},
	} {
		got, err := ParseCipherText([]byte(tt.body))
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%.40s: %q, %v", tt.body, got, err)
		}
	}
}
