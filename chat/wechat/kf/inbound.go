package kf

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/panics"
)

const (
	maxParallel     = 8                // customers whose messages of one page are kept at the same time
	maxFailures     = 5                // of one message that are not the database's, before others need not wait for it
	welcomeLifetime = 18 * time.Second // of a code: the host takes it for 20 s after a customer came, less what sending takes
)

// deliverer brings what a customer service account's log holds to the inbox.
type deliverer struct {
	Config
	a        *account
	openKf   string
	failures failureCounter
}

// deliverPage keeps everything of a page, and the cursor behind it in the commit of its last message: never before
// everything else of the page is kept. A customer's messages are kept in their order. What was sent before since
// is passed over. moved tells whether the cursor is another one than before the page.
func (d *deliverer) deliverPage(ctx context.Context, list []json.RawMessage, since int64, cursor chat.KV, moved bool) error {
	var messages []item
	var customers []string
	for _, raw := range list {
		i, ok := decodeItem(raw, d.openKf)
		switch {
		case !ok:
			d.Log.WarnContext(ctx, "the host brought something of an unknown shape")
		case i.Sent < since:
		case i.isMessage():
			messages, customers = append(messages, i), append(customers, i.Customer)
		case i.content.Event == eventSendFail:
			if err := d.reportFailure(ctx, i); err != nil {
				return err
			}
		default: // what happens in the app of enterprise WeChat, where our agents are not
			d.Log.DebugContext(ctx, "an item was skipped", "origin", i.Origin, "type", i.Type, "event", i.content.Event)
		}
	}
	d.a.fetchNicknames(ctx, customers)
	if len(messages) == 0 {
		if !moved {
			return nil
		}
		return d.KV.SetKV(ctx, cursor)
	}
	last := len(messages) - 1
	if err := d.deliverAll(ctx, messages[:last]); err != nil {
		return err
	}
	return d.deliver(ctx, messages[last], &cursor)
}

// deliverAll keeps messages: those of one customer one after the other, up to the first that fails, those of
// several at the same time.
func (d *deliverer) deliverAll(ctx context.Context, messages []item) error {
	queues := map[string][]item{} // by customer
	for _, i := range messages {
		queues[i.Customer] = append(queues[i.Customer], i)
	}
	failed := make(chan error, len(queues))
	free := make(chan struct{}, maxParallel)
	var workers panics.Group
	for _, queue := range queues {
		free <- struct{}{}
		workers.Go(func() {
			defer func() { <-free }()
			for _, i := range queue {
				if err := d.deliver(ctx, i, nil); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	workers.Wait()
	close(failed)
	var errs []error
	for err := range failed {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// deliver keeps one message, and the cursor with it.
func (d *deliverer) deliver(ctx context.Context, i item, cursor *chat.KV) error {
	var receipt chat.Receipt
	err := d.Panics.Try(ctx, Name, func() (err error) {
		receipt, err = d.deliverOnce(ctx, i, cursor)
		return err
	}, "account", d.a.Name, "message", i.ID)
	switch {
	case err == nil && (cursor == nil || !receipt.Repeat):
		return nil
	case err == nil: // the repeat was kept without it
		return d.KV.SetKV(ctx, *cursor)
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, chat.ErrBusy) || d.failures.add(i.Customer+" "+i.ID) < maxFailures:
		return fmt.Errorf("keep message %s: %w", i.ID, err)
	}
	d.Log.ErrorContext(ctx, "a message cannot be kept; the others go on without it", "message", i.ID, "type", i.Type, "error", err)
	if cursor != nil {
		return d.KV.SetKV(ctx, *cursor)
	}
	return nil
}

func (d *deliverer) deliverOnce(ctx context.Context, i item, cursor *chat.KV) (chat.Receipt, error) {
	who := address{i.OpenKf, i.Customer}
	m, err := d.message(ctx, i, newKeys(d.a.Name, who))
	if err != nil {
		return chat.Receipt{}, err
	}
	m.Cursor = cursor
	if err := d.releaseWaiting(ctx, who); err != nil {
		return chat.Receipt{}, err
	}
	return d.Inbox.Deliver(ctx, chat.OpenRequest{
		Channel: Name, Account: d.a.Name, Address: who.String(),
		Customer: chat.Customer{ID: i.Customer, Name: d.a.nicknames.get(i.Customer)},
	}, m)
}

// releaseWaiting makes due what waits for the customer, who is here now.
func (d *deliverer) releaseWaiting(ctx context.Context, who address) error {
	q, err := loadQuota(ctx, d.KV, d.a.Name, who)
	if err != nil || q.usage.Waiting == "" {
		return err
	}
	if err := d.Outbox.ReleaseLane(ctx, q.usage.Waiting); err != nil {
		return fmt.Errorf("release what waits for a customer: %w", err)
	}
	return nil // what is sent then ends the wait
}

// message is what an item says.
func (d *deliverer) message(ctx context.Context, i item, k keys) (m chat.Message, err error) {
	m = chat.Message{Channel: Name, ExternalID: i.ID, At: i.sentAt()}
	if i.Type == "event" {
		m.Welcome, m.Text, m.Device.Serial = true, "进入会话", i.content.serial()
		if m.Device.Serial != "" {
			m.Text = "扫码进入会话"
		}
		if i.content.Welcome != "" {
			m.KV = []chat.KV{{Key: k.welcome, Value: []byte(i.content.Welcome), ExpiresAt: i.sentAt().Add(welcomeLifetime)}}
		}
		return m, nil
	}
	m.KV = []chat.KV{k.spokeAt(i.sentAt())}
	m.Text, m.Medium = i.text()
	if i.Type == "image" {
		err = d.savePicture(ctx, i, &m)
	}
	return m, err
}

// savePicture keeps the picture of a message. While its host or the disk is out of order the message waits, but
// not for ever; a picture that cannot be had is told to the customer as such.
func (d *deliverer) savePicture(ctx context.Context, i item, m *chat.Message) error {
	file, err := d.a.client.Media(ctx, i.content.MediaID)
	if err == nil {
		var kept chat.Attachment
		kept, err = d.Pictures.Save(ctx, file)
		_ = file.Close() // it was read, or is given up
		if err == nil {
			m.Text, m.Medium, m.Attachments = "", "", []chat.Attachment{kept}
			return nil
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	send, isSend := errors.AsType[*chat.SendError](err)
	var unusable interface{ Text() string }
	hopeless := errors.As(err, &unusable) || isSend && send.State == chat.SendingDead
	if !hopeless && d.failures.add("picture "+i.Customer+" "+i.ID) < maxFailures {
		return fmt.Errorf("fetch a picture: %w", err)
	}
	d.Log.WarnContext(ctx, "a picture was not kept", "message", i.ID, "error", err)
	m.Enclosure = chat.LostPicture(err)
	return nil
}

// reportFailure takes note that something did not reach the customer, which the host took at first: agents are shown it.
func (d *deliverer) reportFailure(ctx context.Context, i item) error {
	id, n, ok := parseMessageID(i.content.FailedID)
	if !ok {
		d.Log.DebugContext(ctx, "what is not ours did not arrive", "fail_type", i.content.FailType)
		return nil
	}
	reason := fmt.Sprintf(reasonFailed, failReason(i.content.FailType), i.content.FailType)
	if n > 0 {
		reason = fmt.Sprintf(reasonFailedPart, n+1, reason)
	}
	err := d.Outbox.MarkUndelivered(ctx, id, reason)
	if errors.Is(err, chat.ErrConflict) || errors.Is(err, chat.ErrNotFound) {
		return nil // it is known, or was erased
	}
	if err != nil {
		return fmt.Errorf("take note of what did not arrive: %w", err)
	}
	d.Log.WarnContext(ctx, "a message did not reach the customer", "sending", id, "reason", reason)
	return nil
}

// failureCounter counts failures by what failed.
type failureCounter struct {
	mu     sync.Mutex
	counts map[string]int
}

// add counts one more, and returns how many there are.
func (f *failureCounter) add(what string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[what]++
	return f.counts[what]
}

func (f *failureCounter) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.counts)
}
