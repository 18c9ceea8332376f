package faults

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/internal/standin/telegram"
	"github.com/yingda/yingda/internal/standin/wechat"
)

// door is where something outside can make the program panic.
type door struct {
	name    string // as the metric has it
	mine    string // as package planted has it
	provoke func() // has the program step on the mine; nil: its start did
}

// TestPanics: something panics in every door. It is counted there, its stack is in the log and nothing that was said,
// the program lives, and whoever spoke and speaks next is stored and answered once.
func TestPanics(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db database) {
		town := newMinedTown(t, db, "sweep", "reseal")
		s := town.nodes[0]
		doors := append(town.doors(), door{"housekeeping", "sweep", nil}, door{"housekeeping", "reseal", nil})
		for _, d := range doors {
			for _, wrong := range town.goesOff(d, "") {
				t.Error(wrong)
			}
		}
		want := map[string]int{}
		for _, d := range doors {
			want[d.name]++
		}
		for name, want := range want {
			eventually(t, func() bool { n, err := town.panics(name); return n == want && err == nil }, fmt.Sprintf("%d panics in %s", want, name))
		}
		town.lastWords()
		finish(t, s, town.visitors)
		if log := s.output(); strings.Contains(log, "secret words") || strings.Count(log, "mines.go") < len(doors) {
			t.Errorf("the log has the words of a panic, or lacks a stack:\n%s", log)
		}
	})
}

// TestPanicsFinds: the same catches a door behind which nothing recovers.
func TestPanicsFinds(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"api", "telegram", "store"} {
		t.Run(name, func(t *testing.T) {
			town := newMinedTown(t, sqliteFile{})
			doors := town.doors()
			i := slices.IndexFunc(doors, func(d door) bool { return d.name == name })
			wantFound(t, town.goesOff(doors[i], ".bare"), "ended the program")
		})
	}
}

// minedTown is a Yingda with an account of every channel that customers write on, whose store has mines.
type minedTown struct {
	*wechatTown
	people   *telegram.Server
	bot      telegram.Demo
	field    string               // the folder of mines
	visitors []*customer          // of the API
	crowd    map[string][]*person // the others, by channel
}

// newMinedTown opens one, with mines for what happens when it starts.
func newMinedTown(t *testing.T, db database, mines ...string) *minedTown {
	t.Helper()
	town := &minedTown{people: telegram.New(telegram.Config{}), field: t.TempDir(), crowd: map[string][]*person{}}
	t.Cleanup(town.people.Close)
	town.people.SetLimits(telegram.Limits{Off: true})
	var err error
	town.bot, err = town.people.Populate(telegram.Demo{})
	must(t, err)
	for _, mine := range mines {
		town.lay(t, mine)
	}
	town.wechatTown = newWechatTown(t, wechatSetup{db: db, mode: wechat.Safe, planted: []string{"YINGDA_MINES=" + town.field}, env: []string{
		"YINGDA_TELEGRAM_TOKEN=" + town.bot.Token, "YINGDA_TELEGRAM_API=" + newHost(t, town.people).url(),
		fmt.Sprintf("YINGDA_TELEGRAM_GROUP=%d", town.bot.Group),
	}})
	follower, _ := town.follower()
	town.crowd["wechat"] = []*person{follower}
	town.crowd["wechat-kf"] = []*person{town.customer()}
	town.crowd["telegram"] = []*person{callerOn(t, town.people, 10_001)}
	town.visitors = newCustomers(town.nodes[0], 1)
	return town
}

func (town *minedTown) lay(t testing.TB, mine string) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(town.field, mine), nil, 0o600))
}

// doors are those with mines that can be stepped on at any time.
func (town *minedTown) doors() []door {
	ask := func(channel string) func() { return func() { town.crowd[channel][0].ask() } }
	agent := func() {
		_, err := town.people.Say(town.bot.Agents[0].ID, telegram.Place{Chat: town.bot.Group}, "/tickets")
		must(town.t, err)
	}
	speak := func() { _ = town.visitors[0].goOn() } // what is refused is sent again
	follow := func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		body, err := town.visitors[0].wait(ctx, "/events")
		must(town.t, err)
		_, _ = io.Copy(io.Discard, body) // the panic ends it
	}
	return []door{
		{"api", "turn-api", speak},
		{"api", "entries", follow},
		{"wechat", "turn-wechat", ask("wechat")},
		{"wechat-kf", "turn-wechat-kf", ask("wechat-kf")},
		{"telegram", "turn-telegram", ask("telegram")},
		{"telegram-desk", "forum", agent},
		{"store", "commit", speak},
		{"courier", "lease", ask("telegram")},
		{"guide", "edit-guide", town.edit},
		{"guide", "wait-guide", town.edit},
		{"metrics", "stats", func() { _, _ = town.panics("") }},
	}
}

// edit changes an article of the folder that leads.
func (town *minedTown) edit() {
	path := filepath.Join(town.nodes[0].args[6], "guide", "many", "word-0.md")
	text, err := os.ReadFile(path)
	must(town.t, err)
	must(town.t, os.WriteFile(path, append(text, "\n还有一句。\n"...), 0o600))
}

// goesOff lays a mine in a door, has the program step on it, and is what is wrong afterwards.
func (town *minedTown) goesOff(d door, how string) (found []string) {
	s := town.nodes[0]
	mine := filepath.Join(town.field, d.mine+how)
	before := 0
	if d.provoke != nil {
		var err error
		before, err = town.panics(d.name)
		must(town.t, err)
		town.lay(town.t, d.mine+how)
		d.provoke()
	}
	eventually(town.t, func() bool { _, err := os.Stat(mine); return err != nil }, d.name+": a step on the mine")
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		now, err := town.panics(d.name)
		switch {
		case s.ended():
			return []string{fmt.Sprintf("%s: a panic ended the program", d.name)}
		case err == nil && now > before:
			return nil
		case time.Since(begin) > patience:
			return []string{fmt.Sprintf("%s: %v panics were counted, before %v: %v", d.name, now, before, err)}
		}
	}
}

// panics is how many were counted at a door.
func (town *minedTown) panics(door string) (n int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+town.nodes[0].address+"/metrics", http.NoBody)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close() //nolint:errcheck // it is only read
	text, err := io.ReadAll(res.Body)
	if counted := regexp.MustCompile(`yingda_panics_total\{door="` + door + `"\} (\d+)`).FindSubmatch(text); counted != nil {
		n, _ = strconv.Atoi(string(counted[1])) // digits
	}
	return n, err
}

// lastWords has everybody speak once more, and holds all that was said against what is stored and seen.
func (town *minedTown) lastWords() {
	var people []*person
	for _, some := range town.crowd {
		people = append(people, some...)
	}
	for _, p := range people {
		p.ask()
	}
	town.books.settled(people)
	town.books.fine(people)
}
