// Play lets anybody try every channel without an account anywhere: it starts the stand-ins for Telegram and
// WeChat, and a Yingda that believes they are the real ones. `make play` runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// options are the flags.
type options struct {
	yingda                   string // the program
	data                     string // "" for a folder that goes with the play
	listen, telegram, wechat string // addresses
}

func main() {
	var o options
	flag.StringVar(&o.yingda, "yingda", "bin/yingda", "the `PROGRAM` to play with")
	flag.StringVar(&o.data, "data", "", "keep what is said in `DIR`; without it nothing is kept")
	flag.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`ADDRESS` of Yingda")
	flag.StringVar(&o.telegram, "telegram", "127.0.0.1:8081", "`ADDRESS` of the stand-in for Telegram")
	flag.StringVar(&o.wechat, "wechat", "127.0.0.1:8082", "`ADDRESS` of the stand-in for WeChat")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "play:", err)
		os.Exit(1)
	}
}

// run plays until ctx ends.
func run(ctx context.Context, o options, out, log io.Writer) (err error) {
	t, err := openTown(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	shop, err := t.openShop(ctx, o, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shop.close()) }()
	fmt.Fprintf(out, `
练习开始了。下面的页面都是练习用的替身，不是真的Telegram和微信：

  Telegram：扮顾客，也扮客服群里的客服    http://%s/
  微信：公众号、微信客服、群机器人         http://%s/
  网页聊天、指南、查询                   http://%s/

试试：问“到账” → 点“刷卡成功但没到账怎么办” → “好，帮我登记” → 报SN、发照片 → “转人工” → 到客服群里回他 → /close
按 Ctrl-C 结束。
`, t.telegram.address, t.wechat.address, shop.address)
	select {
	case <-ctx.Done():
		return nil
	case <-shop.ended: // Ctrl-C ends it too, without an error
		if shop.err != nil {
			return fmt.Errorf("yingda has ended: %w", shop.err)
		}
		return nil
	}
}
