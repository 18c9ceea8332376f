package main

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/internal/standin/telegram"
	"github.com/yingda/yingda/internal/standin/wechat"
)

// play is a town with a shop in it, as `make play` opens them.
type play struct {
	*town
	t   *testing.T
	ctx context.Context
	log *log
}

// log is what the shop logs.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newPlay opens both, with a program built from the code as it is.
func newPlay(t *testing.T) *play {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "yingda")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", bin, "../yingda").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	o := options{yingda: bin, data: t.TempDir(), listen: freeAddress(t), telegram: "127.0.0.1:0", wechat: "127.0.0.1:0"}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	town, err := openTown(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := town.close(); err != nil {
			t.Error(err)
		}
	})
	town.people.SetLimits(telegram.Limits{Off: true}) // so that nobody waits: its channel's tests try them
	p := &play{town: town, t: t, ctx: ctx, log: new(log)}
	shop, err := town.openShop(ctx, o, p.log)
	if err != nil {
		t.Fatalf("%v\n%s", err, p.log)
	}
	t.Cleanup(func() {
		if err := shop.close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the shop's log:\n%s", p.log)
		}
	})
	return p
}

// freeAddress is one that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// TestPlay is the story that docs/channels.md tells whoever plays: on every channel a customer asks, picks an
// option, and asks for a person with the machine's number and a photo; an agent answers from the forum group and
// closes the ticket; the bot is back.
func TestPlay(t *testing.T) {
	p := newPlay(t)
	for _, customer := range []*customer{p.onTelegram(), p.onWeChat(), p.onDesk()} {
		t.Run(customer.name, func(t *testing.T) {
			p.t = t
			customer.arrive()
			customer.say("到账")
			customer.hears("刷卡成功但没到账")
			customer.pick("刷卡成功但没到账怎么办")
			customer.hears("要我现在登记")
			customer.pick("好，帮我登记")
			customer.hears("先登记几样情况")
			if !customer.scanned {
				customer.say("SN：" + customer.serial)
				customer.hears("记下了：SN " + customer.serial)
			}
			customer.photo()
			customer.hears("照片收到了")
			customer.say("转人工")
			customer.hears("工单号")

			topic := p.topicOf(customer.serial)
			p.inTopic(topic, func(m telegram.Message) bool { return m.Photo != nil })
			p.agentSays(topic, "您好，正在帮您查这笔款")
			customer.hears("正在帮您查这笔款")
			p.agentSays(topic, "//这单先问收单机构")
			customer.say("卡号是6222021234567890128")
			m := p.inTopic(topic, func(m telegram.Message) bool { return strings.Contains(m.Text, "卡号是") })
			if strings.Contains(m.Text, "6222021234567890128") {
				t.Error("agents are shown a whole card number")
			}
			p.agentSays(topic, "/close 款已到账，祝生意兴隆")
			customer.hears("款已到账，祝生意兴隆", "本次人工服务已结束")
			customer.say("手续费一般是多少")
			customer.hears("费率")
			for _, text := range customer.heard() {
				if strings.Contains(text, "这单先问收单机构") {
					t.Error("the customer reads a note of the agents'")
				}
			}
		})
	}
	p.t = t
	p.everythingIsInOrder()
}

// customer is somebody on one of the channels.
type customer struct {
	name, serial string
	scanned      bool // the sticker on the machine, so that the bot knows the serial number
	arrive       func()
	say          func(text string)
	pick         func(title string)
	photo        func()
	heard        func() []string // every text so far
	hears        func(parts ...string)
}

// listening adds hears: it waits until something new is heard that has the parts in this order, in one bubble or in
// several.
func (p *play) listening(c *customer) *customer {
	from := 0
	c.hears = func(parts ...string) {
		p.t.Helper()
		for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
			heard, wanted := c.heard(), parts
			for i, text := range heard[min(from, len(heard)):] {
				for len(wanted) > 0 && strings.Contains(text, wanted[0]) {
					wanted = wanted[1:]
				}
				if len(wanted) == 0 {
					from += i + 1
					return
				}
			}
			if time.Now().After(deadline) {
				p.t.Fatalf("%s did not hear %q; so far:\n%s", c.name, wanted, strings.Join(heard, "\n---\n"))
			}
		}
	}
	return c
}

// onTelegram scans the sticker on the machine and taps buttons.
func (p *play) onTelegram() *customer {
	me := p.bot.Customers[0].ID
	at := telegram.Place{Chat: me}
	c := &customer{name: "telegram", serial: "N5300012345", scanned: true}
	c.arrive = func() {
		p.must(p.people.Start(me, 0, c.serial))
		c.hears(c.serial)
	}
	c.say = func(text string) { p.must(p.people.Say(me, at, text)) }
	c.photo = func() { p.must(p.people.Send(me, at, telegram.Content{Photo: photo(p.t)})) }
	c.heard = func() (texts []string) {
		for _, m := range p.people.Messages(at) {
			if !m.Bot {
				continue
			}
			text := m.Text
			for _, row := range m.Buttons {
				text += "\n" + row[0].Text
			}
			texts = append(texts, text)
		}
		return texts
	}
	c.pick = func(title string) {
		p.t.Helper()
		messages := p.people.Messages(at)
		for i := len(messages) - 1; i >= 0; i-- {
			for _, row := range messages[i].Buttons {
				for _, b := range row {
					if b.Text == title {
						if _, err := p.people.Press(me, at, messages[i].ID, b.Data); err != nil {
							p.t.Fatal(err)
						}
						return
					}
				}
			}
		}
		p.t.Fatalf("no button %q", title)
	}
	return p.listening(c)
}

// onWeChat follows the official account and answers with numbers.
func (p *play) onWeChat() *customer {
	f := p.who.Follower
	c := &customer{name: "wechat", serial: "N5300054321"}
	c.arrive = func() {
		p.answered(f.Subscribe(p.ctx, ""))
		c.hears("您好")
	}
	c.say = func(text string) { p.t.Helper(); p.answered(f.Say(p.ctx, text)) }
	c.photo = func() { p.answered(f.SendImage(p.ctx, photo(p.t))) }
	c.heard = func() []string { return bubbles(f.Seen()) }
	c.pick = func(title string) { c.say(numberOf(p.t, c.heard(), title)) }
	return p.listening(c)
}

// onDesk enters the chat of 微信客服 and taps its menus.
func (p *play) onDesk() *customer {
	d := p.who.Customer
	c := &customer{name: "wechat-kf", serial: "N5300099999"}
	c.arrive = func() {
		p.answered(d.Enter(p.ctx, ""))
		c.hears("您好")
	}
	c.say = func(text string) { p.t.Helper(); p.answered(d.Say(p.ctx, text)) }
	c.photo = func() { p.answered(d.SendImage(p.ctx, photo(p.t))) }
	c.heard = func() []string { return bubbles(d.Seen()) }
	c.pick = func(title string) {
		p.t.Helper()
		seen := d.Seen()
		for i := len(seen) - 1; i >= 0; i-- {
			if seen[i].Menu == nil {
				continue
			}
			for _, item := range seen[i].Menu.Items {
				if item.Text == title {
					p.answered(d.Choose(p.ctx, item.ID, item.Text))
					return
				}
			}
		}
		p.t.Fatalf("no menu has %q", title)
	}
	return p.listening(c)
}

// bubbles are the texts that a person sees, menus with their items.
func bubbles(seen []wechat.Bubble) (texts []string) {
	for _, b := range seen {
		text := b.Text
		if b.Menu != nil {
			text = b.Menu.Head
			for _, item := range b.Menu.Items {
				text += "\n" + item.Text
			}
			text += "\n" + b.Menu.Tail
		}
		texts = append(texts, text)
	}
	return texts
}

// numberOf is the number of an option in the last text that numbers it.
func numberOf(t *testing.T, heard []string, title string) string {
	t.Helper()
	for i := len(heard) - 1; i >= 0; i-- {
		for line := range strings.Lines(heard[i]) {
			if number, rest, ok := strings.Cut(strings.TrimSpace(line), "."); ok && strings.Contains(rest, title) {
				return number
			}
		}
	}
	t.Fatalf("nothing numbers %q:\n%s", title, strings.Join(heard, "\n---\n"))
	return ""
}

// topicOf waits for the topic whose pinned card has the machine's number.
func (p *play) topicOf(serial string) telegram.Place {
	p.t.Helper()
	var at telegram.Place
	err := p.people.Wait(p.soon(), func() bool {
		for _, topic := range p.people.Topics(p.bot.Group) {
			at = telegram.Place{Chat: p.bot.Group, Thread: topic.ID}
			for _, m := range p.people.Messages(at) {
				if m.Pinned && strings.Contains(m.Text, serial) {
					return true
				}
			}
		}
		return false
	})
	if err != nil {
		p.t.Fatalf("no topic has a pinned card with %s", serial)
	}
	return at
}

// inTopic waits for a message of the bot's in a topic.
func (p *play) inTopic(at telegram.Place, fits func(telegram.Message) bool) telegram.Message {
	p.t.Helper()
	m, err := p.people.WaitMessage(p.soon(), at, func(m telegram.Message) bool { return m.Bot && fits(m) })
	if err != nil {
		p.t.Fatalf("the topic has no such message: %v\n%+v", err, p.people.Messages(at))
	}
	return m
}

// agentSays is what an agent types in a topic.
func (p *play) agentSays(at telegram.Place, text string) {
	p.t.Helper()
	p.must(p.people.Say(p.bot.Agents[0].ID, at, text))
}

// everythingIsInOrder looks at what is left at the end.
func (p *play) everythingIsInOrder() {
	p.t.Helper()
	robot := p.who.Robot.Said()
	if len(robot) != 3 {
		p.t.Errorf("the robot told of %d tickets, want 3", len(robot))
	}
	if faults := p.followers.Faults(); len(faults) > 0 {
		p.t.Errorf("WeChat let pass what is wrong: %q", faults)
	}
	for _, secret := range []string{
		p.bot.Token, strings.SplitN(p.bot.Token, ":", 2)[1], p.accounts.Account.Secret, p.accounts.Account.AESKey,
		p.accounts.Corp.Secret, p.accounts.Corp.AESKey, p.accounts.RobotKey,
	} {
		if strings.Contains(p.log.String(), secret) {
			p.t.Errorf("a secret is in the log: %.8s…", secret)
		}
	}
}

func (p *play) soon() context.Context {
	ctx, cancel := context.WithTimeout(p.ctx, 2*time.Minute)
	p.t.Cleanup(cancel)
	return ctx
}

func (p *play) must(_ int, err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// answered fails unless WeChat was content with what it was answered.
func (p *play) answered(d wechat.Delivery) {
	p.t.Helper()
	if !d.OK() {
		p.t.Fatalf("WeChat was not answered well: %s", d.Fault)
	}
}

// photo is a small picture.
func photo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 64, 64)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
