package chat

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// What agents read of a sending that did not arrive; in Chinese, as every text of a file reason.go. See
// chattest.CheckReasons.
const (
	reasonNoAccount = "这里没有设置账号%q"
	reasonNoChannel = "这里没有设置这个通道"
	reasonBody      = "内容读不出来"
	reasonGivenUp   = "试了%d次都没有送出：%s"
	reasonPanic     = "程序出错，不知道送到没有"
	reasonStopping  = "程序正在停止，重启后接着送"
	reasonPaused    = "这个账号暂停发送，稍后接着送"
	reasonBusy      = "这个账号正忙，排队等候"
	reasonPicture   = "取图片出错（%T）"
)

// NetworkReason tells agents why a call over the network failed, without the URL that net/http's errors carry:
// it may hold a secret.
func NetworkReason(err error) string {
	called, ok := errors.AsType[*url.Error](err)
	switch {
	case ok && called.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "对方一直没有答复"
	case errors.Is(err, context.Canceled):
		return "发送途中被打断"
	case is[*net.DNSError](err):
		return "找不到对方的网址"
	case is[*tls.CertificateVerificationError](err):
		return "对方的安全证书有问题"
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "连不上对方的服务器"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "连接中断了"
	case ok:
		err = called.Err
	}
	return fmt.Sprintf("网络出错（%s）", strings.Join(strings.Fields(err.Error()), " "))
}

// is tells whether err is, or wraps, an error of a type.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// HTTPReason tells agents what a status means that is none of success.
func HTTPReason(status int) string {
	format := "对方不收（HTTP %d）"
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		format = "对方不认我们的身份（HTTP %d）"
	case status == http.StatusNotFound, status == http.StatusGone:
		format = "对方的地址不对（HTTP %d）"
	case status == http.StatusTooManyRequests:
		format = "对方要我们慢一点（HTTP %d）"
	case status/100 == 3:
		format = "对方的地址换了（HTTP %d）"
	case status/100 == 5:
		format = "对方的服务器出错（HTTP %d）"
	}
	return fmt.Sprintf(format, status)
}

// LostPicture is the enclosure of a picture that could not be had: agents read why. An error with a method
// Text() string is the sender's to mend, and says how.
func LostPicture(err error) *Enclosure {
	e := &Enclosure{Medium: Picture, Label: Picture.Label()}
	var worded interface{ Text() string }
	send, isSend := errors.AsType[*SendError](err)
	switch {
	case errors.As(err, &worded):
		e.Lost = worded.Text()
	case isSend:
		e.Lost = send.Reason
	case is[*url.Error](err), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		e.Lost = NetworkReason(err)
	default: // its text may hold a token
		e.Lost = fmt.Sprintf(reasonPicture, err)
	}
	return e
}

// errorReason is what may be told of an error that is no SendError: its text may hold a token.
func errorReason(err error) string {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return NetworkReason(err)
	}
	return fmt.Sprintf("发送出错（%T）", err)
}
