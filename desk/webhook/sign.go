package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Headers of an announcement.
const (
	HeaderEvent     = "X-Yingda-Event"     // ticket.opened, …
	HeaderID        = "X-Yingda-Id"        // the same whenever the same announcement is sent again
	HeaderTimestamp = "X-Yingda-Timestamp" // seconds since 1970, of this attempt
	HeaderSignature = "X-Yingda-Signature" // Sign
)

// Tolerance is how far the clocks of sender and receiver may differ, and how long an attempt may take.
const Tolerance = 5 * time.Minute

// ErrSignature means that an announcement is not from whoever has the secret, or is an old one.
var ErrSignature = errors.New("invalid signature")

// Sign is "sha256=" and the HMAC-SHA256 of the timestamp, a dot and the body, in hexadecimal.
func Sign(secret []byte, timestamp string, body []byte) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(timestamp))
	h.Write([]byte("."))
	h.Write(body)
	return "sha256=" + hex.EncodeToString(h.Sum(nil))
}

// Verify tells a receiver written in Go whether a request's headers and its whole body are genuine:
// nil, or an error that wraps ErrSignature.
func Verify(secret []byte, h http.Header, body []byte, now time.Time) error {
	if len(secret) == 0 {
		return fmt.Errorf("%w: no secret to verify with", ErrSignature)
	}
	timestamp := h.Get(HeaderTimestamp)
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: missing timestamp", ErrSignature)
	}
	if age := now.Sub(time.Unix(seconds, 0)).Abs(); age > Tolerance {
		return fmt.Errorf("%w: the timestamp is %s off", ErrSignature, age)
	}
	if !hmac.Equal([]byte(h.Get(HeaderSignature)), []byte(Sign(secret, timestamp, body))) {
		return fmt.Errorf("%w: the signature does not match", ErrSignature)
	}
	return nil
}
