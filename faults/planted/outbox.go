package main

import (
	"context"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/node"
)

// shortLease ends leases early: whoever kills the program need not wait a minute then for what it did not settle.
type shortLease struct {
	node.Store
	lease time.Duration
}

func (s shortLease) Lease(ctx context.Context, now time.Time, _ time.Duration, limit int) ([]chat.Sending, error) {
	return s.Store.Lease(ctx, now, s.lease, limit)
}

func (s shortLease) LeaseLane(ctx context.Context, lane string, behind int64, _ time.Duration) ([]chat.Sending, error) {
	return s.Store.LeaseLane(ctx, lane, behind, s.lease)
}

// resendsUnknown sends again whatever it does not know the end of.
type resendsUnknown struct{ node.Store }

func (s resendsUnknown) Lease(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]chat.Sending, error) {
	leased, err := s.Store.Lease(ctx, now, lease, limit)
	for _, one := range leased { // as if no lease had been kept
		if err := s.Settle(ctx, one.ID, chat.Settlement{State: chat.SendingQueued, NotBefore: now.Add(time.Second)}); err != nil {
			return nil, err
		}
	}
	return leased, err
}

// resendsSent takes what has arrived for what has not.
type resendsSent struct{ node.Store }

func (s resendsSent) Settle(ctx context.Context, id int64, end chat.Settlement) error {
	if end.State == chat.SendingSent {
		end.State = chat.SendingQueued
	}
	return s.Store.Settle(ctx, id, end)
}

// ignoresBackoff waits for nothing longer than a moment.
type ignoresBackoff struct{ node.Store }

func (s ignoresBackoff) Settle(ctx context.Context, id int64, end chat.Settlement) error {
	if soon := time.Now().Add(300 * time.Millisecond); end.NotBefore.After(soon) {
		end.NotBefore = soon
	}
	return s.Store.Settle(ctx, id, end)
}
