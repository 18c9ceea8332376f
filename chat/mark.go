package chat

import (
	"context"
	"time"
)

// Mark is something small that a channel remembers: a cursor, where a message has its twin, how many
// sends are left. Many nodes see the same marks.
type Mark struct {
	Key          string    // unique; begins with the channel and the account: "telegram/default/topic/…"
	Value        []byte    // at most MaxMark bytes
	Conversation string    // whose it is, and with which it is erased; "" for nobody's
	Until        time.Time // counts as missing from then on; zero: for ever
}

// MaxMark is how many bytes a mark may hold.
const MaxMark = 4 << 10

// Marks keeps marks. Message.Marks and Settlement.Marks are kept in one commit with what they belong to.
type Marks interface {
	// Mark is what is kept under a key; ErrNotFound.
	Mark(ctx context.Context, key string) ([]byte, error)
	// SetMarks keeps values, all or none, over what was there. Nil is deleted.
	SetMarks(ctx context.Context, marks ...Mark) error
	// ClaimMark keeps a mark where there is none of its key, and returns what is kept then: m.Value for
	// whoever was first.
	ClaimMark(ctx context.Context, m Mark) ([]byte, error)
}
