package wechat_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/yingda/yingda/internal/standin/wechat"
)

// A follower says something to an account whose hook answers within five seconds.
func Example() {
	server := wechat.New(wechat.Config{})
	defer server.Close()
	host := httptest.NewServer(server) // what the channel has as api.weixin.qq.com
	defer host.Close()
	server.SetURL(host.URL)

	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = fmt.Fprintf(w, "<xml><ToUserName>%s</ToUserName><FromUserName>gh_1</FromUserName><CreateTime>%d</CreateTime>"+
			"<MsgType>text</MsgType><Content>您好</Content></xml>", r.URL.Query().Get("openid"), time.Now().Unix())
	}))
	defer hook.Close()

	account, err := server.AddAccount(wechat.Account{AppID: "wx1", Secret: "s", Token: "t", OriginalID: "gh_1", Hook: hook.URL})
	if err != nil {
		panic(err)
	}
	follower := account.Follower("o1")
	follower.Subscribe(context.Background(), "")
	delivery := follower.Say(context.Background(), "在吗")
	fmt.Println(delivery.OK(), len(delivery.Attempts), delivery.Seen[0].Via, delivery.Seen[0].Text)
	// Output: true 1 passive 您好
}
