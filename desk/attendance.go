package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
)

// NoteSeen notes that an agent is there: whatever somebody does at the desk, looking included, tells it.
func (d *Desk) NoteSeen(ctx context.Context, by Agent) error {
	if err := requireRole(by, RoleViewer); err != nil {
		return err
	}
	return d.Store.NoteSeen(ctx, by.Name)
}

// ReturnUnattended puts held tickets back into the queue whose customer has waited that long in business hours while
// their holder did nothing anywhere for as long. Any number of nodes may do it at once. It returns how many went back.
func (d *Desk) ReturnUnattended(ctx context.Context, hours *Hours, after time.Duration, now time.Time) (returned int, err error) {
	tickets, err := d.Store.ListUnattended(ctx, now.Add(-after))
	if err != nil {
		return 0, fmt.Errorf("look for tickets that nobody attends to: %w", err)
	}
	for _, seen := range tickets {
		if hours.Between(seen.CustomerAt, now) < after {
			continue
		}
		_, err := d.Store.UpdateTicket(ctx, seen.ID, Agent{}, func(t Ticket) (Change, error) {
			if t.State != StateHeld || t.Assignee != seen.Assignee || !t.CustomerAt.Equal(seen.CustomerAt) {
				return Change{}, &unchanged{t}
			}
			t.State, t.Assignee = StateWaiting, ""
			return Change{
				Ticket: t, Event: EventReturned, Say: noticeEntries(d.Notices.Requeued), Holder: chat.HolderBot, Detail: seen.Assignee + "没有回复",
			}, nil
		})
		if _, same := errors.AsType[*unchanged](err); same {
			continue
		}
		if err != nil {
			return returned, fmt.Errorf("return ticket %s to the queue: %w", seen.Number, err)
		}
		returned++
	}
	return returned, nil
}
