package telegram_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/internal/standin/telegram"
)

// texts are those of updates with messages.
func texts(list []update) []string {
	out := []string{}
	for _, u := range list {
		if u.Message != nil {
			out = append(out, u.Message.Text)
		}
	}
	return out
}

func TestOffsets(t *testing.T) {
	s := stand(t, off())
	drain(t, s)
	for i := range 5 {
		got(s.Say(customer, telegram.Place{Chat: customer}, strconv.Itoa(i))).must(t)
	}
	first := updates(t, s, "")[0].ID
	at := func(n int) string { return "offset=" + strconv.Itoa(first+n) }
	for _, tt := range []struct {
		why, form string
		want      []string
	}{
		{"nothing is confirmed without an offset", "", []string{"0", "1", "2", "3", "4"}},
		{"a limit", "limit=2", []string{"0", "1"}},
		{"a limit of nothing is one", "limit=0", []string{"0"}},
		{"an offset confirms what is lower", at(1), []string{"1", "2", "3", "4"}},
		{"and for ever", "", []string{"1", "2", "3", "4"}},
		{"a lower one takes nothing back", at(0), []string{"1", "2", "3", "4"}},
		{"a negative one leaves so many at the end", "offset=-2", []string{"3", "4"}},
		{"one far ahead counts for nothing", at(1000), []string{"3", "4"}},
		{"one a little ahead confirms all", at(12), []string{}},
		{"all is gone", "", []string{}},
	} {
		if got := texts(updates(t, s, tt.form)); !slices.Equal(got, tt.want) {
			t.Errorf("%s (%s): %v, want %v", tt.why, tt.form, got, tt.want)
		}
	}
	s.Redeliver(0)
	if got := texts(updates(t, s, "limit=100")); !slices.Contains(got, "0") || !slices.Contains(got, "4") {
		t.Errorf("delivered again: %v", got)
	}
}

func TestAllowedUpdates(t *testing.T) {
	s := stand(t, off())
	drain(t, s)
	place := telegram.Place{Chat: customer}
	turn := func() {
		id := got(s.Say(customer, place, "x")).must(t)
		must(t, s.Edit(customer, place, id, "y"))
		must(t, s.Block(customer, 0, true))
		must(t, s.Block(customer, 0, false))
	}
	for _, tt := range []struct {
		form               string
		said, edited, told int
	}{
		{`allowed_updates=["message"]`, 1, 0, 0},
		{"", 1, 0, 0}, // as before
		{`allowed_updates=["edited_message","my_chat_member"]`, 0, 1, 2},
		{`allowed_updates=["nonsense"]`, 1, 1, 2},
		{`allowed_updates=["chat_member"]`, 0, 0, 0},
		{`allowed_updates=[]`, 1, 1, 2},
		{`allowed_updates=nonsense`, 1, 1, 2},
	} {
		updates(t, s, tt.form)
		turn()
		said, edited, told := 0, 0, 0
		for _, u := range updates(t, s, "") {
			switch {
			case u.Message != nil:
				said++
			case u.Edited != nil:
				edited++
			case u.Member != nil:
				told++
			}
		}
		if said != tt.said || edited != tt.edited || told != tt.told {
			t.Errorf("%s: %d messages, %d edits, %d of the member, want %d, %d, %d", tt.form, said, edited, told, tt.said, tt.edited, tt.told)
		}
		drain(t, s)
	}
}

// TestLongPoll checks that a poll waits, wakes, and ends the one before it, without real waiting.
func TestLongPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(t, off())
		next := drain(t, s)
		start := time.Now()
		if list := updates(t, s, next+"&timeout=600"); len(list) != 0 || time.Since(start) != 50*time.Second {
			t.Errorf("an empty poll gave %v after %v", list, time.Since(start))
		}
		go func() {
			time.Sleep(7 * time.Second)
			got(s.Say(customer, telegram.Place{Chat: customer}, "来了")).must(t)
		}()
		start = time.Now()
		if list := updates(t, s, next+"&timeout=30"); len(list) != 1 || time.Since(start) != 7*time.Second {
			t.Errorf("a poll gave %v after %v", list, time.Since(start))
		}
		next = drain(t, s)

		older := make(chan answer)
		go func() { older <- ask(t, s, "getUpdates", next+"&timeout=30") }()
		synctest.Wait()
		younger := make(chan answer)
		go func() { younger <- ask(t, s, "getUpdates", next+"&timeout=30") }()
		if a := <-older; a.Code != http.StatusConflict || a.Description != "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running" {
			t.Errorf("the older poller got %d %s", a.Code, a.Description)
		}
		synctest.Wait()
		s.Close()
		if a := <-younger; a.Description != "Internal Server Error: restart" {
			t.Errorf("the younger poller got %q from a server that was closed", a.Description)
		}
	})
}

// TestHastyPolls checks what asking again and again with the same offset costs.
func TestHastyPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(t, telegram.Config{})
		next := drain(t, s)
		start := time.Now()
		updates(t, s, next)
		if waited := time.Since(start); waited != 3*time.Second {
			t.Errorf("the same offset at once waited %v, want 3s", waited)
		}
		for i := range 3 {
			got(s.Say(customer, telegram.Place{Chat: customer}, fmt.Sprint(i))).must(t)
		}
		updates(t, s, next+"&limit=3")
		if list := updates(t, s, next); len(list) != 1 {
			t.Errorf("the same offset at once gave %d updates, want 1", len(list))
		}
	})
}

// TestInject gives a bot what no person of the stand-in can say.
func TestInject(t *testing.T) {
	s := stand(t, off())
	drain(t, s)
	must(t, s.Inject(0, "message", json.RawMessage(`{"message_id":7,"text":"从别处"}`)))
	got(s.Send(customer, telegram.Place{Chat: customer}, telegram.Content{Photo: picture(t, 9, 9), Album: "a1"})).must(t)
	if list := updates(t, s, ""); len(list) != 2 || list[0].Message.Text != "从别处" || list[1].Message.Album != "a1" {
		t.Errorf("the bot is told %+v", list)
	}
	if err := s.Inject(0, "message", json.RawMessage(`{`)); err == nil {
		t.Error("what is no JSON was taken")
	}
}

func TestPollRepeats(t *testing.T) {
	s := stand(t, off())
	drain(t, s)
	for i := range 4 {
		got(s.Say(customer, telegram.Place{Chat: customer}, fmt.Sprint(i))).must(t)
	}
	s.SetRepeats(telegram.Repeats{Times: 20, Shuffle: true})
	list := texts(updates(t, s, ""))
	if len(list) != 80 || slices.IsSorted(list) {
		t.Errorf("%d updates, want each of 4 twenty times and in no order: %v", len(list), list)
	}
}
