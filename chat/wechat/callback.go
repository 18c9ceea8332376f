package wechat

import (
	"encoding/xml"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/yingda/yingda/chat/wechat/envelope"
)

// callback is what WeChat sends: a message or an event.
type callback struct {
	XMLName xml.Name `xml:"xml"`
	To      string   `xml:"ToUserName"`   // the account's original id
	From    string   `xml:"FromUserName"` // the customer's openid
	Created string   `xml:"CreateTime"`   // seconds since 1970, by WeChat's clock
	Type    string   `xml:"MsgType"`
	ID      string   `xml:"MsgId"` // "" for events

	Content     string `xml:"Content"`
	MenuID      string `xml:"bizmsgmenuid"` // of a tapped item of a msgmenu
	MediaID     string `xml:"MediaId"`
	PicURL      string `xml:"PicUrl"`
	Recognition string `xml:"Recognition"`
	Label       string `xml:"Label"`
	Title       string `xml:"Title"`
	URL         string `xml:"Url"`
	FileSize    string `xml:"FileTotalLen"` // bytes
	Latitude    string `xml:"Location_X"`
	Longitude   string `xml:"Location_Y"`

	Event    string `xml:"Event"`
	EventKey string `xml:"EventKey"`

	receivedAt time.Time
	plain      plainProof // of a body that is not encrypted, and so not signed; the zero one for any other
}

// Longest values that are believed, in bytes; WeChat's own are far shorter.
const (
	maxID       = 128
	maxEventKey = 512
)

// What the settings of the two sides do not agree on.
var (
	errForeign   = errors.New("the message is for another account's original ID")
	errPlain     = errors.New("WeChat sends plain messages, but an AES key is set: choose safe mode (安全模式) on WeChat's page, or remove the key")
	errEncrypted = errors.New("WeChat sends encrypted messages, but no AES key is set: set it, or choose plain mode (明文模式) on WeChat's page")
)

// openCallback believes a request's body or not: the cipher text where there is a key, else the plain text.
// originalID is whom it must be for; "" for anybody. Errors: those of package envelope, and those above.
func openCallback(e *envelope.Envelope, originalID string, q envelope.Query, body []byte) (cb callback, encrypted bool, err error) {
	encrypted = e.Encrypted()
	if !encrypted {
		if err := e.Verify(q); err != nil {
			return cb, encrypted, err
		}
	}
	plain := body
	cipherText, err := envelope.ParseCipherText(body)
	switch {
	case err != nil:
		return cb, encrypted, err
	case encrypted && cipherText == "":
		// Its signature does not cover the body: whoever overhears one could write what they like.
		return cb, encrypted, errPlain
	case encrypted:
		if body, err = e.Open(q, cipherText); err != nil {
			return cb, encrypted, err
		}
	}
	cb, err = decodeCallback(body)
	switch {
	case err != nil && cipherText != "" && !encrypted:
		err = errEncrypted
	case err == nil && originalID != "" && cb.To != originalID:
		err = errForeign
	}
	if !encrypted {
		cb.plain = newPlainProof(q, plain)
	}
	return cb, encrypted, err
}

// decodeCallback decodes the XML of a message or an event. envelope.ErrXML.
func decodeCallback(body []byte) (cb callback, err error) {
	if cb, err = envelope.DecodeXML[callback](body); err != nil {
		return callback{}, err
	}
	_, err = strconv.ParseUint(cb.Created, 10, 40)
	if err != nil || cb.To == "" || cb.From == "" || cb.Type == "" || len(cb.To) > maxID || len(cb.From) > maxID ||
		len(cb.ID) > maxID || len(cb.Event) > maxID || len(cb.EventKey) > maxEventKey {
		return callback{}, envelope.ErrXML
	}
	cb.Event = strings.ToLower(cb.Event)
	return cb, nil
}

// externalID is what tells the message to an account from every other one of the channel, the same when it comes again.
func (cb callback) externalID(name string) string {
	if cb.ID != "" {
		return strings.Join([]string{name, cb.From, cb.ID}, "/")
	}
	return strings.Join([]string{name, cb.From, cb.Created, cb.Type, cb.Event, cb.EventKey}, "/")
}

// isSilent tells the events that nothing is said to.
func (cb callback) isSilent() bool {
	return cb.Type == "event" && !slices.Contains([]string{"subscribe", "scan", "click"}, cb.Event)
}

// isAction tells what WeChat counts as a tap and not as a message: it allows fewer sends. A tapped item of a
// msgmenu is taken for one as well, to be on the safe side.
func (cb callback) isAction() bool { return cb.Type == "event" || cb.MenuID != "" }

// encodeReply is the passive reply to a callback with a text, as WeChat wants it: byte for byte the same whenever it
// is made.
func (cb callback) encodeReply(text string) []byte {
	return []byte("<xml><ToUserName>" + envelope.CDATA(cb.From) + "</ToUserName>" +
		"<FromUserName>" + envelope.CDATA(cb.To) + "</FromUserName>" +
		"<CreateTime>" + cb.Created + "</CreateTime>" +
		"<MsgType><![CDATA[text]]></MsgType><Content>" + envelope.CDATA(text) + "</Content></xml>")
}

// shortOpenID is what of an openid may be logged.
func shortOpenID(openID string) string { return "…" + openID[max(0, len(openID)-4):] }
