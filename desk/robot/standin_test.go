package robot

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/finding"
	"github.com/yingda/yingda/internal/standin/wechat"
)

// group is a channel with a robot "a" in a group of the stand-in.
type group struct {
	host    *wechat.Server
	robot   *wechat.Robot
	channel *Channel
}

func newGroup(t *testing.T) group {
	t.Helper()
	host := wechat.New(wechat.Config{})
	t.Cleanup(host.Close)
	robot, err := host.AddRobot(key, "客服群")
	if err != nil {
		t.Fatal(err)
	}
	channel, err := New(Config{
		Accounts:  []Account{{Name: "a", Key: key, Mobiles: []string{"13800000000"}}, {Name: "wrong", Key: "another-SECRET"}},
		Transport: wechat.Direct(host), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return group{host, robot, channel}
}

// carry runs a courier until nothing is on its way any more, and returns what it logged.
func (g group) carry(t *testing.T, o *chattest.Outbox) string {
	t.Helper()
	var log bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	chat.NewCourier(chat.CourierConfig{
		Outbox: o, Channels: []chat.Channel{g.channel}, Now: time.Now, Random: rand.Float64,
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Sleep: func(ctx context.Context, d time.Duration) error {
			select {
			case <-time.After(d):
			case <-ctx.Done():
			}
			return ctx.Err()
		},
		Observe: chat.Observer{Settled: func(chat.Sending, chat.Settlement, time.Duration) {
			if n := o.Count(); n[chat.SendingQueued]+n[chat.SendingLeased] == 0 {
				cancel()
			}
		}},
	}).Run(ctx)
	return log.String()
}

// queue announces n new tickets, each in a lane of its own.
func queue(t *testing.T, o *chattest.Outbox, account string, n int) {
	t.Helper()
	for i := range n {
		ticket := desk.Ticket{Number: fmt.Sprintf("1124-%04d", i), State: desk.StateWaiting, Urgency: desk.UrgencyUrgent, Reason: desk.ReasonMoney, Channel: "widget"}
		o.AddBody(chat.Sending{
			Lane: fmt.Sprint("ticket:", i), Channel: "wecom-robot", Account: account, Idempotent: true, Body: body(t, desk.EventOpened, ticket),
		})
	}
}

// TestManyTickets: fifty tickets at once reach the group, each once, and the host has nothing to complain of.
func TestManyTickets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, o := newGroup(t), chattest.NewOutbox(time.Now)
		queue(t, o, "a", 50)
		log := g.carry(t, o)
		seen := map[string]bool{}
		for _, n := range g.robot.Said() {
			head, _, _ := strings.Cut(n.Text, "（")
			if seen[head] || len(n.Mentioned) != 1 {
				t.Errorf("said again, or to nobody: %q to %v", n.Text, n.Mentioned)
			}
			seen[head] = true
		}
		if len(seen) != 50 || o.Count()[chat.SendingSent] != 50 {
			t.Errorf("%d tickets were said, and %v", len(seen), o.Count())
		}
		for _, call := range g.host.Calls() {
			if call.Errcode != 0 {
				t.Errorf("the host complains: %d %s", call.Errcode, call.Errmsg)
			}
		}
		if strings.Contains(log, "SECRET") {
			t.Errorf("the key is in the log:\n%s", log)
		}
	})
}

// TestTroubledHost: another node speaks through the same robot, the host is out of order, an answer is lost.
func TestTroubledHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, o := newGroup(t), chattest.NewOutbox(time.Now)
		g.host.Script("/cgi-bin/webhook/send", wechat.Answer{Errcode: 45009}, wechat.Answer{Status: 502}, wechat.Answer{Errcode: -1}, wechat.Answer{Drop: true})
		queue(t, o, "a", 3)
		begin := time.Now()
		log := g.carry(t, o)
		if n := len(g.robot.Said()); n != 4 || o.Count()[chat.SendingSent] != 3 { // the one whose answer was lost comes twice
			t.Errorf("%d messages, %v", n, o.Count())
		}
		if took := time.Since(begin); took < time.Minute {
			t.Errorf("45009 was not heeded: all was said after %s", took)
		}
		if strings.Contains(log, "SECRET") {
			t.Errorf("the key is in the log:\n%s", log)
		}
	})
}

func TestWrongKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, o := newGroup(t), chattest.NewOutbox(time.Now)
		queue(t, o, "wrong", 1)
		log := g.carry(t, o)
		if i := o.Item(1); i.State != chat.SendingDead || !strings.Contains(i.Reason, "重新复制机器人的地址") {
			t.Errorf("it is %s: %s", i.State, i.Reason)
		}
		if strings.Contains(log, "SECRET") {
			t.Errorf("the key is in the log:\n%s", log)
		}
	})
}

func TestCheck(t *testing.T) {
	g := newGroup(t)
	tests := []struct {
		account string
		script  []wechat.Answer
		level   finding.Level
		word    string
	}{
		{"a", nil, finding.OK, "knows the robot"},
		{"a", []wechat.Answer{{Errcode: 45009}}, finding.OK, "knows the robot"},
		{"a", []wechat.Answer{{Status: 502}}, finding.Error, "HTTP 502"},
		{"a", []wechat.Answer{{Errcode: 93004}}, finding.Error, "93004"},
		{"wrong", nil, finding.Error, "copy what follows key="},
		{"none", nil, finding.Error, "no robot"},
	}
	for _, tt := range tests {
		g.host.Script("/cgi-bin/webhook/send", tt.script...)
		f := g.channel.Check(t.Context(), tt.account)
		if len(f) != 1 || f[0].Level != tt.level || (f[0].Fix == "") != (tt.level == finding.OK) {
			t.Fatalf("%s: %+v", tt.account, f)
		}
		if all := f[0].Text + f[0].Fix; !strings.Contains(all, tt.word) || strings.Contains(all, "SECRET") {
			t.Errorf("%s: %s, want %q", tt.account, all, tt.word)
		}
	}
	if said := g.robot.Said(); len(said) != 0 {
		t.Errorf("the group saw %+v", said)
	}
}
