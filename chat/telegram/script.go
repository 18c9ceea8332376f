package telegram

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/yingda/yingda/chat"
)

// script is how Chinese is written.
type script string

const (
	simplified  script = "hans"
	traditional script = "hant"
)

// languageData begins the data of the buttons that choose a script.
const languageData = "l."

// offerLanguage asks which script somebody reads.
func (c *Channel) offerLanguage(ctx context.Context, a *account, m *Message) error {
	to := addressOf(m)
	o := Options{Thread: to.Thread, Keyboard: Keyboard{
		{{Text: "简体中文", Data: languageData + string(simplified)}},
		{{Text: "繁體中文", Data: languageData + string(traditional)}},
	}}
	if to.User != 0 {
		o.ReplyTo = m.MessageID
	}
	_, err := a.Send(ctx, to.Chat, "请选择文字 / 請選擇文字", o)
	return c.unlessRefused(ctx, a, err)
}

// unlessRefused drops the refusal of what is only a courtesy, for it would be refused again, and that nobody
// knows whether it arrived.
func (c *Channel) unlessRefused(ctx context.Context, a *account, err error) error {
	if out := Outcome(err, 0); out != nil && out.State != chat.SendingQueued {
		c.c.Log.InfoContext(ctx, "Telegram did not take a courtesy", "account", a.Name, "error", err)
		return nil
	}
	return err
}

// chooseLanguage keeps the script that was tapped.
func (c *Channel) chooseLanguage(ctx context.Context, a *account, q *Callback, chosen script) error {
	if chosen != simplified && chosen != traditional || q.Message == nil || q.From == nil {
		return c.notice(ctx, a, q, noticeUnknown)
	}
	if err := c.c.Marks.SetKV(ctx, c.mark("", languageKey(a.Name, q.address().String()), chosen)); err != nil {
		return err
	}
	text := "好的，之后都用简体中文回复您。"
	if chosen == traditional {
		text = c.c.Traditional("好的，之后都用繁体中文回复您。")
	}
	if err := a.EditText(ctx, q.Message.Chat.ID, q.Message.MessageID, text, nil); err != nil {
		c.c.Log.InfoContext(ctx, "a message could not be changed", "account", a.Name, "error", err)
	}
	return c.notice(ctx, a, q, "")
}

// script is what somebody reads; found is false when nobody knows.
func (c *Channel) script(ctx context.Context, a *account, address string) (s script, found bool, err error) {
	value, err := c.c.Marks.GetKV(ctx, languageKey(a.Name, address))
	if errors.Is(err, chat.ErrNotFound) {
		return simplified, false, nil
	}
	if err != nil {
		return simplified, false, err
	}
	if err := decodeKV(value, &s); err != nil {
		return simplified, false, err
	}
	return s, true, nil
}

// languageMark hands the script that somebody chose over to their conversation, with which it is
// erased. Where nothing was chosen the language of their Telegram says it.
func (c *Channel) languageMark(ctx context.Context, h *hearing) ([]chat.KV, error) {
	if c.c.Traditional == nil {
		return nil, nil
	}
	s, found, err := c.script(ctx, h.account, h.to.String())
	if err != nil {
		return nil, err
	}
	if !found {
		if !readsTraditional(h.from.LanguageCode) {
			return nil, nil
		}
		s = traditional
	}
	return []chat.KV{c.mark("", languageKey(h.account.Name, h.to.String()), s)}, nil
}

// readsTraditional tells it from an IETF language tag.
func readsTraditional(tag string) bool {
	tag = strings.ToLower(tag)
	for _, sign := range []string{"zh-hant", "zh-tw", "zh-hk", "zh-mo"} {
		if strings.HasPrefix(tag, sign) {
			return true
		}
	}
	return false
}

// writer puts texts into the script that somebody reads. Where nobody knows, it leaves them.
func (c *Channel) writer(ctx context.Context, a *account, address string) func(string) string {
	if c.c.Traditional == nil {
		return func(text string) string { return text }
	}
	s, _, err := c.script(ctx, a, address)
	if err != nil {
		c.c.Log.WarnContext(ctx, "a customer's script is not known", "account", a.Name, "error", fmt.Errorf("read a mark: %w", err))
	}
	if s != traditional {
		return func(text string) string { return text }
	}
	return c.c.Traditional
}

// notice ends the waiting of whoever tapped. That it fails is nothing that a repetition would mend: what
// was tapped is known.
func (c *Channel) notice(ctx context.Context, a *account, q *Callback, text string) error {
	if text != "" {
		text = c.writer(ctx, a, q.address().String())(text)
	}
	if err := a.AnswerCallback(ctx, q.ID, text); err != nil {
		c.c.Log.InfoContext(ctx, "a tapped button was not answered", "account", a.Name, "error", err)
	}
	return nil
}
