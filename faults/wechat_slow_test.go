package faults

import (
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/internal/standin/wechat"
)

// TestWechatSlow: the database takes as long for a message as WeChat waits, or three times as long. WeChat has a valid
// answer to every push before that all the same, and each customer sees each answer once, later: by itself, or after 继续
// where the account may not send by itself. The stand-in waits for longer than WeChat: a processor that others keep busy
// is late, and how late an answer is by our own clock is what package wechat tests.
func TestWechatSlow(t *testing.T) {
	t.Parallel()
	var towns []*wechatTown
	var waits []func() []*person
	for _, tt := range []struct {
		takes       time.Duration
		uncertified bool
		people      int
	}{
		{4900 * time.Millisecond, false, scaled(50, 450)},
		{15 * time.Second, false, scaled(20, 450)},
		{4900 * time.Millisecond, true, scaled(25, 50)},
		{15 * time.Second, true, scaled(10, 50)},
	} {
		town := newWechatTown(t, wechatSetup{mode: wechat.Safe, direct: true, uncertified: tt.uncertified, waits: patience, planted: []string{"YINGDA_SLOW=" + tt.takes.String()}})
		town.takes = tt.takes
		towns, waits = append(towns, town), append(waits, town.patient(tt.people, scaled(1, 10)))
	}
	for i, town := range towns {
		people := waits[i]()
		for _, late := range town.answered() {
			t.Error(late)
		}
		town.books.settled(people)
		town.books.fine(people)
		town.stop()
	}
}

// TestWechatSlowFinds: the ledger catches a server that takes what has arrived for what has not.
func TestWechatSlowFinds(t *testing.T) {
	t.Parallel()
	town := newWechatTown(t, wechatSetup{mode: wechat.Safe, planted: []string{"YINGDA_SLOW=4.1s", "YINGDA_PLANTED=again"}})
	town.books.hunt("I2: the answer to question", func() []*person { return town.patient(3, 1)() })
}

// patient has followers ask so many questions each, one when the one before is answered.
func (town *wechatTown) patient(people, each int) (wait func() []*person) {
	var all sync.WaitGroup
	var crowd []*person
	known := make(chan struct{}) // closed when it is known whether the account may send by itself
	all.Go(func() {
		defer close(known)
		if town.uncertified {
			town.scout()
		}
	})
	for range people {
		p, f := town.follower()
		crowd = append(crowd, p)
		all.Go(func() {
			<-known
			time.Sleep(rand.N(time.Duration(people) * 4 * time.Millisecond)) // nobody's customers all write at one moment
			for range each {
				p.ask()
				p.unsure = nil // a promise was given, and is to be kept
				town.hear(p, f)
			}
		})
	}
	return func() []*person {
		all.Wait()
		return crowd
	}
}

// scout is the first to ask. From then on it is known that the account may not send by itself, which WeChat tells
// nobody before: the scout is promised an answer that does not come, and writes again.
func (town *wechatTown) scout() {
	p, f := town.follower()
	p.ask()
	const refused = 48001
	eventually(town.t, func() bool {
		calls := town.platform.Calls("/cgi-bin/message/custom/send")
		return len(calls) > 0 && calls[0].Errcode == refused
	}, "a refusal to send")
	town.hear(p, f)
}

// hear waits until everything that a follower asked is answered, and asks for what waits there, at the pace of
// somebody who reads.
func (town *wechatTown) hear(p *person, f *wechat.Follower) {
	const pause = 2 * time.Second
	for begin, asked := time.Now(), time.Now(); len(p.answered()) < len(p.asked); time.Sleep(300 * time.Millisecond) {
		if time.Since(begin) > patience {
			town.t.Errorf("%s: no answer: %q", f.OpenID(), p.seen())
			return
		}
		if town.uncertified && time.Since(asked) > pause {
			asked = time.Now()
			town.took(f.Say(town.t.Context(), "继续"))
		}
	}
	if town.uncertified {
		town.leave(p, f, pause+town.takes)
	}
}

// leave has a follower of an account that may not send by itself ask for what waits there after the answers, until there
// is no more: what is said to the last 继续 may come too late for WeChat, and then waits for the next word.
func (town *wechatTown) leave(p *person, f *wechat.Follower, pause time.Duration) {
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(pause) {
		got, err := town.books.of(p)
		if err == nil && p.waits(got) == nil {
			return
		}
		queued := func(s chat.Settlement) bool { return s.State == chat.SendingQueued }
		if slices.ContainsFunc(slices.Collect(maps.Values(got.pending)), queued) {
			town.took(f.Say(town.t.Context(), "继续"))
		}
	}
}
