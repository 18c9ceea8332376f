package wechat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/envelope"
	"github.com/yingda/yingda/chat/wechat/host"
)

// In plain mode (明文模式) the signature covers a timestamp and a nonce, and not the body: whoever overhears a request
// could write another body below its signature. So a nonce is good for one body, which may come again; and an
// unsubscribe, at which a customer is erased, is believed only when WeChat confirms it.

// plainProof is what a plain request is recognised by when its signature comes again.
type plainProof struct{ signed, body string } // hashes: of what is signed, and of the body

func newPlainProof(q envelope.Query, body []byte) plainProof {
	return plainProof{hash([]byte(q.Timestamp + "\n" + q.Nonce)), hash(body)}
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

// errReplayed is for a signature that came with another body before.
var errReplayed = errors.New("the signature was used for another message: choose safe mode (安全模式) on WeChat's page, and set the AES key")

// claimSignature takes the signature of a plain request for its body, on all nodes. errReplayed where another body has
// it; any other error means that nobody can tell.
func (c *Channel) claimSignature(ctx context.Context, p *pending) error {
	if p.cb.plain == (plainProof{}) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, deliverTime)
	defer cancel()
	kv := chat.KV{
		Key: p.a.key("nonce", p.cb.plain.signed), Value: []byte(p.cb.plain.body), ExpiresAt: c.Now().Add(2 * envelope.MaxClockSkew),
	}
	var kept []byte
	var err error
	chat.Retry(ctx, func() bool {
		kept, err = c.KV.ClaimKV(ctx, kv)
		return err == nil
	})
	switch {
	case err != nil:
		return fmt.Errorf("claim a signature: %w", err)
	case string(kept) != p.cb.plain.body:
		return errReplayed
	}
	return nil
}

// confirmLeft asks WeChat whether a customer has left, where the event alone does not prove it.
func (c *Channel) confirmLeft(ctx context.Context, p *pending) bool {
	if p.cb.plain == (plainProof{}) {
		return true
	}
	var user struct {
		Subscribe *int `json:"subscribe"`
	}
	var err error
	chat.Retry(ctx, func() bool {
		err = p.a.client.Get(ctx, "/cgi-bin/user/info", url.Values{"openid": {p.cb.From}}, &user)
		return err == nil || host.Code(err) != 0
	})
	if err == nil && user.Subscribe != nil && *user.Subscribe == 0 {
		return true
	}
	p.a.log.WarnContext(ctx, "a customer is kept who may have left: in plain mode the event may be forged, and WeChat does not confirm it",
		"customer", shortOpenID(p.cb.From), "error", err)
	return false
}
