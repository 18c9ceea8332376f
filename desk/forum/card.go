package forum

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

// card is what stands on top of a topic: who the customer is, and what is known of the case.
type card struct {
	ticket       desk.Ticket
	conversation chat.Conversation
	allowance    string       // of a channel that may not send for ever; "" for none
	history      []chat.Entry // what was said before, oldest first
	phrases      *kb.Phrases  // names of details and categories
	now          time.Time
}

// Lengths, in runes.
const (
	maxCalled  = 24   // a customer in the name of their topic
	maxAbout   = 20   // what it is about, there
	maxField   = 200  // one line of the card
	maxSummary = 500  // what the customer wants
	maxQuoted  = 300  // one line of the history
	maxHistory = 2400 // all of it, as Telegram counts; less where the rest of the card is long
)

// topicName is the name of a ticket's topic: how it stands, who it is, what it is about.
func topicName(t desk.Ticket, p *kb.Phrases) string {
	parts := []string{sign(t) + " " + plainLine(customerText(t.Customer, t.Conversation), maxCalled)}
	if about := about(t, p); about != "" {
		parts = append(parts, about)
	}
	return plainLine(strings.Join(append(parts, t.Number), " · "), telegram.MaxTopicName/2) // each may count twice
}

// about is what a ticket is about, in a few words.
func about(t desk.Ticket, p *kb.Phrases) string {
	title := ""
	if len(t.Articles) > 0 {
		title = t.Articles[0].Title
	}
	category := ""
	if t.Category != "" {
		category = p.CategoryName(t.Category)
	}
	return plainLine(cmp.Or(category, title, t.Summary), maxAbout)
}

// html is the card as a message, of at most telegram.MaxText characters.
func (c card) html() string {
	t := c.ticket
	var b strings.Builder
	fmt.Fprintf(&b, "<b>%s 工单 %s</b>（%s，%s）\n", sign(t), telegram.Escape(t.Number), urgencyText(t.Urgency), reasonText(t.Reason))
	c.field(&b, "顾客", customerText(t.Customer, t.Conversation)+"（"+channelText(c.conversation.Channel)+"）", maxField)
	c.field(&b, "事由", t.Summary, maxSummary)
	for _, slot := range kb.Slots() {
		c.field(&b, cmp.Or(c.phrases.Details[slot].Name, string(slot)), *t.Device.Field(string(slot)), maxField/2)
	}
	var titles []string
	for _, a := range t.Articles {
		titles = append(titles, a.Title)
	}
	c.field(&b, "答过", strings.Join(titles, "；"), maxField)
	c.field(&b, "还能发", c.allowance, maxField)
	const hint = "\n在这里说的话会发给顾客；<code>//</code> 开头的只留在群里。全部命令：/help"
	room := min(maxHistory, maxWhole-chat.UTF16Len(b.String()+hint))
	if lines := quoted(c.history, room, c.now); len(lines) > 0 {
		fmt.Fprintf(&b, "\n之前的对话：\n<blockquote expandable>%s</blockquote>\n", telegram.Escape(strings.Join(lines, "\n")))
	}
	return b.String() + hint
}

// field adds a line, unless there is nothing to say.
func (c card) field(b *strings.Builder, name, value string, most int) {
	if value = plainLine(value, most); value != "" {
		fmt.Fprintf(b, "%s：%s\n", telegram.Escape(name), telegram.Escape(value))
	}
}

// quoted are the newest entries that fit into so many characters, oldest first, one line each.
func quoted(entries []chat.Entry, most int, now time.Time) (lines []string) {
	for i := len(entries) - 1; i >= 0; i-- {
		line := quote(entries[i], maxQuoted, now)
		if most -= chat.UTF16Len(line) + 1; most < 0 {
			break
		}
		lines = append([]string{line}, lines...)
	}
	return lines
}

// quote is an entry on one line.
func quote(e chat.Entry, most int, now time.Time) string {
	text := plainLine(e.Text, most)
	if n := len(e.Attachments); n > 0 {
		text = strings.TrimSpace(fmt.Sprintf("%s [图片%d张]", text, n))
	}
	return fmt.Sprintf("%s %s：%s", clock(e.At, now), authorText(e.From), text)
}

// allowanceText is how much may still be sent to a customer.
func allowanceText(a chat.SendQuota, now time.Time) string {
	if a.Remaining <= 0 || !a.ExpiresAt.IsZero() && !now.Before(a.ExpiresAt) {
		return "0条，要等顾客再说话"
	}
	if a.ExpiresAt.IsZero() {
		return fmt.Sprintf("%d条", a.Remaining)
	}
	return fmt.Sprintf("%d条，%s前", a.Remaining, clock(a.ExpiresAt, now))
}
