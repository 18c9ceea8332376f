// Package wechat brings customers who write to a WeChat official account (公众号) to Yingda, and what is
// said back to them.
//
// # Five seconds
//
// WeChat wants the answer to a message as the answer to its own request, within five seconds. Without one
// it sends the request again, three times in all, and then tells the customer that the account is out of
// order. What comes later may only be sent by message/custom/send, which is rationed, and closed to
// accounts that are not certified. So:
//
//  1. A request joins the pending work on its message, or begins it (pending.go, receive.go). The work goes on when
//     the request ends.
//  2. The work delivers the message. What is said to it is on disk now, in the outbox, where the
//     courier leaves it alone for Message.ReplyWindow.
//  3. It leases the whole lane (lane.go), with what had waited for this customer, and puts as much as fits
//     into one text (page.go), the passive reply. The rest goes back to the outbox at once.
//  4. It claims the reply: a value of the KVStore under the message's id. Whoever claims first
//     decides, on whatever node; everybody else replies the same.
//  5. The waiting requests are answered, and only then are the leased sendings settled as sent.
//
// A request that has waited for Config.Wait claims a holding reply instead. The work, when it comes to
// 4., loses, and gives everything back to the courier.
//
// What is where when the process is killed, and what becomes of it:
//
//   - Before the commit of 2: nothing is kept, nothing was answered. WeChat asks again.
//   - Behind 2: the sendings are queued. The next request finds a repeat and goes on with 3; when none
//     comes, the courier sends them after the reply window.
//   - Behind 3, for the time of one commit: the sendings are leased to nobody. The next request finds a
//     lane that gives nothing and is put off, with the holding reply. The sendings become unknown when
//     their lease ends, which an agent is told.
//   - Behind 4: the claim holds the reply and the ids of its sendings. The next request gets it and
//     settles them. When none comes, the reply may have arrived or not: they become unknown.
//   - Behind a holding reply: as behind 2. It says to write again when nothing comes within a minute, for a
//     message that was not yet kept is lost with the process.
//   - All requests cut off before a reply was written: the work waits for a repeat, then gives the
//     sendings back and makes the reply an empty one, in one commit. Where a repeat elsewhere has adopted
//     the reply first, it is for that one to settle them; cut off as well, it leaves them unknown.
package wechat

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

// Name is the channel's.
const Name = "wechat"

// Account is one official account.
type Account struct {
	Name       string // ours, unique: "default"
	AppID      string // 开发者ID (AppID): "wx…"
	Secret     string // 开发者密码 (AppSecret)
	Token      string // 令牌 (Token), of the server's settings
	AESKey     string // 消息加解密密钥 (EncodingAESKey); "" for plain mode (明文模式)
	API        string // base URL; https://api.weixin.qq.com when empty
	OriginalID string // 原始ID: "gh_…"; "" when it is not checked
}

// Config is what a Channel works with. Accounts, Inbox, Outbox, KV and Pictures are needed.
type Config struct {
	Accounts      []Account
	Inbox         chat.Inbox
	Outbox        Outbox
	KV            chat.KVStore
	Conversations host.Conversations // nil: nothing is quoted
	Pictures      chat.Pictures
	Title         func(article string) string // an article's title, for items of the account's own menu; "" for none

	Transport http.RoundTripper // http.DefaultTransport when nil
	Log       *slog.Logger      // nowhere when nil; never told what was said, a whole openid, or a secret
	Now       func() time.Time  // time.Now when nil

	Wait time.Duration // until a holding reply: 4 s
}

// Outbox is what the channel needs of a chat.Outbox.
type Outbox interface {
	LeaseLane(ctx context.Context, lane string, behind int64, lease time.Duration) ([]chat.Sending, error)
	Settle(ctx context.Context, id int64, s chat.Settlement) error
}

const (
	replyWindow  = 30 * time.Second       // Message.ReplyWindow: longer than WeChat asks again
	deliverTime  = time.Minute            // for a message that the database does not take
	leaseTime    = time.Minute            // of a lane
	repeatTime   = 12 * time.Second       // after the decision, for a repeat when no request could be answered
	replyTTL     = 15 * time.Minute       // longer than requests are fresh
	claimTime    = 500 * time.Millisecond // of a request, for the claim of its holding reply
	displayTime  = time.Second            // until a customer has a reply before their eyes, and may be sent what follows
	recheckDelay = 24 * time.Hour         // between looks at a sending that waits for the customer's next message
)

// retry calls do until it is done, with pauses; false when ctx ends first.
func retry(ctx context.Context, do func() bool) bool {
	backoff := chat.Backoff{First: 50 * time.Millisecond, Max: time.Second}
	for n := 1; !do(); n++ {
		if chat.Sleep(ctx, backoff.Delay(n, 0.5)) != nil {
			return false
		}
	}
	return true
}
