package forum

import (
	"context"
	"strings"
)

// take claims the ticket. That it is theirs now is a line of its own, which comes to the topic by itself.
func (s *saying) take(ctx context.Context) error {
	_, err := s.f.c.Desk.Claim(ctx, s.by, s.ticket)
	return err
}

// give hands the ticket to another agent: @somebody, whoever is mentioned, or a name at the desk; without
// one back to the queue.
func (s *saying) give(ctx context.Context) error {
	name, err := s.f.nameOf(ctx, s.command.args)
	if err != nil {
		return err
	}
	for _, e := range s.message.Entities {
		if e.Type == "text_mention" && e.User != nil && !e.User.IsBot {
			to, err := s.f.agent(ctx, e.User.ID, e.User.FirstName, e.User.UserName)
			if err != nil {
				return err
			}
			name = to.Name
		}
	}
	_, err = s.f.c.Desk.Transfer(ctx, s.by, s.ticket, strings.TrimSpace(name))
	return err
}

// finish ends the ticket, with last words where there are some.
func (s *saying) finish(ctx context.Context) error {
	last, err := s.words(ctx)
	if err != nil {
		return err
	}
	if _, err = s.f.c.Desk.Close(ctx, s.by, s.ticket, last); err != nil {
		s.drop(ctx, last)
	}
	return err
}

// queue lists what waits.
func (s *saying) queue(ctx context.Context) error {
	waiting, err := s.f.waiting(ctx)
	if err != nil {
		return err
	}
	if len(waiting) == 0 {
		return s.tell(ctx, "没有等待接手的工单。")
	}
	text, err := s.f.list(ctx, s.room, "等待接手", waiting)
	if err != nil {
		return err
	}
	return s.tell(ctx, text)
}
