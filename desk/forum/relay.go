package forum

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
)

// Send delivers an activity into its topic. It is never given up: a group that cannot be reached,
// or where the bot lacks a right, is a person's to mend, and then all goes on.
func (f *Forum) Send(ctx context.Context, s chat.Sending) ([]chat.KV, error) {
	client, ok := f.clients[s.Account]
	if !ok {
		return nil, &chat.SendError{State: chat.SendingQueued, Reason: fmt.Sprintf(reasonNoGroup, s.Account)}
	}
	activity, err := chat.DecodeBody[desk.Activity](s)
	if err != nil {
		return nil, err
	}
	if activity.Conversation.ID == "" {
		return nil, &chat.SendError{State: chat.SendingDead, Reason: reasonBody}
	}
	d := &delivery{f: f, id: s.ID, sent: s.PartsSent, activity: activity}
	d.ticket = desk.Ticket{Conversation: d.activity.Conversation.ID, Customer: d.activity.Conversation.Customer}
	if d.activity.Ticket != nil {
		d.ticket = *d.activity.Ticket
	}
	if d.group, err = f.groupOf(ctx, client); err == nil {
		err = d.run(ctx)
	}
	if err != nil {
		return d.kvs, d.sendError(err)
	}
	return d.kvs, nil
}

// maxRepairs is how often one attempt repairs what it finds broken: a topic that was deleted or closed, a
// group that became another.
const maxRepairs = 4

// run delivers the activity, and repairs what is in the way.
func (d *delivery) run(ctx context.Context) (err error) {
	for range maxRepairs {
		err = d.attempt(ctx)
		refused, _ := errors.AsType[*telegram.Error](err)
		switch {
		case telegram.TopicGone(err):
			d.topic, d.recreated, d.sent = topic{Group: d.chatID, Recreated: true}, true, 0
		case telegram.TopicClosed(err):
			d.topic.Closed = true
		case refused != nil && refused.MigrateTo != 0:
			if err := d.f.setMigrated(ctx, d.client, refused.MigrateTo); err != nil {
				return err
			}
			d.chatID = refused.MigrateTo
			continue // its topics are others
		default:
			return err
		}
		if err := d.saveTopic(ctx); err != nil {
			return err
		}
	}
	return err
}

// attempt delivers the activity where nothing is in the way.
func (d *delivery) attempt(ctx context.Context) error {
	for _, step := range []func(context.Context) error{d.ensureTopic, d.mirror, d.applyEvent} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sendError is what an error means for the courier.
func (d *delivery) sendError(err error) error {
	out := &chat.SendError{State: chat.SendingQueued, Reason: reasonUnreadable}
	if own, ok := errors.AsType[*chat.SendError](err); ok {
		out = own
	} else if transport, ok := errors.AsType[*telegram.TransportError](err); ok {
		out = telegram.AsSendError(transport)
	} else if refused, ok := errors.AsType[*telegram.Error](err); ok {
		out = telegram.AsSendError(refused)
		out.PausesAccount = out.PausesAccount || refused.Code == 429 || telegram.Blocked(err) // then it is the whole group's
		if out.State == chat.SendingDead {
			out.State, out.RetryAfter = chat.SendingQueued, repairTime
		}
	}
	out.PartsSent = d.sent
	return out
}

// repairTime is how long a person is given to repair what Telegram refuses.
const repairTime = time.Minute

// applyEvent does what the activity's event asks for: the topic's name, its closing, the announcement.
func (d *delivery) applyEvent(ctx context.Context) error {
	if d.activity.Lost != "" || d.ticket.ID == "" {
		return nil
	}
	closing := d.activity.Event == desk.EventClosed
	if name := d.topicName(); name != d.topic.Name && (closing || d.ticket.State != desk.StateClosed) {
		if err := d.client.EditTopic(ctx, d.chatID, d.topic.Thread, name); err != nil {
			return err
		}
		d.topic.Name = name
		if err := d.saveTopic(ctx); err != nil {
			return err
		}
	}
	if closing && !d.topic.Closed {
		if err := d.client.CloseTopic(ctx, d.chatID, d.topic.Thread); err != nil {
			return err
		}
		d.topic.Closed = true
		return d.saveTopic(ctx)
	}
	if d.activity.Event == desk.EventOpened {
		return d.announce(ctx)
	}
	return nil
}
