package kf

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

const (
	pageLimit  = 200              // messages of a page; the host gives at most 1000
	poll       = 5 * time.Minute  // between two looks without a callback; without its token the host allows few
	maxPoll    = 10 * time.Minute // … while the host is out of order
	rest       = time.Second      // after a failure, however many callbacks come
	tokenLives = 9 * time.Minute  // of a callback's token, which the host takes for ten
	fresh      = 10 * time.Minute // what is older when a desk is read for the first time is not answered
	maxEmpty   = 20               // pages that say that there is more, and bring nothing
)

// lane reads the log of one desk: one page after the other, from the place that is kept. Several nodes may
// read one desk at once. A place is kept only when everything before it is, whoever read it, and a message
// that was kept already changes nothing: they do the same work twice, and nothing is lost or answered twice.
type lane struct {
	c      *Channel
	a      *account
	desk   string
	woken  chan struct{} // holds one when there may be something new
	failed tally

	mu    sync.Mutex
	token string // of the newest callback; "" for none
	until time.Time
}

func newLane(c *Channel, a *account, desk string) *lane {
	return &lane{c: c, a: a, desk: desk, woken: make(chan struct{}, 1), failed: tally{counts: map[string]int{}}}
}

// wake has the log read. token lets the host answer more than a few times a minute.
func (l *lane) wake(token string) {
	l.mu.Lock()
	l.token, l.until = token, l.c.c.Now().Add(tokenLives)
	l.mu.Unlock()
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

// run reads until ctx ends.
func (l *lane) run(ctx context.Context) {
	for failures := 0; ctx.Err() == nil; {
		wait, err := poll, l.read(ctx)
		switch {
		case err == nil:
			failures = 0
			l.failed.clear()
		case ctx.Err() == nil:
			failures++
			wait = backoff(failures, maxPoll)
			l.c.c.Log.WarnContext(ctx, "cannot read a desk's messages; they stay at the host", "channel", Name,
				"account", l.a.Name, "desk", l.desk, "error", err, "again", wait)
			_ = pause(ctx, rest) // its only error is the end of ctx, which the loop looks at
		}
		l.await(ctx, wait)
	}
}

// await returns when the host has called, when d is over, or when ctx ends.
func (l *lane) await(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-l.woken:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// read takes everything that is new at the desk.
func (l *lane) read(ctx context.Context) error {
	at, err := l.place(ctx)
	for empty := 0; err == nil; {
		var p page
		if p, err = l.sync(ctx, at.Cursor); err != nil {
			break
		}
		next := at
		if p.Next != "" {
			next.Cursor = p.Next
		}
		if err = l.take(ctx, p.List, at, next); err != nil || p.More == 0 {
			break
		}
		if empty++; len(p.List) > 0 || next != at {
			empty = 0
		}
		if empty > maxEmpty {
			return errors.New("the host says that there is more, and brings nothing")
		}
		at, err = next, pause(ctx, time.Duration(empty)*50*time.Millisecond)
	}
	return err
}

// place is how far a desk's log was read.
type place struct {
	Cursor string `json:"cursor"`
	Since  int64  `json:"since"` // seconds since 1970: what was sent before is not answered
}

func (l *lane) cursorKey() string { return Name + "/" + l.a.Name + "/" + l.desk + "/cursor" }

// place is the one that is kept. Where there is none, the desk is new to us: the host brings what was said
// in the last three days, which others answered, or nobody will wait for any more.
func (l *lane) place(ctx context.Context) (p place, err error) {
	raw, err := l.c.c.Marks.GetKV(ctx, l.cursorKey())
	if errors.Is(err, chat.ErrNotFound) {
		return place{Since: l.c.c.Now().Add(-fresh).Unix()}, nil
	}
	if err != nil {
		return p, fmt.Errorf("look how far a desk was read: %w", err)
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, fmt.Errorf("read how far a desk was read: %w", err)
	}
	return p, nil
}

// mark keeps a place. It belongs to nobody, so that it outlives everyone who wrote.
func (l *lane) mark(p place) (chat.KV, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return chat.KV{}, fmt.Errorf("write how far a desk was read: %w", err)
	}
	return chat.KV{Key: l.cursorKey(), Value: raw}, nil
}

// sync gets the page behind a cursor. Where the host does not know the cursor, it is the page of the oldest
// messages that there are: what of them is known changes nothing.
func (l *lane) sync(ctx context.Context, cursor string) (page, error) {
	token := l.freshToken()
	p, err := l.page(ctx, cursor, token)
	if host.Code(err) == codeSyncToken && token != "" {
		l.dropToken(token)
		p, err = l.page(ctx, cursor, "")
	}
	if host.Code(err) == codeParameter && cursor != "" {
		l.c.c.Log.WarnContext(ctx, "the host does not know how far a desk was read; it is read anew", "channel", Name,
			"account", l.a.Name, "desk", l.desk, "error", err)
		p, err = l.page(ctx, "", l.freshToken())
	}
	return p, err
}

func (l *lane) page(ctx context.Context, cursor, token string) (p page, err error) {
	ask := struct {
		Cursor string `json:"cursor,omitempty"`
		Token  string `json:"token,omitempty"`
		Limit  int    `json:"limit"`
		Desk   string `json:"open_kfid"`
	}{cursor, token, pageLimit, l.desk}
	err = l.a.client.Post(ctx, "/cgi-bin/kf/sync_msg", ask, &p)
	return p, err
}

// freshToken is the newest callback's while it holds; "" for none.
func (l *lane) freshToken() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.c.c.Now().Before(l.until) {
		return l.token
	}
	return ""
}

func (l *lane) dropToken(token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.token == token {
		l.token = ""
	}
}

// backoff doubles from two seconds up to most.
func backoff(failures int, most time.Duration) time.Duration {
	return min(time.Second<<min(max(failures, 1), 16), most)
}

// pause returns when d is over, or ctx.Err() when ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// tally counts failures by what failed.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

// add counts one more, and returns how many there are.
func (t *tally) add(what string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[what]++
	return t.counts[what]
}

func (t *tally) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.counts)
}
