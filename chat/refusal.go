package chat

import (
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Refusals answers the calls of hooks that are refused. Each is counted; the log, which strangers are not to fill, has
// one line a minute for an account and a reason, with how many there were besides since the last.
type Refusals struct {
	log   *slog.Logger
	now   func() time.Time
	count func(channel string, status int)

	mu      sync.Mutex
	refused map[refusal]*refusedSince
}

type refusal struct{ channel, account, reason string }

// refusedSince is when a refusal was logged last, and how many there were since.
type refusedSince struct {
	at      time.Time
	besides int
}

const (
	refusalPause = time.Minute
	maxRefusals  = 1000 // accounts and reasons that are known; then all are forgotten
)

// NewRefusals makes one; count may be nil.
func NewRefusals(log *slog.Logger, now func() time.Time, count func(channel string, status int)) *Refusals {
	if count == nil {
		count = func(string, int) {}
	}
	return &Refusals{log: log, now: now, count: count, refused: map[refusal]*refusedSince{}}
}

// Or is r, or where it is nil a new one that logs and does not count.
func (r *Refusals) Or(log *slog.Logger, now func() time.Time) *Refusals {
	if r == nil {
		return NewRefusals(log, now, nil)
	}
	return r
}

// Refuse answers a call with a status. The innermost error of err is the reason, which has no words of the caller's.
func (r *Refusals) Refuse(w http.ResponseWriter, req *http.Request, channel, account string, status int, err error) {
	http.Error(w, http.StatusText(status), status)
	r.count(channel, status)
	if besides, due := r.note(refusal{channel, account, innermost(err).Error()}); due {
		r.log.WarnContext(req.Context(), "a call of a hook was refused",
			"channel", channel, "account", account, "status", status, "error", err, "besides_since_last", besides)
	}
}

// note counts one more, and tells whether it is to be logged.
func (r *Refusals) note(what refusal) (besides int, due bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, last := r.now(), r.refused[what]
	if last != nil && now.Sub(last.at) < refusalPause {
		last.besides++
		return 0, false
	}
	if len(r.refused) >= maxRefusals {
		clear(r.refused)
	}
	r.refused[what] = &refusedSince{at: now}
	if last != nil {
		besides = last.besides
	}
	return besides, true
}

// innermost is the error that err began with.
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
