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

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/panics"
)

// optionPrefix begins the data of the buttons of an entry.
const optionPrefix = "o."

// What whoever taps a button that does nothing any more is told; at most 200 characters.
const (
	noticeOver   = "这个选项已经过去了，不用再点。要接着办，直接打字告诉我；需要人工，回复“转人工”。"
	noticeAgain  = "这个已经选过了，答复在下面。"
	noticeOthers = "这几个选项是给提问的人选的。您有问题，直接问我就行。"
)

// optionRef is which option of which entry was tapped. Its text is a button's data: at most MaxData bytes as
// long as a conversation's id has at most 32.
type optionRef struct {
	conversation string
	seq          int64
	option       int
}

// encode names the option. A client may send back whatever it likes, so it is signed, for one address.
func (r optionRef) encode(a Account, to Address) string {
	text := fmt.Sprintf("%s%s.%d.%d", optionPrefix, r.conversation, r.seq, r.option)
	h := hmac.New(sha256.New, []byte(a.Token))
	_, _ = fmt.Fprintf(h, "button %s %s", to, text)
	return text + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:6])
}

// parseOptionRef reads the data; false where it is not ours or was made for another address.
func parseOptionRef(a Account, from Address, data string) (optionRef, bool) {
	parts := strings.Split(data, ".")
	if len(parts) != 5 {
		return optionRef{}, false
	}
	seq, err := strconv.ParseInt(parts[2], 10, 64)
	option, err2 := strconv.Atoi(parts[3])
	r := optionRef{conversation: parts[1], seq: seq, option: option}
	return r, err == nil && err2 == nil && seq > 0 && option >= 0 && hmac.Equal([]byte(r.encode(a, from)), []byte(data))
}

// optionKeyboard is the buttons of an entry, one a row; nil for none.
func optionKeyboard(a Account, to Address, conversation string, e chat.Entry, convert func(string) string) Keyboard {
	if e.Reply == nil {
		return nil
	}
	var k Keyboard
	for i, o := range e.Reply.Options {
		if title := strings.TrimSpace(o.Title); title != "" {
			k = append(k, []Button{{Text: convert(title), Data: optionRef{conversation, e.Seq, i}.encode(a, to)}})
		}
	}
	return k
}

// handleCallback delivers what stands on a button, as if it had been typed.
func (c *Channel) handleCallback(ctx context.Context, a *account, update int, q *Callback) error {
	if q.From == nil || q.From.IsBot {
		return nil
	}
	if chosen, ok := strings.CutPrefix(q.Data, scriptPrefix); ok && c.Traditional != nil {
		return c.chooseScript(ctx, a, q, script(chosen))
	}
	ref, ok := parseOptionRef(a.Account, q.address(), q.Data)
	if !ok {
		notice := noticeUnknown
		if q.address().User != 0 {
			notice = noticeOthers
		}
		c.answerCallback(ctx, a, q, notice)
		return nil
	}
	title, notice, err := c.resolveOption(ctx, ref)
	if err != nil {
		return err
	}
	if notice != "" {
		c.answerCallback(ctx, a, q, notice)
		return nil
	}
	var courtesy panics.Group
	courtesy.Go(func() { c.answerCallback(ctx, a, q, "") })
	in := &incoming{
		account: a, from: q.From, to: q.address(), thread: q.Message.Topic(), external: a.externalID(update), content: content{text: title}, at: c.Now(),
	}
	err = c.deliver(ctx, in)
	courtesy.Wait()
	if err != nil {
		return err
	}
	if err := a.EditMarkup(ctx, q.Message.Chat.ID, q.Message.MessageID, nil); err != nil {
		c.Log.InfoContext(ctx, "used buttons were not taken off", "account", a.Name, "error", err)
	}
	return nil
}

// maxFollowing is how many entries behind a button are looked at.
const maxFollowing = 20

// resolveOption is the title of what was tapped, or the notice why it does nothing any more. A topic may always
// be asked for; what says yes or no is over as soon as somebody said something.
func (c *Channel) resolveOption(ctx context.Context, ref optionRef) (title, notice string, err error) {
	entries, err := c.Conversations.ListEntries(ctx, ref.conversation, ref.seq-1, maxFollowing)
	if err != nil {
		return "", "", err
	}
	if len(entries) == 0 || entries[0].Seq != ref.seq || entries[0].Reply == nil || ref.option >= len(entries[0].Reply.Options) {
		return "", noticeUnknown, nil
	}
	o := entries[0].Reply.Options[ref.option]
	since := slices.IndexFunc(entries[1:], func(e chat.Entry) bool { return e.From != chat.FromBot }) + 1
	switch {
	case since == 0:
	case entries[since].From == chat.FromCustomer && entries[since].Text == o.Title:
		return "", noticeAgain, nil
	case slices.Contains([]string{"yes", "no", "skip", "confirm", "cancel", "resume", "human"}, o.ID): // it means something only right behind what offered it
		return "", noticeOver, nil
	}
	return o.Title, "", nil
}
