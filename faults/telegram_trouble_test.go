package faults

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/internal/standin/telegram"
)

// TestTelegramTrouble: Telegram is away, slow, or asks for a pause. What it asks for is honoured, everything arrives
// once, and whoever has nothing to do with it is answered meanwhile.
func TestTelegramTrouble(t *testing.T) {
	t.Parallel()
	town := newTelegramTown(t, telegramSetup{})
	var all []*person
	for _, tt := range []struct {
		name  string
		fault func(over <-chan struct{}) telegram.Fault
	}{
		{"one chat is slow", func(over <-chan struct{}) telegram.Fault {
			select {
			case <-over:
			case <-time.After(10 * time.Second): // before we hang up
			}
			return telegram.Fault{}
		}},
		{"one chat is in trouble", func(over <-chan struct{}) telegram.Fault {
			if closed(over) {
				return telegram.Fault{}
			}
			return telegram.Refuse(500, "Internal Server Error")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			town.t = t
			people := town.crowd(1)
			over := make(chan struct{})
			town.sends(town.idOf(people[0]), func() telegram.Fault { return tt.fault(over) })
			people[0].ask()
			people = append(people, town.others()...)
			close(over)
			town.calm(people)
			town.people.SetScript(nil)
			all = append(all, people...)
		})
	}
	t.Run("one chat is throttled", func(t *testing.T) {
		town.t = t
		waits := town.crowd(1)[0]
		town.people.Throttle(0, town.idOf(waits), 10*time.Minute) // longer than this takes
		waits.ask()
		people := town.others()
		town.calm(people)
		all = append(all, people...)
	})
	t.Run("the whole bot is throttled", func(t *testing.T) {
		town.t = t
		people := town.crowd(8)
		town.people.Throttle(0, 0, 2*time.Second)
		for _, p := range people {
			p.ask()
			p.ask()
		}
		town.calm(people)
		all = append(all, people...)
	})
	t.Run("nobody is there", func(t *testing.T) {
		town.t = t
		people := town.crowd(8)
		town.host.close()
		for range 3 {
			for _, p := range people {
				p.ask()
			}
		}
		time.Sleep(2 * time.Second)
		town.host.open()
		town.calm(people)
		all = append(all, people...)
	})
	t.Run("killed while one chat is throttled", func(t *testing.T) {
		town.t = t
		all = append(all, town.killedWaiting(time.Second, 6*time.Second)...)
	})
	town.t = t
	for _, early := range town.early() {
		t.Error(early)
	}
	if sum := town.books.fine(all); sum.unknown > 0 {
		t.Errorf("%d are unknown, though it was always certain", sum.unknown)
	}
	town.stop()
}

// TestTelegramTroubleFinds: the ledger catches a server that does not wait.
func TestTelegramTroubleFinds(t *testing.T) {
	t.Parallel()
	town := newTelegramTown(t, telegramSetup{planted: []string{"YINGDA_PLANTED=restless", "YINGDA_LEASE=3s"}})
	for range 5 { // a kill within a try leaves that unknown
		town.killedWaiting(time.Second, 6*time.Second)
		if slices.ContainsFunc(town.early(), func(wrong string) bool { return strings.Contains(wrong, "too early") }) {
			return
		}
	}
	t.Errorf("the planted bug was not found: %q", town.early())
}

// killedWaiting kills and restarts the program, some time after Telegram asked it to wait until it may answer a chat:
// what it knew of that besides the database is gone.
func (town *telegramTown) killedWaiting(after, wait time.Duration) []*person {
	people := town.crowd(1)
	chat := town.idOf(people[0])
	town.people.Throttle(0, chat, wait)
	people[0].ask()
	eventually(town.t, func() bool {
		return slices.ContainsFunc(town.people.Calls("sendMessage"), func(c telegram.Call) bool { return c.Chat == chat })
	}, "a call that is refused")
	time.Sleep(time.Second)  // for its record
	_ = town.nodes[0].kill() // "signal: killed" is what was wanted
	town.nodes[0].start()
	town.calm(people)
	return people
}

// TestTelegramUncertain: the connection is cut, or a proxy answers, when a message may have been accepted. It is not
// sent again; whoever looks at the ticket, at the terminal or in the agents' group, is told.
func TestTelegramUncertain(t *testing.T) {
	t.Parallel()
	town := newTelegramTown(t, telegramSetup{group: true})
	people := map[string]telegram.Fault{
		"cut before": telegram.Cut(telegram.DropBefore), "cut after": telegram.Cut(telegram.DropAfter), "a proxy": telegram.BadGateway(),
	}
	var all []*person
	for name, fault := range people {
		p := town.person()
		p.say("转人工")
		town.calm([]*person{p})
		number := town.ticketOf(p)
		town.sends(town.idOf(p), func() telegram.Fault { return fault })
		if out, err := town.nodes[0].run("ticket reply", "-as", "前台", "-data", town.nodes[0].data(), number, "您好，这句话可能没有送到"); err != nil {
			t.Fatalf("ticket reply: %v: %s", err, out)
		}
		town.calm([]*person{p})
		town.people.SetScript(nil)
		show, err := town.nodes[0].run("ticket show", "-data", town.nodes[0].data(), number)
		if err != nil || !strings.Contains(show, "可能没有送到，不会再送") {
			t.Errorf("%s: the ticket does not tell: %v\n%s", name, err, show)
		}
		eventually(t, func() bool { return town.warned(number) }, name+": a warning in the agents' group")
		all = append(all, p)
	}
	time.Sleep(2 * time.Second) // for whoever would send again
	for _, p := range all {
		times := 0
		for _, text := range p.seen() {
			if strings.Contains(text, "这句话可能没有送到") {
				times++
			}
		}
		if times > 1 {
			t.Errorf("a message that may have arrived was sent again: seen %d times", times)
		}
	}
	town.stop()
}

// TestTelegramUncertainFinds: the ledger catches a server that sends again what it does not know the end of.
func TestTelegramUncertainFinds(t *testing.T) {
	t.Parallel()
	town := newTelegramTown(t, telegramSetup{planted: []string{"YINGDA_PLANTED=blind"}})
	p := town.person()
	town.sends(town.idOf(p), func() telegram.Fault { return telegram.Cut(telegram.DropAfter) })
	p.ask()
	eventually(t, func() bool {
		found, _ := town.books.audit([]*person{p})
		return slices.ContainsFunc(found, func(wrong string) bool { return strings.Contains(wrong, "I2: the answer to question") })
	}, "an answer that was seen again")
}

// others has new people ask questions, one when the one before is answered, until all are.
func (town *telegramTown) others() []*person {
	town.t.Helper()
	var all sync.WaitGroup
	people := town.crowd(8)
	for _, p := range people {
		all.Go(func() {
			for range scaled(6, 50) {
				p.ask()
				for begin := time.Now(); len(p.answered()) < len(p.asked); time.Sleep(time.Millisecond) {
					if time.Since(begin) > patience {
						town.t.Error("somebody who has nothing to do with it is not answered")
						return
					}
				}
			}
		})
	}
	all.Wait()
	return people
}

// sends has everything that is sent to a chat end so.
func (town *telegramTown) sends(chat int64, fault func() telegram.Fault) {
	town.people.SetScript(func(c telegram.Call) telegram.Fault {
		if c.Method == "sendMessage" && c.Chat == chat {
			return fault()
		}
		return telegram.Fault{}
	})
}

// calm waits until everything is stored and sent.
func (town *telegramTown) calm(people []*person) {
	town.t.Helper()
	eventually(town.t, func() bool { return town.people.Pending(0) == 0 }, "everything taken")
	town.books.settled(people)
}

// early are the messages that were sent to a chat before the time that Telegram had asked to wait for.
func (town *telegramTown) early() (found []string) {
	until := map[int64]time.Time{}
	asked := 0
	for _, c := range town.people.Calls("sendMessage") {
		if c.At.Before(until[c.Chat]) {
			found = append(found, fmt.Sprintf("chat %d was called %v too early", c.Chat, until[c.Chat].Sub(c.At)))
		}
		if wait := regexp.MustCompile(`retry after (\d+)`).FindStringSubmatch(c.Description); wait != nil {
			seconds, _ := strconv.Atoi(wait[1]) // digits
			until[c.Chat] = c.At.Add(time.Duration(seconds) * time.Second)
			asked++
		}
	}
	if asked == 0 {
		found = append(found, "nobody was asked to wait: that proves nothing")
	}
	return found
}

// idOf is a person's id at Telegram.
func (town *telegramTown) idOf(p *person) (id int64) {
	if _, err := fmt.Sscan(p.opening.Address, &id); err != nil {
		town.t.Error(err)
	}
	return id
}

// ticketOf is the number of the ticket that a person was told.
func (town *telegramTown) ticketOf(p *person) (number string) {
	town.t.Helper()
	eventually(town.t, func() bool {
		for _, text := range p.seen() {
			if found := regexp.MustCompile(`\d{4}-[0-9A-Z]{4}`).FindString(text); found != "" {
				number = found
			}
		}
		return number != ""
	}, "a ticket")
	return number
}

// warned tells whether the topic of a ticket says that something may not have arrived.
func (town *telegramTown) warned(number string) bool {
	for _, topic := range town.people.Topics(town.bot.Group) {
		ours, told := false, false
		for _, m := range town.people.Messages(telegram.Place{Chat: town.bot.Group, Thread: topic.ID}) {
			ours = ours || strings.Contains(m.Text, number)
			told = told || strings.Contains(m.Text, "可能没有送到") && strings.Contains(m.Text, "请向顾客确认")
		}
		if ours && told {
			return true
		}
	}
	return false
}
