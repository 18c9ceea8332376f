package wechat

import (
	"context"
	"errors"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

// merged sends a text with those that wait behind it in the lane, as many as one message holds, since each
// message costs one of the few that are left.
func (o *send) merged(ctx context.Context) error {
	if err := o.allowed(); err != nil {
		return o.failed(err, o.s.PartsSent)
	}
	behind, err := o.c.c.Outbox.LeaseLane(ctx, o.s.Lane, o.s.ID, lease)
	if err != nil {
		o.c.c.Log.WarnContext(ctx, "texts are not merged", "sending", o.s.ID, "error", err)
	}
	rows := append([]chat.Sending{o.s}, behind...)
	for {
		p := compose(rows, host.MaxText, false)
		if p.text == "" { // nothing to say
			o.back(ctx, behind)
			return nil
		}
		if err := o.text(ctx, p.text); err != nil {
			o.lost(ctx, behind, &p, err)
			return o.failed(err, rows[0].PartsSent)
		}
		if p.part == nil || p.part.ID != o.s.ID {
			o.settle(ctx, &p)
			return nil
		}
		rows[0].PartsSent = p.done // it is longer than one message
	}
}

// settle ends the leases of what was behind: the page has arrived.
func (o *send) settle(ctx context.Context, p *page) {
	for _, s := range p.out() {
		if s.ID != o.s.ID {
			o.c.end(ctx, s.ID, p.ending(s, o.c.c.Now()))
		}
	}
	o.back(ctx, p.rest)
}

// lost ends the leases of what was behind: the page has not arrived, or nobody knows.
func (o *send) lost(ctx context.Context, behind []chat.Sending, p *page, err error) {
	e, ok := errors.AsType[*chat.SendError](err)
	if !ok || e.State != chat.SendingUnknown {
		o.back(ctx, behind)
		return
	}
	for _, s := range p.out() {
		if s.ID != o.s.ID {
			o.c.end(ctx, s.ID, chat.Settlement{State: chat.SendingUnknown, Reason: e.Reason, PartsSent: s.PartsSent})
		}
	}
	o.back(ctx, p.rest)
}

// back leaves leased sendings to the courier.
func (o *send) back(ctx context.Context, rows []chat.Sending) {
	for _, s := range rows {
		o.c.end(ctx, s.ID, chat.Settlement{State: chat.SendingQueued, NotBefore: o.c.c.Now(), Untried: true, PartsSent: s.PartsSent})
	}
}
