package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// nodes are servers on one database: two on PostgreSQL, one on SQLite.
func nodes(t *testing.T, db database, args ...string) []*server {
	t.Helper()
	all := []*server{newServer(t, db, args...)}
	if _, shared := db.(*postgres); shared {
		all = append(all, newServer(t, db, args...))
	}
	for _, s := range all {
		s.start()
	}
	return all
}

// agentOf has a key made, and returns a func that acts on tickets with it, through any server, as often as it is busy.
func agentOf(t *testing.T, s *server, db database, name string) func(s *server, ticket, act, body string) (desk.Ticket, error) {
	t.Helper()
	key := keyOf(t, s, db, name)
	once := func(s *server, ticket, act, body string) (done desk.Ticket, err error) {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+s.address+"/api/v1/desk/tickets/"+ticket+"/"+act, strings.NewReader(body))
		if err != nil {
			return done, err
		}
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			return done, err
		}
		data, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			return done, err
		}
		if res.StatusCode != http.StatusOK {
			return done, &errRefused{res.StatusCode, res.Header.Get("Retry-After"), string(data)}
		}
		return done, json.Unmarshal(data, &done)
	}
	return func(s *server, ticket, act, body string) (done desk.Ticket, err error) {
		err = insist(func() error {
			done, err = once(s, ticket, act, body)
			return err
		})
		return done, err
	}
}

// keyOf has a key made for an agent.
func keyOf(t *testing.T, s *server, db database, name string) string {
	t.Helper()
	out, err := s.run("key add", append(append(db.flags(), "-data", s.data()), "-role", "agent", name)...)
	if err != nil {
		t.Fatalf("key add: %v: %s", err, out)
	}
	return strings.TrimSpace(out)
}

// handOver presses the button for a person, and returns the ticket's number.
func (c *customer) handOver() (string, error) {
	var answer struct{ Replies []chat.Reply }
	press := map[string]string{"client_id": fmt.Sprintf("h%d", len(c.ledger))}
	err := insist(func() error { return c.call(http.MethodPost, "/"+c.id+"/handoff", press, &answer) })
	if err != nil {
		return "", err
	}
	for _, r := range answer.Replies {
		if r.Ticket != "" {
			return r.Ticket, nil
		}
	}
	return "", errors.New("no ticket was opened")
}

// TestClaims: of two agents who claim one ticket at once exactly one gets it, and the test channel
// hears of it once and in order (I4).
func TestClaims(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db database) {
		channel := newReceiver(t)
		all := nodes(t, db, channel.flags()...)
		first, last := all[0], all[len(all)-1]
		li, wang := agentOf(t, first, db, "前台"), agentOf(t, first, db, "后台")
		var tickets []desk.Ticket
		for range scaled(50, 5000) {
			c := newCustomers(first, 1)[0]
			number, err := c.handOver()
			must(t, err)
			var won, lost error
			var mine, yours desk.Ticket
			var both sync.WaitGroup
			both.Go(func() { mine, won = li(first, number, "claim", "") })
			both.Go(func() { yours, lost = wang(last, number, "claim", "") })
			both.Wait()
			if won != nil {
				mine, won, lost = yours, lost, won
			}
			refused, ok := errors.AsType[*errRefused](lost)
			if won != nil || !ok || refused.status != http.StatusConflict {
				t.Fatalf("two claims of %s ended with %v and %v, want one winner and a 409", number, won, lost)
			}
			tickets = append(tickets, mine)
		}
		want := []desk.Event{desk.EventOpened, desk.EventClaimed}
		for _, ticket := range tickets {
			eventually(t, func() bool { return len(channel.of(ticket.Number)) >= len(want) }, "the announcements of "+ticket.Number)
			if got := channel.of(ticket.Number); !slices.Equal(got, want) {
				t.Errorf("%s was announced as %v, want %v", ticket.Number, got, want)
			}
		}
		if channel.opened() != len(tickets) {
			t.Errorf("%d tickets were announced, %d were opened", channel.opened(), len(tickets))
		}
	})
}

// TestTakeover: customers speak while the button for a person is pressed, and while an agent replies
// and closes. From the claim on until the closing the bot says nothing.
func TestTakeover(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db database) {
		all := nodes(t, db)
		li := agentOf(t, all[0], db, "前台")
		var races sync.WaitGroup
		slots := make(chan struct{}, 8)
		for range scaled(40, 2000) {
			slots <- struct{}{}
			races.Go(func() {
				takeover(t, all, li)
				<-slots
			})
		}
		races.Wait()
	})
}

func takeover(t *testing.T, all []*server, act func(s *server, ticket, act, body string) (desk.Ticket, error)) {
	c := newCustomers(all[rand.IntN(len(all))], 1)[0]
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 12 {
			if err := c.insistOn(c.question()); err != nil {
				t.Error(err)
			}
		}
	}()
	time.Sleep(rand.N(10 * time.Millisecond))
	button := &customer{s: all[rand.IntN(len(all))], name: c.name, client: c.client, id: c.id, token: c.token}
	number, err := button.handOver()
	for _, step := range []struct{ act, body string }{{"claim", ""}, {"reply", `{"text":"您好，我来帮您。"}`}, {"close", ""}} {
		if err == nil {
			_, err = act(all[rand.IntN(len(all))], number, step.act, step.body)
		}
	}
	if err != nil {
		t.Error(err)
	}
	<-done
	entries, err := c.entries()
	if err != nil {
		t.Error(err)
	}
	taken := false
	for _, e := range entries {
		switch {
		case taken && e.From == chat.FromBot:
			t.Errorf("%s: the bot said entry %d while a person had the conversation:\n%s", c.id, e.Seq, transcript(entries))
			return
		case e.From == chat.FromSystem && strings.Contains(e.Text, "已接手"):
			taken = true
		case e.From == chat.FromSystem && strings.Contains(e.Text, "已结束"):
			taken = false
		}
	}
}

func transcript(entries []chat.Entry) string {
	var b bytes.Buffer
	for _, e := range entries {
		fmt.Fprintf(&b, "%d %s: %s\n", e.Seq, e.From, e.Text)
	}
	return b.String()
}

// TestRepeats: each message comes twenty times, shuffled and in parallel, to any node. It is one row
// and one reply, and everybody is told the same.
func TestRepeats(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db database) {
		all := nodes(t, db)
		const times = 20
		for range scaled(5, 200) {
			c := newCustomers(all[0], 1)[0]
			for range 5 {
				c.ledger = append(c.ledger, said{client: fmt.Sprintf("m%d", len(c.ledger)), text: c.question()})
			}
			var sent sync.WaitGroup
			var mu sync.Mutex
			unsent := slices.Clone(c.ledger)
			for _, n := range rand.Perm(len(c.ledger) * times) {
				i, copied := n%len(c.ledger), *c
				copied.s = all[rand.IntN(len(all))]
				copied.ledger = slices.Clone(unsent)
				sent.Go(func() {
					if err := insist(func() error { return copied.send(i) }); err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					defer mu.Unlock()
					if told, mine := &c.ledger[i], copied.ledger[i]; !told.acknowledged {
						*told = mine
					} else if told.message.ID != mine.message.ID || !sameEntries(told.replies, mine.replies) {
						t.Errorf("%s was told %+v %+v, and %+v %+v", mine.client, told.message, told.replies, mine.message, mine.replies)
					}
				})
			}
			sent.Wait()
			slices.SortFunc(c.ledger, func(a, b said) int { return int(a.message.Seq - b.message.Seq) }) // they came in any order
			for _, wrong := range c.wrongs() {
				t.Error(wrong)
			}
		}
	})
}
