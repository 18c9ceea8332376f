package kf

import (
	"context"
	"errors"
	"fmt"

	"github.com/yingda/yingda/chat"
)

// lost takes note that something did not reach the customer, which the host took at first: agents are shown it.
func (l *lane) lost(ctx context.Context, i item) error {
	id, part, ok := sendingOf(i.content.FailedID)
	if !ok {
		l.c.c.Log.DebugContext(ctx, "what is not ours did not arrive", "channel", Name, "account", l.a.Name, "desk", l.desk, "why", i.content.FailedWhy)
		return nil
	}
	reason := lostReason(i.content.FailedWhy)
	if part > 0 {
		reason = fmt.Sprintf("第%d段起没有送到：%s", part+1, reason)
	}
	err := l.c.c.Outbox.MarkUndelivered(ctx, id, reason)
	if errors.Is(err, chat.ErrConflict) || errors.Is(err, chat.ErrNotFound) {
		return nil // it is known, or was erased
	}
	if err != nil {
		return fmt.Errorf("take note of what did not arrive: %w", err)
	}
	l.c.c.Log.WarnContext(ctx, "a message did not reach the customer", "channel", Name, "account", l.a.Name, "sending", id, "reason", reason)
	return nil
}

// lostReason is what a fail_type says, to agents.
func lostReason(failType int) string {
	text, ok := map[int]string{
		1:  "这个客服账号已删除",
		2:  "微信客服应用已关闭",
		4:  "顾客上次发消息已超过48小时",
		5:  "会话已结束",
		6:  "顾客上次发消息后已发满5条",
		8:  "企业主体还没有认证",
		10: "顾客拒收了消息",
		11: "企业里没有人登录企业微信App",
		12: "这种消息不允许发送",
		13: "因安全限制被微信拦下",
	}[failType]
	if !ok {
		text = "微信没有说明原因"
	}
	return fmt.Sprintf("%s（fail_type %d）", text, failType)
}
