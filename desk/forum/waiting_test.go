package forum_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/desk"
	standin "github.com/yingda/yingda/internal/standin/telegram"
)

// TestWhileItWaits: the bot goes on answering, agents see all of it, and the customer may call the ticket off.
func TestWhileItWaits(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	s.customerSays("押金怎么退")
	if got := s.inPrivate("激活满一年"); !strings.Contains(got.Text, "您也可以先问我") {
		t.Errorf("nothing is said of the ticket: %q", got.Text)
	}
	s.sees(topic, "押金怎么退")
	s.sees(topic, "🤖 您的工单")
	s.customerSays("机器是新大陆ME31")
	s.inPrivate("记下了")
	s.sees(topic, "机器是新大陆ME31")
	s.customerSays("不用人工了")
	s.inPrivate("已取消")
	s.sees(topic, "✅ 顾客取消了工单")
	s.until("the topic to be closed", func() bool { return s.closed(topic) })
	if open, err := s.desk.ListTickets(t.Context(), desk.Agent{Name: "x", Role: desk.RoleViewer}, desk.Filter{}); err != nil || len(open) != 0 {
		t.Errorf("open tickets %+v, %v", open, err)
	}
}

// TestTakeOver: anybody in the group takes a held ticket over, and who had it is told by name.
func TestTakeOver(t *testing.T) {
	s := open(t)
	topic := s.held()
	s.agentSays(yi, topic, "我来说")
	s.sees(topic, "发 /take 就由您接手")
	s.agentSays(yi, topic, "/take")
	got := s.sees(topic, "乙#0002从甲#0001手里接过来了")
	if !slices.ContainsFunc(got.Entities, func(e standin.Entity) bool { return strings.HasSuffix(e.URL, "20010001") }) {
		t.Errorf("who had it is not told: %+v", got.Entities)
	}
	s.inPrivate("另一位客服")
	s.agentSays(yi, topic, "您好")
	s.inPrivate("您好")
	s.agentSays(jia, topic, "我也在")
	s.sees(topic, "工单由乙#0002处理中")
	if k := s.ticket(); k.Assignee != "乙#0002" {
		t.Errorf("the ticket is %q's", k.Assignee)
	}
}

// TestReturned: a ticket whose agent lets the customer wait is back in the queue, and the topic and the customer hear of it.
func TestReturned(t *testing.T) {
	s := open(t)
	topic := s.held()
	s.customerSays("还在吗")
	s.sees(topic, "还在吗")
	sweep := func(after time.Duration) int {
		t.Helper()
		n, err := s.desk.ReturnUnattended(context.WithoutCancel(t.Context()), &desk.Hours{}, after, time.Now())
		s.must(err)
		return n
	}
	if n := sweep(time.Hour); n != 0 {
		t.Errorf("%d went back while the agent is about", n)
	}
	if n := sweep(-time.Hour); n != 1 { // in an hour
		t.Fatalf("%d went back, want 1", n)
	}
	s.sees(topic, "甲#0001一直没有回复，已退回队列")
	s.inPrivate("正在为您安排其他客服")
	s.until("the topic to show it", func() bool { return strings.HasPrefix(s.name(topic), "🟡 ") })
	s.customerSays("押金怎么退")
	s.inPrivate("激活满一年")
	s.agentSays(yi, topic, "我来了")
	s.inPrivate("我来了")
}
