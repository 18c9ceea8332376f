package forum

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
)

// board is the newest announcement of waiting tickets in General. Tickets that come soon after each other share
// one, so that a rush does not use up what the group may be sent.
type board struct {
	Message int       `json:"message"`
	At      time.Time `json:"at"`
	Since   time.Time `json:"since"` // it lists the waiting tickets from then on
}

const (
	boardTime  = time.Minute // that one announcement serves for
	maxListed  = 15          // tickets in one message
	maxWaiting = 100         // tickets that are looked at
)

// announce tells of the line's new ticket in General, once.
func (r *relay) announce(ctx context.Context) error {
	r.f.board.Lock()
	defer r.f.board.Unlock()
	what := "announced/" + r.ticket.ID
	if done, err := r.f.done(ctx, r.room, what); err != nil || done {
		return err
	}
	var b board
	if _, err := r.f.read(ctx, r.boardKey(), &b); err != nil {
		return err
	}
	now := r.f.c.Now()
	if now.Sub(b.At) >= boardTime {
		b = board{At: now, Since: r.ticket.CreatedAt}
	}
	if r.ticket.CreatedAt.Before(b.Since) { // an older one, told late
		b.Since = r.ticket.CreatedAt
	}
	text, err := r.boardText(ctx, b)
	if err != nil {
		return err
	}
	if b.Message != 0 {
		err := r.client.EditText(ctx, r.group, b.Message, text, nil)
		if final(err) {
			b.Message = 0 // somebody deleted it
		} else if err != nil {
			return err
		}
	}
	if b.Message == 0 {
		o := telegram.Options{}
		o.Keyboard = telegram.Keyboard{{{Text: "打开话题", URL: r.link(r.topic.Thread)}}}
		if b.Message, err = r.client.Send(ctx, r.group, text, o); err != nil {
			return err
		}
	}
	return r.f.c.Marks.SetKV(ctx, r.f.mark(r.boardKey(), b, "", 0), r.f.mark(r.doneKey(what), true, r.ticket.Conversation, keepDone))
}

// boardText lists what waits since the board began.
func (r *relay) boardText(ctx context.Context, b board) (string, error) {
	waiting, err := r.f.waiting(ctx)
	if err != nil {
		return "", err
	}
	fresh := []desk.Ticket{r.ticket}
	for _, t := range waiting {
		if t.ID != r.ticket.ID && !t.CreatedAt.Before(b.Since) {
			fresh = append(fresh, t)
		}
	}
	title := "🔔 新工单"
	if len(fresh) > 1 {
		title = fmt.Sprintf("🔔 %d张新工单", len(fresh))
	}
	return r.f.list(ctx, r.room, title, fresh)
}

// waiting are the tickets that nobody has claimed.
func (f *Forum) waiting(ctx context.Context) ([]desk.Ticket, error) {
	reader := desk.Agent{Name: Name, Role: desk.RoleViewer}
	return f.c.Desk.ListTickets(ctx, reader, desk.Filter{States: []desk.State{desk.StateWaiting}, Limit: maxWaiting})
}

// list is a list of tickets as HTML, each with the way to its topic where it has one.
func (f *Forum) list(ctx context.Context, r room, title string, tickets []desk.Ticket) (string, error) {
	var b strings.Builder
	b.WriteString("<b>" + title + "</b>")
	for i, t := range tickets {
		if i == maxListed {
			fmt.Fprintf(&b, "\n……还有%d张，全部：/queue", len(tickets)-maxListed)
			break
		}
		at, err := f.topicOf(ctx, r, t.Conversation)
		if err != nil {
			return "", err
		}
		number := telegram.Escape(t.Number)
		if at.Thread != 0 {
			number = fmt.Sprintf(`<a href="%s">%s</a>`, r.link(at.Thread), number)
		}
		fmt.Fprintf(&b, "\n%s %s %s（%s）%s", sign(t), number, telegram.Escape(customerText(t.Customer, t.Conversation)),
			channelText(t.Channel), telegram.Escape(plainLine(t.Summary, 2*maxAbout)))
	}
	return b.String(), nil
}

// link leads to a topic: only members of the group can follow it.
func (r room) link(thread int) string {
	const supergroups = -1_000_000_000_000 // what the ids of supergroups are counted from
	return fmt.Sprintf("https://t.me/c/%d/%d", supergroups-r.group, thread)
}
