package wechat_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
	"github.com/yingda/yingda/chat/wechat"
	standin "github.com/yingda/yingda/internal/standin/wechat"
)

const (
	appID  = "wx5823bf96d3bd56c7"
	secret = "app-secret-canary-71c2"
	token  = "tokencanary90ab"
	aesKey = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
	ghID   = "gh_97417a04a28d"
	openID = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"
)

// scene is a shop: WeChat's stand-in, the channel, a courier and what they share, all in memory. In a
// synctest bubble nothing in it takes any time that is not slept.
type scene struct {
	t        *testing.T
	stand    *standin.Server
	official *standin.OfficialAccount
	inbox    *chattest.Inbox
	outbox   *chattest.Outbox
	log      *logged

	mu    sync.Mutex
	nodes []*node
	next  int
}

// node is a process: the channel, between gates that close when it is killed.
type node struct {
	s       *scene
	channel *wechat.Channel

	mu     sync.Mutex
	delay  time.Duration // of Deliver, before it commits
	busy   int           // how many more Delivers fail with chat.ErrBusy
	killAt string        // the gate at which it dies; "" for none
	dead   bool
	died   chan struct{} // closed then
	freed  chan struct{} // closed at the end of the test, to let go of what hangs in a gate
}

var errDead = errors.New("the process is dead")

// gate is passed by the living. Whoever is to die at it, and everybody after that, hangs.
func (n *node) gate(name string) error {
	n.mu.Lock()
	if n.killAt == name && !n.dead {
		n.dead = true
		close(n.died)
	}
	dead := n.dead
	n.mu.Unlock()
	if !dead {
		return nil
	}
	<-n.freed
	return errDead
}

// slow makes Deliver take so long before it commits.
func (n *node) slow(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.delay = d
}

// refuse makes the next Delivers fail with chat.ErrBusy.
func (n *node) refuse(times int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.busy = times
}

// kill lets the process die at a gate.
func (n *node) kill(at string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.killAt = at
}

func (n *node) Deliver(ctx context.Context, from chat.OpenRequest, m chat.Message) (chat.Receipt, error) {
	n.mu.Lock()
	delay := n.delay
	n.mu.Unlock()
	if err := sleep(ctx, delay); err != nil {
		return chat.Receipt{}, err
	}
	if err := n.gate("deliver"); err != nil {
		return chat.Receipt{}, err
	}
	n.mu.Lock()
	busy := n.busy > 0
	n.busy--
	n.mu.Unlock()
	if busy {
		return chat.Receipt{}, chat.ErrBusy
	}
	d, err := n.s.inbox.Deliver(ctx, from, m)
	if err := n.gate("delivered"); err != nil {
		return chat.Receipt{}, err
	}
	return d, err
}

func (n *node) Forget(ctx context.Context, channel, account, address string) error {
	return errors.Join(n.gate("forget"), n.s.inbox.Forget(ctx, channel, account, address))
}

func (n *node) LeaseLane(ctx context.Context, lane string, behind int64, lease time.Duration) ([]chat.Sending, error) {
	if err := n.gate("take"); err != nil {
		return nil, err
	}
	rows, err := n.s.outbox.LeaseLane(ctx, lane, behind, lease)
	if err := n.gate("taken"); err != nil {
		return nil, err
	}
	return rows, err
}

func (n *node) Settle(ctx context.Context, id int64, s chat.Settlement) error {
	if err := n.gate("settle"); err != nil {
		return chat.ErrConflict
	}
	return n.s.outbox.Settle(ctx, id, s)
}

func (n *node) GetKV(ctx context.Context, key string) ([]byte, error) {
	if err := n.gate("mark"); err != nil {
		return nil, err
	}
	return n.s.inbox.GetKV(ctx, key)
}

func (n *node) SetKV(ctx context.Context, values ...chat.KV) error {
	return errors.Join(n.gate("set"), n.s.inbox.SetKV(ctx, values...))
}

func (n *node) ClaimKV(ctx context.Context, m chat.KV) ([]byte, error) {
	if strings.Contains(m.Key, "/nonce/") { // that of a signature, before anything is done
		if err := n.gate("sign"); err != nil {
			return nil, err
		}
		return n.s.inbox.ClaimKV(ctx, m)
	}
	if err := n.gate("claim"); err != nil {
		return nil, err
	}
	value, err := n.s.inbox.ClaimKV(ctx, m)
	if err := n.gate("claimed"); err != nil {
		return nil, err
	}
	return value, err
}

// ServeHTTP is the node's hook. When the node is killed, its connections break.
// ListEntries finds one entry, whose text is its number.
func (n *node) ListEntries(_ context.Context, _ string, after int64, _ int) ([]chat.Entry, error) {
	return []chat.Entry{{Seq: after + 1, Text: fmt.Sprintf("第%d条", after+1)}}, nil
}

func (n *node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hook, ok := n.channel.Hook("default")
	if !ok {
		panic("no hook")
	}
	done := make(chan struct{})
	answer := &recorder{header: http.Header{}}
	go func() { defer close(done); hook.ServeHTTP(answer, r) }()
	select {
	case <-done:
		answer.copyTo(w)
	case <-n.died:
		select {
		case <-done: // the answer was out already
			answer.copyTo(w)
		case <-time.After(time.Millisecond):
			panic(http.ErrAbortHandler)
		}
	}
}

// recorder keeps an answer until it is known that the node lives.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }
func (r *recorder) copyTo(w http.ResponseWriter) {
	for k, v := range r.header {
		w.Header()[k] = v
	}
	if r.status != 0 {
		w.WriteHeader(r.status)
	}
	_, _ = w.Write(r.body.Bytes())
}

// logged is everything that was logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newScene opens a shop with one node. change may set the account's mode and whether it is certified.
func newScene(t *testing.T, change func(*standin.Account)) *scene {
	t.Helper()
	return newSceneWith(t, 5*time.Second, change)
}

// newSceneWith opens a shop before a WeChat that cuts requests after some time.
func newSceneWith(t *testing.T, cut time.Duration, change func(*standin.Account)) *scene {
	t.Helper()
	s := &scene{t: t, log: &logged{}}
	s.outbox = chattest.NewOutbox(time.Now)
	s.inbox = chattest.NewInbox(s.outbox)
	s.inbox.Reply = echo
	s.stand = standin.New(standin.Config{Client: &http.Client{Transport: standin.Direct(s)}, Timeout: cut})
	account := standin.Account{
		AppID: appID, Secret: secret, Token: token, Certified: true, OriginalID: ghID,
		Hook: "https://shop.example/hooks/wechat/default",
	}
	if change != nil {
		change(&account)
	}
	if account.Mode != standin.Plain {
		account.AESKey = aesKey
	}
	var err error
	if s.official, err = s.stand.AddAccount(account); err != nil {
		t.Fatal(err)
	}
	s.start(account.AESKey)
	courier := chat.NewCourier(chat.CourierConfig{
		Outbox: s.outbox, Channels: []chat.Channel{courierChannel{s}}, Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: time.Now,
		Sleep: sleep, Random: func() float64 { return 0.5 },
	})
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() { defer close(stopped); courier.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		<-stopped
		for _, n := range s.nodes {
			close(n.freed)
			if err := n.channel.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}
		s.stand.Close()
		s.secrets()
	})
	return s
}

// start begins another process.
func (s *scene) start(key string) *node {
	n := &node{s: s, died: make(chan struct{}), freed: make(chan struct{})}
	var err error
	n.channel, err = wechat.New(wechat.Config{
		Accounts: []wechat.Account{{
			Name: "default", AppID: appID, Secret: secret, Token: token, AESKey: key, API: "https://api.weixin.qq.com", OriginalID: ghID,
		}},
		Inbox: n, Outbox: n, KV: n, Conversations: n, Pictures: s.inbox, Transport: standin.Direct(s.stand),
		Title: func(id string) string { return map[string]string{"fee-basic-rates": "费率是多少"}[id] },
		Log:   slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nodes = append(s.nodes, n)
	return n
}

// ServeHTTP spreads requests over the living nodes.
func (s *scene) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.pick().ServeHTTP(w, r) }

func (s *scene) pick() *node {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range s.nodes {
		n := s.nodes[s.next%len(s.nodes)]
		s.next++
		n.mu.Lock()
		dead := n.dead
		n.mu.Unlock()
		if !dead {
			return n
		}
	}
	panic("all are dead")
}

// courierChannel sends by the living node.
type courierChannel struct{ s *scene }

func (c courierChannel) Name() string { return "wechat" }
func (c courierChannel) Send(ctx context.Context, m chat.Sending) ([]chat.KV, error) {
	return c.s.pick().channel.Send(ctx, m)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// echo answers every message with its own words.
func echo(_ chat.Conversation, m chat.Message) ([]chat.Entry, error) {
	return []chat.Entry{fromBot("答：" + m.Text)}, nil
}

// fromBot is what the bot says, with options if there are any.
func fromBot(text string, options ...chat.Option) chat.Entry {
	return chat.Entry{From: chat.FromBot, Text: text, Reply: &chat.Reply{Text: text, Options: options}}
}

// follower follows the account and has been welcomed.
func (s *scene) follower(id string) *standin.Follower {
	s.t.Helper()
	f := s.official.Follower(id)
	if d := f.Subscribe(s.t.Context(), ""); !d.OK() {
		s.t.Fatal(d.Fault)
	}
	return f
}

// agent says something to a customer. The courier sees all of it at once.
func (s *scene) agent(c chat.Conversation, texts ...string) {
	s.t.Helper()
	for i, text := range texts {
		s.agentEntry(c, chat.Entry{Seq: 1000 + int64(i), Text: text})
	}
}

func (s *scene) agentEntry(c chat.Conversation, e chat.Entry) {
	s.t.Helper()
	e.From = chat.FromAgent
	if err := s.outbox.AddEntry(c, e, time.Millisecond); err != nil {
		s.t.Fatal(err)
	}
}

// conversation is the only one that there is.
func conversation(id string) chat.Conversation {
	return chat.Conversation{ID: "conversation-1", Channel: "wechat", Account: "default", Address: id}
}

// seen are the texts that came to a follower, of a kind of way or of all.
func seen(f *standin.Follower, via ...standin.Via) (texts []string) {
	for _, b := range f.Seen() {
		for _, v := range via {
			if b.Via == v {
				texts = append(texts, b.Text)
			}
		}
		if len(via) == 0 {
			texts = append(texts, b.Text)
		}
	}
	return texts
}

// count is how often a text stands within others.
func count(texts []string, text string) (n int) {
	for _, t := range texts {
		n += strings.Count(t, text)
	}
	return n
}

// states tells how many sendings are in which state.
func (s *scene) states() string {
	c := s.outbox.Count()
	return fmt.Sprintf("sent %d, queued %d, taken %d, dead %d, unknown %d", c[chat.SendingSent], c[chat.SendingQueued],
		c[chat.SendingLeased], c[chat.SendingDead], c[chat.SendingUnknown])
}

// secrets looks for what must not be in the log.
func (s *scene) secrets() {
	s.t.Helper()
	text := s.log.String()
	for _, secret := range []string{secret, token, aesKey, openID, "access_token=", "答：", "客户说"} {
		if strings.Contains(text, secret) {
			i := strings.Index(text, secret)
			s.t.Errorf("the log holds %q: …%s…", secret, text[max(0, i-200):min(len(text), i+100)])
		}
	}
	for _, c := range s.stand.Calls("/cgi-bin/stable_token") {
		if bytes.Contains(c.Body, []byte(`"force_refresh":true`)) {
			s.t.Error("a token was forced")
		}
	}
	if faults := s.stand.Faults(); faults != nil {
		s.t.Errorf("WeChat let pass: %q", faults)
	}
}

var _ io.Writer = (*logged)(nil)

func withTimeout(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}

func must(r *http.Request, err error) *http.Request {
	if err != nil {
		panic(err)
	}
	return r
}

func read(t *testing.T, r *http.Response) string {
	t.Helper()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

var _ interface {
	chat.Channel
	chat.Runner
	chat.QuotaReporter
	chat.Checker
} = (*wechat.Channel)(nil)
