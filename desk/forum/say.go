package forum

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
)

// said is the id, at the desk, of what was said by a message in the group.
func (r room) said(message int) string {
	return fmt.Sprintf("forum/%s/%d/%d", r.account, r.group, message)
}

// corrected is the same for what a message says after an edit that an update told of.
func (r room) corrected(message, update int) string {
	return fmt.Sprintf("%s/%d", r.said(message), update)
}

// saidHere is the message of the group by which an agent's words with an external id were said, and whether it
// had said something else before; 0 where they were said elsewhere.
func (r room) saidHere(external string) (message int, edited bool) {
	rest, ok := strings.CutPrefix(external, fmt.Sprintf("forum/%s/%d/", r.account, r.group))
	if !ok {
		return 0, false
	}
	number, _, edited := strings.Cut(rest, "/")
	message, err := strconv.Atoi(number)
	if err != nil {
		return 0, false
	}
	return message, edited
}

// say posts the line's messages, those that have not arrived yet.
func (r *relay) say(ctx context.Context) error {
	switch message, edited := r.saidHere(r.line.ExternalID); {
	case message == 0, r.anew: // where a topic is made anew, its agents' own words are gone as well
	case edited:
		return r.retwin(ctx, message)
	default:
		r.twin(message)
		return nil
	}
	source, err := r.source(ctx)
	if err != nil {
		return err
	}
	if source != nil && source.Edit {
		if done, err := r.edit(ctx, source); done || err != nil {
			return err
		}
	}
	parts, err := r.parts(ctx, source)
	if err != nil {
		return err
	}
	for r.done < len(parts) {
		id, err := r.post(ctx, parts[r.done])
		if err != nil {
			return err
		}
		if r.done++; r.line.Lost == "" {
			r.twin(id)
			r.heard(source, id)
		}
	}
	return nil
}

// twin remembers that a message is of the line's entry.
func (r *relay) twin(message int) {
	c, seq := r.line.Conversation.ID, r.line.Entry.Seq
	t := twin{Conversation: c, Seq: seq, External: r.line.ExternalID, Sum: r.sum()}
	r.marks = append(r.marks, r.f.mark(r.twinKey(message), t, c, keepTwins))
	if r.done <= 1 {
		r.marks = append(r.marks, r.f.mark(r.entryKey(c, seq), message, c, keepTwins))
	}
}

// retwin remembers what a message of the group says since its edit. It is the twin of what it was before.
func (r *relay) retwin(ctx context.Context, message int) error {
	t, ok, err := r.f.twinOf(ctx, r.room, message)
	if err != nil {
		return err
	}
	if !ok {
		r.twin(message)
		return nil
	}
	t.Sum = r.sum()
	r.marks = append(r.marks, r.f.mark(r.twinKey(message), t, t.Conversation, keepTwins))
	return nil
}

// sum is that of the line's words.
func (r *relay) sum() string {
	return r.client.Account().Sum(strings.TrimPrefix(r.line.Entry.Text, correction))
}

// heard remembers where a Telegram customer's message is.
func (r *relay) heard(source *telegram.Source, message int) {
	if source == nil || r.done > 1 {
		return
	}
	c := r.line.Conversation
	r.marks = append(r.marks, r.f.mark(r.heardKey(c.Account, source.Chat, source.Message), message, c.ID, keepTwins))
}

// source is the message that a Telegram customer's entry came from; nil for any other entry.
func (r *relay) source(ctx context.Context) (*telegram.Source, error) {
	c := r.line.Conversation
	if c.Channel != telegramChannel || r.line.Entry.From != chat.FromCustomer || r.line.ExternalID == "" {
		return nil, nil // no source is no error
	}
	var s telegram.Source
	found, err := r.f.read(ctx, telegram.SourceKey(c.Account, r.line.ExternalID), &s)
	if err != nil || !found {
		return nil, err
	}
	return &s, nil
}

// telegramChannel is the channel of Telegram's customers.
const telegramChannel = telegram.Name

// edit brings a customer's edit to the twin of what they had said before, and says so below it. done is false
// where there is no such twin.
func (r *relay) edit(ctx context.Context, source *telegram.Source) (done bool, err error) {
	var message int
	found, err := r.f.read(ctx, r.heardKey(r.line.Conversation.Account, source.Chat, source.Message), &message)
	if err != nil || !found || len(r.line.Entry.Attachments) > 0 || chat.UTF16Len(r.line.Entry.Text) > maxWhole {
		return false, err
	}
	if r.done == 0 {
		p := part{head: r.head(), text: r.line.Entry.Text}
		err := r.client.EditText(ctx, r.group, message, p.html(), nil)
		if final(err) {
			return false, nil // it is gone, or was no text: the words are posted
		}
		if err == nil { // an edit may be made again, this not
			_, err = r.client.Send(ctx, r.group, "✏️ 顾客改了这条消息。", telegram.Options{Thread: r.topic.Thread, ReplyTo: message})
		}
		if err != nil {
			return false, err
		}
		r.done++
	}
	r.twin(message)
	return true, nil
}

// final tells whether Telegram refuses a call for good, and not because of its limits or its own trouble.
func final(err error) bool {
	e, ok := errors.AsType[*telegram.Error](err)
	return ok && e.Code != 429 && e.Code < 500
}

// post posts one message into the topic. Telegram may not take what it holds: then agents are told to look
// at it elsewhere.
func (r *relay) post(ctx context.Context, p part) (int, error) {
	o := telegram.Options{Thread: r.topic.Thread, ReplyTo: p.replyTo, Silent: p.silent}
	id, err := r.postAs(ctx, p, o)
	if !unfit(err) {
		return id, err
	}
	r.f.c.Log.WarnContext(ctx, "Telegram does not take a message for the agents' group", "account", r.account,
		"conversation", r.line.Conversation.ID, "seq", r.line.Entry.Seq, "error", err)
	return r.client.Send(ctx, r.group, p.head+"⚠️ 这一条在群里显示不了，请到网页工作台查看。", o)
}

// unfit tells whether it may be what a message holds that Telegram refuses.
func unfit(err error) bool {
	e, ok := errors.AsType[*telegram.Error](err)
	return ok && e.Code == 400 && e.MigrateTo == 0 && !telegram.TopicGone(err) && !telegram.TopicClosed(err)
}

// postAs posts a message as what it is.
func (r *relay) postAs(ctx context.Context, p part, o telegram.Options) (int, error) {
	if p.source != nil {
		id, err := r.client.CopyMessage(ctx, r.group, p.source.Chat, p.source.Message, o)
		if !telegram.MessageGone(err) {
			return id, err
		}
	}
	if p.picture == "" {
		return r.client.Send(ctx, r.group, p.html(), o)
	}
	data, err := r.f.picture(ctx, p.picture)
	if errors.Is(err, chat.ErrNotFound) {
		return r.client.Send(ctx, r.group, p.html()+"\n[图片已删除]", o)
	}
	if err != nil {
		return 0, err
	}
	id, err := r.client.SendPhoto(ctx, r.group, data, p.html(), o)
	if unfit(err) { // perhaps it is too long and narrow for a photo
		return r.client.SendDocument(ctx, r.group, "photo.jpg", data, p.html(), o)
	}
	return id, err
}

// maxPicture is far more than a kept picture has, in bytes.
const maxPicture = 32 << 20

// picture reads a kept picture; chat.ErrNotFound.
func (f *Forum) picture(ctx context.Context, id string) (data []byte, err error) {
	r, _, err := f.c.Pictures.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.ReadAll(io.LimitReader(r, maxPicture))
}
