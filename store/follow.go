package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// lines are the rows that tell those who follow a conversation what was said in it, by which agent, and what
// became of its ticket. They may arrive twice: an agent who reads a line again loses nothing, one who misses it does.
func (s *Store) lines(c chat.Conversation, entries []said, by string, event desk.Event, ticket *desk.Ticket, now int64) (rows [][]any) {
	for _, to := range s.opt.Follow {
		for i, e := range entries {
			l := desk.Activity{Conversation: c, Entry: e.entry, ExternalID: e.external, Ticket: ticket}
			if e.entry.From == chat.FromAgent {
				l.By = by
			}
			if i == len(entries)-1 {
				l.Event = event
			}
			rows = append(rows, s.lineValues(to, "", l, now))
		}
	}
	return rows
}

// lineValues is the row of one line, in a lane of its own kind.
func (s *Store) lineValues(to chat.Destination, kind string, l desk.Activity, now int64) []any {
	return s.outboxValues(chat.Sending{
		Lane:    "follow:" + l.Conversation.ID + ":" + laneOf(to) + kind,
		Channel: to.Channel, Account: to.Account, Address: to.Address, Body: json.RawMessage(text(l)), Idempotent: true,
	}, l.Entry.Seq, l.Conversation.ID, now)
}

// lost tells those who follow a conversation that a sending to its customer is dead, or that nobody knows
// whether it arrived. Without an open ticket nobody follows.
func (t *tx) lost(ctx context.Context, id int64) error {
	if len(t.s.opt.Follow) == 0 {
		return nil
	}
	l := desk.Activity{Ticket: new(desk.Ticket)}
	var state, conversation, newest string
	var body []byte
	found, err := first(ctx, t, []any{&state, &l.Lost, &conversation, &body, &newest}, `SELECT o.state, o.reason, o.conversation, o.body, c.ticket
		FROM outbox o JOIN conversations c ON c.id = o.conversation AND c.id = o.lane WHERE o.id = $1 AND o.state IN ('dead', 'unknown')`, id)
	if err != nil || !found || newest == "" {
		return err
	}
	if *l.Ticket, _, err = findTicket(ctx, t, newest, ""); err != nil || l.Ticket.State == desk.StateClosed {
		return err
	}
	if l.Conversation, _, err = findConversation(ctx, t, `c.id = $1`, conversation); err != nil {
		return err
	}
	if err := json.Unmarshal(body, &l.Entry); err != nil {
		return fmt.Errorf("read sending %d: %w", id, err)
	}
	l.Unknown = chat.SendingState(state) == chat.SendingUnknown
	for _, to := range t.s.opt.Follow {
		if _, err := t.bulk(ctx, outboxRows(), [][]any{t.s.lineValues(to, ":lost", l, t.s.now())}); err != nil {
			return err
		}
	}
	return nil
}

// Undelivered is what of a conversation has not arrived for certain, by the number of its entry.
func (s *Store) Undelivered(ctx context.Context, conversation string) (map[int64]chat.Settlement, error) {
	type pending struct {
		seq int64
		end chat.Settlement
	}
	rows, err := all(ctx, s.read, func(r row) (p pending, err error) {
		return p, r.Scan(&p.seq, &p.end.State, &p.end.Reason)
	}, `SELECT seq, state, reason FROM outbox WHERE lane = $1 AND state <> 'sent'`, conversation)
	if err != nil {
		return nil, s.fault("look for what has not arrived", err)
	}
	out := map[int64]chat.Settlement{}
	for _, p := range rows {
		out[p.seq] = p.end
	}
	return out, nil
}
