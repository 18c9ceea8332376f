package forum

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
)

// reply says the message to the customer. Words and pictures go; what else there is would not be in the
// record, nor masked, so the agent is told to say it otherwise.
func (s *saying) reply(ctx context.Context) error {
	if yes, err := s.inAlbumOfNote(ctx); err != nil || yes {
		return err
	}
	if _, ok, err := s.f.twinOf(ctx, s.room, s.message.MessageID); err != nil || ok && s.edit == 0 {
		return err // it was said, and told so
	}
	a, err := s.words(ctx)
	if err != nil {
		return s.refused(ctx, err)
	}
	if to := s.message.Answers(); to != nil {
		if a.QuotesSeq, err = s.entryOf(ctx, to.MessageID); err != nil {
			return err
		}
	}
	if _, err := s.f.c.Desk.Reply(ctx, s.by, s.ticket, a); err != nil {
		s.drop(ctx, a)
		return s.refused(ctx, err)
	}
	return s.warn(ctx)
}

// words are what the message says to the customer. A desk.Refusal says what is wrong with it.
func (s *saying) words(ctx context.Context) (a desk.ReplyRequest, err error) {
	a = desk.ReplyRequest{Text: s.command.args, ClientID: s.external()}
	id, size, ok := picture(s.message)
	switch {
	case !ok && s.message.Text == "":
		return a, refuse("语音、视频、表情和文件转不出去，这一条没有发给顾客，请改发文字或JPG、PNG图片。")
	case !ok:
		return a, nil
	case size > telegram.MaxFile:
		return a, refuse("图片太大，没有发给顾客，请压缩到5MB以内再发。")
	}
	kept, err := s.keep(ctx, id)
	a.Attachments = []chat.Attachment{kept}
	return a, err
}

// keep brings a picture here and keeps it.
func (s *saying) keep(ctx context.Context, id string) (chat.Attachment, error) {
	data, err := s.client.Download(ctx, id)
	if refused, ok := errors.AsType[*telegram.Error](err); ok && refused.Code == 400 || errors.Is(err, telegram.ErrTooBig) {
		return chat.Attachment{}, refuse("图片取不下来，没有发给顾客，请压缩到5MB以内再发一次。")
	}
	if err != nil {
		return chat.Attachment{}, err
	}
	kept, err := s.f.c.Pictures.Save(ctx, bytes.NewReader(data))
	if told, ok := errors.AsType[interface {
		error
		Text() string
	}](err); ok {
		return chat.Attachment{}, refuse("图片没有发给顾客。" + told.Text())
	}
	return kept, err
}

// refuse is a refusal of the group's own.
func refuse(text string) error { return &desk.Refusal{Kind: desk.ErrInvalid, Text: text} }

// drop deletes the pictures of what was not said. One that stays costs some disk until it is swept.
func (s *saying) drop(ctx context.Context, a desk.ReplyRequest) {
	for _, p := range a.Attachments {
		if err := s.f.c.Pictures.Delete(p.ID); err != nil {
			s.f.c.Log.WarnContext(ctx, "a picture is left over", "error", err)
		}
	}
}

// picture is the largest form of a message's picture, with its size in bytes.
func picture(m *telegram.Message) (id string, size int, ok bool) {
	for _, p := range m.Photo { // the smallest comes first
		if p.FileSize <= goodPicture || !ok {
			id, size, ok = p.FileID, p.FileSize, true
		}
	}
	if d := m.Document; !ok && d != nil && m.Animation == nil {
		switch d.MimeType {
		case "image/jpeg", "image/png", "image/webp":
			return d.FileID, d.FileSize, true
		}
	}
	return id, size, ok
}

// goodPicture is how many bytes a picture should have that Telegram offers in several sizes.
const goodPicture = 5 << 20

// entryOf is the seq of the customer's conversation's entry that a message in the group stands for; 0 for none.
func (s *saying) entryOf(ctx context.Context, message int) (int64, error) {
	t, ok, err := s.f.twinOf(ctx, s.room, message)
	if err != nil || !ok || t.Conversation != s.conversation {
		return 0, err
	}
	return t.Seq, nil
}

// warn tells the agent when nothing may be sent to the customer just now.
func (s *saying) warn(ctx context.Context) error {
	c, err := s.f.c.Conversations.FindConversation(ctx, s.conversation)
	if err != nil {
		return nil // what was said is kept; only a hint is missing
	}
	a, ok, err := s.f.c.Allowance(ctx, c)
	if err != nil || !ok || a.Remaining > 0 && (a.ExpiresAt.IsZero() || s.f.c.Now().Before(a.ExpiresAt)) {
		return nil // as above
	}
	return s.tell(ctx, "⏳ "+channelText(c.Channel)+"现在不让再发，等顾客下次说话时自动送到。")
}

// note leaves word for the other agents.
func (s *saying) note(ctx context.Context) error {
	text, prefix := s.command.args, ""
	if s.edit != 0 {
		prefix = correction
	}
	if album := s.message.MediaGroupID; album != "" {
		if err := s.f.c.Marks.SetKV(ctx, s.f.mark(s.albumKey(album), true, s.conversation, time.Hour)); err != nil {
			return err
		}
	}
	pictured := s.message.Text == ""
	if text == "" && pictured {
		return s.tell(ctx, "图片只留在群里，没有发给顾客，也没有记进备注。")
	}
	if _, err := s.f.c.Desk.Note(ctx, s.by, s.ticket, prefix+text); err != nil {
		return err
	}
	if pictured {
		return s.tell(ctx, "📝 备注已记下，顾客看不到；图片只留在群里。")
	}
	return s.tell(ctx, "📝 备注已记下，顾客看不到。")
}

// inAlbumOfNote tells whether the message is a further picture of an album whose words are a note.
func (s *saying) inAlbumOfNote(ctx context.Context) (yes bool, err error) {
	if s.message.MediaGroupID == "" || s.command.args != "" {
		return false, nil
	}
	_, err = s.f.read(ctx, s.albumKey(s.message.MediaGroupID), &yes)
	return yes, err
}

// again does what an edited message says now. A note never becomes words to the customer, nor the other way
// round; what the customer was told is corrected: the record keeps both.
func (s *saying) again(ctx context.Context) error {
	before, said, err := s.f.twinOf(ctx, s.room, s.message.MessageID)
	if err != nil || said && s.command.verb == say && before.Sum == s.client.Account().Sum(s.command.args) {
		return err // Telegram tells of edits that change no word
	}
	commanded, err := s.f.done(ctx, s.room, fmt.Sprint(s.message.MessageID))
	if err != nil {
		return err
	}
	switch verb := s.command.verb; {
	case verb == say && commanded:
		return s.tell(ctx, "⚠️ 备注或命令改成的话不会发给顾客；要发，请另写一条。")
	case verb == say && said:
		return s.correct(ctx)
	case verb == note && said:
		return s.tell(ctx, "⚠️ 这条已经发给顾客，改成备注也收不回来了。")
	case verb != say && verb != note && (said || commanded):
		return nil
	}
	return s.inside(ctx)
}

// correct says to the customer what the message says now. On Telegram that edits what they were told; on any other
// channel, and where it cannot be edited, it is said as a correction. The record has both.
func (s *saying) correct(ctx context.Context) error {
	if s.command.args == "" {
		return nil
	}
	a := desk.ReplyRequest{Text: s.command.args, ClientID: s.external()}
	var err error
	if a.CorrectsSeq, err = s.entryOf(ctx, s.message.MessageID); err != nil {
		return err
	}
	_, err = s.f.c.Desk.Reply(ctx, s.by, s.ticket, a)
	return s.refused(ctx, err)
}

// correction begins a note that says what an earlier one should have said.
const correction = "（更正）"
