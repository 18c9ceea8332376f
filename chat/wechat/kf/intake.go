package kf

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
)

const (
	customersAtOnce = 8 // whose messages of one page are kept at the same time
	giveUp          = 5 // failures of one message that are not the database's, before others need not wait for it
)

// take keeps everything of a page, and the place behind it in the commit of its last message: never before
// everything else of the page is kept. A customer's messages are kept in their order.
func (l *lane) take(ctx context.Context, list []json.RawMessage, at, next place) error {
	var said []item
	for _, raw := range list {
		i, ok := readItem(raw, l.desk)
		switch {
		case !ok:
			l.c.c.Log.WarnContext(ctx, "the host brought something of an unknown shape", "channel", Name, "account", l.a.Name, "desk", l.desk)
		case i.Sent < at.Since:
		case i.said():
			said = append(said, i)
		case i.content.Event == failed:
			if err := l.lost(ctx, i); err != nil {
				return err
			}
		default: // what happens in the app of enterprise WeChat, which is not our desk
			l.c.c.Log.DebugContext(ctx, "passed over", "channel", Name, "account", l.a.Name, "desk", l.desk,
				"origin", i.Origin, "kind", i.Kind, "event", i.content.Event)
		}
	}
	l.a.learnNames(ctx, said)
	mark, err := l.mark(next)
	if err != nil || len(said) == 0 && at == next {
		return err
	}
	if len(said) == 0 {
		return l.c.c.Marks.SetKV(ctx, mark)
	}
	last := len(said) - 1
	if err := l.deliverAll(ctx, said[:last]); err != nil {
		return err
	}
	return l.deliver(ctx, said[last], &mark)
}

// deliverAll keeps messages: those of one customer one after the other, up to the first that fails, those of
// several at the same time.
func (l *lane) deliverAll(ctx context.Context, said []item) error {
	var customers [][]item
	place := map[string]int{}
	for _, i := range said {
		n, ok := place[i.Customer]
		if !ok {
			n = len(customers)
			place[i.Customer] = n
			customers = append(customers, nil)
		}
		customers[n] = append(customers[n], i)
	}
	errs := make([]error, len(customers))
	free := make(chan struct{}, customersAtOnce)
	var all sync.WaitGroup
	for n, items := range customers {
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			for _, i := range items {
				if errs[n] = l.deliver(ctx, i, nil); errs[n] != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// deliver keeps one message, and cursor with it.
func (l *lane) deliver(ctx context.Context, i item, cursor *chat.KV) error {
	d, err := l.tell(ctx, i, cursor)
	switch {
	case err == nil && (cursor == nil || !d.Repeat):
		return nil
	case err == nil: // the repeat was kept without it
		return l.c.c.Marks.SetKV(ctx, *cursor)
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, chat.ErrBusy) || l.failed.add(i.ID) < giveUp:
		return fmt.Errorf("keep message %s: %w", i.ID, err)
	}
	l.c.c.Log.ErrorContext(ctx, "a message cannot be kept; the others go on without it", "channel", Name,
		"account", l.a.Name, "desk", l.desk, "message", i.ID, "kind", i.Kind, "error", err)
	if cursor != nil {
		return l.c.c.Marks.SetKV(ctx, *cursor)
	}
	return nil
}

// tell hands one message to the inbox.
func (l *lane) tell(ctx context.Context, i item, cursor *chat.KV) (chat.Receipt, error) {
	m, err := l.message(ctx, i)
	if err != nil {
		return chat.Receipt{}, err
	}
	m.Cursor = cursor
	who := address{i.Desk, i.Customer}
	if err := l.release(ctx, who); err != nil {
		return chat.Receipt{}, err
	}
	return l.c.c.Inbox.Deliver(ctx, chat.OpenRequest{
		Channel: Name, Account: l.a.Name, Address: who.String(),
		Customer: chat.Customer{ID: i.Customer, Name: l.a.names.of(i.Customer)},
	}, m)
}

// message is what an item says.
func (l *lane) message(ctx context.Context, i item) (m chat.Message, err error) {
	m = chat.Message{Channel: Name, ExternalID: i.ID, At: i.at()}
	keys := keysOf(l.a.Name, address{i.Desk, i.Customer})
	if i.Kind == "event" {
		m.Welcome, m.Text, m.Device.Serial = true, "进入会话", i.content.serial()
		if m.Device.Serial != "" {
			m.Text = "扫码进入会话"
		}
		if i.content.Welcome != "" {
			m.KV = []chat.KV{{Key: keys.welcome, Value: []byte(i.content.Welcome), ExpiresAt: i.at().Add(welcomeLives)}}
		}
		return m, nil
	}
	m.KV = []chat.KV{keys.spokeAt(i.at())}
	m.Text, m.Medium = words(i)
	if i.Kind == "image" {
		err = l.picture(ctx, i, &m)
	}
	return m, err
}

// welcomeLives is how long after a customer came the host takes a welcome: 20 s, less what sending it takes.
const welcomeLives = 18 * time.Second

// picture keeps the picture of a message. While its host or the disk is out of order the message waits, but
// not for ever; a picture that cannot be had is told to the customer as such.
func (l *lane) picture(ctx context.Context, i item, m *chat.Message) error {
	file, err := l.a.client.Media(ctx, i.content.MediaID)
	if err == nil {
		var kept chat.Attachment
		kept, err = l.c.c.Pictures.Save(ctx, file)
		_ = file.Close() // it was read, or is given up
		if err == nil {
			m.Text, m.Medium, m.Attachments = "", "", []chat.Attachment{kept}
			return nil
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	sent, isSent := errors.AsType[*chat.SendError](err)
	var mend interface{ Text() string }
	hopeless := errors.As(err, &mend) || isSent && sent.State == chat.SendingDead
	if !hopeless && l.failed.add("picture "+i.ID) < giveUp {
		return fmt.Errorf("fetch a picture: %w", err)
	}
	l.c.c.Log.WarnContext(ctx, "a picture was not kept", "channel", Name, "account", l.a.Name, "message", i.ID, "error", err)
	return nil
}
