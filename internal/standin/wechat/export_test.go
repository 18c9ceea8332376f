package wechat

import (
	"errors"
	"net/url"
)

// Open checks and deciphers a callback of 微信客服, as a hook does, and returns the texts of its elements.
func (e *Enterprise) Open(query url.Values, body []byte) (map[string]string, error) {
	root, err := parseXML(body)
	if err != nil {
		return nil, err
	}
	outer, err := root.fields("ToUserName", "Encrypt", "AgentID")
	if err != nil {
		return nil, err
	}
	document, err := e.Decipher(query, outer["Encrypt"].text)
	if err != nil {
		return nil, err
	}
	if root, err = parseXML(document); err != nil {
		return nil, err
	}
	inner, err := root.fields("ToUserName", "CreateTime", "MsgType", "Event", "Token", "OpenKfId")
	texts := map[string]string{}
	for name, n := range inner {
		texts[name] = n.text
	}
	return texts, err
}

// Decipher checks the signature of a ciphertext and opens it.
func (e *Enterprise) Decipher(query url.Values, sealed string) ([]byte, error) {
	if query.Get("msg_signature") != sign(e.cfg.Token, query.Get("timestamp"), query.Get("nonce"), sealed) {
		return nil, errors.New("the signature is wrong")
	}
	return e.key.open(sealed, e.cfg.ID)
}
