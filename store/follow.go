package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// newActivities are the rows that tell those who follow a conversation what was said in it. What commit holds besides
// goes with the agent's entries and with the last one: who wrote, and what became of the ticket. They may arrive twice:
// an agent who reads one again loses nothing, one who misses it does.
func (s *Store) newActivities(c chat.Conversation, entries []addedEntry, commit desk.Activity, now int64) (rows []outboxRow) {
	for _, to := range s.opt.Follow {
		for i, e := range entries {
			a := desk.Activity{Conversation: c, Entry: e.entry, ExternalID: e.externalID, Ticket: commit.Ticket}
			if e.entry.From == chat.FromAgent {
				a.By = commit.By
			}
			if i == len(entries)-1 {
				a.Event, a.Former = commit.Event, commit.Former
			}
			rows = append(rows, s.newActivity(to, "", a, now))
		}
	}
	return rows
}

// newActivity is the row of one activity, in a lane of its own kind.
func (s *Store) newActivity(to chat.Destination, kind string, a desk.Activity, now int64) outboxRow {
	return s.newSending(chat.Sending{
		Lane:    "follow:" + a.Conversation.ID + ":" + laneSuffix(to) + kind,
		Channel: to.Channel, Account: to.Account, Address: to.Address, Body: json.RawMessage(toJSON(a)), Idempotent: true,
	}, a.Entry.Seq, a.Conversation.ID, now, now)
}

// reportUndelivered tells those who follow a conversation that a sending to its customer is dead, or that nobody knows
// whether it arrived. Without an open ticket nobody follows.
func (s *Store) reportUndelivered(ctx context.Context, t *tx, id int64) error {
	if len(s.opt.Follow) == 0 {
		return nil
	}
	sending, found, err := selectOne[outboxRow](ctx, t, `WHERE id = $1 AND lane = conversation AND state IN ('dead', 'unknown')`, id)
	if err != nil || !found {
		return err
	}
	c, _, err := selectOne[conversationRow](ctx, t, `WHERE id = $1`, sending.Conversation)
	if err != nil || c.Ticket == "" {
		return err
	}
	ticket, err := findTicket(ctx, t, c.Ticket, "")
	if err != nil || ticket.State == desk.StateClosed {
		return err
	}
	a := desk.Activity{Conversation: c.conversation(), Ticket: &ticket.Ticket, Lost: sending.Reason, Unknown: sending.State == chat.SendingUnknown}
	if err := json.Unmarshal(sending.Body, &a.Entry); err != nil {
		return fmt.Errorf("read sending %d: %w", id, err)
	}
	for _, to := range s.opt.Follow {
		if _, err := insert(ctx, t, s.newActivity(to, ":lost", a, s.now())); err != nil {
			return err
		}
	}
	return nil
}
