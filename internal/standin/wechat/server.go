// Package wechat stands in for WeChat's hosts, so that the channels are tried without WeChat: an official account
// (公众号, host api.weixin.qq.com), WeChat customer service (微信客服, host qyapi.weixin.qq.com) and the robot of a
// WeCom group. It is as strict as the platform is documented to be: replies, signatures, quotas, tokens. It is made
// for tests and for practice on one's own machine; it is not WeChat and stands for nothing that WeChat says.
//
// A Server is an http.Handler that answers the API paths of both hosts; whose call it is, is told by its access
// token. Followers and customers are played by methods: each pushes what the platform would push to our hook, waits
// for what came of it, and returns a Delivery. What a person sees on the telephone stands in Seen.
package wechat

import (
	"crypto/rand"
	"encoding/binary"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Config is what a Server needs; the zero value will do.
type Config struct {
	Now      func() time.Time // nil: time.Now. Tokens, quotas and what expires go by it; the cut goes by real timers
	Log      *slog.Logger     // nil: nothing is logged
	Client   *http.Client     // pushes to the hooks; nil: one that follows no redirects
	Random   io.Reader        // nil: crypto/rand
	Timeout  time.Duration    // after this the connection of a push is cut; 0: 5 s
	Attempts int              // how often a push is tried in all; 0: 3
}

// Server is the stand-in. It is safe for concurrent use.
type Server struct {
	cfg    Config
	mux    *http.ServeMux
	pushes sync.WaitGroup // those that nobody waits for

	mu       sync.Mutex // guards everything below, and all that hangs on it
	base     string
	version  int           // counts changes
	changed  chan struct{} // closed at the next change
	accounts map[string]*OfficialAccount
	corps    map[string]*Enterprise
	robots   map[string]*Robot
	grants   map[string]*grant // by access token
	files    map[string]*file  // by media id
	calls    []Call
	scripts  map[string][]Answer
	hook     func(Call) (Answer, bool)
	last     int64 // the last number that was given out

	closing chan struct{}
	close   sync.Once
}

// New returns a stand-in with no account.
func New(cfg Config) *Server {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{}
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Second
	}
	if cfg.Attempts == 0 {
		cfg.Attempts = 3
	}
	client := *cfg.Client // the platform follows no redirects
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	cfg.Client = &client
	s := &Server{
		cfg:      cfg,
		base:     "http://mmbiz.qpic.cn",
		changed:  make(chan struct{}),
		accounts: map[string]*OfficialAccount{},
		corps:    map[string]*Enterprise{},
		robots:   map[string]*Robot{},
		grants:   map[string]*grant{},
		files:    map[string]*file{},
		scripts:  map[string][]Answer{},
		closing:  make(chan struct{}),
	}
	s.mux = s.routes()
	return s
}

// Close ends what waits, the page's long polls, and waits for the pushes that nobody waits for.
func (s *Server) Close() {
	s.close.Do(func() { close(s.closing) })
	s.pushes.Wait()
}

// SetURL tells the stand-in its own address, "http://127.0.0.1:8081", on which the pictures of PicUrl can be fetched.
func (s *Server) SetURL(base string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base = base
}

// ServeHTTP answers the API of both hosts, the pictures and the page.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// change marks that something can be seen that could not be seen before. It is called with the lock held.
func (s *Server) change() {
	s.version++
	close(s.changed)
	s.changed = make(chan struct{})
}

// number returns a number that was never returned before. It is called with the lock held.
func (s *Server) number() int64 {
	s.last++
	return s.last
}

// random returns n random bytes. It panics when the source fails, for nothing can be done without one.
func (s *Server) random(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.cfg.Random, b); err != nil {
		panic("wechat: the random source failed: " + err.Error())
	}
	return b
}

// word returns n random letters and digits.
func (s *Server) word(n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	b := s.random(n)
	for i := range b {
		b[i] = alphabet[int(b[i])%len(alphabet)]
	}
	return string(b)
}

// shuffled returns the numbers below n in a random order.
func (s *Server) shuffled(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
		j := int(binary.BigEndian.Uint32(s.random(4))) % (i + 1)
		order[i], order[j] = order[j], order[i]
	}
	return order
}
