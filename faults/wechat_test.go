package faults

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/internal/standin/wechat"
)

// wechatTown is the stand-in for WeChat, with an official account and a desk of 微信客服, and a Yingda that serves both.
type wechatTown struct {
	t                  *testing.T
	platform           *wechat.Server
	host               *host
	front              *front
	account            *wechat.OfficialAccount
	company            *wechat.Enterprise
	desk               *wechat.Desk
	plain, uncertified bool
	takes              time.Duration // the database for a message, as is planted
	nodes              []*server
	books              *books

	mu         sync.Mutex
	last       int
	deliveries []wechat.Delivery   // of the account's followers
	said       map[string]question // of the desk's customers, by msgid
	checked    int                 // of what they said, by checkCursor
}

// question is what a customer of the desk said.
type question struct {
	by   *person
	text string
}

// wechatSetup is what differs between the towns.
type wechatSetup struct {
	db          database // the default SQLite when nil
	nodes       int
	mode        wechat.Mode
	uncertified bool
	planted     []string      // the environment of the program with bugs; nil for the program as it ships
	env         []string      // of any
	direct      bool          // the front is left out: a node is called itself
	waits       time.Duration // how long WeChat waits for the answer to a push; 0: 5 s
	debug       bool          // everything is logged
}

// newWechatTown opens one, and starts Yingda.
func newWechatTown(t *testing.T, o wechatSetup) *wechatTown {
	t.Helper()
	town := &wechatTown{t: t, platform: wechat.New(wechat.Config{Timeout: o.waits}), front: newFront(t), plain: o.mode == wechat.Plain, uncertified: o.uncertified, said: map[string]question{}}
	town.host = newHost(t, town.platform)
	t.Cleanup(town.platform.Close) // before the host
	if o.db == nil {
		o.db = sqliteFile{}
	}
	town.nodes = newNodes(t, o.db, max(o.nodes, 1), o.planted != nil, o.debug)
	town.front.join(town.nodes...)
	node := "http://" + town.nodes[0].address
	p := wechat.DefaultPractice(town.host.url(), town.front.url()+"/hooks/wechat/default",
		node+"/hooks/wechat-kf/default") // not by the front: who calls a dead node is refused
	if o.direct {
		p.Account.Hook = node + "/hooks/wechat/default"
	}
	p.Account.Mode, p.Account.Certified = o.mode, !o.uncertified
	if o.mode == wechat.Plain {
		p.Account.AESKey = ""
	}
	var err error
	town.account, err = town.platform.AddAccount(p.Account)
	must(t, err)
	town.company, err = town.platform.AddCorp(p.Corp)
	must(t, err)
	town.desk = town.company.AddDesk(p.OpenKfID, "在线客服", "kefu01")
	env := append([]string{
		"YINGDA_WECHAT_APPID=" + p.Account.AppID, "YINGDA_WECHAT_SECRET=" + p.Account.Secret, "YINGDA_WECHAT_TOKEN=" + p.Account.Token,
		"YINGDA_WECHAT_AESKEY=" + p.Account.AESKey, "YINGDA_WECHAT_API=" + town.host.url(),
		"YINGDA_WECHAT_KF_CORPID=" + p.Corp.ID, "YINGDA_WECHAT_KF_SECRET=" + p.Corp.Secret, "YINGDA_WECHAT_KF_TOKEN=" + p.Corp.Token,
		"YINGDA_WECHAT_KF_AESKEY=" + p.Corp.AESKey, "YINGDA_WECHAT_KF_API=" + town.host.url(),
	}, append(o.planted, o.env...)...)
	keepSecret(t, town.nodes, func() []string {
		secrets := append(town.platform.Tokens(), p.Account.Secret, p.Account.Token, p.Corp.Secret, p.Corp.Token, p.Corp.AESKey)
		if p.Account.AESKey != "" {
			secrets = append(secrets, p.Account.AESKey)
		}
		return secrets
	})
	for _, s := range town.nodes {
		s.env = env
		s.start()
	}
	town.books = booksOf(t, town.nodes[0], o.db)
	return town
}

// What the account says where it cannot answer yet.
const (
	holding = "消息收到，正在查"
	failing = "没能收下"
)

// follower lets somebody follow the account, without a word.
func (town *wechatTown) follower() (*person, *wechat.Follower) {
	f := town.account.Follower(fmt.Sprintf("oHarness%020d", town.number()))
	f.Join()
	p := &person{most: questions - 1, opening: chat.OpenRequest{Channel: "wechat", Account: "default", Address: f.OpenID()}}
	p.say = func(text string) bool { return town.took(f.Say(town.t.Context(), text)) }
	p.seen = func() []string { return bubbles(f.Seen()) }
	return p, f
}

// took notes a delivery, and tells whether it was answered by something else than that it will be.
func (town *wechatTown) took(d wechat.Delivery) bool {
	town.mu.Lock()
	defer town.mu.Unlock()
	for i := range d.Attempts {
		d.Attempts[i].Body = nil // there are many
	}
	town.deliveries = append(town.deliveries, d)
	for _, b := range d.Seen {
		if strings.Contains(b.Text, holding) || strings.Contains(b.Text, failing) {
			return false
		}
	}
	return d.OK()
}

// customer lets somebody come to the desk.
func (town *wechatTown) customer() *person {
	c := town.desk.Customer(fmt.Sprintf("wmHarness%020d", town.number()), "顾客")
	p := &person{opening: chat.OpenRequest{Channel: "wechat-kf", Account: "default", Address: town.desk.ID() + "/" + c.ID()}}
	p.most = 4 // with the last word as many as may be answered at once
	p.say = func(text string) bool {
		d := c.Say(town.t.Context(), text) // that nobody takes the callback is no matter: the message stays at the host
		town.mu.Lock()
		defer town.mu.Unlock()
		town.said[d.ID] = question{p, text}
		return true
	}
	p.seen = func() []string { return bubbles(c.Seen()) }
	return p
}

func (town *wechatTown) number() int {
	town.mu.Lock()
	defer town.mu.Unlock()
	town.last++
	return town.last
}

// bubbles are the texts that a person sees.
func bubbles(seen []wechat.Bubble) (texts []string) {
	for _, b := range seen {
		texts = append(texts, b.Text)
	}
	return texts
}

// answered checks that every push had a valid answer, at once. Where the database takes longer than WeChat waits, the
// answer came before the database was done.
func (town *wechatTown) answered() (found []string) {
	town.mu.Lock()
	defer town.mu.Unlock()
	for _, d := range town.deliveries {
		if !d.OK() || len(d.Attempts) != 1 {
			found = append(found, fmt.Sprintf("message %s: %d attempts, fault %q", d.ID, len(d.Attempts), d.Fault))
		}
		for _, a := range d.Attempts {
			if a.Fault != "" || town.takes > 5*time.Second && a.Took >= town.takes {
				found = append(found, fmt.Sprintf("message %s was answered after %v: %s", d.ID, a.Took, a.Fault))
			}
		}
	}
	return found
}

// stop asks the nodes to end.
func (town *wechatTown) stop() {
	for _, s := range town.nodes {
		s.stop()
	}
}
