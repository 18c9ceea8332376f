// Package envelope opens and closes what WeChat's servers send to us and get in answer: signatures, and
// messages under AES-256-CBC. The official account (公众号), the customer service (微信客服) and the
// enterprise edition use the same ones. Nothing here touches a network, a clock or a source of chance.
//
// It is written here and not taken from an SDK: it is small, the SDKs that can be had bring dozens of
// modules, and they skip checks that matter (the signature of a callback, whose message it is). Two
// independent implementations agree with it, see the golden vectors in its test.
package envelope

import (
	"encoding/xml"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What is wrong with a request.
var (
	ErrSignature = errors.New("the signature is wrong")
	ErrReceiver  = errors.New("the message is for another receiver")
	ErrXML       = errors.New("the body is no XML that WeChat sends")
)

// Envelope knows the secrets of one address that WeChat sends to.
type Envelope struct {
	token, receiver string
	key             *key // nil in plain mode
}

// ErrToken is for a token that WeChat does not take.
var ErrToken = errors.New("a token is 3 to 32 letters and digits")

// New makes one. receiver is the app id or, for the enterprise edition, the corporation's id. An empty
// aesKey is plain mode, where Open and Seal fail with ErrKey. Errors: ErrToken, ErrKey, without what was given.
func New(token, aesKey, receiver string) (*Envelope, error) {
	switch {
	case !regexp.MustCompile(`^[A-Za-z0-9]{3,32}$`).MatchString(token):
		return nil, fmt.Errorf("%w: this one has %d characters, or other ones among them", ErrToken, len(token))
	case receiver == "":
		return nil, errors.New("there is no id to tell by whose a message is")
	}
	e := &Envelope{token: token, receiver: receiver}
	if aesKey == "" {
		return e, nil
	}
	if strings.ContainsAny(aesKey, "+/") { // base64 has them, WeChat's keys do not
		return nil, fmt.Errorf("%w: this one has other characters among them", ErrKey)
	}
	k, err := parseKey(aesKey)
	e.key = k
	return e, err
}

// Encrypted tells whether there is a key.
func (e *Envelope) Encrypted() bool { return e.key != nil }

// Verify tells whether the signature over token, timestamp and nonce is genuine: that of the official
// account's handshake and of its plain messages. ErrSignature.
func (e *Envelope) Verify(q Query) error {
	if !VerifySignature(q.Signature, e.token, q.Timestamp, q.Nonce) {
		return ErrSignature
	}
	return nil
}

// Open checks the signature over a cipher text and opens it: the Encrypt of a body or, in the handshake of
// the enterprise edition, the query's Echo. ErrSignature, ErrCipher, ErrReceiver, ErrKey.
func (e *Envelope) Open(q Query, cipherText string) ([]byte, error) {
	if !VerifySignature(q.MsgSignature, e.token, q.Timestamp, q.Nonce, cipherText) {
		return nil, ErrSignature
	}
	if e.key == nil {
		return nil, fmt.Errorf("%w, and none is set up", ErrKey)
	}
	message, receiver, err := e.key.decrypt(cipherText)
	if err != nil {
		return nil, err
	}
	if receiver != e.receiver {
		return nil, ErrReceiver
	}
	return message, nil
}

// Seal is the body of an encrypted answer. The nonce may be that of the request; random is fresh for every
// answer.
func (e *Envelope) Seal(message []byte, at time.Time, nonce string, random [16]byte) ([]byte, error) {
	if e.key == nil {
		return nil, fmt.Errorf("%w, and none is set up", ErrKey)
	}
	encrypted, timestamp := e.key.encrypt(message, e.receiver, random), strconv.FormatInt(at.Unix(), 10)
	return []byte("<xml><Encrypt>" + CDATA(encrypted) + "</Encrypt>" +
		"<MsgSignature>" + CDATA(Sign(e.token, timestamp, nonce, encrypted)) + "</MsgSignature>" +
		"<TimeStamp>" + timestamp + "</TimeStamp>" +
		"<Nonce>" + CDATA(nonce) + "</Nonce></xml>"), nil
}

// CDATA is text as a section of character data that ends nowhere within. What XML cannot hold, such as
// control characters, becomes U+FFFD.
func CDATA(text string) string {
	clean := strings.Map(func(r rune) rune {
		if isXML(r) {
			return r
		}
		return '\ufffd'
	}, text)
	return "<![CDATA[" + strings.ReplaceAll(clean, "]]>", "]]]]><![CDATA[>") + "]]>"
}

// ParseCipherText is the Encrypt of a body, "" where the body is plain. The official account's compatible mode
// has both: believe the cipher text then. ErrXML. Bodies are to be limited before they come here.
func ParseCipherText(body []byte) (string, error) {
	outer, err := DecodeXML[struct {
		XMLName xml.Name `xml:"xml"`
		Encrypt string   `xml:"Encrypt"`
	}](body)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(outer.Encrypt), nil
}
