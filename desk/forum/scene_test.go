package forum_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"image"
	"image/jpeg"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/desk/forum"
	standin "github.com/yingda/yingda/internal/standin/telegram"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/search"
	"github.com/yingda/yingda/store"
)

// The people of every scene.
const (
	token    = "4242:AAH-a-secret-that-must-not-be-seen"
	customer = int64(1001)
	jia      = int64(20010001) // an agent
	yi       = int64(20010002) // another
	group    = int64(-1_000_000_000_500)
)

// scene is a shop: a customer and two agents on the stand-in for Telegram, and everything of ours between
// them as it runs in earnest.
type scene struct {
	t        *testing.T
	group    int64
	server   *standin.Server
	store    *store.Store
	inbox    *bot.Inbox
	desk     *desk.Desk
	forum    *forum.Forum
	pictures *chattest.Inbox // keeps pictures in memory
	log      *lockedBuffer
	n        int

	mu    sync.Mutex
	quota *chat.SendQuota // of the widget's customers, for a channel that is limited; nil for none
}

// lockedBuffer is a log that many write to.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// open starts it all, with a group that has topics. It ends with the test.
func open(t *testing.T) *scene {
	t.Helper()
	return openIn(t, group)
}

// openIn starts it all with a group of that id, which need not have topics.
func openIn(t *testing.T, id int64) *scene {
	t.Helper()
	t.Parallel()
	s := &scene{t: t, group: id, server: standin.New(standin.Config{}), log: &lockedBuffer{}}
	t.Cleanup(s.server.Close)
	s.server.SetLimits(standin.Limits{Off: true})
	bot := s.server.AddBot(token, "yingda_bot", "应答")
	for _, u := range []standin.User{{ID: customer, FirstName: "王老板"}, {ID: jia, FirstName: "甲", Username: "Jia"}, {ID: yi, FirstName: "乙", Username: "Yi"}} {
		s.server.AddUser(u)
	}
	super := id == group
	s.must(s.server.AddGroup(standin.Group{ID: id, Title: "客服群", Supergroup: super, Forum: super, Admins: []int64{jia, yi}}))
	s.must(s.server.SetBot(id, bot, standin.AllRights()))
	web := httptest.NewServer(s.server)
	t.Cleanup(web.Close)
	var hooks lateHandler
	pushed := httptest.NewServer(&hooks)
	t.Cleanup(pushed.Close)
	account := telegram.Account{Name: "shop", Token: token, API: web.URL, Group: id, Webhook: pushed.URL, Secret: "a-secret-of-pushes"}
	s.pictures = chattest.NewInbox(chattest.NewOutbox(time.Now))
	s.shop(account)
	hooks.Store(s.run(account))
	s.forum.Run(t.Context())
	t.Cleanup(func() {
		if strings.Contains(s.log.String(), "a-secret") {
			t.Errorf("the token is in the log:\n%s", s.log)
		}
	})
	return s
}

// shop sets up what is behind the channels.
func (s *scene) shop(account telegram.Account) {
	var err error
	s.store, err = store.Open(s.t.Context(), store.Options{
		Dir: s.t.TempDir(), Push: func(channel string) bool { return channel == "telegram" },
		Follow: []chat.Destination{{Channel: forum.Name, Account: account.Name}},
	})
	s.must(err)
	s.t.Cleanup(func() { s.must(s.store.Close()) })
	sealer, err := privacy.NewSealer(bytes.Repeat([]byte{7}, 32))
	s.must(err)
	masker := privacy.NewMasker()
	guide, err := guide()
	s.must(err)
	answering := bot.New(guide.Library, guide.Searcher, bot.DefaultPolicy(), time.Now).
		WithHandover(bot.Handover{Hours: always{}, Number: bot.Numbers(time.Now, rand.Reader)})
	s.inbox = bot.NewInbox(bot.InboxConfig{
		Store: s.store, Bot: func() bot.Stepper { return answering }, Masker: masker, Sealer: sealer,
		Conversations: s.store, Pictures: s.pictures,
	})
	s.desk = desk.New(desk.Config{Store: s.store, Mask: func(t string) string { return masker.Mask(t).Text }, Notices: desk.DefaultNotices(), FindAgent: s.FindAgent})
	s.forum, err = forum.New(forum.Config{
		Clients: []*telegram.Client{telegram.NewClient(account, http.DefaultClient)}, Desk: s.desk, Conversations: s.store,
		KV: s.store, Pictures: s.pictures, Guide: func() forum.Guide { return guide }, Now: time.Now,
		Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})), SendQuota: s.sendQuota,
	})
	s.must(err)
}

// FindAgent makes the scene the desk's directory.
func (s *scene) FindAgent(ctx context.Context, name string) (desk.Agent, error) {
	return forum.FindAgent(ctx, s.store, name)
}

func (s *scene) sendQuota(_ context.Context, c chat.Conversation) (a chat.SendQuota, ok bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quota == nil || c.Channel != "widget" {
		return a, false, nil
	}
	return *s.quota, true, nil
}

// always is a desk where somebody is always there.
type always struct{}

func (always) Open(time.Time) bool          { return true }
func (always) Next(now time.Time) time.Time { return now }
func (always) In(t time.Time) time.Time     { return t }

// guide is a small one, the same for all scenes.
var guide = sync.OnceValues(func() (forum.Guide, error) {
	article := func(title, asks, lead string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("---\ntitle: " + title + "\ncategory: fees\nasks: [" + asks + "]\nsources: [规则]\n---\n" + lead + "\n\n细节。\n")}
	}
	fsys := fstest.MapFS{
		"guide/fees/deposit.md": article("押金怎么退", "机器押金能退吗, 押金退还, 怎么把押金要回来", "押金在激活满一年后可以申请退还。"),
		"guide/fees/late.md":    article("钱没到账怎么办", "刷卡没到账, 款没到, 到账慢", "先看到账时间，再核对结算卡。"),
	}
	lib, findings, err := kb.Load(fsys, content.FS(), nil)
	if err != nil || findings.Err() != nil {
		return forum.Guide{}, cmp.Or(err, findings.Err())
	}
	index, err := search.New(lib, search.Options{})
	return forum.Guide{Library: lib, Searcher: index}, err
})

// lateHandler is a handler that is known only once its address is.
type lateHandler struct{ atomic.Pointer[http.Handler] }

func (l *lateHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := l.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	http.Error(w, "not yet", http.StatusServiceUnavailable)
}

// run starts the courier and what takes the updates, and returns where these are pushed to.
func (s *scene) run(account telegram.Account) *http.Handler {
	sleep := func(ctx context.Context, d time.Duration) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	channel, err := telegram.New(telegram.Config{
		Accounts: []telegram.Account{account}, Inbox: s.inbox, KV: s.store, Pictures: s.pictures, Conversations: s.store,
		Group: s.forum, Log: log, Now: time.Now, Sleep: sleep, Random: mathrand.Float64,
	})
	s.must(err)
	courier := chat.NewCourier(chat.CourierConfig{
		Outbox: s.store, Channels: []chat.Channel{channel, s.forum}, Log: log, Now: time.Now, Sleep: sleep, Random: mathrand.Float64,
	})
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	var running sync.WaitGroup
	running.Go(func() { courier.Run(ctx) })
	running.Go(func() { channel.Run(ctx) })
	s.t.Cleanup(func() { cancel(); running.Wait() })
	hook, _ := channel.Hook(account.Name)
	return &hook
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// private is the customer's chat with the bot.
func private() standin.Place { return standin.Place{Chat: customer} }

// customerSays lets the customer on Telegram say something, and returns the message's id.
func (s *scene) customerSays(text string) int {
	s.t.Helper()
	id, err := s.server.Say(customer, private(), text)
	s.must(err)
	return id
}

// escalate brings the customer on Telegram to a person, and returns the topic that is made of it.
func (s *scene) escalate() standin.Place {
	s.t.Helper()
	s.customerSays("钱没到账怎么办")
	s.inPrivate("到账时间")
	s.customerSays("转人工")
	s.inPrivate("工单号")
	return s.topic("王老板")
}

// held is escalate, and 甲 claims the ticket: the bot is silent.
func (s *scene) held() standin.Place {
	s.t.Helper()
	topic := s.escalate()
	s.agentSays(jia, topic, "/take")
	s.inPrivate("客服已接手")
	s.sees(topic, "已接手")
	return topic
}

// topic waits for the newest open topic whose name holds a text, and for its ticket's announcement.
func (s *scene) topic(name string) standin.Place {
	s.t.Helper()
	at := standin.Place{Chat: s.group}
	s.until("a topic named "+name, func() bool {
		for _, topic := range s.server.Topics(s.group) {
			if strings.Contains(topic.Name, name) && !topic.Closed {
				at.Thread = topic.ID
			}
		}
		return at.Thread != 0
	})
	s.until("its announcement", func() bool {
		return slices.ContainsFunc(s.server.Messages(standin.Place{Chat: s.group}), func(m standin.Message) bool {
			return m.Thread == 0 && holds(m, fmt.Sprintf("/%d", at.Thread))
		})
	})
	return at
}

// holds tells whether a message has a text, in its words or in its links.
func holds(m standin.Message, text string) bool {
	if strings.Contains(m.Text, text) {
		return true
	}
	return slices.ContainsFunc(m.Entities, func(e standin.Entity) bool { return strings.HasSuffix(e.URL, text) })
}

// agentSays lets an agent write in a topic, and returns the message's id.
func (s *scene) agentSays(who int64, at standin.Place, text string) int {
	s.t.Helper()
	id, err := s.server.Say(who, at, text)
	s.must(err)
	return id
}

// inPrivate waits until the bot says something to the customer.
func (s *scene) inPrivate(text string) standin.Message {
	s.t.Helper()
	return s.sees(private(), text)
}

// sees waits for a message of the bot's with a text.
func (s *scene) sees(at standin.Place, text string) standin.Message {
	s.t.Helper()
	return s.wait(at, text, func(m standin.Message) bool { return m.Bot && m.Service == "" && strings.Contains(m.Text, text) })
}

// wait waits for a message.
func (s *scene) wait(at standin.Place, what string, fits func(standin.Message) bool) standin.Message {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), maxDelay)
	defer cancel()
	m, err := s.server.WaitMessage(ctx, at, fits)
	if err != nil {
		s.t.Fatalf("%q did not come: %v\n%s\nlog:\n%s", what, err, s.texts(at), s.log)
	}
	return m
}

// until waits for what changes on the stand-in.
func (s *scene) until(what string, holds func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), maxDelay)
	defer cancel()
	if err := s.server.Wait(ctx, holds); err != nil {
		s.t.Fatalf("%s: %v\nlog:\n%s", what, err, s.log)
	}
}

// maxDelay is how long something may take that takes milliseconds, on a busy machine.
const maxDelay = 20 * time.Second

// texts are the messages of a place, one a line.
func (s *scene) texts(at standin.Place) string {
	var b strings.Builder
	for _, m := range s.server.Messages(at) {
		fmt.Fprintf(&b, "%d %s %s%s\n", m.ID, m.Name, m.Service, strings.ReplaceAll(m.Text, "\n", "⏎"))
	}
	return b.String()
}

// count is how many messages of a place hold a text.
func (s *scene) count(at standin.Place, text string) (n int) {
	for _, m := range s.server.Messages(at) {
		if m.Service == "" && strings.Contains(m.Text, text) {
			n++
		}
	}
	return n
}

// settled returns when everything has been done that was said before: what is said after it has come through.
func (s *scene) settled(topic standin.Place) {
	s.t.Helper()
	s.n++
	sentinel := fmt.Sprintf("哨兵%d", s.n)
	s.customerSays(sentinel)
	s.sees(topic, sentinel)
	id := s.agentSays(yi, topic, "//"+sentinel)
	s.wait(topic, sentinel, func(m standin.Message) bool { return m.Bot && m.ReplyTo == id })
}

// picture is a small one.
func picture(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, 400, 300)), nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// message is one as it is now.
func (s *scene) message(at standin.Place, id int) standin.Message {
	for _, m := range s.server.Messages(at) {
		if m.ID == id {
			return m
		}
	}
	return standin.Message{}
}

func (s *scene) name(at standin.Place) string { return s.atTopic(at).Name }

func (s *scene) closed(at standin.Place) bool { return s.atTopic(at).Closed }

func (s *scene) atTopic(at standin.Place) standin.Topic {
	for _, topic := range s.server.Topics(at.Chat) {
		if topic.ID == at.Thread {
			return topic
		}
	}
	return standin.Topic{}
}

// topicBut waits for a topic of another id.
func (s *scene) topicBut(name string, not int) standin.Place {
	s.t.Helper()
	at := standin.Place{Chat: s.group}
	s.until("another topic", func() bool {
		for _, topic := range s.server.Topics(s.group) {
			if topic.ID != not && strings.Contains(topic.Name, name) {
				at.Thread = topic.ID
			}
		}
		return at.Thread != 0
	})
	return at
}

// ticket is the newest that is not closed.
func (s *scene) ticket() desk.Ticket {
	s.t.Helper()
	tickets, err := s.desk.ListTickets(s.t.Context(), desk.Agent{Name: "x", Role: desk.RoleViewer}, desk.Filter{})
	s.must(err)
	if len(tickets) == 0 {
		s.t.Fatal("there is no open ticket")
	}
	return tickets[len(tickets)-1]
}

// receive lets a customer of the widget say something.
func (s *scene) receive(c chat.Conversation, m chat.Message) {
	s.t.Helper()
	s.n++
	m.Conversation, m.Channel, m.ExternalID = c.ID, c.Channel, cmp.Or(m.ExternalID, fmt.Sprint(s.n))
	_, err := s.inbox.Receive(s.t.Context(), m)
	s.must(err)
}

// said is a conversation as it is kept: who, and what.
func (s *scene) said(conversation string) (lines []string) {
	entries, err := s.store.ListEntries(context.WithoutCancel(s.t.Context()), conversation, 0, 1000)
	if err != nil {
		s.t.Error(err)
	}
	for _, e := range entries {
		lines = append(lines, string(e.From)+" "+e.Text)
	}
	return lines
}

// update lets something happen in a topic that the stand-in has no people for; what is JSON of the message's fields.
func (s *scene) update(at standin.Place, id int, what string) {
	s.t.Helper()
	raw := fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":1,"chat":{"id":%d,"type":"supergroup"},"message_thread_id":%d,
		"is_topic_message":true,%s}}`, id, id, at.Chat, at.Thread, what)
	u, err := telegram.DecodeUpdate([]byte(raw))
	s.must(err)
	s.must(s.forum.Update(s.t.Context(), telegram.Account{Name: "shop", Token: token, Group: s.group}, u))
}
