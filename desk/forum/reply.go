package forum

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
)

// reply sends the message to the customer. Text and pictures go; what else there is would not be in the
// record, nor masked, so the agent is told to say it otherwise.
func (m *agentMessage) reply(ctx context.Context) error {
	if yes, err := m.isInNoteAlbum(ctx); err != nil || yes {
		return err
	}
	if _, ok, err := m.f.entryRefOf(ctx, m.group, m.message.MessageID); err != nil || ok && m.edit == 0 {
		return err // it was sent, and shown
	}
	r, err := m.replyRequest(ctx)
	if err != nil {
		return m.explain(ctx, err)
	}
	if _, err := m.f.Desk.Reply(ctx, m.by, m.ticket, r); err != nil {
		m.deletePictures(ctx, r)
		return m.explain(ctx, err)
	}
	return m.warnOfQuota(ctx)
}

// replyRequest is the message as a reply to the customer. A desk.Refusal says what is wrong with it.
func (m *agentMessage) replyRequest(ctx context.Context) (r desk.ReplyRequest, err error) {
	r = desk.ReplyRequest{Text: m.command.args, ClientID: m.clientID()}
	if to := m.message.Answers(); to != nil {
		if r.QuotesSeq, err = m.entrySeq(ctx, to.MessageID); err != nil {
			return r, err
		}
	}
	sent, ok := m.message.Picture()
	switch {
	case !ok && m.isWordless():
		return r, refusal("语音、视频、表情和文件转不出去，这一条没有发给顾客，请改发文字或JPG、PNG图片。")
	case !ok:
		return r, nil
	case sent.FileSize > telegram.MaxFile:
		return r, refusal("图片太大，没有发给顾客，请压缩到5MB以内再发。")
	}
	picture, err := m.savePicture(ctx, sent.FileID)
	if err == nil {
		r.Attachments = []chat.Attachment{picture}
	}
	return r, err
}

// isWordless tells whether the message is something else than words, whatever stands under it.
func (m *agentMessage) isWordless() bool { return m.message.Text == "" && m.message.Rich == nil }

// entrySeq is the Seq of the entry of this conversation that a message in the group stands for; 0 for none.
func (m *agentMessage) entrySeq(ctx context.Context, message int) (int64, error) {
	ref, ok, err := m.f.entryRefOf(ctx, m.group, message)
	if err != nil || !ok || ref.Conversation != m.conversation {
		return 0, err
	}
	return ref.Seq, nil
}

// savePicture downloads a picture and keeps it.
func (m *agentMessage) savePicture(ctx context.Context, id string) (chat.Attachment, error) {
	data, err := m.client.Download(ctx, id)
	switch {
	case ctx.Err() != nil:
		return chat.Attachment{}, ctx.Err()
	case err != nil:
		m.f.Log.WarnContext(ctx, "an agent's picture could not be had", "account", m.account, "error", err)
		return chat.Attachment{}, refusal("图片取不下来，没有发给顾客，请压缩到5MB以内再发一次。")
	}
	picture, err := m.f.Pictures.Save(ctx, bytes.NewReader(data))
	if unfit, ok := errors.AsType[interface {
		error
		Text() string
	}](err); ok {
		return chat.Attachment{}, refusal("图片没有发给顾客。" + unfit.Text())
	}
	return picture, err
}

// refusal is a refusal of the group's own.
func refusal(text string) error { return &desk.Refusal{Kind: desk.ErrInvalid, Text: text} }

// deletePictures deletes the pictures of what was not sent. One that stays costs some disk until it is swept.
func (m *agentMessage) deletePictures(ctx context.Context, r desk.ReplyRequest) {
	for _, p := range r.Attachments {
		if err := m.f.Pictures.Delete(p.ID); err != nil {
			m.f.Log.WarnContext(ctx, "a picture is left over", "error", err)
		}
	}
}

// warnOfQuota tells the agent when nothing may be sent to the customer just now.
func (m *agentMessage) warnOfQuota(ctx context.Context) error {
	c, err := m.f.Conversations.FindConversation(ctx, m.conversation)
	if err != nil {
		return nil // the reply is kept; only a hint is missing
	}
	q, ok, err := m.f.SendQuota(ctx, c)
	if err != nil || !ok || !isExhausted(q, m.f.Now()) {
		return nil // as above
	}
	return m.respond(ctx, "⏳ "+desk.ChannelName(c.Channel)+"现在不让再发，等顾客下次说话时自动送到。", nil)
}

// isUnchanged tells whether the message still says what its entry says, for Telegram tells of edits that change no text.
func (m *agentMessage) isUnchanged(ctx context.Context, ref entryRef) (bool, error) {
	entries, err := m.f.Conversations.ListEntries(ctx, ref.Conversation, max(ref.Seq, ref.CorrectedSeq)-1, 1)
	return err == nil && len(entries) == 1 && entries[0].Text == m.command.args, err
}

// correct sends to the customer what the message says now, as a correction of the entry that it was. The record has both.
func (m *agentMessage) correct(ctx context.Context, ref entryRef) error {
	if m.command.args == "" || ref.Conversation != m.conversation {
		return nil
	}
	_, err := m.f.Desk.Reply(ctx, m.by, m.ticket, desk.ReplyRequest{Text: m.command.args, ClientID: m.clientID(), CorrectsSeq: ref.Seq})
	return m.explain(ctx, err)
}

// note leaves word for the other agents.
func (m *agentMessage) note(ctx context.Context) error {
	text, prefix := m.command.args, ""
	if m.edit != 0 {
		prefix = "（更正）"
	}
	if album := m.message.MediaGroupID; album != "" {
		if err := m.f.KV.SetKV(ctx, m.f.newKV(m.noteAlbumKey(album), true, m.conversation, time.Hour)); err != nil {
			return err
		}
	}
	pictured := m.isWordless()
	if text == "" && pictured {
		return m.respond(ctx, "图片只留在群里，没有发给顾客，也没有记进备注。", nil)
	}
	if _, err := m.f.Desk.Note(ctx, m.by, m.ticket, prefix+text); err != nil {
		return err
	}
	if pictured {
		return m.respond(ctx, "📝 备注已记下，顾客看不到；图片只留在群里。", nil)
	}
	return m.respond(ctx, "📝 备注已记下，顾客看不到。", nil)
}

// isInNoteAlbum tells whether the message is a further picture of an album whose text is a note.
func (m *agentMessage) isInNoteAlbum(ctx context.Context) (yes bool, err error) {
	if m.message.MediaGroupID == "" || m.command.args != "" {
		return false, nil
	}
	_, err = m.f.getJSON(ctx, m.noteAlbumKey(m.message.MediaGroupID), &yes)
	return yes, err
}
