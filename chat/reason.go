package chat

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// NetworkReason tells agents why a call over the network failed, without the URL that net/http's errors carry:
// it may hold a secret.
func NetworkReason(err error) string {
	e, called := errors.AsType[*url.Error](err)
	switch {
	case called && e.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "对方一直没有答复"
	case errors.Is(err, context.Canceled):
		return "发送途中被打断"
	case called:
		err = e.Err
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}

// reason is what may be told of an error that is no SendError: its text may hold a token.
func reason(err error) string {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return NetworkReason(err)
	}
	return fmt.Sprintf("发送出错（%T）", err)
}
