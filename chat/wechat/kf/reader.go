package kf

import (
	"context"
	"errors"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

const (
	pageLimit     = 200              // messages of a page; the host gives at most 1000
	pollInterval  = 5 * time.Minute  // between two looks without a callback; without its token the host allows few
	minBackoff    = 2 * time.Second  // while the host is out of order
	maxBackoff    = 10 * time.Minute // likewise
	failurePause  = time.Second      // after a failure, however many callbacks come
	tokenLifetime = 9 * time.Minute  // of a callback's token, which the host takes for ten
	maxAge        = 10 * time.Minute // what is older when a log is read for the first time is not answered
	maxEmptyPages = 20               // that say that there is more, and lead no further
)

// reader reads the log of one customer service account: one page after the other, from the cursor that is kept.
// Several nodes may read one log at once. A cursor is kept only when everything before it is, whoever read it, and a
// message that was kept already changes nothing: they do the same work twice, and nothing is lost or answered twice.
type reader struct {
	deliverer
	wakeup chan struct{} // holds one when there may be something new
	token  host.Token    // of the newest callback
}

// newReader makes one. Everything that it logs tells whose log it reads.
func newReader(c Config, a *account, openKf string) *reader {
	c.Log = c.Log.With("channel", Name, "account", a.Name, "open_kfid", openKf)
	return &reader{
		deliverer: deliverer{Config: c, a: a, openKf: openKf, failures: failureCounter{counts: map[string]int{}}},
		wakeup:    make(chan struct{}, 1),
	}
}

// wake has the log read. token lets the host answer more than a few times a minute.
func (r *reader) wake(token string) {
	r.token.Set(token, r.Now().Add(tokenLifetime))
	select {
	case r.wakeup <- struct{}{}:
	default:
	}
}

// run reads until ctx ends.
func (r *reader) run(ctx context.Context) {
	backoff := chat.Backoff{First: minBackoff, Max: maxBackoff}
	for failures := 0; ctx.Err() == nil; {
		wait, err := pollInterval, r.Panics.Try(ctx, Name, func() error { return r.readNew(ctx) }, "account", r.a.Name)
		switch {
		case err == nil:
			failures = 0
			r.failures.reset()
		case ctx.Err() == nil:
			failures++
			wait = backoff.Delay(failures, 0.5)
			r.Log.WarnContext(ctx, "cannot read messages; they stay at the host", "error", err, "retry_in", wait)
			_ = chat.Sleep(ctx, failurePause) // its only error is the end of ctx, which the loop looks at
		}
		r.waitForWork(ctx, wait)
	}
}

// waitForWork returns when the host has called, when d is over, or when ctx ends.
func (r *reader) waitForWork(ctx context.Context, d time.Duration) {
	select {
	case <-r.wakeup:
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// readNew takes everything that is new in the log.
func (r *reader) readNew(ctx context.Context) error {
	at, err := r.loadCursor(ctx)
	for empty := 0; err == nil; {
		var page syncPage
		if page, err = r.fetchPage(ctx, at.Cursor); err != nil {
			break
		}
		next := at
		if page.Next != "" {
			next.Cursor = page.Next
		}
		kept := chat.KV{Key: r.cursorKey(), Value: chat.EncodeJSON(next)} // nobody's, so that it outlives everyone who wrote
		if err = r.deliverPage(ctx, page.List, at.Since, kept, next != at); err != nil || page.More == 0 {
			break
		}
		if empty++; next != at {
			empty = 0
		}
		if empty > maxEmptyPages {
			return errors.New("the host says that there is more, and leads no further")
		}
		at, err = next, chat.Sleep(ctx, time.Duration(empty)*50*time.Millisecond)
	}
	return err
}

// logCursor is how far a log was read.
type logCursor struct {
	Cursor string `json:"cursor"` // the host's
	Since  int64  `json:"since"`  // seconds since 1970: what was sent before is not answered
}

func (r *reader) cursorKey() string { return Name + "/" + r.a.Name + "/" + r.openKf + "/cursor" }

// loadCursor is the one that is kept. Where there is none, the log is new to us: the host brings what was said
// in the last three days, which others answered, or nobody will wait for any more.
func (r *reader) loadCursor(ctx context.Context) (c logCursor, err error) {
	found, err := chat.LoadKV(ctx, r.KV, r.cursorKey(), &c)
	if err == nil && !found {
		c.Since = r.Now().Add(-maxAge).Unix()
	}
	return c, err
}

// fetchPage gets the page behind a cursor. Where the host does not know the cursor, it is the page of the oldest
// messages that there are: what of them is known changes nothing.
func (r *reader) fetchPage(ctx context.Context, cursor string) (syncPage, error) {
	token := r.token.Get(r.Now())
	page, err := r.syncMessages(ctx, cursor, token)
	if host.Code(err) == codeSyncToken && token != "" {
		r.token.Drop(token)
		page, err = r.syncMessages(ctx, cursor, "")
	}
	if host.Code(err) == codeParameter && cursor != "" {
		r.Log.WarnContext(ctx, "the host does not know the cursor; the log is read anew", "error", err)
		page, err = r.syncMessages(ctx, "", r.token.Get(r.Now()))
	}
	return page, err
}

func (r *reader) syncMessages(ctx context.Context, cursor, token string) (page syncPage, err error) {
	body := struct {
		Cursor string `json:"cursor,omitempty"`
		Token  string `json:"token,omitempty"`
		Limit  int    `json:"limit"`
		OpenKf string `json:"open_kfid"`
	}{cursor, token, pageLimit, r.openKf}
	err = r.a.client.Post(ctx, "/cgi-bin/kf/sync_msg", body, &page)
	return page, err
}
