package envelope

import (
	"crypto/sha1"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sign is the hexadecimal SHA-1 of the parts, sorted and joined: of the token, the timestamp, the nonce
// and, where there is a cipher text, that.
func Sign(parts ...string) string {
	sorted := slices.Sorted(slices.Values(parts))
	sum := sha1.Sum([]byte(strings.Join(sorted, "")))
	return hex.EncodeToString(sum[:])
}

// VerifySignature tells in constant time whether a signature is that of the parts.
func VerifySignature(signature string, parts ...string) bool {
	return subtle.ConstantTimeCompare([]byte(signature), []byte(Sign(parts...))) == 1
}

// Query is what WeChat adds to the address of every request.
type Query struct {
	Signature    string // over token, timestamp and nonce; the official account alone sends it
	MsgSignature string // over these and the cipher text
	Timestamp    string // seconds since 1970, as they were signed
	Nonce        string
	Echo         string // what a handshake wants back: plain for the official account, else a cipher text
}

// ParseQuery picks out what WeChat added.
func ParseQuery(v url.Values) Query {
	return Query{
		Signature: v.Get("signature"), MsgSignature: v.Get("msg_signature"),
		Timestamp: v.Get("timestamp"), Nonce: v.Get("nonce"), Echo: v.Get("echostr"),
	}
}

// MaxClockSkew is how far the clocks of WeChat and of this machine may differ, with the time that a message
// is sent again in.
const MaxClockSkew = 10 * time.Minute

// ErrStale is for a request that may be replayed.
var ErrStale = errors.New("the request is old")

// CheckTimestamp is nil, or an ErrStale that says how old the request is. It is worth asking only once the
// signature is known to be genuine.
func (q Query) CheckTimestamp(now time.Time) error {
	seconds, err := strconv.ParseInt(q.Timestamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: invalid timestamp %q", ErrStale, q.Timestamp)
	}
	if off := now.Sub(time.Unix(seconds, 0)).Abs(); off > MaxClockSkew {
		return fmt.Errorf("%w: the timestamp is %s off; is the clock of this machine right?", ErrStale, off.Round(time.Second))
	}
	return nil
}
