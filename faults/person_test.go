package faults

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/store"
)

// questions is how many questions the guide of the channels' tests answers, each in a way that can be told apart.
const questions = 60

// channelGuide is that guide.
func channelGuide(t *testing.T) string {
	t.Helper()
	return wordGuide(t, questions, func(n int) string { return answerTo(n) + "。" })
}

// answerTo stands in the answer to question n, once.
func answerTo(n int) string { return fmt.Sprintf("请看第%04d号答案", n) }

// answersIn are the numbers of the questions that a text answers, in order.
func answersIn(text string) (numbers []int) {
	for _, part := range strings.Split(text, "请看第")[1:] {
		digits, _, _ := strings.Cut(part, "号答案")
		if n, err := strconv.Atoi(digits); err == nil {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// person is a customer of a pushing channel. No question is asked twice.
type person struct {
	opening chat.OpenRequest       // where the database has them
	say     func(text string) bool // false: nobody said that it was taken, so it may be stored or not
	seen    func() []string        // everything of ours that the telephone shows, in order

	mu     sync.Mutex
	asked  []int        // in order
	unsure map[int]bool // those of asked that may be stored or not

	most     int  // questions that they ask; 0 for all
	crossing bool // what is said leaves in answers that pass each other: no order
}

// ask asks the next question; false when there is none left.
func (p *person) ask() bool {
	p.mu.Lock()
	n := len(p.asked)
	if n == cmp.Or(p.most, questions) {
		p.mu.Unlock()
		return false
	}
	p.asked = append(p.asked, n)
	p.mu.Unlock()
	if p.say(words(n)) {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.unsure == nil {
		p.unsure = map[int]bool{}
	}
	p.unsure[n] = true
	return true
}

// answered are the numbers of the answers seen, in order.
func (p *person) answered() (numbers []int) {
	for _, text := range p.seen() {
		numbers = append(numbers, answersIn(text)...)
	}
	return numbers
}

// books are a server's database, for the harness to look into while the server runs, or is dead.
type books struct {
	t testing.TB
	*store.Store
}

// booksOf opens them.
func booksOf(t testing.TB, s *server, db database) *books {
	t.Helper()
	o := store.Options{Dir: s.data()}
	if p, shared := db.(*postgres); shared {
		o.DSN = p.dsn
	}
	opened, err := store.Open(t.Context(), o)
	must(t, err)
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	})
	return &books{t, opened}
}

// page is what the books have of a person.
type page struct {
	entries []chat.Entry
	pending map[int64]chat.Settlement // what has not arrived for certain, by the entry's number
}

func (b *books) of(p *person) (got page, err error) {
	ctx := b.t.Context()
	c, err := b.EnsureConversation(ctx, p.opening)
	if err != nil {
		return got, err
	}
	const limit = 500
	for after := int64(0); ; {
		some, err := b.ListEntries(ctx, c.ID, after, limit)
		if err != nil {
			return got, err
		}
		got.entries = append(got.entries, some...)
		if len(some) < limit {
			break
		}
		after = some[len(some)-1].Seq
	}
	got.pending, err = b.ListUndelivered(ctx, c.ID)
	return got, err
}

// stored counts the customer's entries with a text.
func (g page) stored(text string) (n int) {
	for _, e := range g.entries {
		if e.From == chat.FromCustomer && e.Text == text {
			n++
		}
	}
	return n
}

// settled waits until everything that people said is stored and nothing is to be sent to them any more.
func (b *books) settled(people []*person) {
	b.t.Helper()
	for begin, left := time.Now(), slices.Clone(people); ; time.Sleep(50 * time.Millisecond) {
		why := ""
		left = slices.DeleteFunc(left, func(p *person) bool {
			got, err := b.of(p)
			if err == nil {
				err = p.waits(got)
			}
			if err != nil {
				why = err.Error()
			}
			return err == nil
		})
		if len(left) == 0 {
			return
		}
		if time.Since(begin) > 2*patience { // they may be hundreds
			b.t.Fatalf("not everything is stored and sent within %v: %s", 2*patience, why)
		}
	}
}

// waits is an error while something is still to be stored or sent.
func (p *person) waits(got page) error {
	for _, n := range p.asked {
		if got.stored(words(n)) == 0 && !p.unsure[n] {
			return fmt.Errorf("question %d is not stored", n)
		}
	}
	for seq, how := range got.pending {
		if how.State == chat.SendingQueued || how.State == chat.SendingLeased {
			return fmt.Errorf("entry %d is %s: %s", seq, how.State, how.Reason)
		}
	}
	return nil
}

// tally is what an audit has counted.
type tally struct{ people, stored, answered, unknown int }

// audit holds what people typed against what is stored and what they saw, by the invariants.
func (b *books) audit(people []*person) (found []string, sum tally) {
	for i, p := range people {
		got, err := b.of(p)
		if err != nil {
			return []string{err.Error()}, sum
		}
		sum.people++
		for _, wrong := range p.wrongs(got, &sum) {
			found = append(found, fmt.Sprintf("person %d: %s", i, wrong))
		}
	}
	return found, sum
}

// wrongs is audit for one.
func (p *person) wrongs(got page, sum *tally) (found []string) {
	wrong := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	seen := p.answered()
	stored := 0
	for _, n := range p.asked {
		times := got.stored(words(n))
		if times > 1 || times == 0 && !p.unsure[n] {
			wrong("I1: question %d is stored %d times", n, times)
		}
		stored += min(times, 1)
	}
	sum.stored += stored
	var said []int // by the bot, as the database has it
	for _, e := range got.entries {
		if e.From != chat.FromBot {
			continue
		}
		numbers := answersIn(e.Text)
		if len(numbers) == 0 { // to something else
			continue
		}
		n := numbers[0]
		said = append(said, n)
		times := count(seen, n)
		switch state := got.pending[e.Seq].State; {
		case times > 1:
			wrong("I2: the answer to question %d was seen %d times", n, times)
		case state == chat.SendingUnknown:
			sum.unknown++
		case state != "":
			wrong("the answer to question %d is %s: %s", n, state, got.pending[e.Seq].Reason)
		case times == 0:
			wrong("I1: the answer to question %d is sent, and was not seen", n)
		default:
			sum.answered++
		}
	}
	if len(said) != stored {
		wrong("I2: %d answers to %d questions", len(said), stored)
	}
	if ordered := slices.DeleteFunc(slices.Clone(said), func(n int) bool { return !slices.Contains(seen, n) }); !slices.Equal(ordered, seen) && !p.crossing {
		wrong("I3: said in the order %v, seen in the order %v", ordered, seen)
	}
	return found
}

func count(numbers []int, n int) (times int) {
	for _, other := range numbers {
		if other == n {
			times++
		}
	}
	return times
}

// fine fails the test for everything that an audit finds, and tells what it counted.
func (b *books) fine(people []*person) tally {
	b.t.Helper()
	found, sum := b.audit(people)
	const most = 20
	for i, wrong := range found {
		if i == most {
			b.t.Errorf("… and %d more", len(found)-most)
			break
		}
		b.t.Error(wrong)
	}
	b.t.Logf("%d people: %d questions stored, %d answers seen once, %d unknown", sum.people, sum.stored, sum.answered, sum.unknown)
	if sum.stored == 0 || sum.answered == 0 {
		b.t.Error("nobody was answered: that proves nothing")
	}
	return sum
}

// hunt has people talk, again and again, until the audit finds what it is to find: a planted bug shows now and then.
func (b *books) hunt(what string, round func() []*person) {
	b.t.Helper()
	const rounds, look = 10, 10 * time.Second
	for range rounds {
		people := round()
		for begin := time.Now(); time.Since(begin) < look; time.Sleep(50 * time.Millisecond) {
			found, _ := b.audit(people)
			if slices.ContainsFunc(found, func(wrong string) bool { return strings.Contains(wrong, what) }) {
				return
			}
		}
	}
	b.t.Errorf("the planted bug was not found: nothing %s", what)
}
