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
	maxHits   = 5
	maxLead   = 160 // runes of an article's first paragraph
	maxButton = 40  // runes of a title on a button
)

// callbackPrefix begins the callback data of a look-up's button: the message that asked, and the index of the article.
const callbackPrefix = "kb:"

// lookup finds articles. In a customer's topic each comes with a button that sends its first paragraph to the customer.
func (m *agentMessage) lookup(ctx context.Context) error {
	if m.command.args == "" {
		return m.respond(ctx, "查什么？写在后面，例如：/kb 押金怎么退", nil)
	}
	guide := m.f.Guide()
	result, err := guide.Searcher.Search(ctx, kb.Query{Text: m.command.args, Limit: maxHits})
	if err != nil {
		return err
	}
	var text strings.Builder
	var buttons telegram.Keyboard
	shown := lookupResult{Conversation: m.conversation}
	for _, hit := range result.Hits {
		a, ok := guide.Library.Article(hit.ID)
		if !ok {
			continue
		}
		n := len(shown.Articles)
		fmt.Fprintf(&text, "\n\n<b>%d. %s</b>\n%s", n+1, telegram.Escape(a.Title), telegram.Escape(oneLine(a.Lead, maxLead)))
		data := fmt.Sprintf("%s%d:%d", callbackPrefix, m.message.MessageID, n)
		buttons = append(buttons, []telegram.Button{{Text: fmt.Sprintf("插入 %d. %s", n+1, oneLine(a.Title, maxButton)), Data: data}})
		shown.Articles = append(shown.Articles, a.ID)
	}
	if len(shown.Articles) == 0 {
		return m.respond(ctx, "没有找到相关资料，换个说法试试。", nil)
	}
	if m.conversation == "" {
		buttons = nil
	} else if err := m.f.KV.SetKV(ctx, m.f.newKV(m.lookupKey(m.message.MessageID), shown, m.conversation, keepLookup)); err != nil {
		return err
	}
	return m.respond(ctx, strings.TrimSpace(text.String()), buttons)
}

// handleCallback sends an article's first paragraph to the customer, once for each look-up, as a reply of whoever
// tapped the button.
func (f *Forum) handleCallback(ctx context.Context, g group, q *telegram.Callback) error {
	notice, err := f.insertArticle(ctx, g, q)
	if refusal, ok := errors.AsType[*desk.Refusal](err); ok && !errors.Is(err, chat.ErrBusy) {
		notice, err = refusalText(refusal), nil
	}
	if err != nil {
		return err
	}
	if err := g.client.AnswerCallback(ctx, q.ID, notice); err != nil { // it is too old, or does not arrive: no harm
		f.Log.InfoContext(ctx, "a button in the agents' group could not be answered", "account", g.account, "error", err)
	}
	return nil
}

// insertArticle does what a button asks for, and returns what to tell whoever tapped it.
func (f *Forum) insertArticle(ctx context.Context, g group, q *telegram.Callback) (notice string, err error) {
	const stale = "这次查询太久了，请用 /kb 再查一次。"
	message, index, ok := parseCallback(q.Data)
	if !ok || q.From == nil || q.From.IsBot {
		return "", nil
	}
	var shown lookupResult
	if ok, err := f.getJSON(ctx, g.lookupKey(message), &shown); err != nil || !ok || index >= len(shown.Articles) {
		return stale, err
	}
	a, ok := f.Guide().Library.Article(shown.Articles[index])
	if !ok {
		return "这篇资料已经没有了，请再查一次。", nil
	}
	by, err := f.findAgent(ctx, q.From.ID, q.From.FirstName, q.From.UserName)
	if err == nil {
		err = f.Desk.NoteSeen(ctx, by)
	}
	if err != nil {
		return "", err
	}
	t, err := f.topicOf(ctx, g, shown.Conversation)
	if err != nil || t.currentTicket() == "" {
		return stale, err
	}
	clientID := fmt.Sprintf("%s%s/%d/%d/%d", insertPrefix, g.account, g.chatID, message, index)
	if _, err := f.Desk.Reply(ctx, by, t.currentTicket(), desk.ReplyRequest{Text: a.Lead, ClientID: clientID}); err != nil {
		return "", err
	}
	return "已发给顾客：" + oneLine(a.Title, maxButton), nil
}

// parseCallback parses the callback data of a look-up's button.
func parseCallback(data string) (message, index int, ok bool) {
	rest, ok := strings.CutPrefix(data, callbackPrefix)
	before, behind, cut := strings.Cut(rest, ":")
	message, err := strconv.Atoi(before)
	index, indexErr := strconv.Atoi(behind)
	return message, index, ok && cut && err == nil && indexErr == nil && message > 0 && index >= 0
}
