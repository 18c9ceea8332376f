package forum_test

import (
	"strings"
	"testing"
)

// TestBothWays: a customer of Telegram comes to a person, they talk, and the bot has the floor again.
func TestBothWays(t *testing.T) {
	s := open(t)
	topic := s.escalate()
	card := s.sees(topic, "工单")
	for _, want := range []string{"王老板（Telegram）", "钱没到账怎么办", "之前的对话", "//"} {
		if !strings.Contains(card.Text, want) {
			t.Errorf("the card has no %q:\n%s", want, card.Text)
		}
	}
	if !card.Pinned {
		t.Error("the card is not pinned")
	}
	s.agentSays(jia, topic, "您好，请问刷的哪张卡？")
	s.inPrivate("请问刷的哪张卡")
	s.customerSays("招行的")
	s.sees(topic, "招行的")
	t.Log("\n" + s.texts(topic))
	t.Log("\n" + s.texts(private()))
	s.agentSays(jia, topic, "/close 祝您顺利")
	s.inPrivate("祝您顺利")
	s.inPrivate("机器人为您服务")
	s.customerSays("押金怎么退")
	s.inPrivate("激活满一年")
}
