package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/panics"
)

// incoming is one message on its way in.
type incoming struct {
	account   *account
	from      *User
	to        Address
	thread    int      // the topic, or the thread of a private chat; 0 for none
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

// isUnchanged tells whether an edited message says and shows what it did before. That it was not known then is no
// reason not to deliver it; that its picture was kept with it, none to keep it again. A place that is shared while
// somebody moves changes all the time, and is told of once.
func (c *Channel) isUnchanged(ctx context.Context, in *incoming) (same bool, err error) {
	var before MessageRef
	found, err := chat.LoadKV(ctx, c.KV, MessageKey(in.account.Name, in.message.Chat.ID, in.message.MessageID), &before)
	if err != nil || !found {
		in.edited = false
		return false, err
	}
	if before.File == in.content.unique {
		in.content.fileID = ""
	}
	moves := in.message.Location != nil
	return moves || before.Sum == in.textSum() && before.File == in.content.unique || in.content.text == "" && in.content.fileID == "", nil
}

// deliver keeps the message, with its picture.
func (c *Channel) deliver(ctx context.Context, in *incoming) error {
	m := chat.Message{
		Channel: c.Name(), ExternalID: in.external, Text: in.content.text, At: in.at.UTC(), Handoff: in.content.handoff, Welcome: in.content.welcome,
		Device: chat.Device{Serial: in.content.serial}, Medium: in.content.medium, Enclosure: in.content.enclosure,
	}
	if in.content.fileID == "" && in.content.enclosure == nil {
		return c.deliverMessage(ctx, in, m)
	}
	if err := c.claimAlbum(ctx, in); err != nil {
		return err
	}
	m.AlbumPart = in.albumPart
	m.Unseen = !in.albumPart && !in.content.described && (!in.content.copied || in.account.Group == 0)
	if in.content.fileID == "" {
		return c.deliverMessage(ctx, in, m)
	}
	var source Source // of a message that was kept before: its picture need not be brought here again then
	if known, err := chat.LoadKV(ctx, c.KV, SourceKey(in.account.Name, in.external), &source); err != nil || known {
		return err
	}
	kept, err := c.fetchPicture(ctx, in)
	switch {
	case err == nil:
		m.Attachments = []chat.Attachment{kept}
		return c.deliverMessage(ctx, in, m)
	case ctx.Err() != nil, errors.Is(err, chat.ErrBusy): // it comes again
		return err
	}
	c.Log.WarnContext(ctx, "a picture was not kept", "account", in.account.Name, "message", in.external, "error", err)
	return c.deliverWithoutPicture(ctx, in, m, lostPicture(err))
}

// lostPicture tells agents why a picture could not be had.
func lostPicture(err error) *chat.Enclosure {
	_, refused := errors.AsType[*Error](err)
	_, unanswered := errors.AsType[*TransportError](err)
	if refused || unanswered {
		err = AsSendError(err)
	}
	return chat.LostPicture(err)
}

// deliverWithoutPicture delivers that a message's picture is lost, and behind that its words. Only with the last of
// these the message counts as delivered.
func (c *Channel) deliverWithoutPicture(ctx context.Context, in *incoming, m chat.Message, lost *chat.Enclosure) error {
	notice := m
	notice.Text, notice.Medium, notice.Enclosure, notice.AlbumPart = lost.Label, lost.Medium, lost, false
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
	thread, err := c.threadKV(ctx, in)
	if err != nil {
		return err
	}
	m.KV = slices.Concat(c.messageKV(in, m.ExternalID), language, thread)
	_, err = c.Inbox.Deliver(ctx, from, m)
	return err
}

// threadKV keeps in which thread of a private chat the customer is now.
func (c *Channel) threadKV(ctx context.Context, in *incoming) ([]chat.KV, error) {
	if in.to.User != 0 { // in a group the thread is part of the address
		return nil, nil
	}
	key, before := threadKey(in.account.Name, in.to.String()), 0
	if in.thread == 0 {
		if err := c.getKV(ctx, key, &before); err != nil || before == 0 {
			return nil, err
		}
	}
	return []chat.KV{c.newKV("", key, in.thread)}, nil
}

// messageKV are the values that tell which of Telegram's messages this is.
func (c *Channel) messageKV(in *incoming, external string) []chat.KV {
	if in.message == nil {
		return nil
	}
	source := Source{Chat: in.to.Chat, Message: in.message.MessageID, Thread: in.thread, Edit: in.edited, Sum: in.textSum(), Copy: in.content.copied}
	if r := in.message.Answers(); r != nil {
		source.Answers = r.MessageID
	}
	kvs := []chat.KV{
		c.newKV("", SourceKey(in.account.Name, external), source),
		c.newKV("", MessageKey(in.account.Name, source.Chat, source.Message), MessageRef{External: external, Sum: source.Sum, File: in.content.unique}),
	}
	if in.to.User != 0 {
		kvs = append(kvs, c.newKV("", lastMessageKey(in.account.Name, in.to.String()), source.Message))
	}
	return kvs
}

// claimAlbum finds out whether the message is a further one of an album: its pictures and files come as messages
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

// fetchPicture brings a message's picture here and keeps it.
func (c *Channel) fetchPicture(ctx context.Context, in *incoming) (chat.Attachment, error) {
	if in.content.tooLarge {
		return chat.Attachment{}, ErrTooBig
	}
	select {
	case c.files <- struct{}{}:
		defer func() { <-c.files }()
	case <-ctx.Done():
		return chat.Attachment{}, ctx.Err()
	}
	data, err := in.account.Download(ctx, in.content.fileID)
	if err != nil {
		return chat.Attachment{}, fmt.Errorf("download a picture: %w", err)
	}
	kept, err := c.Pictures.Save(ctx, bytes.NewReader(data))
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
func (c *Channel) typing(ctx context.Context, in *incoming) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var shown panics.Group
	shown.Go(func() {
		for wait := typingAfter; c.Sleep(ctx, wait) == nil; wait = typingLasts {
			_ = in.account.Typing(ctx, in.to.Chat, in.thread) // only a courtesy
		}
	})
	return func() {
		cancel()
		shown.Wait()
	}
}
