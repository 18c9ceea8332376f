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
	"reflect"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
)

// said is one message of a customer, and what the server told about it.
type said struct {
	client, text string
	acknowledged bool
	message      chat.Entry
	replies      []chat.Entry
}

// customer speaks in one conversation, one message after the other, and keeps a ledger.
type customer struct {
	s         *server
	name      string
	client    *http.Client
	id, token string
	ledger    []said
	gullible  bool // does not compare what repeats are answered
}

// errRefused is an answer that acknowledges nothing.
type errRefused struct {
	status     int
	retryAfter string
	body       string
}

func (e *errRefused) Error() string { return fmt.Sprintf("status %d: %s", e.status, e.body) }

// insist does what a client does: what was answered with 503 was not done, and is sent again, for as long as the
// harness is patient.
func insist(do func() error) error {
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err := do()
		refused, ok := errors.AsType[*errRefused](err)
		if !ok || refused.status != http.StatusServiceUnavailable || time.Since(begin) > patience {
			return err
		}
	}
}

// errDiffers is an answer to a repeated message that is not the first one.
type errDiffers struct{ text string }

func (e *errDiffers) Error() string { return e.text }

// newCustomers open n conversations.
func newCustomers(s *server, n int) []*customer {
	s.t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: n}
	s.t.Cleanup(transport.CloseIdleConnections)
	out := make([]*customer, n)
	for i := range out {
		c := &customer{s: s, name: fmt.Sprintf("客户%d", i), client: &http.Client{Transport: transport, Timeout: patience}}
		if err := insist(c.open); err != nil {
			s.t.Fatal(err)
		}
		out[i] = c
	}
	return out
}

// open begins the conversation.
func (c *customer) open() error {
	var opened struct{ ID, Token string }
	err := c.call(http.MethodPost, "", map[string]any{"channel": "api", "customer": map[string]string{"name": c.name}}, &opened)
	c.id, c.token = opened.ID, opened.Token
	return err
}

// call makes a request below /conversations.
func (c *customer) call(method, path string, in, out any) error {
	var body io.Reader = http.NoBody
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	return c.request(method, path, "application/json", body, out)
}

// request is call with whatever body.
func (c *customer) request(method, path, contentType string, body io.Reader, out any) error {
	r, err := http.NewRequestWithContext(context.Background(), method, "http://"+c.s.address+"/api/v1/conversations"+path, body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", contentType)
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.client.Do(r)
	if err != nil {
		return err
	}
	data, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return &errRefused{res.StatusCode, res.Header.Get("Retry-After"), string(data)}
	}
	return json.Unmarshal(data, out)
}

// say sends a message and notes the answer.
func (c *customer) say(text string) error {
	c.ledger = append(c.ledger, said{client: fmt.Sprintf("m%d", len(c.ledger)), text: text})
	return c.send(len(c.ledger) - 1)
}

// goOn sends what was not acknowledged once more, or else says something new.
func (c *customer) goOn() error {
	if n := len(c.ledger); n > 0 && !c.ledger[n-1].acknowledged {
		return c.send(n - 1)
	}
	return c.say(c.question())
}

// insistOn is say until it is acknowledged.
func (c *customer) insistOn(text string) error {
	c.ledger = append(c.ledger, said{client: fmt.Sprintf("m%d", len(c.ledger)), text: text})
	return insist(func() error { return c.send(len(c.ledger) - 1) })
}

// send sends what stands in the ledger, again perhaps: the answer must always be the same.
func (c *customer) send(i int) error {
	line := &c.ledger[i]
	var answer struct {
		Message chat.Entry
		Entries []chat.Entry // the replies
	}
	err := c.call(http.MethodPost, "/"+c.id+"/messages", map[string]string{"client_id": line.client, "text": line.text}, &answer)
	if err != nil {
		return err
	}
	if line.acknowledged && !c.gullible && (!reflect.DeepEqual(line.message, answer.Message) || !sameEntries(line.replies, answer.Entries)) {
		return &errDiffers{fmt.Sprintf("%s %s was answered %+v %+v, and again %+v %+v", c.name, line.client, line.message, line.replies, answer.Message, answer.Entries)}
	}
	line.acknowledged, line.message, line.replies = true, answer.Message, answer.Entries
	c.s.told.Add(1)
	return nil
}

func sameEntries(a, b []chat.Entry) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}

// entries is the conversation as the server has it.
func (c *customer) entries() (all []chat.Entry, err error) {
	for after := int64(0); ; {
		var page struct{ Messages []chat.Entry }
		if err := c.call(http.MethodGet, fmt.Sprintf("/%s/messages?after=%d", c.id, after), nil, &page); err != nil {
			return nil, err
		}
		if len(page.Messages) == 0 {
			return all, nil
		}
		all = append(all, page.Messages...)
		after = all[len(all)-1].Seq
	}
}

// wrongs are what the server's conversation has against the ledger, by the invariants.
func (c *customer) wrongs() (found []string) {
	wrong := func(format string, args ...any) { found = append(found, c.name+": "+fmt.Sprintf(format, args...)) }
	var entries []chat.Entry
	err := insist(func() (err error) {
		entries, err = c.entries()
		return err
	})
	if err != nil {
		wrong("cannot be read: %v", err)
		return found
	}
	times := map[string]int{}
	for i, e := range entries {
		if e.Seq != int64(i+1) {
			wrong("I3: entry %d has number %d", i+1, e.Seq)
		}
		if e.From == chat.FromCustomer {
			times[e.Text]++
		}
	}
	last := int64(0)
	for _, line := range c.ledger {
		if times[line.text] > 1 || line.acknowledged && times[line.text] == 0 {
			wrong("I1: %q is stored %d times", line.text, times[line.text])
			continue
		}
		if !line.acknowledged {
			continue
		}
		for _, e := range append([]chat.Entry{line.message}, line.replies...) {
			if e.Seq < 1 || e.Seq > int64(len(entries)) || !reflect.DeepEqual(entries[e.Seq-1], e) {
				wrong("I1: %+v was acknowledged and is not what is stored", e)
			} else if e.Seq <= last {
				wrong("I3: %q came after entry %d", e.Text, last)
			}
			last = e.Seq
		}
		if n := botsBehind(entries, line.message.Seq); n != len(line.replies) {
			wrong("I2: %q has %d replies, acknowledged were %d", line.text, n, len(line.replies))
		}
	}
	return found
}

// botsBehind counts the bot's entries between entry seq and what is said next.
func botsBehind(entries []chat.Entry, seq int64) (n int) {
	for _, e := range entries[min(seq, int64(len(entries))):] {
		if e.From == chat.FromCustomer {
			break
		}
		if e.From == chat.FromBot {
			n++
		}
	}
	return n
}

// question is a question that nobody asked before.
func (c *customer) question() string {
	asked := []string{"刷卡手续费是多少", "打印机不出纸怎么办", "报05什么意思", "你好", "今天天气怎么样"}
	return fmt.Sprintf("%s（第%d问）", asked[rand.IntN(len(asked))], len(c.ledger)+1)
}

// load lets customers speak until ctx ends. Whatever fails is sent again until it is acknowledged, as
// clients do; a fifth of what was acknowledged is sent again too.
func load(ctx context.Context, customers []*customer) (wait func()) {
	var all sync.WaitGroup
	for _, c := range customers {
		all.Go(func() {
			for ctx.Err() == nil {
				if n := len(c.ledger); n > 0 && c.ledger[n-1].acknowledged && rand.IntN(5) == 0 {
					c.repeat(rand.IntN(n))
				} else if c.goOn() != nil {
					time.Sleep(5 * time.Millisecond)
				}
			}
		})
	}
	return all.Wait
}

// repeat sends an old message again; only a different answer is wrong.
func (c *customer) repeat(i int) {
	if differs, ok := errors.AsType[*errDiffers](c.send(i)); ok {
		c.s.t.Error(differs)
	}
}

// settle sends what was never acknowledged once more.
func settle(customers []*customer) {
	for _, c := range customers {
		for i := range c.ledger {
			if !c.ledger[i].acknowledged {
				if err := insist(func() error { return c.send(i) }); err != nil {
					c.s.t.Errorf("%s %s: %v", c.name, c.ledger[i].client, err)
				}
			}
		}
	}
}

// wrongs checks every customer's ledger.
func wrongs(customers []*customer) (found []string, acknowledged int) {
	for _, c := range customers {
		found = append(found, c.wrongs()...)
		for _, line := range c.ledger {
			if line.acknowledged {
				acknowledged++
			}
		}
	}
	return found, acknowledged
}
