package forum

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

// What a look-up shows.
const (
	maxFound  = 5
	maxLead   = 160 // runes of an article's first paragraph
	maxButton = 40  // runes of a title on a button
)

// tapData begins what a button of a look-up brings back: the message that asked, and the place of the article.
const tapData = "kb:"

// tapPrefix begins the id, at the desk, of words that a button sent.
const tapPrefix = "forum-kb/"

// lookup finds articles. In a customer's topic each comes with a button that sends its first paragraph to the customer.
func (s *saying) lookup(ctx context.Context) error {
	if s.command.args == "" {
		return s.tell(ctx, "查什么？写在后面，例如：/kb 押金怎么退")
	}
	guide := s.f.c.Guide()
	result, err := guide.Searcher.Search(ctx, kb.Query{Text: s.command.args, Limit: maxFound})
	if err != nil {
		return err
	}
	var text strings.Builder
	var buttons telegram.Keyboard
	shown := found{Conversation: s.conversation}
	for _, hit := range result.Hits {
		a, ok := guide.Library.Article(hit.ID)
		if !ok {
			continue
		}
		n := len(shown.Articles)
		fmt.Fprintf(&text, "\n\n<b>%d. %s</b>\n%s", n+1, telegram.Escape(a.Title), telegram.Escape(plainLine(a.Lead, maxLead)))
		data := fmt.Sprintf("%s%d:%d", tapData, s.message.MessageID, n)
		buttons = append(buttons, []telegram.Button{{Text: fmt.Sprintf("插入 %d. %s", n+1, plainLine(a.Title, maxButton)), Data: data}})
		shown.Articles = append(shown.Articles, a.ID)
	}
	if len(shown.Articles) == 0 {
		return s.tell(ctx, "没有找到相关资料，换个说法试试。")
	}
	if s.conversation == "" {
		buttons = nil
	} else if err := s.f.c.Marks.SetKV(ctx, s.f.mark(s.lookupKey(s.message.MessageID), shown, s.conversation, keepLookup)); err != nil {
		return err
	}
	_, err = s.answer(ctx, strings.TrimSpace(text.String()), buttons)
	return err
}

// tapped sends an article's first paragraph to the customer, once for each look-up, as words of whoever tapped.
func (f *Forum) tapped(ctx context.Context, r room, q *telegram.Callback) error {
	notice, err := f.insert(ctx, r, q)
	if refusal, ok := errors.AsType[*desk.Refusal](err); ok && !errors.Is(err, chat.ErrBusy) {
		notice, err = refusal.Text, nil
	}
	if err != nil {
		return err
	}
	if err := r.client.AnswerCallback(ctx, q.ID, notice); err != nil { // it is too old, or does not arrive: no harm
		f.c.Log.InfoContext(ctx, "a button in the agents' group could not be answered", "account", r.account, "error", err)
	}
	return nil
}

// insert does what a button asks for, and returns what to tell whoever tapped.
func (f *Forum) insert(ctx context.Context, r room, q *telegram.Callback) (notice string, err error) {
	const stale = "这次查询太久了，请用 /kb 再查一次。"
	message, place, ok := tapOf(q.Data)
	if !ok || q.From == nil || q.From.IsBot {
		return "", nil
	}
	var shown found
	if ok, err := f.read(ctx, r.lookupKey(message), &shown); err != nil || !ok || place >= len(shown.Articles) {
		return stale, err
	}
	a, ok := f.c.Guide().Library.Article(shown.Articles[place])
	if !ok {
		return "这篇资料已经没有了，请再查一次。", nil
	}
	by, err := f.agent(ctx, q.From.ID, q.From.FirstName, q.From.UserName)
	if err != nil {
		return "", err
	}
	t, err := f.topicOf(ctx, r, shown.Conversation)
	if err != nil || t.newest() == "" {
		return stale, err
	}
	external := fmt.Sprintf("%s%s/%d/%d/%d", tapPrefix, r.account, r.group, message, place)
	if _, err := f.c.Desk.Reply(ctx, by, t.newest(), desk.ReplyRequest{Text: a.Lead, ClientID: external}); err != nil {
		return "", err
	}
	return "已发给顾客：" + plainLine(a.Title, maxButton), nil
}

// tapOf reads what a button brought back.
func tapOf(data string) (message, place int, ok bool) {
	rest, ok := strings.CutPrefix(data, tapData)
	before, behind, cut := strings.Cut(rest, ":")
	message, err := strconv.Atoi(before)
	place, wrong := strconv.Atoi(behind)
	return message, place, ok && cut && err == nil && wrong == nil && message > 0 && place >= 0
}
