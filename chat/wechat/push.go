package wechat

import (
	"bytes"
	"encoding/xml"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/yingda/yingda/chat/wechat/envelope"
)

// push is what WeChat sends: a message or an event.
type push struct {
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

	Event    string `xml:"Event"`
	EventKey string `xml:"EventKey"`

	at time.Time // when it came
}

// Longest values that are believed; WeChat's own are far shorter.
const (
	maxID  = 128
	maxKey = 512
)

var errForeign = errors.New("the message is for another account's original id")

// open believes a request's body or not: the cipher text where there is a key, else the plain text.
// Errors: those of package envelope, and errForeign.
func (a *account) open(q envelope.Query, body []byte) (p push, sealed bool, err error) {
	sealed = a.envelope.Safe()
	if !sealed {
		if err := a.envelope.Check(q); err != nil {
			return p, sealed, err
		}
	}
	cipherText, err := envelope.CipherText(body)
	switch {
	case err != nil:
		return p, sealed, err
	case sealed && cipherText == "":
		// Its signature does not cover the body: whoever overhears one could write what they like.
		return p, sealed, errPlain
	case sealed:
		if body, err = a.envelope.Open(q, cipherText); err != nil {
			return p, sealed, err
		}
	}
	p, err = readPush(body)
	switch {
	case err != nil && cipherText != "" && !sealed:
		err = errSealed
	case err == nil && a.OriginalID != "" && p.To != a.OriginalID:
		err = errForeign
	}
	return p, sealed, err
}

// What the modes of the two sides do not agree on.
var (
	errPlain  = errors.New("WeChat sends plain messages, but an AES key is set: choose safe mode (安全模式) on WeChat's page, or remove the key")
	errSealed = errors.New("WeChat sends encrypted messages, but no AES key is set: set it, or choose plain mode (明文模式) on WeChat's page")
)

// readPush reads the XML of a message or an event. envelope.ErrXML.
func readPush(body []byte) (p push, err error) {
	if err := xml.NewDecoder(bytes.NewReader(body)).Decode(&p); err != nil {
		return push{}, envelope.ErrXML
	}
	_, err = strconv.ParseUint(p.Created, 10, 40)
	if err != nil || p.To == "" || p.From == "" || p.Type == "" ||
		len(p.To) > maxID || len(p.From) > maxID || len(p.ID) > maxID || len(p.Event) > maxID || len(p.EventKey) > maxKey {
		return push{}, envelope.ErrXML
	}
	p.Event = strings.ToLower(p.Event)
	return p, nil
}

// external is what tells the message from every other one of the channel, the same when it comes again.
func (a *account) external(p push) string {
	if p.ID != "" {
		return a.Name + "/" + p.ID
	}
	return strings.Join([]string{a.Name, p.From, p.Created, p.Type, p.Event, p.EventKey}, "/")
}

// reply is the passive reply to p with a text, as WeChat wants it: byte for byte the same whenever it is
// made.
func (p push) reply(text string) []byte {
	return []byte("<xml><ToUserName>" + envelope.CDATA(p.From) + "</ToUserName>" +
		"<FromUserName>" + envelope.CDATA(p.To) + "</FromUserName>" +
		"<CreateTime>" + p.Created + "</CreateTime>" +
		"<MsgType><![CDATA[text]]></MsgType><Content>" + envelope.CDATA(text) + "</Content></xml>")
}
