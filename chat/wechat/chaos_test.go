package wechat_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/chat"
	standin "github.com/yingda/yingda/internal/standin/wechat"
)

// Nodes are slow and die anywhere, while customers write and requests are repeated: every request gets a
// valid reply in time, no answer comes twice, and none is lost without an agent being told.
func TestChaos(t *testing.T) {
	for seed := range uint64(chaos) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { runChaos(t, rand.New(rand.NewPCG(seed, 1))) })
		})
	}
}

func runChaos(t *testing.T, dice *rand.Rand) {
	certified, hasty := dice.IntN(2) == 0, dice.IntN(3) == 0
	cut := 5 * time.Second
	if hasty { // the network is bad: what is slow is cut off before there is any answer
		cut = 2 * time.Second
	}
	s := newSceneWith(t, cut, func(a *standin.Account) { a.Certified = certified })
	s.inbox.Reply = func(c chat.Conversation, m chat.Message) ([]chat.Entry, error) {
		if m.Welcome || m.Text == "继续" {
			return nil, nil
		}
		return echo(c, m)
	}
	s.start("")
	gates := []string{"deliver", "delivered", "take", "taken", "mark", "claim", "claimed", "settle", "set", ""}
	var followers []*standin.Follower
	for i := range 3 {
		followers = append(followers, s.follower(fmt.Sprintf("o-customer-%d", i)))
	}
	for _, n := range s.nodes {
		n.slow(time.Duration(dice.IntN(6000)) * time.Millisecond)
	}
	killAt := gates[dice.IntN(len(gates))]
	s.nodes[dice.IntN(2)].kill(killAt)
	s.official.Repeat(1 + dice.IntN(4))
	var all sync.WaitGroup
	for i, f := range followers {
		for talk := range 2 { // who does not wait for an answer before writing on
			pauses := []time.Duration{time.Duration(dice.IntN(20)) * time.Second / 4, time.Duration(dice.IntN(20)) * time.Second / 4}
			all.Go(func() {
				for n, pause := range pauses {
					time.Sleep(pause)
					if d := f.Say(t.Context(), fmt.Sprintf("问%d-%d-%d。", i, talk, n)); !d.OK() && !hasty {
						t.Errorf("%+v", d)
					}
				}
			})
		}
	}
	all.Wait()
	s.official.Repeat(1)
	for _, n := range s.nodes {
		n.slow(0)
	}
	for range 4 { // whoever got a holding reply asks again
		time.Sleep(3 * time.Minute)
		for _, f := range followers {
			f.Say(t.Context(), "继续")
		}
	}
	time.Sleep(time.Hour)
	s.judge(followers)
	if n := s.outbox.Count()[chat.SendingUnknown]; n > 0 && killAt == "" && !hasty {
		t.Errorf("%d are unknown, though nobody died", n)
	}
}

// judge compares what was seen with what is on disk.
func (s *scene) judge(followers []*standin.Follower) {
	s.t.Helper()
	states := map[string]chat.SendingState{}
	for _, id := range s.outboxAll() {
		i := s.outbox.Item(id)
		var e chat.Entry
		if err := json.Unmarshal(i.Sending.Body, &e); err != nil {
			s.t.Fatal(err)
		}
		states[e.Text] = i.State
	}
	for i, f := range followers {
		got := seen(f)
		for talk := range 2 {
			for n := range 2 {
				text := fmt.Sprintf("问%d-%d-%d。", i, talk, n)
				times, state := count(got, "答："+text), states["答："+text]
				kept := slices.ContainsFunc(s.inbox.Messages(), func(m chat.Message) bool { return m.Text == text })
				switch {
				case times > 1:
					s.t.Errorf("%s was answered %d times: %q", text, times, got)
				case times == 0 && state == chat.SendingUnknown: // an agent is told
				case times == 0 && kept:
					s.t.Errorf("%s was never answered, and is %s: %q", text, state, got)
				case times == 0: // not kept: the customer was told to write again
					if told := strings.Join(got, "|"); !strings.Contains(told, "消息收到") && !strings.Contains(told, standin.Apology) {
						s.t.Errorf("%s was lost: %q", text, got)
					}
				}
			}
		}
	}
}
