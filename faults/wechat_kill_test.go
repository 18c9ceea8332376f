package faults

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/internal/standin/wechat"
)

// TestWechatKill: whoever writes while the program is killed again and again, and is answered, is stored once. No
// answer is seen twice.
func TestWechatKill(t *testing.T) {
	t.Parallel()
	eachOr(t, "postgres", func(t *testing.T, db database) {
		town := newWechatTown(t, wechatSetup{db: db, mode: wechat.Safe, planted: []string{"YINGDA_LEASE=3s"}})
		people := town.killed(scaled(3, 60), func() *person { p, _ := town.follower(); return p }, func() {})
		town.lastWord(people)
		town.books.settled(people)
		town.books.fine(people)
		town.stop()
	})
}

// TestWechatKillFinds: the ledger catches a server that does not look whether a message came before.
func TestWechatKillFinds(t *testing.T) {
	t.Parallel()
	town := newWechatTown(t, wechatSetup{mode: wechat.Safe, planted: []string{"YINGDA_PLANTED=twice"}})
	town.books.hunt("is stored 2 times", func() []*person {
		return town.killed(2, func() *person { p, _ := town.follower(); return p }, func() {})
	})
}

// TestDeskKill: the program is killed again and again while it reads what customers of 微信客服 said; callbacks come
// three times. Everything is stored once and answered at most once, and the place up to which was read is never ahead of
// what is stored.
func TestDeskKill(t *testing.T) {
	t.Parallel()
	eachOr(t, "sqlite", func(t *testing.T, db database) {
		town := newWechatTown(t, wechatSetup{db: db, mode: wechat.Safe, planted: []string{"YINGDA_LEASE=3s"}})
		town.company.Repeat(3)
		people := town.killed(scaled(2, 60), town.customer, func() { town.checkCursor(); town.pileUp() })
		town.lastWord(people)
		town.books.settled(people)
		town.checkCursor()
		if town.checked == 0 {
			t.Error("how far the desk was read is not known")
		}
		town.books.fine(people)
		town.stop()
	})
}

// TestDeskKillFinds: the ledger catches a server that does not look whether a message came before.
func TestDeskKillFinds(t *testing.T) {
	t.Parallel()
	town := newWechatTown(t, wechatSetup{mode: wechat.Safe, planted: []string{"YINGDA_PLANTED=twice"}})
	town.company.Repeat(3)
	town.books.hunt("is stored 2 times", func() []*person { return town.killed(2, town.customer, town.pileUp) })
}

// killed kills and restarts the program n times while people write. dead is called while it is dead.
func (town *wechatTown) killed(n int, next func() *person, dead func()) []*person {
	town.t.Helper()
	ctx, cancel := context.WithCancel(town.t.Context())
	wait := talk(ctx, 12, 60*time.Millisecond, next)
	for range n {
		time.Sleep(20*time.Millisecond + rand.N(600*time.Millisecond))
		_ = town.nodes[0].kill() // "signal: killed" is what was wanted
		dead()
		town.nodes[0].start()
	}
	time.Sleep(300 * time.Millisecond)
	cancel()
	return wait()
}

// pileUp gives customers time to say more than a page holds.
func (*wechatTown) pileUp() { time.Sleep(300 * time.Millisecond) }

// lastWord has everybody ask once more when leases are over: what waits for them comes with the answer.
func (town *wechatTown) lastWord(people []*person) {
	time.Sleep(4 * time.Second)
	for _, p := range people {
		p.most++
		p.ask()
	}
}

// checkCursor checks that everything before the place that is kept is stored. A program that was killed before it read
// anything has kept none.
func (town *wechatTown) checkCursor() {
	raw, err := town.books.GetKV(town.t.Context(), "wechat-kf/default/"+town.desk.ID()+"/cursor")
	if errors.Is(err, chat.ErrNotFound) {
		return
	}
	must(town.t, err)
	var place struct {
		Cursor string `json:"cursor"`
	}
	must(town.t, json.Unmarshal(raw, &place))
	ids, err := town.company.Before(place.Cursor)
	must(town.t, err)
	pages := map[*person]page{}
	for ; town.checked < len(ids); town.checked++ {
		id := ids[town.checked]
		town.mu.Lock()
		q, known := town.said[id]
		town.mu.Unlock()
		if !known { // its callback is still on its way
			return
		}
		got, ok := pages[q.by]
		if !ok {
			got, err = town.books.of(q.by)
			must(town.t, err)
			pages[q.by] = got
		}
		if got.stored(q.text) != 1 {
			town.t.Errorf("the place is behind message %s, which is stored %d times", id, got.stored(q.text))
		}
	}
}
