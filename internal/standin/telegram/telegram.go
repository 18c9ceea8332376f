// Package telegram is a stand-in for Telegram's Bot API: a server for practice and tests that is as
// strict as the real one. It answers bots under /bot<token>/<method> and /file/bot<token>/<path>, pushes
// webhooks, and has people in it whom a test, or somebody at the page under /, plays.
//
// Texts of errors, the order of checks, offsets, repeats and queues follow github.com/tdlib/telegram-bot-api.
// Where the real server's mind is not published (its limits, for example), the stricter guess is taken.
//
// All of it may be used by many goroutines at once.
package telegram

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Config is what a Server needs; the zero value will do.
type Config struct {
	Now    func() time.Time // the clock that dates messages and fills the buckets; nil is time.Now. Waits use package time
	Log    *slog.Logger     // nil logs nothing. Tokens are never logged
	Client *http.Client     // calls the webhooks; nil is a client of its own. Redirects are not followed
	Limits Limits           // the zero value is the usual ones
	Rand   *rand.Rand       // draws ids and the longest pauses; nil is seeded by chance
}

// Server is the stand-in. New makes one.
type Server struct {
	now     func() time.Time
	log     *slog.Logger
	client  *http.Client
	methods map[string]method
	page    http.Handler

	ctx  context.Context // ends the goroutines that outlive a request
	stop context.CancelFunc
	done sync.WaitGroup

	mu       sync.Mutex
	changed  chan struct{} // closed, and made anew, at each change
	rand     *rand.Rand
	limits   Limits
	script   func(Call) Fault
	calls    []Call
	repeats  Repeats
	bots     []*bot
	users    map[int64]*User
	private  map[[2]int64]*chat // by bot and user
	groups   map[int64]*chat
	files    map[string]*file // by their path
	fileIDs  map[string]fileRef
	folder   string // of files, where the server runs with --local
	lastID   int    // of messages outside supergroups
	lastFile int
	buckets  map[string]*level
	holds    map[[2]int64]time.Time // by bot and chat (0 is all): answers 429 until then
	pressed  map[string]*press
	answers  []Answer
}

// bot is one account of a bot.
type bot struct {
	id             int64
	token          string
	username, name string
	readsAll       bool // privacy mode is off
	threaded       bool // Threaded Mode is on: private chats have topics
	picture        *file

	queue    queue
	allowed  map[string]bool // nil is the default set
	poll     pollState
	hook     *hook
	hookSet  time.Time // when a webhook was set last
	commands map[string][]Command
}

// New returns a server without bots or people.
func New(config Config) *Server {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.Client == nil {
		config.Client = &http.Client{}
	}
	if config.Rand == nil {
		config.Rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	client := *config.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{
		now: config.Now, log: config.Log, client: &client, methods: methods(),
		ctx: ctx, stop: stop,
		changed: make(chan struct{}), rand: config.Rand, limits: config.Limits.orUsual(),
		users: map[int64]*User{}, private: map[[2]int64]*chat{}, groups: map[int64]*chat{},
		files: map[string]*file{}, fileIDs: map[string]fileRef{}, lastID: 100,
		buckets: map[string]*level{}, holds: map[[2]int64]time.Time{}, pressed: map[string]*press{},
	}
	s.page = s.routes()
	return s
}

// Close ends the long polls and the pushing of webhooks, and waits for the latter. From now on each call is
// answered with a 500.
func (s *Server) Close() {
	s.stop()
	s.done.Wait()
}

// AddBot lets a bot in and returns its id, which is the part of the token before the colon. It panics
// when the token is not of Telegram's form, <id>:<secret>, for that is a mistake in the calling code.
func (s *Server) AddBot(token, username, name string) int64 {
	id, err := tokenID(token)
	if err != nil {
		panic("telegram stand-in: AddBot: " + err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bots = append(s.bots, &bot{id: id, token: token, username: username, name: name, commands: map[string][]Command{}})
	s.notify()
	return id
}

// SetPrivacy turns a bot's privacy mode on (as it is at first) or off: while it is on, a bot that is no
// administrator is shown only the commands, mentions and replies of a group that are meant for it.
func (s *Server) SetPrivacy(bot int64, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.bot(bot); b != nil {
		b.readsAll = !on
	}
}

// SetThreaded turns a bot's Threaded Mode on or off: while it is on, its private chats have topics, which people open
// by CreateTopic.
func (s *Server) SetThreaded(bot int64, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.bot(bot); b != nil {
		b.threaded = on
	}
}

// tokenID returns the bot's id in a token.
func tokenID(token string) (int64, error) {
	number, secret, ok := strings.Cut(token, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || id <= 0 || secret == "" || token[0] == '0' || len(token) > 80 || strings.Contains(token, "/") {
		return 0, fmt.Errorf("a token is <id>:<secret> of at most 80 characters without a slash")
	}
	return id, nil
}

// bot returns the bot of that id, or the first one for 0; nil when there is none.
func (s *Server) bot(id int64) *bot {
	for _, b := range s.bots {
		if id == 0 || b.id == id {
			return b
		}
	}
	return nil
}

// notify wakes everybody who waits for a change. The lock is held.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Changed returns a channel that is closed at the next change of anything.
func (s *Server) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// Wait returns when the predicate holds, which is asked again after each change, or with the error of
// the context. The predicate may call the server.
func (s *Server) Wait(ctx context.Context, holds func() bool) error {
	for {
		changed := s.Changed()
		if holds() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for the Telegram stand-in: %w", ctx.Err())
		}
	}
}
