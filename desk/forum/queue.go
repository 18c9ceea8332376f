package forum

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
)

// announcement is the newest message in General that tells of waiting tickets. Tickets that come soon after each other share
// one, so that a rush does not use up what the group may be sent.
type announcement struct {
	Message int       `json:"message"`
	At      time.Time `json:"at"`
	Since   time.Time `json:"since"` // it lists the waiting tickets from then on
}

const (
	announcementTime = time.Minute // that one announcement serves for
	maxListed        = 15          // tickets in one message
	maxWaiting       = 100         // tickets that are looked at
)

// announce tells of the activity's new ticket in General, once.
func (d *delivery) announce(ctx context.Context) error {
	d.f.announcing.Lock()
	defer d.f.announcing.Unlock()
	what := "announced/" + d.ticket.ID
	if done, err := d.f.isDone(ctx, d.group, what); err != nil || done {
		return err
	}
	var a announcement
	if _, err := d.f.getJSON(ctx, d.announcementKey(), &a); err != nil {
		return err
	}
	now := d.f.Now()
	if now.Sub(a.At) >= announcementTime {
		a = announcement{At: now, Since: d.ticket.CreatedAt}
	}
	if d.ticket.CreatedAt.Before(a.Since) { // an older one, delivered late
		a.Since = d.ticket.CreatedAt
	}
	text, err := d.announcementText(ctx, a)
	if err != nil {
		return err
	}
	if a.Message != 0 {
		err := d.client.EditText(ctx, d.chatID, a.Message, text, nil)
		if isRefused(err) {
			a.Message = 0 // somebody deleted it
		} else if err != nil {
			return err
		}
	}
	if a.Message == 0 {
		o := telegram.Options{}
		o.Keyboard = telegram.Keyboard{{{Text: "打开话题", URL: d.link(d.topic.Thread)}}}
		if a.Message, err = d.client.Send(ctx, d.chatID, text, o); err != nil {
			return err
		}
	}
	return d.f.KV.SetKV(ctx, d.f.newKV(d.announcementKey(), a, "", 0), d.f.newKV(d.doneKey(what), true, d.ticket.Conversation, keepDone))
}

// announcementText lists the tickets that wait since the announcement began.
func (d *delivery) announcementText(ctx context.Context, a announcement) (string, error) {
	waiting, err := d.f.listWaiting(ctx)
	if err != nil {
		return "", err
	}
	others := slices.DeleteFunc(waiting, func(t desk.Ticket) bool { return t.ID == d.ticket.ID || t.CreatedAt.Before(a.Since) })
	fresh := slices.Insert(others, 0, d.ticket)
	title := "🔔 新工单"
	if len(fresh) > 1 {
		title = fmt.Sprintf("🔔 %d张新工单", len(fresh))
	}
	return d.f.ticketList(ctx, d.group, title, fresh)
}

// listWaiting lists the tickets that nobody has claimed.
func (f *Forum) listWaiting(ctx context.Context) ([]desk.Ticket, error) {
	reader := desk.Agent{Name: Name, Role: desk.RoleViewer}
	return f.Desk.ListTickets(ctx, reader, desk.Filter{States: []desk.State{desk.StateWaiting}, Limit: maxWaiting})
}

// ticketList is a list of tickets as HTML, each with a link to its topic where it has one.
func (f *Forum) ticketList(ctx context.Context, g group, title string, tickets []desk.Ticket) (string, error) {
	var b strings.Builder
	b.WriteString("<b>" + title + "</b>")
	for i, t := range tickets {
		if i == maxListed {
			fmt.Fprintf(&b, "\n……还有%d张，全部：/queue", len(tickets)-maxListed)
			break
		}
		at, err := f.topicOf(ctx, g, t.Conversation)
		if err != nil {
			return "", err
		}
		number := telegram.Escape(t.Number)
		if at.Thread != 0 {
			number = fmt.Sprintf(`<a href="%s">%s</a>`, g.link(at.Thread), number)
		}
		fmt.Fprintf(&b, "\n%s %s %s（%s）%s", desk.StateSign(t), number, telegram.Escape(customerName(t.Customer, t.Conversation)),
			desk.ChannelName(t.Channel), telegram.Escape(oneLine(t.Summary, 2*maxSubject)))
	}
	return b.String(), nil
}

// link leads to a topic: only members of the group can follow it.
func (g group) link(thread int) string {
	const supergroups = -1_000_000_000_000 // what the ids of supergroups are counted from
	return fmt.Sprintf("https://t.me/c/%d/%d", supergroups-g.chatID, thread)
}
