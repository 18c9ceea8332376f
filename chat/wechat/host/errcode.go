package host

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
)

// Error is a call that failed. It wraps the *chat.SendError that a courier understands.
type Error struct {
	Code int // WeChat's errcode; 0 where it answered none
	send chat.SendError
}

// Error tells what failed, without an address or a secret.
func (e *Error) Error() string { return e.send.Reason }

// Unwrap is what a courier makes of it.
func (e *Error) Unwrap() error { return &e.send }

// Errcodes of WeChat that callers tell apart.
const (
	CodeBusy         = -1
	CodeCredential   = 40001 // the access token, or with the token's own call the secret, is wrong
	CodeOpenID       = 40003
	CodeAppID        = 40013
	CodeToken        = 40014
	CodeSecret       = 40125
	CodeNotListed    = 40164 // this machine's address is not on the white list, for tokens
	CodeNotListedNow = 61004 // likewise, for every other call
	CodeExpired      = 42001
	CodeDaily        = 45009
	CodeMinute       = 45011
	CodeWindow       = 45015 // the customer did not write for 48 hours
	CodeUsedUp       = 45047 // all that may be sent before the customer writes again
	CodeTooLong      = 45002
	CodeUnauthorized = 48001 // the account may not call this: it is not certified
)

// held is how long a sending that waits for the customer's next message rests between looks at it: the
// message itself takes it along at once.
const held = 24 * time.Hour

// codes is what each errcode says of a sending. Anything else was certainly not delivered and may work
// later: it is queued again with the courier's back-off.
func codes() map[int]chat.SendError {
	const queued, dead = chat.SendingQueued, chat.SendingDead
	setting := chat.SendError{State: queued, RetryAfter: 5 * time.Minute, PausesAccount: true} // somebody must mend a setting
	table := map[int]chat.SendError{
		CodeBusy:         {State: queued},
		CodeCredential:   {State: queued, RetryAfter: time.Minute, PausesAccount: true, Reason: "it refuses the access token that it has just issued, or the secret"},
		CodeToken:        {State: queued, RetryAfter: time.Minute, PausesAccount: true, Reason: "it refuses the access token that it has just issued"},
		CodeExpired:      {State: queued, RetryAfter: time.Minute, PausesAccount: true, Reason: "it calls the access token expired that it has just issued"},
		CodeOpenID:       {State: dead, Reason: "没有这位顾客"},
		40007:            {State: dead, Reason: "微信不认这张图片"},
		40008:            {State: dead, Reason: "微信不认这种消息"},
		CodeDaily:        {State: queued, RetryAfter: time.Hour, PausesAccount: true, Reason: "the calls of today are used up"},
		CodeMinute:       {State: queued, RetryAfter: time.Minute, PausesAccount: true, Reason: "too many calls in this minute"},
		CodeTooLong:      {State: dead, Reason: "文字太长"},
		45001:            {State: dead, Reason: "图片太大"},
		CodeWindow:       {State: queued, RetryAfter: held, AwaitsCustomer: true, Reason: "顾客超过48小时没说话，等他下次说话时再送"},
		CodeUsedUp:       {State: queued, RetryAfter: held, AwaitsCustomer: true, Reason: "条数用完了，等顾客下次说话时再送"},
		CodeUnauthorized: {State: queued, RetryAfter: held, AwaitsCustomer: true, Reason: "公众号没有认证，不能主动发，等顾客下次说话时再送"},
		50001:            {State: queued, RetryAfter: held, AwaitsCustomer: true, Reason: "公众号没有这个权限，等顾客下次说话时再送"},
		48002:            {State: queued, RetryAfter: held, AwaitsCustomer: true, Reason: "顾客不收公众号的消息，等他下次说话时再送"},
		43004:            {State: dead, Reason: "顾客已取消关注"},
		43019:            {State: dead, Reason: "顾客在公众号的黑名单里"},
		48004:            {State: queued, RetryAfter: time.Hour, PausesAccount: true, Reason: "WeChat has closed this call to the account"},
		50002:            {State: queued, RetryAfter: time.Hour, PausesAccount: true, Reason: "WeChat has restricted the account"},
		87014:            {State: dead, Reason: "微信认为内容有风险"},
	}
	for code, reason := range map[int]string{
		CodeAppID:  "it does not know the app id: check the setting",
		40002:      "it refuses the kind of credential: check the base URL",
		CodeSecret: "the secret is wrong: check the setting, or reset it on WeChat's page",
		40243:      "the secret is frozen: thaw it on WeChat's page, which takes ten minutes",
		41002:      "the app id is missing: check the setting",
		41004:      "the secret is missing: check the setting",
		89503:      "the administrator must confirm this machine's address on WeChat's page",
		89501:      "the administrator must confirm this machine's address on WeChat's page",
		89506:      "the administrator has refused this machine's address; ask again in 24 hours",
		89507:      "the administrator has refused this machine's address; ask again in an hour",
	} {
		e := setting
		e.Reason = reason
		table[code] = e
	}
	unlisted := setting
	unlisted.Reason = "the white list lacks this machine's address"
	table[CodeNotListed], table[CodeNotListedNow] = unlisted, unlisted
	return table
}

// coded is the error of an errcode. op is the call's path.
func (c *Client) coded(op string, code int, message string) *Error {
	message = c.scrub(message)
	e, ok := c.codes[code]
	if !ok {
		e = chat.SendError{State: chat.SendingQueued}
	}
	reason := cmp.Or(e.Reason, "it failed")
	if ip := addressIn(message); (code == CodeNotListed || code == CodeNotListedNow) && ip != "" {
		reason = fmt.Sprintf("the white list lacks this machine's address %s: add it to the IP white list (IP白名单) on WeChat's page", ip)
	}
	e.Reason = fmt.Sprintf("%s: %s (errcode %d: %s)", op, reason, code, message)
	return &Error{Code: code, send: e}
}

// maxMessage is how much of an errmsg is told.
const maxMessage = 160

// scrub makes an errmsg fit for a log: short, on one line, without a secret that was sent.
func (c *Client) scrub(message string) string {
	for _, secret := range append(c.tokens.secrets(), c.secret) {
		if secret != "" {
			message = strings.ReplaceAll(message, secret, "…")
		}
	}
	message = strings.Join(strings.Fields(strings.ToValidUTF8(message, "\ufffd")), " ")
	if head, rest := Cut(message, maxMessage); rest != "" {
		return head + "…"
	}
	return message
}

// addressIn finds the address that WeChat saw: "invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist".
func addressIn(message string) string {
	_, rest, _ := strings.Cut(message, "invalid ip ")
	address, _, _ := strings.Cut(rest, " ")
	address = strings.TrimRight(address, ",")
	if _, err := netip.ParseAddr(address); err != nil {
		return ""
	}
	return address
}

// merged lays extra over the table.
func merged(extra map[int]chat.SendError) map[int]chat.SendError {
	table := codes()
	maps.Copy(table, extra)
	return table
}
