package forum

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
)

// relay brings one line into its topic.
type relay struct {
	f *Forum
	room
	id     int64 // of the sending
	line   desk.Activity
	ticket desk.Ticket // the line's; without an id for none
	topic  topic
	anew   bool      // the topic was made anew just now
	done   int       // messages of the line that have arrived
	marks  []chat.KV // to be kept with how it ends
}

// Send brings a line into its topic. What comes of it is never given up: a group that cannot be reached,
// or where the bot lacks a right, is a person's to mend, and then all goes on.
func (f *Forum) Send(ctx context.Context, s chat.Sending) ([]chat.KV, error) {
	client, ok := f.clients[s.Account]
	if !ok || client.Account().Group == 0 {
		return nil, &chat.SendError{State: chat.SendingQueued, Reason: fmt.Sprintf("no Telegram account named %q has a group here", s.Account)}
	}
	r := &relay{f: f, id: s.ID, done: s.PartsSent}
	if err := json.Unmarshal(s.Body, &r.line); err != nil || r.line.Conversation.ID == "" {
		return nil, &chat.SendError{State: chat.SendingDead, Reason: "the body is no line of a conversation"}
	}
	r.ticket = desk.Ticket{Conversation: r.line.Conversation.ID, Customer: r.line.Conversation.Customer}
	if r.line.Ticket != nil {
		r.ticket = *r.line.Ticket
	}
	var err error
	if r.room, err = f.room(ctx, client); err == nil {
		err = r.run(ctx)
	}
	if err != nil {
		return r.marks, r.outcome(err)
	}
	return r.marks, nil
}

// mends is how often one attempt mends what it finds broken: a topic that was deleted or closed, a
// group that moved.
const mends = 4

// run brings the line in, and mends what is in the way.
func (r *relay) run(ctx context.Context) (err error) {
	for range mends {
		err = r.once(ctx)
		refused, _ := errors.AsType[*telegram.Error](err)
		switch {
		case telegram.TopicGone(err):
			r.topic, r.anew, r.done = topic{Group: r.group, Remade: true}, true, 0
		case telegram.TopicClosed(err):
			r.topic.Closed = true
		case refused != nil && refused.MigrateTo != 0:
			if err := r.f.moved(ctx, r.client, refused.MigrateTo); err != nil {
				return err
			}
			r.group = refused.MigrateTo
			continue // its topics are others
		default:
			return err
		}
		if err := r.save(ctx); err != nil {
			return err
		}
	}
	return err
}

// once brings the line in where nothing is in the way.
func (r *relay) once(ctx context.Context) error {
	for _, step := range []func(context.Context) error{r.ensure, r.say, r.follow} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// outcome is what an error means for the courier.
func (r *relay) outcome(err error) error {
	out := &chat.SendError{State: chat.SendingQueued, Reason: "the marks or the pictures cannot be read now"}
	if own, ok := errors.AsType[*chat.SendError](err); ok {
		out = own
	} else if transport, ok := errors.AsType[*telegram.TransportError](err); ok {
		out = telegram.AsSendError(transport)
	} else if refused, ok := errors.AsType[*telegram.Error](err); ok {
		out = telegram.AsSendError(refused)
		out.PausesAccount = out.PausesAccount || refused.Code == 429 || telegram.Blocked(err) // then it is the whole group's
		if out.State == chat.SendingDead {
			out.State, out.RetryAfter = chat.SendingQueued, mendTime
		}
	}
	out.PartsSent = r.done
	return out
}

// mendTime is how long a person is given to mend what Telegram refuses.
const mendTime = time.Minute

// follow does what the line's event asks for: the topic's name, its closing, the announcement.
func (r *relay) follow(ctx context.Context) error {
	if r.line.Lost != "" || r.ticket.ID == "" {
		return nil
	}
	closing := r.line.Event == desk.EventClosed
	if name := r.name(); name != r.topic.Name && (closing || r.ticket.State != desk.StateClosed) {
		if err := r.client.EditTopic(ctx, r.group, r.topic.Thread, name); err != nil {
			return err
		}
		r.topic.Name = name
		if err := r.save(ctx); err != nil {
			return err
		}
	}
	if closing && !r.topic.Closed {
		if err := r.client.CloseTopic(ctx, r.group, r.topic.Thread); err != nil {
			return err
		}
		r.topic.Closed = true
		return r.save(ctx)
	}
	if r.line.Event == desk.EventOpened {
		return r.announce(ctx)
	}
	return nil
}
