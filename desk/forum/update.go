package forum

import (
	"context"
	"errors"
	"fmt"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
)

// Update takes what happened in an agents' group to the desk. What the desk refuses, and why, is told there;
// an error means that the update should come again.
func (f *Forum) Update(ctx context.Context, a telegram.Account, u telegram.Update) error {
	client, ok := f.clients[a.Name]
	if !ok || client.Account().Group == 0 {
		return nil
	}
	r, err := f.room(ctx, client)
	if err != nil {
		return err
	}
	switch {
	case u.MyChatMember != nil:
		f.c.Log.InfoContext(ctx, "the bot's place in the agents' group changed", "account", a.Name, "status", u.MyChatMember.NewChatMember.Status)
	case u.CallbackQuery != nil:
		return f.tapped(ctx, r, u.CallbackQuery)
	case u.Message != nil && u.Message.MigrateToChatID != 0:
		return f.moved(ctx, client, u.Message.MigrateToChatID)
	case u.Message != nil:
		return f.heard(ctx, r, u.Message, 0)
	case u.EditedMessage != nil:
		return f.heard(ctx, r, u.EditedMessage, u.UpdateID)
	}
	return nil
}

// saying is what an agent wrote in the group.
type saying struct {
	f *Forum
	room
	message      *telegram.Message
	edit         int // the update that told of an edit; 0 for a new message
	by           desk.Agent
	command      command
	conversation string // whose topic it is; "" for General and for the agents' own topics
	ticket       string // the id of its newest ticket
}

// heard does what a message asks for; edit is the update that told of its edit, 0 for a new one.
func (f *Forum) heard(ctx context.Context, r room, m *telegram.Message, edit int) error {
	if m.Chat == nil || m.Chat.ID != r.group || service(m) {
		return nil
	}
	by, ok, err := f.author(ctx, r, m)
	if err != nil || !ok {
		return err
	}
	s := &saying{f: f, room: r, message: m, edit: edit, by: by}
	if s.command, err = f.command(ctx, r, m); err != nil {
		return err
	}
	if s.conversation, err = f.conversationAt(ctx, r, m.Topic()); err != nil {
		return err
	}
	if s.command.verb == foreign || s.conversation == "" && edit != 0 {
		return nil
	}
	if s.conversation == "" {
		return s.outside(ctx)
	}
	t, err := f.topicOf(ctx, r, s.conversation)
	if err != nil {
		return err
	}
	s.ticket = t.newest()
	if edit != 0 {
		return s.again(ctx)
	}
	return s.inside(ctx)
}

// command reads a message. Our name is asked for where it matters.
func (f *Forum) command(ctx context.Context, r room, m *telegram.Message) (command, error) {
	text := m.Text
	if text == "" {
		text = m.Caption
	}
	c := parse(text, "")
	if c.verb != foreign {
		return c, nil
	}
	name, err := f.username(ctx, r.client)
	return parse(text, name), err
}

// outside answers commands where no customer is. Everything else there is talk among agents.
func (s *saying) outside(ctx context.Context) error {
	switch s.command.verb {
	case queue:
		return s.queue(ctx)
	case lookup:
		return s.lookup(ctx)
	case help:
		return s.tell(ctx, helpText())
	case take, give, finish:
		return s.tell(ctx, "请在顾客的话题里用这个命令。")
	case unknown:
		if m := s.message; len(m.Entities) > 0 && m.Entities[0].Type == "bot_command" && m.Entities[0].Offset == 0 {
			return s.tell(ctx, unknownText(s.command))
		}
	}
	return nil
}

// inside does what was written in a customer's topic.
func (s *saying) inside(ctx context.Context) error {
	switch s.command.verb {
	case say:
		return s.reply(ctx)
	case note:
		return s.once(ctx, s.note)
	case finish:
		return s.once(ctx, s.finish)
	case take:
		return s.once(ctx, s.take)
	case give:
		return s.once(ctx, s.give)
	case lookup:
		return s.lookup(ctx)
	case queue:
		return s.queue(ctx)
	case help:
		return s.tell(ctx, helpText())
	}
	return s.tell(ctx, unknownText(s.command))
}

// once does what the desk would do again for an update that comes again.
func (s *saying) once(ctx context.Context, do func(context.Context) error) error {
	done, err := s.f.done(ctx, s.room, s.what())
	if err != nil || done {
		return err
	}
	if err := do(ctx); err != nil {
		return s.refused(ctx, err)
	}
	return s.f.setDone(ctx, s.room, s.what())
}

// what names what the message says now, for once.
func (s *saying) what() string {
	if s.edit != 0 {
		return fmt.Sprintf("%d/%d", s.message.MessageID, s.edit)
	}
	return fmt.Sprint(s.message.MessageID)
}

// external is the id at the desk of what the message says now.
func (s *saying) external() string {
	if s.edit != 0 {
		return s.corrected(s.message.MessageID, s.edit)
	}
	return s.said(s.message.MessageID)
}

// refused tells the agent what the desk refuses. Any other error makes the update come again.
func (s *saying) refused(ctx context.Context, err error) error {
	refusal, ok := errors.AsType[*desk.Refusal](err)
	if !ok || errors.Is(err, chat.ErrBusy) {
		return err
	}
	return s.tell(ctx, "⚠️ "+telegram.Escape(refusal.Text))
}

// tell answers the agent's message with HTML.
func (s *saying) tell(ctx context.Context, html string) error {
	_, err := s.answer(ctx, html, nil)
	return err
}

// answer is tell with buttons. What Telegram refuses for good is not tried again; what it wants later is.
func (s *saying) answer(ctx context.Context, html string, k telegram.Keyboard) (int, error) {
	o := telegram.Options{Thread: s.message.Topic(), ReplyTo: s.message.MessageID, Keyboard: k}
	id, err := s.client.Send(ctx, s.group, html, o)
	if final(err) {
		s.f.c.Log.WarnContext(ctx, "an agent could not be answered in the group", "account", s.account, "error", err)
		return 0, nil
	}
	return id, err
}

// service tells whether a message says what happened in the group rather than what somebody said.
func service(m *telegram.Message) bool {
	return m.TopicCreated != nil || m.TopicEdited != nil || m.TopicClosed != nil || m.TopicReopened != nil ||
		m.GeneralHidden != nil || m.GeneralShown != nil || m.PinnedMessage != nil || len(m.NewChatMembers) > 0 ||
		m.LeftChatMember != nil || m.NewChatTitle != "" || len(m.NewChatPhoto) > 0 || m.DeleteChatPhoto ||
		m.GroupChatCreated || m.SuperGroupChatCreated || m.MigrateFromChatID != 0 || m.MessageAutoDeleteTimerChanged != nil ||
		m.VoiceChatScheduled != nil || m.VoiceChatStarted != nil || m.VoiceChatEnded != nil || m.VoiceChatParticipantsInvited != nil
}

// menu are the commands as Telegram offers them.
func menu() []telegram.Command {
	return []telegram.Command{
		{Command: "take", Description: "接手这位顾客"},
		{Command: "close", Description: "结束工单，可带一句话：/close 祝您顺利"},
		{Command: "give", Description: "转给别的客服：/give 名字；不写名字转回队列"},
		{Command: "kb", Description: "查资料，可一键发给顾客：/kb 押金怎么退"},
		{Command: "queue", Description: "等待接手的工单"},
		{Command: "help", Description: "全部命令"},
	}
}

// helpText says how the group works.
func helpText() string {
	text := "<b>怎么用</b>\n在顾客的话题里直接说话、发图片，顾客就能收到；还没人接手的，回复即接手。\n<code>//</code> 开头的是备注，只留在群里。"
	for _, c := range menu() {
		text += "\n/" + c.Command + " " + telegram.Escape(c.Description)
	}
	return text
}

func unknownText(c command) string {
	return "⚠️ 没有 " + telegram.Escape(plainLine(c.name, maxName)) + " 这个命令，这一条没有发给顾客。全部命令：/help"
}
