package telegram

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/yingda/yingda/chat"
)

// optionData begins the data of the buttons of an entry.
const optionData = "o."

// What whoever taps a button that does nothing any more is told; at most 200 characters.
const (
	noticeOver    = "这个选项已经过去了，不用再点。要接着办，直接打字告诉我；需要人工，回复“转人工”。"
	noticeAgain   = "这个已经选过了，答复在下面。"
	noticeOthers  = "这几个选项是给提问的人选的。您有问题，直接问我就行。"
	noticeUnknown = "这个按钮已经失效了，直接打字告诉我就行。"
)

// tap is which option of which entry was tapped. Its text is a button's data: at most MaxData bytes as
// long as a conversation's id has at most 32.
type tap struct {
	conversation string
	seq          int64
	option       int
}

// data names the option. A client may send back whatever it likes, so it is signed, for one address.
func (t tap) data(a Account, to Address) string {
	text := fmt.Sprintf("%s%s.%d.%d", optionData, t.conversation, t.seq, t.option)
	h := hmac.New(sha256.New, []byte(a.Token))
	_, _ = fmt.Fprintf(h, "button %s %s", to, text)
	return text + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:6])
}

// parseTap reads the data; false where it is not ours or was made for another address.
func parseTap(a Account, from Address, data string) (tap, bool) {
	parts := strings.Split(data, ".")
	if len(parts) != 5 {
		return tap{}, false
	}
	seq, err := strconv.ParseInt(parts[2], 10, 64)
	option, err2 := strconv.Atoi(parts[3])
	t := tap{conversation: parts[1], seq: seq, option: option}
	return t, err == nil && err2 == nil && seq > 0 && option >= 0 && hmac.Equal([]byte(t.data(a, from)), []byte(data))
}

// keyboard is the buttons of an entry, one a row; nil for none.
func keyboard(a Account, to Address, conversation string, e chat.Entry, write func(string) string) Keyboard {
	if e.Reply == nil {
		return nil
	}
	var k Keyboard
	for i, o := range e.Reply.Options {
		if title := strings.TrimSpace(o.Title); title != "" {
			k = append(k, []Button{{Text: write(title), Data: tap{conversation, e.Seq, i}.data(a, to)}})
		}
	}
	return k
}

// controls are the options that mean something only right behind what offered them.
func controls(id string) bool {
	return slices.Contains([]string{"yes", "no", "skip", "confirm", "cancel", "resume", "human"}, id)
}

// tapped delivers what stands on a button, as if it had been typed.
func (c *Channel) tapped(ctx context.Context, a *account, update int, q *Callback) error {
	if q.From == nil || q.From.IsBot {
		return nil
	}
	if chosen, ok := strings.CutPrefix(q.Data, languageData); ok && c.c.Traditional != nil {
		return c.chooseLanguage(ctx, a, q, script(chosen))
	}
	t, ok := parseTap(a.Account, q.address(), q.Data)
	if !ok {
		if q.address().User != 0 {
			return c.notice(ctx, a, q, noticeOthers)
		}
		return c.notice(ctx, a, q, noticeUnknown)
	}
	title, notice, err := c.option(ctx, t)
	if err != nil {
		return err
	}
	if notice != "" {
		return c.notice(ctx, a, q, notice)
	}
	var courtesy sync.WaitGroup
	courtesy.Go(func() { _ = c.notice(ctx, a, q, "") }) // it has no error
	h := &hearing{account: a, from: q.From, to: q.address(), external: a.external(update), said: said{text: title}, at: c.c.Now()}
	err = c.deliver(ctx, h)
	courtesy.Wait()
	if err == nil {
		c.takeOff(ctx, a, q)
	}
	return err
}

// most is how many entries behind a button are looked at.
const most = 20

// option is the title of what was tapped, or the notice why it does nothing any more. A topic may always
// be asked for; what says yes or no is over as soon as somebody said something.
func (c *Channel) option(ctx context.Context, t tap) (title, notice string, err error) {
	entries, err := c.c.Conversations.ListEntries(ctx, t.conversation, t.seq-1, most)
	if err != nil {
		return "", "", err
	}
	if len(entries) == 0 || entries[0].Seq != t.seq || entries[0].Reply == nil || t.option >= len(entries[0].Reply.Options) {
		return "", noticeUnknown, nil
	}
	o := entries[0].Reply.Options[t.option]
	since := slices.IndexFunc(entries[1:], func(e chat.Entry) bool { return e.From != chat.FromBot }) + 1
	switch {
	case since == 0:
	case entries[since].From == chat.FromCustomer && entries[since].Text == o.Title:
		return "", noticeAgain, nil
	case controls(o.ID):
		return "", noticeOver, nil
	}
	return o.Title, "", nil
}

// takeOff takes the buttons off the message where one was tapped.
func (c *Channel) takeOff(ctx context.Context, a *account, q *Callback) {
	if err := a.EditMarkup(ctx, q.Message.Chat.ID, q.Message.MessageID, nil); err != nil {
		c.c.Log.InfoContext(ctx, "used buttons were not taken off", "account", a.Name, "error", err)
	}
}
