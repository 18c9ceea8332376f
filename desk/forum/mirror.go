package forum

import (
	"context"
	"fmt"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
)

// mirror posts the activity's messages, those that have not arrived yet.
func (d *delivery) mirror(ctx context.Context) error {
	switch message, edited := d.parseClientID(d.activity.ExternalID); {
	case message == 0, d.recreated: // where a topic is made anew, its agents' own messages are gone as well
	case edited:
		return d.keepCorrection(ctx, message)
	default:
		d.keepEntryRef(message)
		return nil
	}
	source, err := d.source(ctx)
	if err != nil {
		return err
	}
	if source != nil && source.Edit {
		if done, err := d.editCustomerMessage(ctx, source); done || err != nil {
			return err
		}
	}
	if e := d.activity.Entry; e.From == chat.FromCustomer && e.CorrectsSeq != 0 {
		if err := d.eraseRecalled(ctx, e.CorrectsSeq); err != nil {
			return err
		}
	}
	posts, err := d.posts(ctx, source)
	if err != nil {
		return err
	}
	for d.sent < len(posts) {
		id, err := d.send(ctx, posts[d.sent])
		if err != nil {
			return err
		}
		if d.sent++; d.activity.Lost == "" {
			d.keepEntryRef(id)
			d.keepCustomerMessage(source, id)
		}
	}
	return nil
}

// keepEntryRef keeps that a message in the group is of the activity's entry.
func (d *delivery) keepEntryRef(message int) {
	c, seq := d.activity.Conversation.ID, d.activity.Entry.Seq
	ref := entryRef{Conversation: c, Seq: seq, ExternalID: d.activity.ExternalID}
	d.kvs = append(d.kvs, d.f.newKV(d.entryRefKey(message), ref, c, keepEntryRef))
	if d.sent <= 1 {
		d.kvs = append(d.kvs, d.f.newKV(d.entryMessageKey(c, seq), message, c, keepEntryRef))
	}
}

// keepCorrection keeps that the entry of a message in the group is corrected by the activity's. The message stands for
// the entry that it was before.
func (d *delivery) keepCorrection(ctx context.Context, message int) error {
	ref, ok, err := d.f.entryRefOf(ctx, d.group, message)
	if err != nil {
		return err
	}
	if !ok {
		d.keepEntryRef(message)
		return nil
	}
	ref.CorrectedSeq = d.activity.Entry.Seq
	d.kvs = append(d.kvs, d.f.newKV(d.entryRefKey(message), ref, ref.Conversation, keepEntryRef))
	return nil
}

// keepCustomerMessage keeps which message in the group a Telegram customer's message is.
func (d *delivery) keepCustomerMessage(source *telegram.Source, message int) {
	if source == nil || d.sent > 1 {
		return
	}
	c := d.activity.Conversation
	d.kvs = append(d.kvs, d.f.newKV(d.customerMessageKey(c.Account, source.Chat, source.Message), message, c.ID, keepEntryRef))
}

// source is the message that a Telegram customer's entry came from; nil for any other entry.
func (d *delivery) source(ctx context.Context) (*telegram.Source, error) {
	c := d.activity.Conversation
	if c.Channel != telegram.Name || d.activity.Entry.From != chat.FromCustomer || d.activity.ExternalID == "" {
		return nil, nil // no source is no error
	}
	var s telegram.Source
	found, err := d.f.getJSON(ctx, telegram.SourceKey(c.Account, d.activity.ExternalID), &s)
	if err != nil || !found {
		return nil, err
	}
	return &s, nil
}

// editCustomerMessage edits the customer's message in the topic as they edited theirs, and tells of it below. done is
// false where it is not there.
func (d *delivery) editCustomerMessage(ctx context.Context, source *telegram.Source) (done bool, err error) {
	var message int
	found, err := d.f.getJSON(ctx, d.customerMessageKey(d.activity.Conversation.Account, source.Chat, source.Message), &message)
	if err != nil || !found || len(d.activity.Entry.Attachments) > 0 || d.activity.Entry.Enclosure != nil || chat.UTF16Len(d.activity.Entry.Text) > maxWhole {
		return false, err
	}
	if d.sent == 0 {
		p := post{head: d.head(), text: d.activity.Entry.Text}
		err := d.client.EditText(ctx, d.chatID, message, p.html(), nil)
		if isRefused(err) {
			return false, nil // it is gone, or was no text: the entry is posted
		}
		if err == nil { // an edit may be made again, this not
			_, err = d.client.Send(ctx, d.chatID, editMark, telegram.Options{Thread: d.topic.Thread, ReplyTo: message})
		}
		if err != nil {
			return false, err
		}
		d.sent++
	}
	d.keepEntryRef(message)
	return true, nil
}

// eraseRecalled takes the words, or the picture, of an entry that its customer took back out of the topic.
func (d *delivery) eraseRecalled(ctx context.Context, seq int64) error {
	message, err := d.entryMessage(ctx, seq)
	if err != nil || message == 0 {
		return err
	}
	err = d.client.EditText(ctx, d.chatID, message, post{head: d.head(), text: chat.RecalledText}.html(), nil)
	if isRefused(err) { // a picture, or an old message
		err = d.client.DeleteMessage(ctx, d.chatID, message)
	}
	if isRefused(err) {
		d.f.Log.WarnContext(ctx, "what a customer took back is left in the agents' group", "account", d.account, "seq", seq, "error", err)
		return nil
	}
	return err
}

// posts are the messages of the activity. They are the same whenever they are asked for, so that those that have
// arrived can be counted.
func (d *delivery) posts(ctx context.Context, source *telegram.Source) (posts []post, err error) {
	if d.activity.Former != "" {
		if d.former, err = d.f.mention(ctx, d.activity.Former); err != nil {
			return nil, err
		}
	}
	e, head := d.activity.Entry, d.head()
	if d.activity.Lost != "" {
		p := post{head: d.lostWarning()}
		p.replyTo, err = d.entryMessage(ctx, e.Seq)
		return []post{p}, err
	}
	replyTo, err := d.quotedMessage(ctx, source)
	if err != nil {
		return nil, err
	}
	if d.canCopy(source) {
		copied := post{head: head, text: desk.EntryText(e), source: source, replyTo: replyTo}
		if source.Edit {
			return []post{{head: editMark, replyTo: replyTo}, copied}, nil
		}
		return []post{copied}, nil
	}
	if source != nil && source.Edit {
		head = editMark + "\n" + head
	}
	text := desk.EntryText(e)
	if e.Reply != nil {
		for _, o := range e.Reply.Options {
			text += "\n· " + o.Title
		}
	}
	tail, err := d.quotaNote(ctx)
	if err != nil {
		return nil, err
	}
	if len(e.Attachments) == 0 || chat.UTF16Len(text) > telegram.MaxCaption-200 {
		for _, piece := range chat.SplitText(text+tail, maxWhole, chat.UTF16Len) {
			posts = append(posts, post{head: head, text: piece})
		}
		text, tail = "", ""
	}
	for i, a := range e.Attachments {
		p := post{head: head, picture: a.ID}
		if i == 0 {
			p.text = text + tail
		}
		posts = append(posts, p)
	}
	if len(posts) == 0 {
		posts = []post{{head: head, text: "（空消息）"}}
	}
	posts[0].replyTo = replyTo
	for i := range posts {
		posts[i].silent = e.From == chat.FromBot
	}
	return posts, nil
}

// editMark tells that what it answers, or what follows, is something that the customer edited.
const editMark = "✏️ 顾客改了这条消息。"

// canCopy tells whether the customer's message may be copied as it is: masking changed nothing, its
// pictures are not shown as they were sent, and the bot of this group sees it. An edited text is edited here as well.
func (d *delivery) canCopy(source *telegram.Source) bool {
	e, c := d.activity.Entry, d.activity.Conversation
	return source != nil && source.Copy && (!source.Edit || e.Enclosure != nil) && len(e.Attachments) == 0 && c.Account == d.account &&
		chat.UTF16Len(e.Text) <= maxWhole && source.Verbatim(d.client.Account(), e.Text)
}

// head tells who wrote the activity's entry.
func (d *delivery) head() string {
	switch d.activity.Entry.From {
	case chat.FromCustomer:
		return "👤 <b>" + telegram.Escape(customerName(d.activity.Conversation.Customer, d.activity.Conversation.ID)) + "</b>："
	case chat.FromAgent:
		note := "（不在本群）"
		if message, _ := d.parseClientID(d.activity.ExternalID); message != 0 {
			note = ""
		}
		if strings.HasPrefix(d.activity.ExternalID, insertPrefix) {
			note = "（插入的资料）"
		}
		return "💬 <b>" + telegram.Escape(oneLine(d.activity.By, maxName)) + "</b>" + note + "："
	case chat.FromBot:
		return d.eventText() + "🤖 "
	case chat.FromSystem:
	}
	return d.eventText() + "ℹ️ 顾客看到："
}

// insertPrefix begins the ClientID of a reply that a button of a look-up sent.
const insertPrefix = "forum-kb/"

// eventText is what became of the ticket; "" for what the entry's text tells well enough.
func (d *delivery) eventText() string {
	assignee := telegram.Escape(oneLine(d.ticket.Assignee, maxName))
	switch d.activity.Event {
	case desk.EventClaimed:
		return "🟢 <b>" + assignee + "</b>已接手\n"
	case desk.EventTaken:
		return "🟢 <b>" + assignee + "</b>从" + d.former + "手里接过来了\n"
	case desk.EventReturned:
		return desk.StateSign(d.ticket) + " " + d.former + "一直没有回复，已退回队列，等待接手\n"
	case desk.EventTransferred:
		if assignee == "" {
			return desk.StateSign(d.ticket) + " 已转回队列，等待接手\n"
		}
		return "🟢 已转给<b>" + assignee + "</b>\n"
	case desk.EventClosed:
		if d.ticket.Outcome == desk.OutcomeWithdrawn {
			return "✅ 顾客取消了工单" + telegram.Escape(d.ticket.Number) + "\n"
		}
		return "✅ 工单" + telegram.Escape(d.ticket.Number) + "已结束\n"
	case desk.EventOpened, desk.EventReplied, desk.EventNoted, desk.EventUnseen, desk.EventRevealed:
	}
	return ""
}

// quotaNote is how much may still be sent to a customer who has just written, where that is limited.
func (d *delivery) quotaNote(ctx context.Context) (string, error) {
	if d.activity.Entry.From != chat.FromCustomer {
		return "", nil
	}
	text, err := d.f.quotaText(ctx, d.activity.Conversation)
	if err != nil || text == "" {
		return "", err
	}
	return "\n（还能发" + text + "）", nil
}

// lostWarning warns that an entry may not have reached the customer.
func (d *delivery) lostWarning() string {
	what := oneLine(d.activity.Entry.Text, maxLost)
	if what == "" {
		what = fmt.Sprintf("图片%d张", len(d.activity.Entry.Attachments))
	}
	warning := "⚠️ <b>没有送到顾客</b>"
	advice := "请换个方式联系，或等顾客再说话时重发。"
	if d.activity.Unknown {
		warning, advice = "⚠️ <b>可能没有送到</b>", "请向顾客确认，不会自动重发。"
	}
	return fmt.Sprintf("%s：“%s”\n原因：%s\n%s", warning, telegram.Escape(what), telegram.Escape(oneLine(d.activity.Lost, maxField)), advice)
}

// maxLost is how many runes are quoted of what was not delivered.
const maxLost = 60

// quotedMessage is the message in the group that the activity's entry quotes, corrects or edits; 0 for none, or where
// it is not in the group.
func (d *delivery) quotedMessage(ctx context.Context, source *telegram.Source) (message int, err error) {
	e, c := d.activity.Entry, d.activity.Conversation
	if seq := max(e.QuotesSeq, e.CorrectsSeq); seq != 0 {
		return d.entryMessage(ctx, seq)
	}
	if source == nil {
		return 0, nil
	}
	if source.Edit {
		_, err = d.f.getJSON(ctx, d.customerMessageKey(c.Account, source.Chat, source.Message), &message)
		return message, err
	}
	if source.Answers == 0 {
		return 0, nil
	}
	found, err := d.f.getJSON(ctx, d.customerMessageKey(c.Account, source.Chat, source.Answers), &message)
	if err != nil || found {
		return message, err
	}
	var ref telegram.MessageRef
	found, err = d.f.getJSON(ctx, telegram.MessageKey(c.Account, source.Chat, source.Answers), &ref)
	if err != nil || !found || ref.Conversation != c.ID {
		return 0, err
	}
	return d.entryMessage(ctx, ref.Seq)
}

// entryMessage is the message in the group where an entry of the conversation begins; 0 for none.
func (d *delivery) entryMessage(ctx context.Context, seq int64) (message int, err error) {
	_, err = d.f.getJSON(ctx, d.entryMessageKey(d.activity.Conversation.ID, seq), &message)
	return message, err
}
