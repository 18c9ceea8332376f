// Package kf is the channel of WeChat customer service (微信客服). Its host only says that there is something
// new; what it is, is read from the host's log, from a cursor that is kept in one commit with what was read.
package kf

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
	"github.com/yingda/yingda/panics"
)

// Name is the Channel's.
const Name = "wechat-kf"

// Account is one corporation's, which may have many customer service accounts (客服账号), each with an open_kfid.
type Account struct {
	Name    string   // the Sending.Account
	CorpID  string   // 企业ID
	Secret  string   // of the application that may call the API of 微信客服
	Token   string   // of the callback: signs what the host sends
	AESKey  string   // the callback's EncodingAESKey
	API     string   // base URL; "" for the host's own
	OpenKfs []string // the open_kfid of those that are read; none: every one that the application may manage
}

// Outbox is what the channel needs of the queue that its Courier empties.
type Outbox interface {
	host.Lanes
	// ReleaseLane makes due at once whatever is queued in a lane.
	ReleaseLane(ctx context.Context, lane string) error
	// MarkUndelivered makes a sending dead that the host took and could not deliver, as it says later; chat.ErrConflict
	// where it is dead already, or not known.
	MarkUndelivered(ctx context.Context, id int64, reason string) error
}

// Config is what a Channel works with. Everything but Conversations and Transport is needed.
type Config struct {
	Accounts      []Account
	Inbox         chat.Inbox
	KV            chat.KVStore
	Outbox        Outbox
	Conversations host.Conversations // nil: nothing is quoted
	Pictures      chat.Pictures
	Transport     http.RoundTripper // http.DefaultTransport when nil
	Log           *slog.Logger      // nowhere when nil
	Now           func() time.Time
	Panics        *panics.Handler  // one that only logs when nil
	Rejections    *chat.Rejections // likewise
}
