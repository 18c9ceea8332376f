package forum

import (
	"context"
	"errors"
	"io"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

// delivery is one activity on its way into its topic.
type delivery struct {
	f *Forum
	group
	id        int64 // of the sending
	activity  desk.Activity
	ticket    desk.Ticket // the activity's; without an id for none
	topic     topic
	former    string    // who had the ticket before, as HTML
	recreated bool      // the topic was made anew just now
	sent      int       // messages of the activity that have arrived
	kvs       []chat.KV // to be kept with how the sending ends
}

// post is one message of a delivery.
type post struct {
	head    string // who wrote it: HTML; "" where the text shows it
	text    string // plain
	picture string // its id; "" for none
	replyTo int    // the message in the group that it quotes; 0 for none
	source  *telegram.Source
	silent  bool
}

// html is the text with its head; under a picture it is the caption.
func (p post) html() string { return p.head + telegram.Escape(p.text) }

// phrases are the guide's own names, for categories.
func (d *delivery) phrases() *kb.Phrases { return &d.f.Guide().Library.Phrases }

// send posts one message into the topic. Telegram may not accept its content: then agents are told to look
// at it elsewhere.
func (d *delivery) send(ctx context.Context, p post) (int, error) {
	o := telegram.Options{Thread: d.topic.Thread, ReplyTo: p.replyTo, Silent: p.silent}
	id, err := d.sendOnce(ctx, p, o)
	if !isContentRefused(err) {
		return id, err
	}
	d.f.Log.WarnContext(ctx, "Telegram does not accept a message for the agents' group", "account", d.account,
		"conversation", d.activity.Conversation.ID, "seq", d.activity.Entry.Seq, "error", err)
	return d.client.Send(ctx, d.chatID, p.head+"⚠️ 这一条在群里显示不了，可以用 yingda ticket show "+telegram.Escape(d.ticket.Number)+" 查看。", o)
}

// sendOnce sends a message as a copy, a text or a picture.
func (d *delivery) sendOnce(ctx context.Context, p post, o telegram.Options) (int, error) {
	if p.source != nil {
		id, err := d.client.CopyMessage(ctx, d.chatID, p.source.Chat, p.source.Message, o)
		if !isContentRefused(err) {
			return id, err
		}
		if d.activity.Entry.Enclosure != nil {
			if err := d.tellUnseen(ctx); err != nil {
				return 0, err
			}
			p.text += "\n（原件取不到，可请顾客重发，或打字说明。）"
		}
	}
	if p.picture == "" {
		return d.client.Send(ctx, d.chatID, p.html(), o)
	}
	data, err := d.f.readPicture(ctx, p.picture)
	if errors.Is(err, chat.ErrNotFound) {
		return d.client.Send(ctx, d.chatID, p.html()+"\n[图片已删除]", o)
	}
	if err != nil {
		return 0, err
	}
	id, err := d.client.SendPhoto(ctx, d.chatID, data, p.html(), o)
	if isContentRefused(err) { // perhaps it is too long and narrow for a photo
		return d.client.SendDocument(ctx, d.chatID, "photo.jpg", data, p.html(), o)
	}
	return id, err
}

// tellUnseen tells the customer that agents cannot open what the activity is about.
func (d *delivery) tellUnseen(ctx context.Context) error {
	if d.ticket.ID == "" {
		return nil
	}
	return d.f.Desk.TellUnseen(ctx, d.ticket.ID, d.activity.Entry.Seq, d.phrases().Unseen())
}

// maxPicture is far more than a kept picture has, in bytes.
const maxPicture = 32 << 20

// readPicture reads a kept picture; chat.ErrNotFound.
func (f *Forum) readPicture(ctx context.Context, id string) (data []byte, err error) {
	r, _, err := f.Pictures.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.ReadAll(io.LimitReader(r, maxPicture))
}

// isRefused tells whether Telegram refuses a call for good, and not because of its limits or its own trouble.
func isRefused(err error) bool {
	e, ok := errors.AsType[*telegram.Error](err)
	return ok && e.Code != 429 && e.Code < 500
}

// isContentRefused tells whether it may be the content of a message that Telegram refuses.
func isContentRefused(err error) bool {
	e, ok := errors.AsType[*telegram.Error](err)
	return ok && e.Code == 400 && e.MigrateTo == 0 && !telegram.TopicGone(err) && !telegram.TopicClosed(err)
}
