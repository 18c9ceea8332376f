package chat

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestNetworkReason(t *testing.T) {
	call := func(err error) error { return &url.Error{Op: "Post", URL: "https://host/SECRET", Err: err} }
	for _, tt := range []struct {
		in   error
		want string
	}{
		{call(context.DeadlineExceeded), "对方一直没有答复"},
		{fmt.Errorf("post: %w", call(context.Canceled)), "发送途中被打断"},
		{context.DeadlineExceeded, "对方一直没有答复"},
		{call(errors.New("connection\nrefused")), "connection refused"},
		{errors.New("EOF"), "EOF"},
	} {
		if got := NetworkReason(tt.in); got != tt.want || strings.Contains(got, "SECRET") {
			t.Errorf("%v: got %q, want %q", tt.in, got, tt.want)
		}
	}
}
