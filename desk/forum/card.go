package forum

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

// card is the first message of a ticket in its topic: who the customer is, and what is known of the case.
type card struct {
	ticket       desk.Ticket
	conversation chat.Conversation
	quota        string       // how much may still be sent, in words; "" where there is no limit
	history      []chat.Entry // the entries before, oldest first
	now          time.Time
}

// Lengths, in runes where nothing else is said.
const (
	maxTopicCustomer = 24                     // the customer in the name of their topic
	maxSubject       = 20                     // what it is about, there
	maxField         = 200                    // one line of the card
	maxSummary       = 500                    // what the customer wants
	maxQuote         = 300                    // one line of the history
	maxHistory       = 2400                   // all of it, in UTF-16 units; less where the rest of the card is long
	maxWhole         = telegram.MaxText - 200 // a text that goes in one message with its head, in UTF-16 units
)

// topicName is the name of a ticket's topic: its state, who it is, what it is about.
func topicName(t desk.Ticket, p *kb.Phrases) string {
	parts := []string{desk.StateSign(t) + " " + oneLine(customerName(t.Customer, t.Conversation), maxTopicCustomer)}
	if s := subject(t, p); s != "" {
		parts = append(parts, s)
	}
	return oneLine(strings.Join(append(parts, t.Number), " · "), telegram.MaxTopicName/2) // each may count twice
}

// subject is what a ticket is about, in a few words.
func subject(t desk.Ticket, p *kb.Phrases) string {
	title, category := "", ""
	if len(t.Articles) > 0 {
		title = t.Articles[0].Title
	}
	if t.Category != "" {
		category = p.CategoryName(t.Category)
	}
	return oneLine(cmp.Or(category, title, t.Summary), maxSubject)
}

// html is the card as a message, of at most telegram.MaxText characters.
func (c card) html() string {
	t := c.ticket
	var b strings.Builder
	fmt.Fprintf(&b, "<b>%s 工单 %s</b>（%s，%s）\n", desk.StateSign(t), telegram.Escape(t.Number), desk.UrgencyName(t.Urgency), desk.ReasonName(t.Reason))
	writeField(&b, "顾客", customerName(t.Customer, t.Conversation)+desk.CustomerNote(t.Customer)+"（"+desk.ChannelName(c.conversation.Channel)+"）", maxField)
	writeField(&b, "注意", desk.OriginNote(t), maxField)
	writeField(&b, "事由", t.Summary, maxSummary)
	for _, f := range desk.KnownDetails(t.Device) {
		writeField(&b, f.Name, *f.Value, maxField/2)
	}
	var titles []string
	for _, a := range t.Articles {
		titles = append(titles, a.Title)
	}
	writeField(&b, "答过", strings.Join(titles, "；"), maxField)
	writeField(&b, "还能发", c.quota, maxField)
	const hint = "\n在这里说的话会发给顾客；<code>//</code> 开头的只留在群里。全部命令：/help"
	limit := min(maxHistory, maxWhole-chat.UTF16Len(b.String()+hint))
	if lines := newestLines(c.history, limit, c.now); len(lines) > 0 {
		fmt.Fprintf(&b, "\n之前的对话：\n<blockquote expandable>%s</blockquote>\n", telegram.Escape(strings.Join(lines, "\n")))
	}
	return b.String() + hint
}

// writeField adds a line, unless there is nothing to show.
func writeField(b *strings.Builder, name, value string, limit int) {
	if value = oneLine(value, limit); value != "" {
		fmt.Fprintf(b, "%s：%s\n", telegram.Escape(name), telegram.Escape(value))
	}
}

// newestLines are the newest entries that fit into so many UTF-16 units, oldest first, one line each.
func newestLines(entries []chat.Entry, limit int, now time.Time) (lines []string) {
	for i := len(entries) - 1; i >= 0; i-- {
		line := entryLine(entries[i], maxQuote, now)
		if limit -= chat.UTF16Len(line) + 1; limit < 0 {
			break
		}
		lines = append([]string{line}, lines...)
	}
	return lines
}

// entryLine is an entry on one line.
func entryLine(e chat.Entry, limit int, now time.Time) string {
	text := oneLine(desk.EntryText(e), limit)
	if n := len(e.Attachments); n > 0 {
		text = strings.TrimSpace(fmt.Sprintf("%s [图片%d张]", text, n))
	}
	return fmt.Sprintf("%s %s：%s", clock(e.At, now), authorLabel(e.From), text)
}

// quotaText is how much may still be sent to a customer, in words; "" where there is no limit.
func (f *Forum) quotaText(ctx context.Context, c chat.Conversation) (string, error) {
	q, ok, err := f.SendQuota(ctx, c)
	if err != nil || !ok {
		return "", err
	}
	return formatQuota(q, f.Now()), nil
}

func formatQuota(q chat.SendQuota, now time.Time) string {
	switch {
	case isExhausted(q, now):
		return "0条，要等顾客再说话"
	case q.ExpiresAt.IsZero():
		return fmt.Sprintf("%d条", q.Remaining)
	}
	return fmt.Sprintf("%d条，%s前", q.Remaining, clock(q.ExpiresAt, now))
}

// isExhausted tells whether nothing may be sent until the customer writes.
func isExhausted(q chat.SendQuota, now time.Time) bool {
	return q.Remaining <= 0 || !q.ExpiresAt.IsZero() && !now.Before(q.ExpiresAt)
}
