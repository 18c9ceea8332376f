package forum

import (
	"context"
	"strconv"
	"strings"

	"github.com/yingda/yingda/chat/telegram"
)

// Run gives every group the menu of its commands. Without it everything else works.
func (f *Forum) Run(ctx context.Context) {
	for name, client := range f.clients {
		g, err := f.groupOf(ctx, client)
		if err == nil {
			err = client.SetCommands(ctx, telegram.Scope{Type: "chat", Chat: g.chatID}, menu())
		}
		if err != nil && ctx.Err() == nil {
			f.Log.WarnContext(ctx, "the agents' group has no menu of commands", "account", name, "error", err)
		}
	}
}

// Update takes what happened in an agents' group to the desk. What the desk refuses, and why, is told there;
// an error means that the update should come again.
func (f *Forum) Update(ctx context.Context, a telegram.Account, u telegram.Update) error {
	return f.Panics.Try(ctx, Name, func() error { return f.dispatch(ctx, a, u) }, "account", a.Name, "update", u.UpdateID)
}

func (f *Forum) dispatch(ctx context.Context, a telegram.Account, u telegram.Update) error {
	client, ok := f.clients[a.Name]
	if !ok {
		return nil
	}
	g, err := f.groupOf(ctx, client)
	if err != nil {
		return err
	}
	switch {
	case u.MyChatMember != nil:
		f.Log.InfoContext(ctx, "the bot's status in the agents' group changed", "account", a.Name, "status", u.MyChatMember.NewChatMember.Status)
	case u.CallbackQuery != nil:
		return f.handleCallback(ctx, g, u.CallbackQuery)
	case u.Message != nil && u.Message.MigrateToChatID != 0:
		return f.setMigrated(ctx, client, u.Message.MigrateToChatID)
	case u.Message != nil:
		return f.handleMessage(ctx, g, u.Message, 0)
	case u.EditedMessage != nil:
		return f.handleMessage(ctx, g, u.EditedMessage, u.UpdateID)
	}
	return nil
}

// handleMessage does what a message asks for; edit is the update that told of its edit, 0 for a new one.
func (f *Forum) handleMessage(ctx context.Context, g group, message *telegram.Message, edit int) error {
	if message.Chat == nil || message.Chat.ID != g.chatID || message.IsService() {
		return nil
	}
	by, ok, err := f.authorOf(ctx, g, message)
	if err != nil || !ok {
		return err
	}
	if err := f.Desk.NoteSeen(ctx, by); err != nil {
		return err
	}
	m := &agentMessage{f: f, group: g, message: message, edit: edit, by: by}
	if m.command, err = f.commandOf(ctx, g, message); err != nil {
		return err
	}
	if m.conversation, err = f.conversationOf(ctx, g, message.Topic()); err != nil {
		return err
	}
	if m.command.verb == verbForeign || m.conversation == "" && edit != 0 {
		return nil
	}
	if m.conversation == "" {
		return m.doOutsideTopics(ctx)
	}
	t, err := f.topicOf(ctx, g, m.conversation)
	if err != nil {
		return err
	}
	m.ticket = t.currentTicket()
	if edit != 0 {
		return m.handleEdit(ctx)
	}
	return m.do(ctx)
}

// commandOf parses a message. Our username is asked for where it matters.
func (f *Forum) commandOf(ctx context.Context, g group, m *telegram.Message) (command, error) {
	text := m.Words()
	c := parseCommand(text, "")
	if c.verb != verbForeign {
		return c, nil
	}
	name, err := f.username(ctx, g.client)
	return parseCommand(text, name), err
}

// handleEdit does what an edited message says now. A note never becomes a reply to the customer, nor the other way
// round; a reply is corrected.
func (m *agentMessage) handleEdit(ctx context.Context) error {
	ref, replied, err := m.f.entryRefOf(ctx, m.group, m.message.MessageID)
	if err != nil {
		return err
	}
	if replied && m.command.verb == verbReply {
		if same, err := m.isUnchanged(ctx, ref); err != nil || same {
			return err
		}
	}
	commanded, err := m.f.isDone(ctx, m.group, strconv.Itoa(m.message.MessageID))
	if err != nil {
		return err
	}
	switch isReply, isNote := m.command.verb == verbReply, m.command.verb == verbNote; {
	case isReply && commanded:
		return m.respond(ctx, "⚠️ 备注或命令改成的话不会发给顾客；要发，请另写一条。", nil)
	case isReply && replied:
		return m.correct(ctx, ref)
	case isNote && replied:
		return m.respond(ctx, "⚠️ 这条已经发给顾客，改成备注也收不回来了。", nil)
	case !isReply && !isNote && (replied || commanded):
		return nil
	}
	return m.do(ctx)
}

// doOutsideTopics does commands where no customer is. Everything else there is talk among agents.
func (m *agentMessage) doOutsideTopics(ctx context.Context) error {
	switch m.command.verb {
	case verbClaim, verbTransfer, verbClose:
		return m.respond(ctx, "请在顾客的话题里用这个命令。", nil)
	case verbReply, verbNote:
		return nil
	case verbUnknown:
		if e := m.message.Entities; len(e) == 0 || e[0].Type != "bot_command" || e[0].Offset != 0 {
			return nil
		}
	case verbLookup, verbQueue, verbHelp, verbForeign:
	}
	return m.do(ctx)
}

// do does what was written in a customer's topic, and what is allowed outside of one.
func (m *agentMessage) do(ctx context.Context) error {
	switch m.command.verb {
	case verbReply:
		return m.reply(ctx)
	case verbNote:
		return m.once(ctx, m.note)
	case verbClose:
		return m.once(ctx, m.closeTicket)
	case verbClaim:
		return m.once(ctx, m.claim)
	case verbTransfer:
		return m.once(ctx, m.transfer)
	case verbLookup:
		return m.lookup(ctx)
	case verbQueue:
		return m.listQueue(ctx)
	case verbHelp:
		return m.respond(ctx, helpHTML(), nil)
	case verbUnknown, verbForeign:
	}
	return m.respond(ctx, unknownHTML(m.command), nil)
}

// claim makes the ticket theirs, whoever has it. That it is, and who had it, is an activity of its own, which comes to
// the topic by itself.
func (m *agentMessage) claim(ctx context.Context) error {
	_, err := m.f.Desk.TakeOver(ctx, m.by, m.ticket)
	return err
}

// transfer hands the ticket to another agent: @somebody, whoever is mentioned, or a name at the desk; without
// one back to the queue.
func (m *agentMessage) transfer(ctx context.Context) error {
	name, err := m.f.resolveName(ctx, m.command.args)
	if err != nil {
		return err
	}
	for _, e := range m.message.Entities {
		if e.Type == "text_mention" && e.User != nil && !e.User.IsBot {
			to, err := m.f.findAgent(ctx, e.User.ID, e.User.FirstName, e.User.UserName)
			if err != nil {
				return err
			}
			name = to.Name
		}
	}
	_, err = m.f.Desk.Transfer(ctx, m.by, m.ticket, strings.TrimSpace(name))
	return err
}

// closeTicket ends the ticket, after a last word where there is one.
func (m *agentMessage) closeTicket(ctx context.Context) error {
	last, err := m.replyRequest(ctx)
	if err != nil {
		return err
	}
	if _, err = m.f.Desk.Close(ctx, m.by, m.ticket, last); err != nil {
		m.deletePictures(ctx, last)
	}
	return err
}

// listQueue lists the tickets that wait.
func (m *agentMessage) listQueue(ctx context.Context) error {
	waiting, err := m.f.listWaiting(ctx)
	if err != nil {
		return err
	}
	if len(waiting) == 0 {
		return m.respond(ctx, "没有等待接手的工单。", nil)
	}
	text, err := m.f.ticketList(ctx, m.group, "等待接手", waiting)
	if err != nil {
		return err
	}
	return m.respond(ctx, text, nil)
}
