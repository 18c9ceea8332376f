package wechat

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

//go:embed page
var page embed.FS

// pollLasts is how long the page waits for a change; what changes by time alone, it sees then.
const pollLasts = 5 * time.Second

// playing adds the page and what it calls.
func (s *Server) playing(mux *http.ServeMux) {
	files, err := fs.Sub(page, "page")
	if err != nil {
		panic("wechat: " + err.Error()) // the folder is embedded
	}
	static := http.FileServerFS(files)
	serve := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-cache")
		static.ServeHTTP(w, r)
	}
	for _, path := range []string{"/{$}", "/page.css", "/page.js", "/phone.js", "/icon.svg"} {
		mux.HandleFunc("GET "+path, serve)
	}
	mux.HandleFunc("GET /play/state", s.playState)
	mux.HandleFunc("POST /play/follower", s.playFollower)
	mux.HandleFunc("POST /play/customer", s.playCustomer)
}

// state is what the page shows.
type state struct {
	Version  int            `json:"version"`
	Accounts []accountState `json:"accounts"`
	Desks    []deskState    `json:"desks"`
	Robots   []robotState   `json:"robots"`
	Faults   []string       `json:"faults"` // what the platform let pass though it was wrong
}

type accountState struct {
	AppID     string          `json:"appid"`
	Name      string          `json:"name"`
	Mode      Mode            `json:"mode"`
	Certified bool            `json:"certified"`
	Menu      []menuButton    `json:"menu"`
	Followers []followerState `json:"followers"`
}

type followerState struct {
	OpenID    string   `json:"openid"`
	Following bool     `json:"following"`
	Typing    bool     `json:"typing"`
	Left      int      `json:"left"`
	Chat      []Bubble `json:"chat"`
}

type deskState struct {
	Corp      string          `json:"corp"`
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Customers []customerState `json:"customers"`
}

type customerState struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	State State    `json:"state"`
	Left  int      `json:"left"`
	Chat  []Bubble `json:"chat"`
}

type robotState struct {
	Name string   `json:"name"`
	Said []Notice `json:"said"`
}

// playState is GET /play/state?after=N: the state as soon as its version is another than N, or after pollLasts.
func (s *Server) playState(w http.ResponseWriter, r *http.Request) {
	after, err := strconv.Atoi(r.URL.Query().Get("after"))
	if err != nil {
		after = -1
	}
	timeout := time.NewTimer(pollLasts)
	defer timeout.Stop()
	for {
		s.mu.Lock()
		now, changed := s.state(), s.changed
		s.mu.Unlock()
		if now.Version != after {
			respond(w, http.StatusOK, now)
			return
		}
		select {
		case <-changed:
		case <-timeout.C:
			after = -1
		case <-s.closing:
			after = -1
		case <-r.Context().Done():
			return
		}
	}
}

// state is called with the lock held.
func (s *Server) state() state {
	now := s.cfg.Now()
	out := state{Version: s.version, Accounts: []accountState{}, Desks: []deskState{}, Robots: []robotState{}}
	for _, id := range slices.Sorted(maps.Keys(s.accounts)) {
		a := s.accounts[id]
		as := accountState{a.cfg.AppID, a.cfg.Name, a.cfg.Mode, a.cfg.Certified, a.menu, []followerState{}}
		for _, f := range a.order {
			as.Followers = append(as.Followers, followerState{f.openID, f.following, f.typing.After(now), f.quota.left(now), clone(f.bubbles)})
		}
		out.Accounts = append(out.Accounts, as)
	}
	for _, id := range slices.Sorted(maps.Keys(s.corps)) {
		e := s.corps[id]
		for _, d := range e.desks {
			ds := deskState{e.cfg.ID, d.id, d.name, []customerState{}}
			for _, c := range d.customers {
				ds.Customers = append(ds.Customers, customerState{c.id, c.name, c.state, c.sends.now(now), clone(c.bubbles)})
			}
			out.Desks = append(out.Desks, ds)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.robots)) {
		r := s.robots[key]
		out.Robots = append(out.Robots, robotState{r.name, append([]Notice{}, r.said...)})
	}
	return out
}

func clone(bubbles []Bubble) []Bubble { return append([]Bubble{}, bubbles...) }

// move is what a player does on the page.
type move struct {
	Account   string  `json:"account"` // the appid, or the open_kfid
	Person    string  `json:"person"`  // the openid, or the external_userid
	Do        string  `json:"do"`
	Text      string  `json:"text"`
	ID        string  `json:"id"`
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Data      []byte  `json:"data"` // base64
}

// outcome is what the page is told of a delivery.
type outcome struct {
	Fault    string  `json:"fault"`
	Attempts []tried `json:"attempts"`
}

type tried struct {
	Milliseconds int64  `json:"ms"`
	Status       int    `json:"status"`
	Fault        string `json:"fault"`
}

// playFollower is POST /play/follower: somebody does something before an official account.
func (s *Server) playFollower(w http.ResponseWriter, r *http.Request) {
	m, err := readMove(w, r)
	if err != nil {
		respond(w, http.StatusBadRequest, outcome{Fault: err.Error()})
		return
	}
	s.mu.Lock()
	a := s.accounts[m.Account]
	s.mu.Unlock()
	if a == nil || m.Person == "" {
		respond(w, http.StatusNotFound, outcome{Fault: "there is no such account or person"})
		return
	}
	ctx, f := context.WithoutCancel(r.Context()), a.Follower(m.Person)
	actions := map[string]func() Delivery{
		"follow":   func() Delivery { return f.Subscribe(ctx, m.Text) },
		"unfollow": func() Delivery { return f.Unsubscribe(ctx) },
		"say":      func() Delivery { return f.Say(ctx, m.Text) },
		"choose":   func() Delivery { return f.Choose(ctx, m.ID, m.Text) },
		"image":    func() Delivery { return f.SendImage(ctx, m.Data) },
		"voice":    func() Delivery { return f.SendVoice(ctx, []byte(emptyAMR), m.Text) },
		"location": func() Delivery { return f.SendLocation(ctx, m.Latitude, m.Longitude, m.Text) },
		"report":   func() Delivery { return f.Report(ctx, m.Latitude, m.Longitude, 40) },
		"scan":     func() Delivery { return f.Scan(ctx, m.Text) },
		"click":    func() Delivery { return f.Click(ctx, m.ID) },
		"view":     func() Delivery { return f.View(ctx, m.ID) },
		"new":      func() Delivery { return Delivery{} }, // Follower made the person
	}
	perform(w, actions[m.Do])
}

// playCustomer is POST /play/customer: somebody does something before a desk of 微信客服.
func (s *Server) playCustomer(w http.ResponseWriter, r *http.Request) {
	m, err := readMove(w, r)
	if err != nil {
		respond(w, http.StatusBadRequest, outcome{Fault: err.Error()})
		return
	}
	var d *Desk
	s.mu.Lock()
	for _, e := range s.corps {
		if found := e.desk(m.Account); found != nil {
			d = found
		}
	}
	s.mu.Unlock()
	if d == nil || m.Person == "" {
		respond(w, http.StatusNotFound, outcome{Fault: "there is no such desk or person"})
		return
	}
	ctx, c := context.WithoutCancel(r.Context()), d.Customer(m.Person, "客户 "+m.Person[max(0, len(m.Person)-4):])
	actions := map[string]func() Delivery{
		"enter":    func() Delivery { return c.Enter(ctx, m.Text) },
		"say":      func() Delivery { return c.Say(ctx, m.Text) },
		"choose":   func() Delivery { return c.Choose(ctx, m.ID, m.Text) },
		"image":    func() Delivery { return c.SendImage(ctx, m.Data) },
		"voice":    func() Delivery { return c.SendVoice(ctx, []byte(emptyAMR)) },
		"location": func() Delivery { return c.SendLocation(ctx, m.Latitude, m.Longitude, m.Text, m.Text) },
		"close":    func() Delivery { return c.Transfer(ctx, 3, "") },
		"new":      func() Delivery { return Delivery{} }, // Customer made the person
	}
	perform(w, actions[m.Do])
}

// emptyAMR is a voice message in which nothing is said.
const emptyAMR = "#!AMR\n"

func perform(w http.ResponseWriter, action func() Delivery) {
	if action == nil {
		respond(w, http.StatusBadRequest, outcome{Fault: "there is no such action"})
		return
	}
	d := action()
	out := outcome{Fault: d.Fault, Attempts: []tried{}}
	for _, a := range d.Attempts {
		out.Attempts = append(out.Attempts, tried{a.Took.Milliseconds(), a.Status, a.Fault})
	}
	respond(w, http.StatusOK, out)
}

// readMove reads what the page sends. Other pages cannot send JSON here without being asked first.
func readMove(w http.ResponseWriter, r *http.Request) (m move, err error) {
	if r.Header.Get("Content-Type") != "application/json" {
		return m, errors.New("the body is no application/json")
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxCall))
	d.DisallowUnknownFields()
	return m, d.Decode(&m)
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the reader may be gone
}
