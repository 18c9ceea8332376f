package wechat

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Delivery is what became of one push.
type Delivery struct {
	ID       string    // MsgId, or msgid of 微信客服; "" for events, which have none
	Attempts []Attempt // in the order in which they were sent
	Seen     []Bubble  // what the person saw because of it: the reply, or the platform's apology
	Fault    string    // why the platform holds that the service is out of order; "" when it does not
}

// OK says whether the platform was content with an answer.
func (d Delivery) OK() bool { return d.Fault == "" }

// Attempt is one request of a push.
type Attempt struct {
	Sent   time.Time
	Took   time.Duration // until the whole answer was there, or the cut
	Status int           // 0: none came
	Body   []byte        // what was answered, as it came
	Fault  string        // what is wrong with it; "" when nothing is
}

// maxAnswer is how much of an answer is read.
const maxAnswer = 1 << 20

// push is one callback as it goes out, the same at every attempt.
type push struct {
	url  string
	body []byte
	read func(answer []byte) (*Bubble, error) // reads what was answered; nil when there is nothing to show
}

// deliver sends the push until an answer is good, at most cfg.Attempts times, and returns the first good reply.
func (s *Server) deliver(ctx context.Context, p push) (attempts []Attempt, reply *Bubble, err error) {
	for range s.cfg.Attempts {
		a, answer := s.attempt(ctx, p)
		if a.Fault == "" {
			if reply, err = p.read(answer); err == nil {
				return append(attempts, a), reply, nil
			}
			a.Fault = err.Error()
		}
		attempts = append(attempts, a)
		err = errors.New(a.Fault)
		if ctx.Err() != nil {
			break
		}
	}
	return attempts, nil, err
}

// copies delivers a push n times at once, as a platform in trouble does. The first reply counts, and one good
// answer is enough.
func (s *Server) copies(ctx context.Context, p push, n int) (attempts []Attempt, reply *Bubble, err error) {
	if n <= 1 {
		return s.deliver(ctx, p)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	good := false
	for range n {
		all.Go(func() {
			tried, answer, failed := s.deliver(ctx, p)
			mu.Lock()
			defer mu.Unlock()
			attempts = append(attempts, tried...)
			good = good || failed == nil
			if reply == nil {
				reply = answer
			}
			if failed != nil {
				err = failed
			}
		})
	}
	all.Wait()
	slices.SortStableFunc(attempts, func(a, b Attempt) int { return cmp.Compare(a.Sent.UnixNano(), b.Sent.UnixNano()) })
	if good {
		err = nil
	}
	return attempts, reply, err
}

// attempt posts once, and cuts the connection after cfg.Timeout.
func (s *Server) attempt(ctx context.Context, p push) (a Attempt, answer []byte) {
	a.Sent = time.Now()
	defer func() { a.Took = time.Since(a.Sent) }()
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	fail := func(err error) (Attempt, []byte) {
		a.Fault = bare(err).Error()
		if errors.Is(err, context.DeadlineExceeded) {
			a.Fault = fmt.Sprintf("no answer within %v: the connection was cut", s.cfg.Timeout)
		}
		return a, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(p.body))
	if err != nil {
		return fail(err)
	}
	req.Header.Set("Content-Type", "text/xml")
	req.Header.Set("User-Agent", "Mozilla/4.0")
	req.Header.Set("Pragma", "no-cache")
	resp, err := s.cfg.Client.Do(req)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read, or is given up
	a.Status = resp.StatusCode
	if a.Body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1)); err != nil {
		return fail(err)
	}
	switch {
	case resp.StatusCode/100 != 2:
		a.Fault = fmt.Sprintf("the hook answered with status %d", resp.StatusCode)
	case len(a.Body) > maxAnswer:
		a.Fault = "the hook answered with more than 1 MiB"
	}
	return a, a.Body
}

// bare takes the address out of a transport error, for its query holds signatures.
func bare(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// with returns the hook's address with more parameters in its query.
func with(hook string, more url.Values) (string, error) {
	u, err := url.Parse(hook)
	if err != nil || u.Host == "" {
		return "", errors.New("the hook is no absolute URL")
	}
	q := u.Query()
	for name, values := range more {
		q[name] = values
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// get fetches a hook once, as the handshake does, and returns the body of an answer with status 200.
func (s *Server) get(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, bare(err)
	}
	req.Header.Set("User-Agent", "Mozilla/4.0")
	resp, err := s.cfg.Client.Do(req)
	if err != nil {
		return nil, bare(err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read, or is given up
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", resp.StatusCode)
	}
	return body, err
}
