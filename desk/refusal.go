package desk

import (
	"errors"
	"fmt"

	"github.com/yingda/yingda/chat"
)

// ErrInvalid is the kind of what no ticket accepts: an empty reply, one that is too long.
var ErrInvalid = errors.New("invalid")

// ErrClientIDUsed is the kind of a reply under a client's id that the agent has used for another one.
var ErrClientIDUsed = fmt.Errorf("%w: this client_id was used for another reply", chat.ErrConflict)

// Refusal is an error of the desk. It wraps its kind: chat.ErrForbidden, chat.ErrConflict,
// chat.ErrNotFound or ErrInvalid.
type Refusal struct {
	Kind error
	Text string // Chinese, for the agent: what is the matter and what to do
}

// Error is the kind and the text.
func (r *Refusal) Error() string { return r.Kind.Error() + ": " + r.Text }

// Unwrap is the kind.
func (r *Refusal) Unwrap() error { return r.Kind }

func forbidden(text string) error { return &Refusal{Kind: chat.ErrForbidden, Text: text} }
func conflict(text string) error  { return &Refusal{Kind: chat.ErrConflict, Text: text} }
func invalid(text string) error   { return &Refusal{Kind: ErrInvalid, Text: text} }

// refusalOf makes a Refusal of a store's bare error. Any other error stays as it is.
func refusalOf(err error) error {
	if _, ok := errors.AsType[*Refusal](err); ok {
		return err
	}
	switch {
	case errors.Is(err, chat.ErrNotFound):
		return &Refusal{Kind: chat.ErrNotFound, Text: "没有找到这张工单，请核对工单号。"}
	case errors.Is(err, ErrClientIDUsed):
		return &Refusal{Kind: ErrClientIDUsed, Text: "这个 client_id 已经用在另一条回复上了，这一条没有发出；请换一个再发。"}
	case errors.Is(err, chat.ErrConflict):
		return conflict("工单刚刚有了变化，请刷新后再操作。")
	case errors.Is(err, chat.ErrBusy):
		return &Refusal{Kind: chat.ErrBusy, Text: "系统正忙，刚才的操作没有保存，请稍后再试一次。"}
	}
	return err
}
