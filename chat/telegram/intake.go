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

// incoming is one message on its way in.
type incoming struct {
	account   *account
	from      *User
	to        Address
	message   *Message // nil for a button that was tapped
	content   content
	external  string
	edited    bool
	albumPart bool // of an album whose first message is another
	at        time.Time
}

// textSum is that of what was typed, or of what stands for it.
func (in *incoming) textSum() string {
	if in.content.typed == "" {
		return in.account.Sum(in.content.text)
	}
	return in.account.Sum(in.content.typed)
}

// isUnchanged tells whether an edited message says what it said before. That it was not known then is no reason
// not to deliver it; that a picture was kept with it, none to keep it again.
func (c *Channel) isUnchanged(ctx context.Context, in *incoming) (known bool, err error) {
	var before MessageRef
	found, err := chat.LoadKV(ctx, c.KV, MessageKey(in.account.Name, in.message.Chat.ID, in.message.MessageID), &before)
	if err != nil || !found {
		in.edited = false
		return false, err
	}
	in.content.fileID = ""
	return before.Sum == in.textSum() || in.content.text == "", nil
}

// deliver keeps the message, with its picture.
func (c *Channel) deliver(ctx context.Context, in *incoming) error {
	m := chat.Message{
		Channel: c.Name(), ExternalID: in.external, Text: in.content.text, At: in.at.UTC(), Handoff: in.content.handoff, Welcome: in.content.welcome,
		Device: chat.Device{Serial: in.content.serial}, Medium: in.content.medium,
	}
	if in.content.fileID == "" {
		return c.deliverMessage(ctx, in, m)
	}
	var source Source // of a message that was kept before: its picture need not be brought here again then
	if known, err := chat.LoadKV(ctx, c.KV, SourceKey(in.account.Name, in.external), &source); err != nil || known {
		return err
	}
	if err := c.claimAlbum(ctx, in); err != nil {
		return err
	}
	kept, err := c.fetchPicture(ctx, in)
	if _, lost := errors.AsType[*unavailablePicture](err); lost {
		return c.deliverWithoutPicture(ctx, in, m)
	}
	if err != nil {
		return err
	}
	m.Attachments, m.AlbumPart = []chat.Attachment{kept}, in.albumPart
	return c.deliverMessage(ctx, in, m)
}

// deliverWithoutPicture delivers that a message's picture is lost, and behind that its words. Only with the last of
// these the message counts as delivered.
func (c *Channel) deliverWithoutPicture(ctx context.Context, in *incoming, m chat.Message) error {
	notice := m
	notice.Text, notice.Medium = "[图片]", chat.Picture
	if m.Text == "" {
		return c.deliverMessage(ctx, in, notice)
	}
	notice.ExternalID += ":picture"
	if err := c.deliverMessage(ctx, in, notice); err != nil {
		return err
	}
	return c.deliverMessage(ctx, in, m)
}

func (c *Channel) deliverMessage(ctx context.Context, in *incoming, m chat.Message) error {
	from := chat.OpenRequest{
		Channel: c.Name(), Account: in.account.Name, Address: in.to.String(),
		Customer: chat.Customer{ID: strconv.FormatInt(in.from.ID, 10), Name: strings.TrimSpace(in.from.FirstName + " " + in.from.LastName)},
	}
	language, err := c.scriptKV(ctx, in.account, in.to, in.from.LanguageCode)
	if err != nil {
		return err
	}
	m.KV = append(c.messageKV(in, m.ExternalID), language...)
	_, err = c.Inbox.Deliver(ctx, from, m)
	return err
}

// messageKV are the values that tell which of Telegram's messages this is.
func (c *Channel) messageKV(in *incoming, external string) []chat.KV {
	if in.message == nil {
		return nil
	}
	source := Source{Chat: in.to.Chat, Message: in.message.MessageID, Edit: in.edited, Sum: in.textSum()}
	if r := in.message.Answers(); r != nil {
		source.Answers = r.MessageID
	}
	kvs := []chat.KV{
		c.newKV("", SourceKey(in.account.Name, external), source),
		c.newKV("", MessageKey(in.account.Name, source.Chat, source.Message), MessageRef{External: external, Sum: source.Sum}),
	}
	if in.to.User != 0 {
		kvs = append(kvs, c.newKV("", lastMessageKey(in.account.Name, in.to.String()), source.Message))
	}
	return kvs
}

// claimAlbum finds out whether the message is a further one of an album: its pictures come as messages
// of their own, and are answered once.
func (c *Channel) claimAlbum(ctx context.Context, in *incoming) error {
	album := in.message.MediaGroupID
	if album == "" {
		return nil
	}
	m := c.newKV("", albumKey(in.account.Name, album), in.external)
	m.ExpiresAt = c.Now().Add(time.Hour)
	first, err := c.KV.ClaimKV(ctx, m)
	in.albumPart = err == nil && string(first) != string(m.Value)
	return err
}

// unavailablePicture is the error for a picture that nobody will ever have. Its reason is in English.
type unavailablePicture struct{ reason string }

// Error is the reason.
func (e *unavailablePicture) Error() string { return e.reason }

// fetchPicture brings a message's picture here and keeps it. The error is an *unavailablePicture where trying again
// would not help.
func (c *Channel) fetchPicture(ctx context.Context, in *incoming) (chat.Attachment, error) {
	if in.content.tooLarge {
		return chat.Attachment{}, &unavailablePicture{"the picture is larger than a bot may download"}
	}
	select {
	case c.files <- struct{}{}:
		defer func() { <-c.files }()
	case <-ctx.Done():
		return chat.Attachment{}, ctx.Err()
	}
	data, err := in.account.Download(ctx, in.content.fileID)
	if err != nil {
		refused, ok := errors.AsType[*Error](err)
		gone := ok && refused.Code == 400
		if gone || errors.Is(err, ErrTooBig) {
			return chat.Attachment{}, &unavailablePicture{err.Error()}
		}
		return chat.Attachment{}, fmt.Errorf("download a picture: %w", err)
	}
	kept, err := c.Pictures.Save(ctx, bytes.NewReader(data))
	if told, ok := errors.AsType[interface {
		error
		Text() string
	}](err); ok {
		return chat.Attachment{}, &unavailablePicture{told.Error()}
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
		for wait := typingAfter; c.Sleep(ctx, wait) == nil; wait = typingLasts {
			_ = a.Typing(ctx, to.Chat, to.Thread) // only a courtesy
		}
	})
	return func() {
		cancel()
		shown.Wait()
	}
}
