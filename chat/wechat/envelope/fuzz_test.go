package envelope

import (
	"crypto/cipher"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"testing"
	"time"
)

// cbc encrypts a whole number of blocks as they are.
func cbc(k *key, data []byte) string {
	out := make([]byte, len(data))
	cipher.NewCBCEncrypter(k.block, k.iv).CryptBlocks(out, data)
	return base64.StdEncoding.EncodeToString(out)
}

// FuzzDecrypt opens blocks that say anything: an error or a message within them, never a panic.
func FuzzDecrypt(f *testing.F) {
	e := testEnvelope(f)
	f.Add([]byte("0123456789abcdef\x00\x00\x00\x02hiwx5823bf96d3bd56c7"), true)
	f.Add([]byte("0123456789abcdef\xff\xff\xff\xffhi"), true)
	f.Add([]byte{}, false)
	f.Fuzz(func(t *testing.T, data []byte, padded bool) {
		if padded {
			pad := padBlock - len(data)%padBlock
			for range pad {
				data = append(data, byte(pad))
			}
		}
		text := base64.StdEncoding.EncodeToString(data)
		if len(data)%16 == 0 {
			text = cbc(e.key, data)
		}
		q := Query{Timestamp: "1", Nonce: "2", MsgSignature: Sign(e.token, "1", "2", text)}
		message, err := e.Open(q, text)
		if err == nil {
			if len(message)+headBytes > len(data) {
				t.Fatalf("a message of %d bytes in %d", len(message), len(data))
			}
		} else if !errors.Is(err, ErrCipher) && !errors.Is(err, ErrReceiver) {
			t.Fatal(err)
		}
	})
}

// FuzzSeal reads back whatever was sealed.
func FuzzSeal(f *testing.F) {
	e := testEnvelope(f)
	f.Add([]byte("机器连不上网"), "nonce")
	f.Add([]byte("]]>"), "]]>")
	f.Fuzz(func(t *testing.T, message []byte, nonce string) {
		message, nonce = message[:min(len(message), 4<<10)], nonce[:min(len(nonce), 64)]
		body, err := e.Seal(message, time.Unix(1714036504, 0), nonce, [16]byte{})
		if err != nil {
			t.Fatal(err)
		}
		text, err := ParseCipherText(body)
		if err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		var reply struct{ MsgSignature string }
		if err := xml.Unmarshal(body, &reply); err != nil {
			t.Fatal(err)
		}
		q := Query{MsgSignature: reply.MsgSignature, Timestamp: "1714036504", Nonce: nonce}
		if got, err := e.Open(q, text); err != nil || string(got) != string(message) {
			t.Fatalf("%q became %q, %v", message, got, err)
		}
	})
}

// FuzzParseCipherText reads any body of the size that a hook lets in.
func FuzzParseCipherText(f *testing.F) {
	f.Add([]byte("<xml><ToUserName>a</ToUserName><Encrypt><![CDATA[abc=]]></Encrypt></xml>"))
	f.Add([]byte("<xml><Encrypt>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if text, err := ParseCipherText(body[:min(len(body), 64<<10)]); err != nil && (!errors.Is(err, ErrXML) || text != "") {
			t.Fatalf("%q, %v", text, err)
		}
	})
}
