package faults

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/yingda/yingda/internal/standin/wechat"
)

// TestWechatRepeats: each push comes twenty times, shuffled and in parallel, to any node. All copies are answered the
// same, byte for byte; it is one row, and the customer sees one answer.
func TestWechatRepeats(t *testing.T) {
	t.Parallel()
	eachOr(t, "postgres", func(t *testing.T, db database) {
		n := 1
		if _, shared := db.(*postgres); shared {
			n = 2
		}
		town := newWechatTown(t, wechatSetup{db: db, nodes: n, mode: wechat.Plain, debug: true})
		people := town.stormed(scaled(3, 200), 4)
		town.books.settled(people)
		town.books.fine(people)
		town.stop()
	})
}

// TestWechatRepeatsFinds: the ledger catches a server that does not look whether a message came before.
func TestWechatRepeatsFinds(t *testing.T) {
	t.Parallel()
	town := newWechatTown(t, wechatSetup{db: newPostgres(t), nodes: 2, mode: wechat.Safe, planted: []string{"YINGDA_PLANTED=twice"}})
	town.books.hunt("is stored 2 times", func() []*person { return town.stormed(2, 2) })
}

// stormed has followers ask so many questions each, all at once and each twenty times, and then one more, which
// brings what is still to be said. Five do so at the same time.
func (town *wechatTown) stormed(people, each int) (crowd []*person) {
	var all sync.WaitGroup
	atOnce := make(chan struct{}, 5)
	for range people {
		p, f := town.follower()
		p.crossing = true
		crowd = append(crowd, p)
		atOnce <- struct{}{}
		all.Go(func() {
			defer func() { <-atOnce }()
			var texts []string
			for n := range each {
				p.asked = append(p.asked, n)
				texts = append(texts, words(n))
			}
			for _, d := range f.Storm(town.t.Context(), 20, texts...) {
				if wrong := differing(d); wrong != "" && town.plain {
					town.t.Error(wrong)
				}
			}
			p.ask()
		})
	}
	all.Wait()
	return crowd
}

// differing tells what is wrong with the answers to copies of one push.
func differing(d wechat.Delivery) string {
	for _, a := range d.Attempts {
		if a.Fault != "" || len(d.Attempts) != 20 {
			return fmt.Sprintf("message %s: attempt %q of %d", d.ID, a.Fault, len(d.Attempts))
		}
		if !bytes.Equal(a.Body, d.Attempts[0].Body) {
			return fmt.Sprintf("message %s was answered %q, and %q", d.ID, d.Attempts[0].Body, a.Body)
		}
	}
	return ""
}
