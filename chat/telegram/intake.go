package telegram

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
)

// take does what an update asks for. A nil error means that it is on disk, or nobody's business: only
// then is it acknowledged. An update may come twice, and at the same time.
func (c *Channel) take(ctx context.Context, a *account, u Update) (err error) {
	defer func() {
		if r := recover(); r != nil { // what it panicked with may hold what was said
			c.c.Log.ErrorContext(ctx, "an update of Telegram's made the channel panic", "account", a.Name, "update", u.UpdateID,
				"type", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
			err = errors.New("the channel panicked")
		}
	}()
	if u.ChatID() == 0 {
		return nil
	}
	agents, err := c.isAgents(ctx, a, u.ChatID())
	switch {
	case err != nil:
		return err
	case agents && c.c.Group == nil:
		return nil
	case agents:
		return c.c.Group.Update(ctx, a.Account, u)
	case u.CallbackQuery != nil:
		return c.tapped(ctx, a, u.UpdateID, u.CallbackQuery)
	case u.Message != nil:
		return c.heard(ctx, a, u.UpdateID, u.Message, false)
	case u.EditedMessage != nil:
		return c.heard(ctx, a, u.UpdateID, u.EditedMessage, true)
	case u.MyChatMember != nil:
		c.c.Log.InfoContext(ctx, "the bot's place in a chat of Telegram's changed", "account", a.Name, "update", u.UpdateID,
			"chat", u.MyChatMember.Chat.Type, "status", u.MyChatMember.NewChatMember.Status)
	}
	return nil
}

// isAgents tells whether a chat is the account's agents' group, also under the id that it has as a supergroup.
func (c *Channel) isAgents(ctx context.Context, a *account, chat int64) (bool, error) {
	if a.Group == 0 || chat > 0 || chat == a.Group {
		return chat == a.Group, nil
	}
	now := a.Group
	err := c.look(ctx, MovedKey(a.Name, a.Group), &now)
	return chat == now, err
}

// heard delivers what a customer said.
func (c *Channel) heard(ctx context.Context, a *account, update int, m *Message, edited bool) error {
	if m.MigrateToChatID != 0 {
		return c.moved(ctx, a, m.Chat.ID, m.MigrateToChatID)
	}
	if m.From == nil || m.From.IsBot || m.SenderChat != nil {
		return nil
	}
	me := ""
	if !m.Chat.IsPrivate() {
		u, err := a.self(ctx)
		if err != nil {
			return err
		}
		if me = u.UserName; !addressed(m, u.ID, me) {
			return nil
		}
	}
	what, ok := read(m, me)
	if !ok {
		return nil
	}
	h := &hearing{
		account: a, from: m.From, to: addressOf(m), message: m, said: what, external: a.external(update), edited: edited,
		at: time.Unix(int64(m.Date), 0),
	}
	if edited {
		known, err := c.before(ctx, h)
		if err != nil || known {
			return err
		}
		h.at = time.Unix(int64(m.EditDate), 0)
	}
	if what.language && c.c.Traditional != nil {
		return c.offerLanguage(ctx, a, m)
	}
	stop := c.typing(ctx, a, h.to)
	defer stop()
	return c.deliver(ctx, h)
}

// hearing is one message on its way in.
type hearing struct {
	account  *account
	from     *User
	to       Address
	message  *Message // nil for a button that was tapped
	said     said
	external string
	edited   bool
	further  bool // of an album whose first message is another
	at       time.Time
}

// external is the id of an update that no other bot has.
func (a *account) external(update int) string { return fmt.Sprintf("%s:%d", a.BotID(), update) }

// before tells whether an edited message says what it said before. That it was not known then is no reason
// not to hear it; that a picture was kept with it, none to keep it again.
func (c *Channel) before(ctx context.Context, h *hearing) (known bool, err error) {
	value, err := c.c.Marks.GetKV(ctx, SaidKey(h.account.Name, h.message.Chat.ID, h.message.MessageID))
	if errors.Is(err, chat.ErrNotFound) {
		h.edited = false
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var before Said
	if err := decodeKV(value, &before); err != nil {
		return false, err
	}
	h.said.picture = ""
	return before.Sum == h.sum() || h.said.text == "", nil
}

// sum is that of what was typed, or of what stands for it.
func (h *hearing) sum() string {
	if h.said.typed == "" {
		return h.account.Sum(h.said.text)
	}
	return h.account.Sum(h.said.typed)
}

// deliver keeps the message, with its picture.
func (c *Channel) deliver(ctx context.Context, h *hearing) error {
	m := chat.Message{
		Channel: c.Name(), ExternalID: h.external, Text: h.said.text, At: h.at.UTC(), Handoff: h.said.handoff, Welcome: h.said.welcome,
		Device: chat.Device{Serial: h.said.serial}, Medium: h.said.medium,
	}
	if h.said.picture == "" {
		return c.keep(ctx, h, m)
	}
	if known, err := c.known(ctx, h); err != nil || known {
		return err
	}
	if err := c.claimAlbum(ctx, h); err != nil {
		return err
	}
	kept, err := c.picture(ctx, h)
	if _, lost := errors.AsType[*lostPicture](err); lost {
		return c.lost(ctx, h, m)
	}
	if err != nil {
		return err
	}
	m.Attachments, m.AlbumPart = []chat.Attachment{kept}, h.further
	return c.keep(ctx, h, m)
}

// lost delivers that a message's picture is lost, and behind that its words. Only with the last of it is the
// message known.
func (c *Channel) lost(ctx context.Context, h *hearing, m chat.Message) error {
	notice := m
	notice.Text, notice.Medium = "[图片]", chat.Picture
	if m.Text == "" {
		return c.keep(ctx, h, notice)
	}
	notice.ExternalID += ":picture"
	if err := c.keep(ctx, h, notice); err != nil {
		return err
	}
	return c.keep(ctx, h, m)
}

// known tells whether the message was kept before: its picture need not be brought here again then.
func (c *Channel) known(ctx context.Context, h *hearing) (bool, error) {
	_, err := c.c.Marks.GetKV(ctx, SourceKey(h.account.Name, h.external))
	if errors.Is(err, chat.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// keep gives the message to the inbox.
func (c *Channel) keep(ctx context.Context, h *hearing, m chat.Message) error {
	opening := chat.OpenRequest{
		Channel: c.Name(), Account: h.account.Name, Address: h.to.String(),
		Customer: chat.Customer{ID: strconv.FormatInt(h.from.ID, 10), Name: strings.TrimSpace(h.from.FirstName + " " + h.from.LastName)},
	}
	language, err := c.languageMark(ctx, h)
	if err != nil {
		return err
	}
	m.KV = append(c.marksOf(h, m.ExternalID), language...)
	_, err = c.c.Inbox.Deliver(ctx, opening, m)
	return err
}

// marksOf are the marks that tell which of Telegram's messages this is.
func (c *Channel) marksOf(h *hearing, external string) []chat.KV {
	if h.message == nil {
		return nil
	}
	source := Source{Chat: h.to.Chat, Message: h.message.MessageID, Edit: h.edited, Sum: h.sum()}
	if r := h.message.Answers(); r != nil {
		source.Answers = r.MessageID
	}
	marks := []chat.KV{
		c.mark("", SourceKey(h.account.Name, external), source),
		c.mark("", SaidKey(h.account.Name, source.Chat, source.Message), Said{External: external, Sum: source.Sum}),
	}
	if h.to.User != 0 {
		marks = append(marks, c.mark("", lastKey(h.account.Name, h.to.String()), source.Message))
	}
	return marks
}

// moved notes that a group became a supergroup.
func (c *Channel) moved(ctx context.Context, a *account, from, to int64) error {
	return c.c.Marks.SetKV(ctx, c.mark("", MovedKey(a.Name, from), to))
}

// claimAlbum finds out whether the message is a further one of an album: its pictures come as messages
// of their own, and are answered once.
func (c *Channel) claimAlbum(ctx context.Context, h *hearing) error {
	album := h.message.MediaGroupID
	if album == "" {
		return nil
	}
	m := c.mark("", albumKey(h.account.Name, album), h.external)
	m.ExpiresAt = c.c.Now().Add(time.Hour)
	first, err := c.c.Marks.ClaimKV(ctx, m)
	h.further = err == nil && string(first) != string(m.Value)
	return err
}
