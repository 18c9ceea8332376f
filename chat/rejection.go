package chat

import (
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Rejections answers the calls of hooks that are refused. Each is counted; the log, which strangers are not to fill, has
// one line a minute for an account and a reason, with how many there were besides since the last.
type Rejections struct {
	log   *slog.Logger
	now   func() time.Time
	count func(channel string, status int)

	mu       sync.Mutex
	rejected map[rejection]*rejectedSince
}

type rejection struct{ channel, account, reason string }

// rejectedSince is when a rejection was logged last, and how many there were since.
type rejectedSince struct {
	at      time.Time
	besides int
}

const (
	rejectionPause = time.Minute
	maxRejections  = 1000 // accounts and reasons that are known; then all are forgotten
)

// NewRejections makes one; count may be nil.
func NewRejections(log *slog.Logger, now func() time.Time, count func(channel string, status int)) *Rejections {
	if count == nil {
		count = func(string, int) {}
	}
	return &Rejections{log: log, now: now, count: count, rejected: map[rejection]*rejectedSince{}}
}

// Or is r, or where it is nil a new one that logs and does not count.
func (r *Rejections) Or(log *slog.Logger, now func() time.Time) *Rejections {
	if r == nil {
		return NewRejections(log, now, nil)
	}
	return r
}

// Reject answers a call with a status. The innermost error of err is the reason, which has no words of the caller's.
func (r *Rejections) Reject(w http.ResponseWriter, req *http.Request, channel, account string, status int, err error) {
	http.Error(w, http.StatusText(status), status)
	r.count(channel, status)
	if besides, due := r.note(rejection{channel, account, innermost(err).Error()}); due {
		r.log.WarnContext(req.Context(), "a call of a hook was refused",
			"channel", channel, "account", account, "status", status, "error", err, "besides_since_last", besides)
	}
}

// note counts one more, and tells whether it is to be logged.
func (r *Rejections) note(what rejection) (besides int, due bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, last := r.now(), r.rejected[what]
	if last != nil && now.Sub(last.at) < rejectionPause {
		last.besides++
		return 0, false
	}
	if len(r.rejected) >= maxRejections {
		clear(r.rejected)
	}
	r.rejected[what] = &rejectedSince{at: now}
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
