package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
)

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

// sum is that of what was typed, or of what stands for it.
func (h *hearing) sum() string {
	if h.said.typed == "" {
		return h.account.Sum(h.said.text)
	}
	return h.account.Sum(h.said.typed)
}

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

// lostPicture is the error for a picture that nobody will ever have. Its reason is in English.
type lostPicture struct{ reason string }

// Error is the reason.
func (e *lostPicture) Error() string { return e.reason }

// picture brings a message's picture here and keeps it. The error is a *lostPicture where trying again
// would not help.
func (c *Channel) picture(ctx context.Context, h *hearing) (chat.Attachment, error) {
	if h.said.tooLarge {
		return chat.Attachment{}, &lostPicture{"the picture is larger than a bot may download"}
	}
	select {
	case c.files <- struct{}{}:
		defer func() { <-c.files }()
	case <-ctx.Done():
		return chat.Attachment{}, ctx.Err()
	}
	data, err := h.account.Download(ctx, h.said.picture)
	if err != nil {
		refused, ok := errors.AsType[*Error](err)
		gone := ok && refused.Code == 400
		if gone || errors.Is(err, ErrTooBig) {
			return chat.Attachment{}, &lostPicture{err.Error()}
		}
		return chat.Attachment{}, fmt.Errorf("download a picture: %w", err)
	}
	kept, err := c.c.Pictures.Save(ctx, bytes.NewReader(data))
	if told, ok := errors.AsType[interface {
		error
		Text() string
	}](err); ok {
		return chat.Attachment{}, &lostPicture{told.Error()}
	}
	if err != nil {
		return chat.Attachment{}, fmt.Errorf("keep a picture: %w", err)
	}
	return kept, nil
}

const (
	typingAfter = 400 * time.Millisecond // before, an answer is there sooner than anybody sees the sign
	typingLasts = 4 * time.Second        // Telegram takes the sign away after five
)

// typing shows that somebody is at it, for as long as it takes. stop ends that, and waits for its end.
func (c *Channel) typing(ctx context.Context, a *account, to Address) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var shown sync.WaitGroup
	shown.Go(func() {
		for wait := typingAfter; c.c.Sleep(ctx, wait) == nil; wait = typingLasts {
			_ = a.Typing(ctx, to.Chat, to.Thread) // only a courtesy
		}
	})
	return func() {
		cancel()
		shown.Wait()
	}
}
