package forum

import (
	"context"
	"fmt"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
)

// part is one message of a line.
type part struct {
	head    string // whose words these are: HTML; "" where the words show it
	text    string // plain
	picture string // its id; "" for none
	replyTo int    // the message in the group that it answers; 0 for none
	source  *telegram.Source
	silent  bool
}

// html is the text with its head; under a picture it is the caption.
func (p part) html() string { return p.head + telegram.Escape(p.text) }

// maxWhole is how long a text may be that goes in one message with its head.
const maxWhole = telegram.MaxText - 200

// parts are the messages of the line. They are the same whenever they are asked for, so that those that have
// arrived can be counted.
func (r *relay) parts(ctx context.Context, source *telegram.Source) (parts []part, err error) {
	if r.line.Lost != "" {
		p := part{head: r.lost()}
		_, err := r.f.read(ctx, r.entryKey(r.line.Conversation.ID, r.line.Entry.Seq), &p.replyTo)
		return []part{p}, err
	}
	e, head := r.line.Entry, r.head()
	replyTo, err := r.answers(ctx, source)
	if err != nil {
		return nil, err
	}
	text := e.Text
	for _, o := range optionsOf(e) {
		text += "\n· " + o
	}
	tail, err := r.left(ctx)
	if err != nil {
		return nil, err
	}
	if r.mayCopy(source) {
		return []part{{head: head, text: text, source: source, replyTo: replyTo}}, nil
	}
	if len(e.Attachments) == 0 || chat.UTF16Len(text) > telegram.MaxCaption-200 {
		for _, piece := range chat.SplitText(text+tail, maxWhole, chat.UTF16Len) {
			parts = append(parts, part{head: head, text: piece})
		}
		text, tail = "", ""
	}
	for i, a := range e.Attachments {
		p := part{head: head, picture: a.ID}
		if i == 0 {
			p.text = text + tail
		}
		parts = append(parts, p)
	}
	if len(parts) == 0 {
		parts = []part{{head: head, text: "（空消息）"}}
	}
	parts[0].replyTo = replyTo
	for i := range parts {
		parts[i].silent = e.From == chat.FromBot
	}
	return parts, nil
}

// mayCopy tells whether the customer's message may be copied as it is: masking changed nothing, its
// pictures are not shown as they were sent, and the bot of this group sees it.
func (r *relay) mayCopy(source *telegram.Source) bool {
	c := r.line.Conversation
	return source != nil && !source.Edit && len(r.line.Entry.Attachments) == 0 && c.Account == r.account &&
		chat.UTF16Len(r.line.Entry.Text) <= maxWhole && source.Verbatim(r.client.Account(), r.line.Entry.Text)
}

// optionsOf is what a customer could tap below a reply of the bot's.
func optionsOf(e chat.Entry) (titles []string) {
	if e.Reply != nil {
		for _, o := range e.Reply.Options {
			titles = append(titles, o.Title)
		}
	}
	return titles
}

// head tells whose words a line's are.
func (r *relay) head() string {
	switch r.line.Entry.From {
	case chat.FromCustomer:
		return "👤 <b>" + telegram.Escape(customerText(r.line.Conversation.Customer, r.line.Conversation.ID)) + "</b>："
	case chat.FromAgent:
		where := "（不在本群）"
		if here, _ := r.saidHere(r.line.ExternalID); here != 0 {
			where = ""
		}
		if strings.HasPrefix(r.line.ExternalID, tapPrefix) {
			where = "（插入的资料）"
		}
		return "💬 <b>" + telegram.Escape(plainLine(r.line.By, maxName)) + "</b>" + where + "："
	case chat.FromBot:
		return "🤖 "
	}
	return r.event() + "ℹ️ 顾客看到："
}

// event tells what became of the ticket; "" for what the words below tell well enough.
func (r *relay) event() string {
	holder := telegram.Escape(plainLine(r.ticket.Assignee, maxName))
	switch r.line.Event {
	case desk.EventClaimed:
		return "🟢 <b>" + holder + "</b>已接手\n"
	case desk.EventTransferred:
		if holder == "" {
			return sign(r.ticket) + " 已转回队列，等待接手\n"
		}
		return "🟢 已转给<b>" + holder + "</b>\n"
	case desk.EventClosed:
		return "✅ 工单" + telegram.Escape(r.ticket.Number) + "已结束\n"
	}
	return ""
}

// left is how much may still be sent to a customer who has just said something, where that is limited.
func (r *relay) left(ctx context.Context) (string, error) {
	if r.line.Entry.From != chat.FromCustomer {
		return "", nil
	}
	text, err := r.f.allowance(ctx, r.line.Conversation)
	if err != nil || text == "" {
		return "", err
	}
	return "\n（还能发" + text + "）", nil
}

// allowance is how much may still be sent to a customer, in words; "" where there is no limit.
func (f *Forum) allowance(ctx context.Context, c chat.Conversation) (string, error) {
	a, ok, err := f.c.Allowance(ctx, c)
	if err != nil || !ok {
		return "", err
	}
	return allowanceText(a, f.c.Now()), nil
}

// lost warns that something may not have reached the customer.
func (r *relay) lost() string {
	what := plainLine(r.line.Entry.Text, maxLost)
	if what == "" {
		what = fmt.Sprintf("图片%d张", len(r.line.Entry.Attachments))
	}
	warning := "⚠️ <b>没有送到顾客</b>"
	advice := "请换个方式联系，或等顾客再说话时重发。"
	if r.line.Unknown {
		warning, advice = "⚠️ <b>可能没有送到</b>", "请向顾客确认，不会自动重发。"
	}
	return fmt.Sprintf("%s：“%s”\n原因：%s\n%s", warning, telegram.Escape(what), telegram.Escape(plainLine(r.line.Lost, maxField)), advice)
}

// maxLost is how many runes are quoted of what was not delivered.
const maxLost = 60

// answers is the message in the group that the line's words answer: where a Telegram customer answered
// something that has its twin here.
func (r *relay) answers(ctx context.Context, source *telegram.Source) (message int, err error) {
	if source == nil || source.Answers == 0 {
		return 0, nil
	}
	c := r.line.Conversation
	found, err := r.f.read(ctx, r.heardKey(c.Account, source.Chat, source.Answers), &message)
	if err != nil || found {
		return message, err
	}
	var said telegram.Said
	found, err = r.f.read(ctx, telegram.SaidKey(c.Account, source.Chat, source.Answers), &said)
	if err != nil || !found || said.Conversation != c.ID {
		return 0, err
	}
	_, err = r.f.read(ctx, r.entryKey(c.ID, said.Seq), &message)
	return message, err
}
