package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
)

// What one act may hold at most.
const (
	MaxText        = 4000 // runes of a reply or a note
	MaxAttachments = 9    // pictures of a reply
)

// Unsealer opens the contact that a customer left, sealed for the conversation.
type Unsealer interface {
	UnsealContact(conversation string, sealed []byte) (string, error)
}

// Directory knows the agents.
type Directory interface {
	// FindAgent is one agent; chat.ErrNotFound.
	FindAgent(ctx context.Context, name string) (Agent, error)
}

// Config is what a Desk works with.
type Config struct {
	Store   Store
	Opener  Unsealer            // for Contact
	Agents  Directory           // whom a ticket may be transferred to; nil: whatever name is given
	Mask    func(string) string // hides card numbers and the like in what agents write
	Notices Notices             // what customers are told of a ticket's ways
}

// Desk is what agents do. Its errors are Refusals wherever the agent can do something about them.
type Desk struct {
	c Config
}

// New makes a desk.
func New(c Config) *Desk { return &Desk{c: c} }

// ReplyRequest is what an agent says to the customer.
type ReplyRequest struct {
	Text        string
	Attachments []chat.Attachment // kept already
	ClientID    string            // the client's id: the same one again says nothing twice; "" for none

	QuotesSeq   int64 // the Seq of the conversation's entry that it quotes; 0 for none
	CorrectsSeq int64 // … of the agent's own earlier entry that it corrects; 0 for none
}

// ListTickets lists by urgency, then age.
func (d *Desk) ListTickets(ctx context.Context, by Agent, f Filter) ([]Ticket, error) {
	if err := need(by, RoleViewer); err != nil {
		return nil, err
	}
	list, err := d.c.Store.ListTickets(ctx, f)
	return list, worded(err)
}

// FindTicket is one ticket, by its id or its number.
func (d *Desk) FindTicket(ctx context.Context, by Agent, id string) (Ticket, error) {
	if err := need(by, RoleViewer); err != nil {
		return Ticket{}, err
	}
	t, err := d.c.Store.FindTicket(ctx, id)
	return t, worded(err)
}

// ListNotes are a ticket's notes, oldest first.
func (d *Desk) ListNotes(ctx context.Context, by Agent, id string) ([]Note, error) {
	t, err := d.FindTicket(ctx, by, id)
	if err != nil {
		return nil, err
	}
	notes, err := d.c.Store.ListNotes(ctx, t.ID)
	return notes, worded(err)
}

// Claim makes a waiting ticket the agent's own. One that is his own already stays so.
func (d *Desk) Claim(ctx context.Context, by Agent, id string) (Ticket, error) {
	return d.act(ctx, by, id, func(t Ticket) (Change, error) {
		switch {
		case t.State == StateHeld && t.Assignee == by.Name:
			return Change{}, &unchanged{t}
		case t.State == StateHeld:
			return Change{}, conflict(fmt.Sprintf("工单已由%s接手；需要您来处理的话，请让对方转给您。", t.Assignee))
		}
		t.State, t.Assignee = StateHeld, by.Name
		return Change{Ticket: t, Event: EventClaimed, Say: system(d.c.Notices.Claimed), Holder: chat.HolderAgent}, nil
	})
}

// Reply says something to the customer. On a waiting ticket it claims it in the same commit.
func (d *Desk) Reply(ctx context.Context, by Agent, id string, a ReplyRequest) (Ticket, error) {
	text, err := d.text(a.Text)
	switch {
	case err != nil:
		return Ticket{}, err
	case text == "" && len(a.Attachments) == 0:
		return Ticket{}, invalid("回复是空的，请写点什么再发送。")
	case len(a.Attachments) > MaxAttachments:
		return Ticket{}, invalid(fmt.Sprintf("一次最多发%d张图片，请分几次发送。", MaxAttachments))
	}
	said := chat.Entry{From: chat.FromAgent, Text: text, Attachments: a.Attachments, QuotesSeq: a.QuotesSeq, CorrectsSeq: a.CorrectsSeq}
	return d.act(ctx, by, id, func(t Ticket) (Change, error) {
		c := Change{Event: EventReplied, ClientID: a.ClientID, Holder: chat.HolderAgent}
		if t.State == StateWaiting {
			t.State, t.Assignee = StateHeld, by.Name
			c.Say, c.Detail = system(d.c.Notices.Claimed), "回复时接手"
		} else {
			detail, err := acts(by, t)
			if err != nil {
				return Change{}, err
			}
			c.Detail = detail
		}
		c.Ticket, c.Say = t, append(c.Say, said)
		return c, nil
	})
}

// Note leaves word for the other agents, on any ticket that is not closed.
func (d *Desk) Note(ctx context.Context, by Agent, id, text string) (Ticket, error) {
	text, err := d.text(text)
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
	if err := need(by, RoleAgent); err != nil {
		return Ticket{}, err
	}
	if err := d.mayTake(ctx, to); err != nil {
		return Ticket{}, err
	}
	return d.act(ctx, by, id, func(t Ticket) (Change, error) {
		if t.Assignee == to {
			return Change{}, &unchanged{t}
		}
		if _, err := acts(by, t); err != nil {
			return Change{}, err
		}
		t.State, t.Assignee = StateHeld, to
		c := Change{Event: EventTransferred, Say: system(d.c.Notices.Transferred), Detail: "转给" + to}
		if to == "" {
			t.State = StateWaiting
			c.Say, c.Detail = system(d.c.Notices.Requeued), "转回队列"
		}
		c.Ticket = t
		return c, nil
	})
}

// mayTake tells why a ticket cannot be handed to the agent of that name, nil when it can.
func (d *Desk) mayTake(ctx context.Context, name string) error {
	if name == "" || d.c.Agents == nil {
		return nil
	}
	a, err := d.c.Agents.FindAgent(ctx, name)
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
	text, err := d.text(last.Text)
	if err != nil {
		return Ticket{}, err
	}
	var say []chat.Entry
	if text != "" || len(last.Attachments) > 0 {
		say = append(say, chat.Entry{From: chat.FromAgent, Text: text, Attachments: last.Attachments})
	}
	say = append(say, system(d.c.Notices.Closed)...)
	return d.act(ctx, by, id, func(t Ticket) (Change, error) {
		detail, err := acts(by, t)
		if err != nil {
			return Change{}, err
		}
		t.State = StateClosed
		return Change{
			Ticket: t, Event: EventClosed, Say: slices.Clone(say), ClientID: last.ClientID,
			Holder: chat.HolderBot, Detail: detail,
		}, nil
	})
}

// RevealContact is what the customer left to be reached by. That it was looked at is in the audit trail.
func (d *Desk) RevealContact(ctx context.Context, by Agent, id string) (string, error) {
	if err := need(by, RoleAgent); err != nil {
		return "", err
	}
	t, err := d.FindTicket(ctx, by, id)
	if err != nil {
		return "", err
	}
	sealed, err := d.c.Store.RevealContact(ctx, t.ID, by)
	if err != nil {
		return "", worded(err)
	}
	if len(sealed) == 0 {
		return "", &Refusal{Kind: chat.ErrNotFound, Text: "顾客没有留下联系方式，可以在对话里请他留一个。"}
	}
	contact, err := d.c.Opener.UnsealContact(t.Conversation, sealed)
	if err != nil {
		return "", fmt.Errorf("open the contact of ticket %s: %w", t.Number, err)
	}
	return contact, nil
}

// unchanged leaves a decision without a change: the ticket is as the agent wants it.
type unchanged struct{ ticket Ticket }

// Error exists so that it passes through a Store.
func (*unchanged) Error() string { return "the ticket is so already" }

// act lets a worker change a ticket that is not closed.
func (d *Desk) act(ctx context.Context, by Agent, id string, decide func(Ticket) (Change, error)) (Ticket, error) {
	if err := need(by, RoleAgent); err != nil {
		return Ticket{}, err
	}
	t, err := d.c.Store.FindTicket(ctx, id)
	if err != nil {
		return Ticket{}, worded(err)
	}
	t, err = d.c.Store.UpdateTicket(ctx, t.ID, by, func(t Ticket) (Change, error) {
		if t.State == StateClosed {
			return Change{}, conflict("工单已经结束，不能再操作；顾客再次求助时会有新的工单。")
		}
		return decide(t)
	})
	if same, ok := errors.AsType[*unchanged](err); ok {
		return same.ticket, nil
	}
	return t, worded(err)
}

// acts tells whether by may act on what another one holds, or nobody, and what the audit trail says of it.
func acts(by Agent, t Ticket) (detail string, err error) {
	switch {
	case t.State == StateHeld && t.Assignee == by.Name:
		return "", nil
	case by.Role.AtLeast(RoleAdmin) && t.State == StateHeld:
		return "代" + t.Assignee + "操作", nil
	case by.Role.AtLeast(RoleAdmin):
		return "未接手直接操作", nil
	case t.State == StateHeld:
		return "", forbidden(fmt.Sprintf("工单由%s处理中；请让对方转给您，或请管理员操作。", t.Assignee))
	}
	return "", forbidden("还没有人接手这张工单，请先接手再操作。")
}

// text is what an agent wrote, fit to be kept.
func (d *Desk) text(s string) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", ""))
	if n := utf8.RuneCountInString(s); n > MaxText {
		return "", invalid(fmt.Sprintf("内容有%d字，最多%d字，请分几次写。", n, MaxText))
	}
	return d.c.Mask(s), nil
}
