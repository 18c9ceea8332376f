package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/zh"
)

// Limits of one act.
const (
	MaxText        = 4000 // runes of a reply or a note
	MaxAttachments = 9    // pictures of a reply
)

// Config is what a Desk works with.
type Config struct {
	Store Store
	// UnsealContact opens the contact that a customer left, sealed for the conversation.
	UnsealContact func(conversation string, sealed []byte) (string, error)
	// FindAgent is one agent, to whom a ticket may be transferred; chat.ErrNotFound. nil: whatever name is given.
	FindAgent func(ctx context.Context, name string) (Agent, error)
	Mask      func(string) string // hides card numbers and the like in what agents write
	Notices   Notices             // what customers are told when a ticket changes
}

// Notices are what customers read when something happens to their ticket. An empty one is not sent.
type Notices struct {
	Claimed     string // a person is there now
	Transferred string // another person takes over
	Requeued    string // the ticket waits for a person again
	Closed      string // the ticket is done, and the bot answers again
}

// DefaultNotices are good for most.
func DefaultNotices() Notices {
	return Notices{
		Claimed:     "客服已接手，请稍等。",
		Transferred: "已为您转给另一位客服，请稍等，之前说过的不用重复。",
		Requeued:    "正在为您安排其他客服，请稍等，之前说过的不用重复；等的时候，也可以先问我。",
		Closed:      "本次人工服务已结束，感谢您的耐心。接下来由应答机器人为您服务，有问题请直接说；还需要人工时，回复“转人工”即可。",
	}
}

// noticeEntries is the entry of a notice; none for "".
func noticeEntries(text string) []chat.Entry {
	if text == "" {
		return nil
	}
	return []chat.Entry{{From: chat.FromSystem, Text: text}}
}

// Desk is what agents do. Its errors are Refusals wherever the agent can do something about them.
type Desk struct {
	Config
}

// New makes a desk.
func New(c Config) *Desk { return &Desk{Config: c} }

// ReplyRequest is what an agent says to the customer.
type ReplyRequest struct {
	Text        string
	Attachments []chat.Attachment // kept already
	ClientID    string            // the client's id: the same one again changes nothing; "" for none

	QuotesSeq   int64 // the Seq of the conversation's entry that it quotes; 0 for none
	CorrectsSeq int64 // … of the agent's own earlier entry that it corrects; 0 for none
}

// ListTickets lists those that are open by urgency, then age, and behind them the closed ones, the newest first.
func (d *Desk) ListTickets(ctx context.Context, by Agent, f Filter) ([]Ticket, error) {
	if err := requireRole(by, RoleViewer); err != nil {
		return nil, err
	}
	tickets, err := d.Store.ListTickets(ctx, f)
	return tickets, refusalOf(err)
}

// FindTicket is one ticket, by its id or its number.
func (d *Desk) FindTicket(ctx context.Context, by Agent, id string) (Ticket, error) {
	if err := requireRole(by, RoleViewer); err != nil {
		return Ticket{}, err
	}
	t, err := d.Store.FindTicket(ctx, id)
	return t, refusalOf(err)
}

// FindNewest is the newest ticket of a conversation, for whoever may read that; chat.ErrNotFound.
func (d *Desk) FindNewest(ctx context.Context, conversation string) (Ticket, error) {
	return d.Store.FindNewest(ctx, conversation)
}

// ListNotes are a ticket's notes, oldest first.
func (d *Desk) ListNotes(ctx context.Context, by Agent, id string) ([]Note, error) {
	t, err := d.FindTicket(ctx, by, id)
	if err != nil {
		return nil, err
	}
	notes, err := d.Store.ListNotes(ctx, t.ID)
	return notes, refusalOf(err)
}

// Claim makes a waiting ticket the agent's own. One that is his own already stays so.
func (d *Desk) Claim(ctx context.Context, by Agent, id string) (Ticket, error) {
	return d.act(ctx, by, id, func(t Ticket) (Change, error) {
		switch {
		case t.State == StateHeld && t.Assignee == by.Name:
			return Change{}, &unchanged{t}
		case t.State == StateHeld:
			return Change{}, conflict(fmt.Sprintf("工单已由%s接手；要由您来处理，可以从对方手里接过来。", t.Assignee))
		}
		return d.claim(by, t), nil
	})
}

// TakeOver makes a ticket the agent's own, whoever holds it: that one is told.
func (d *Desk) TakeOver(ctx context.Context, by Agent, id string) (Ticket, error) {
	return d.act(ctx, by, id, func(t Ticket) (Change, error) {
		switch {
		case t.State != StateHeld:
			return d.claim(by, t), nil
		case t.Assignee == by.Name:
			return Change{}, &unchanged{t}
		}
		detail := "从" + t.Assignee + "接过来"
		t.Assignee = by.Name
		return Change{Ticket: t, Event: EventTaken, Say: noticeEntries(d.Notices.Transferred), Holder: chat.HolderAgent, Detail: detail}, nil
	})
}

// claim makes a waiting ticket the agent's own.
func (d *Desk) claim(by Agent, t Ticket) Change {
	t.State, t.Assignee = StateHeld, by.Name
	return Change{Ticket: t, Event: EventClaimed, Say: noticeEntries(d.Notices.Claimed), Holder: chat.HolderAgent}
}

// Reply says something to the customer. On a waiting ticket it claims it in the same commit.
func (d *Desk) Reply(ctx context.Context, by Agent, id string, r ReplyRequest) (Ticket, error) {
	entry, err := d.entry(r)
	switch {
	case err != nil:
		return Ticket{}, err
	case entry == nil:
		return Ticket{}, invalid("回复是空的，请写点什么再发送。")
	}
	return d.act(ctx, by, id, func(t Ticket) (Change, error) {
		c := Change{Event: EventReplied, ClientID: r.ClientID, Holder: chat.HolderAgent}
		if t.State == StateWaiting {
			t.State, t.Assignee = StateHeld, by.Name
			c.Say, c.Detail = noticeEntries(d.Notices.Claimed), "回复时接手"
		} else {
			detail, err := mayAct(by, t)
			if err != nil {
				return Change{}, err
			}
			c.Detail = detail
		}
		c.Ticket, c.Say = t, append(c.Say, entry...)
		return c, nil
	})
}

// entry is what an agent says, as it is kept; none where that is nothing.
func (d *Desk) entry(r ReplyRequest) ([]chat.Entry, error) {
	text, err := d.clean(r.Text)
	switch {
	case err != nil:
		return nil, err
	case len(r.Attachments) > MaxAttachments:
		return nil, invalid(fmt.Sprintf("一次最多发%d张图片，请分几次发送。", MaxAttachments))
	case text == "" && len(r.Attachments) == 0:
		return nil, nil
	}
	return []chat.Entry{{
		From: chat.FromAgent, Text: text, Attachments: r.Attachments, QuotesSeq: r.QuotesSeq, CorrectsSeq: r.CorrectsSeq,
	}}, nil
}

// Note leaves word for the other agents, on any ticket that is not closed.
func (d *Desk) Note(ctx context.Context, by Agent, id, text string) (Ticket, error) {
	text, err := d.clean(text)
	if err != nil {
		return Ticket{}, err
	}
	if text == "" {
		return Ticket{}, invalid("备注是空的，请写点什么再保存。")
	}
	return d.act(ctx, by, id, func(t Ticket) (Change, error) {
		return Change{Ticket: t, Event: EventNoted, Note: text}, nil
	})
}

// Transfer hands a ticket to another agent, or back to the queue when to is "".
func (d *Desk) Transfer(ctx context.Context, by Agent, id, to string) (Ticket, error) {
	if err := requireRole(by, RoleAgent); err != nil {
		return Ticket{}, err
	}
	if err := d.checkTransfer(ctx, to); err != nil {
		return Ticket{}, err
	}
	return d.act(ctx, by, id, func(t Ticket) (Change, error) {
		if t.Assignee == to {
			return Change{}, &unchanged{t}
		}
		if _, err := mayAct(by, t); err != nil {
			return Change{}, err
		}
		t.State, t.Assignee = StateHeld, to
		c := Change{Event: EventTransferred, Say: noticeEntries(d.Notices.Transferred), Holder: chat.HolderAgent, Detail: "转给" + to}
		if to == "" {
			t.State = StateWaiting
			c.Say, c.Holder, c.Detail = noticeEntries(d.Notices.Requeued), chat.HolderBot, "转回队列"
		}
		c.Ticket = t
		return c, nil
	})
}

// checkTransfer tells why a ticket cannot be handed to the agent of that name, nil when it can.
func (d *Desk) checkTransfer(ctx context.Context, name string) error {
	if name == "" || d.FindAgent == nil {
		return nil
	}
	a, err := d.FindAgent(ctx, name)
	switch {
	case errors.Is(err, chat.ErrNotFound):
		return &Refusal{Kind: chat.ErrNotFound, Text: fmt.Sprintf("没有名叫“%s”的客服，请核对名字。", name)}
	case err != nil:
		return err
	case !a.Role.AtLeast(RoleAgent):
		return conflict(fmt.Sprintf("%s只能查看，不能处理工单，请转给别人。", name))
	}
	return nil
}

// Close ends a ticket, after a last word if there is one, and hands the floor back to the bot.
func (d *Desk) Close(ctx context.Context, by Agent, id string, last ReplyRequest) (Ticket, error) {
	entries, err := d.entry(last)
	if err != nil {
		return Ticket{}, err
	}
	entries = append(entries, noticeEntries(d.Notices.Closed)...)
	return d.act(ctx, by, id, func(t Ticket) (Change, error) {
		detail, err := mayAct(by, t)
		if err != nil {
			return Change{}, err
		}
		t.State = StateClosed
		return Change{
			Ticket: t, Event: EventClosed, Say: slices.Clone(entries), ClientID: last.ClientID,
			Holder: chat.HolderBot, Detail: detail,
		}, nil
	})
}

// TellUnseen tells the customer in these words, once, that agents cannot open an entry of his. Nobody does it: it is for
// where agents work when that turns out late. Where no agent holds the ticket the bot has answered already.
func (d *Desk) TellUnseen(ctx context.Context, id string, seq int64, text string) error {
	_, err := d.Store.UpdateTicket(ctx, id, Agent{}, func(t Ticket) (Change, error) {
		if t.State != StateHeld {
			return Change{}, &unchanged{t}
		}
		return Change{Ticket: t, Event: EventUnseen, Say: noticeEntries(text), ClientID: fmt.Sprintf("unseen/%d", seq)}, nil
	})
	_, same := errors.AsType[*unchanged](err)
	if same || errors.Is(err, ErrClientIDUsed) || errors.Is(err, chat.ErrNotFound) { // told in other words, or all is erased
		return nil
	}
	return err
}

// RevealContact is what the customer left to be reached by. That it was looked at is in the audit trail.
func (d *Desk) RevealContact(ctx context.Context, by Agent, id string) (string, error) {
	if err := requireRole(by, RoleAgent); err != nil {
		return "", err
	}
	t, err := d.FindTicket(ctx, by, id)
	if err != nil {
		return "", err
	}
	sealed, err := d.Store.RevealContact(ctx, t.ID, by)
	if err != nil {
		return "", refusalOf(err)
	}
	if len(sealed) == 0 {
		return "", &Refusal{Kind: chat.ErrNotFound, Text: "顾客没有留下联系方式，可以在对话里请他留一个。"}
	}
	contact, err := d.UnsealContact(t.Conversation, sealed)
	if err != nil {
		return "", fmt.Errorf("open the contact of ticket %s: %w", t.Number, err)
	}
	return contact, nil
}

// unchanged is the error of a decision without a change: the ticket is as the agent wants it.
type unchanged struct{ ticket Ticket }

// Error exists so that it passes through a Store.
func (*unchanged) Error() string { return "the ticket is unchanged" }

// act lets an agent change a ticket that is not closed.
func (d *Desk) act(ctx context.Context, by Agent, id string, decide func(Ticket) (Change, error)) (Ticket, error) {
	if err := requireRole(by, RoleAgent); err != nil {
		return Ticket{}, err
	}
	t, err := d.Store.FindTicket(ctx, id)
	if err != nil {
		return Ticket{}, refusalOf(err)
	}
	t, err = d.Store.UpdateTicket(ctx, t.ID, by, func(t Ticket) (Change, error) {
		if t.State == StateClosed {
			return Change{}, conflict("工单已经结束，不能再操作；顾客再次求助时会有新的工单。")
		}
		return decide(t)
	})
	if same, ok := errors.AsType[*unchanged](err); ok {
		return same.ticket, nil
	}
	return t, refusalOf(err)
}

// mayAct tells whether by may act on what another one holds, or nobody, and what the audit trail says of it.
func mayAct(by Agent, t Ticket) (detail string, err error) {
	switch held, admin := t.State == StateHeld, by.Role.AtLeast(RoleAdmin); {
	case held && t.Assignee == by.Name:
		return "", nil
	case held && admin:
		return "代" + t.Assignee + "操作", nil
	case held:
		return "", forbidden(fmt.Sprintf("工单由%s处理中；要由您来处理，请先从对方手里接过来。", t.Assignee))
	case admin:
		return "未接手直接操作", nil
	}
	return "", forbidden("还没有人接手这张工单，请先接手再操作。")
}

// clean is what an agent wrote, fit to be kept: trimmed, valid and masked; "" where it shows nothing.
func (d *Desk) clean(s string) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", ""))
	if n := utf8.RuneCountInString(s); n > MaxText {
		return "", invalid(fmt.Sprintf("内容有%d字，最多%d字，请分几次写。", n, MaxText))
	}
	if zh.Blank(s) {
		return "", nil
	}
	return d.Mask(s), nil
}
