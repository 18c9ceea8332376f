package telegram

import (
	"context"
	"slices"
	"strings"

	"github.com/yingda/yingda/chat"
)

// script is how Chinese is written.
type script string

const (
	simplified  script = "hans"
	traditional script = "hant"
)

// scriptPrefix begins the data of the buttons that choose a script.
const scriptPrefix = "l."

// noticeUnknown is what whoever taps a button is told that is none of ours; at most 200 characters, as every notice.
const noticeUnknown = "这个按钮已经失效了，直接打字告诉我就行。"

func (c *Channel) offerScripts(ctx context.Context, a *account, m *Message) error {
	to := m.address()
	o := Options{Thread: m.Topic(), Keyboard: Keyboard{
		{{Text: "简体中文", Data: scriptPrefix + string(simplified)}},
		{{Text: "繁體中文", Data: scriptPrefix + string(traditional)}},
	}}
	if to.User != 0 {
		o.ReplyTo = m.MessageID
	}
	_, err := a.Send(ctx, to.Chat, "请选择文字 / 請選擇文字", o)
	return c.ignoreRefusal(ctx, a, err)
}

// ignoreRefusal drops the refusal of what is only a courtesy, for it would be refused again, and that nobody
// knows whether it arrived.
func (c *Channel) ignoreRefusal(ctx context.Context, a *account, err error) error {
	if out := AsSendError(err); out != nil && out.State != chat.SendingQueued {
		c.Log.InfoContext(ctx, "Telegram did not take a courtesy", "account", a.Name, "error", err)
		return nil
	}
	return err
}

func (c *Channel) chooseScript(ctx context.Context, a *account, q *Callback, chosen script) error {
	if chosen != simplified && chosen != traditional || q.Message == nil || q.From == nil {
		c.answerCallback(ctx, a, q, noticeUnknown)
		return nil
	}
	if err := c.KV.SetKV(ctx, c.newKV("", scriptKey(a.Name, q.address().String()), chosen)); err != nil {
		return err
	}
	text := "好的，之后都用简体中文回复您。"
	if chosen == traditional {
		text = c.Traditional("好的，之后都用繁体中文回复您。")
	}
	if err := a.EditText(ctx, q.Message.Chat.ID, q.Message.MessageID, text, nil); err != nil {
		c.Log.InfoContext(ctx, "a message could not be changed", "account", a.Name, "error", err)
	}
	c.answerCallback(ctx, a, q, "")
	return nil
}

// scriptKV hands the script that somebody chose over to their conversation, with which it is
// erased. Where nothing was chosen the language of their Telegram says it.
func (c *Channel) scriptKV(ctx context.Context, a *account, to Address, languageCode string) ([]chat.KV, error) {
	if c.Traditional == nil {
		return nil, nil
	}
	var s script
	if readsTraditional(languageCode) {
		s = traditional
	}
	if err := c.getKV(ctx, scriptKey(a.Name, to.String()), &s); err != nil || s == "" {
		return nil, err
	}
	return []chat.KV{c.newKV("", scriptKey(a.Name, to.String()), s)}, nil
}

// readsTraditional tells it from an IETF language tag.
func readsTraditional(tag string) bool {
	return slices.ContainsFunc([]string{"zh-hant", "zh-tw", "zh-hk", "zh-mo"}, func(sign string) bool {
		return strings.HasPrefix(strings.ToLower(tag), sign)
	})
}

// scriptConverter puts texts into the script that somebody reads. Where nobody knows, it leaves them.
func (c *Channel) scriptConverter(ctx context.Context, a *account, address string) func(string) string {
	convert := func(text string) string { return text }
	if c.Traditional == nil {
		return convert
	}
	var s script
	if err := c.getKV(ctx, scriptKey(a.Name, address), &s); err != nil {
		c.Log.WarnContext(ctx, "a customer's script is not known", "account", a.Name, "error", err)
	}
	if s == traditional {
		convert = c.Traditional
	}
	return convert
}

// answerCallback ends the waiting of whoever tapped. That it fails is nothing that a repetition would mend: what
// was tapped is known.
func (c *Channel) answerCallback(ctx context.Context, a *account, q *Callback, text string) {
	if text != "" {
		text = c.scriptConverter(ctx, a, q.address().String())(text)
	}
	if err := a.AnswerCallback(ctx, q.ID, text); err != nil {
		c.Log.InfoContext(ctx, "a tapped button was not answered", "account", a.Name, "error", err)
	}
}
