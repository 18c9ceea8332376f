package chat

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
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
		{call(errors.New("proxy\nrefused")), "网络出错（proxy refused）"},
		{call(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), "连不上对方的服务器"},
		{call(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "SECRET"}}), "找不到对方的网址"},
		{call(io.EOF), "连接中断了"},
		{call(&tls.CertificateVerificationError{Err: errors.New("expired")}), "对方的安全证书有问题"},
	} {
		if got := NetworkReason(tt.in); got != tt.want || strings.Contains(got, "SECRET") {
			t.Errorf("%v: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestHTTPReason(t *testing.T) {
	for in, want := range map[int]string{
		302: "对方的地址换了（HTTP 302）", 400: "对方不收（HTTP 400）", 401: "对方不认我们的身份（HTTP 401）",
		404: "对方的地址不对（HTTP 404）", 429: "对方要我们慢一点（HTTP 429）", 502: "对方的服务器出错（HTTP 502）",
	} {
		if got := HTTPReason(in); got != want {
			t.Errorf("%d: got %q, want %q", in, got, want)
		}
	}
}
