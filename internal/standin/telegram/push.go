package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// hook pushes one bot's updates to its webhook.
type hook struct {
	url, secret string
	connections int
	stop        context.CancelFunc
	kick        chan struct{} // of capacity 1: there may be something to push
	running     int
	busy        map[string]bool // lanes of which an update is on its way
	tries       map[int]*tries  // by update id
	failedAt    time.Time
	failure     string
	goneSince   time.Time // since when it answers 410 only
}

// tries is how an update has fared so far.
type tries struct {
	failed int
	delay  time.Duration
	next   time.Time
}

// flight is an update on its way, and the lane that it holds up.
type flight struct {
	update *update
	lane   string
}

func (h *hook) wake() {
	select {
	case h.kick <- struct{}{}:
	default:
	}
}

// startHook begins to push. The lock is held.
func (s *Server) startHook(b *bot, h *hook) {
	ctx, stop := context.WithCancel(s.ctx)
	h.stop, h.kick, h.busy, h.tries = stop, make(chan struct{}, 1), map[string]bool{}, map[int]*tries{}
	b.hook = h
	s.done.Go(func() { s.pushAll(ctx, b, h) })
}

// dropHook ends pushing. The lock is held.
func (s *Server) dropHook(b *bot) {
	if b.hook != nil {
		b.hook.stop()
		b.hook = nil
	}
}

// pushAll starts a push for each update whose turn it is, until the webhook is removed.
func (s *Server) pushAll(ctx context.Context, b *bot, h *hook) {
	var pushes sync.WaitGroup
	defer pushes.Wait()
	for {
		s.mu.Lock()
		ready, wait := s.due(b, h)
		repeats := s.repeats
		s.mu.Unlock()
		for _, f := range ready {
			pushes.Go(func() { s.pushOne(ctx, b, h, f, max(1, repeats.Times)) })
		}
		timer := time.NewTimer(wait)
		select {
		case <-h.kick:
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// due takes the updates whose turn it is, the first of each lane, as far as there are connections; and says when
// to look again at the latest. The lock is held.
func (s *Server) due(b *bot, h *hook) ([]flight, time.Duration) {
	now := s.now()
	b.queue.drop(now)
	wait := time.Hour
	var ready []flight
	waiting := slices.Clone(b.queue.waiting)
	if s.repeats.Shuffle {
		s.rand.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
	}
	seen := map[string]bool{}
	for _, u := range waiting {
		lane := strconv.FormatInt(u.lane, 10)
		if s.repeats.Shuffle {
			lane = "alone " + strconv.Itoa(u.id)
		}
		if seen[lane] || h.busy[lane] {
			continue
		}
		seen[lane] = true
		if h.running == h.connections {
			break
		}
		if t := h.tries[u.id]; t != nil && t.next.After(now) {
			wait = min(wait, t.next.Sub(now))
			continue
		}
		h.busy[lane] = true
		h.running++
		ready = append(ready, flight{u, lane})
	}
	return ready, wait
}

// pushOne sends an update so many times in parallel, and notes how that went.
func (s *Server) pushOne(ctx context.Context, b *bot, h *hook, f flight, times int) {
	results := make([]pushed, times)
	var copies sync.WaitGroup
	for i := range results {
		copies.Go(func() { results[i] = s.pushCopy(ctx, h, f.update) })
	}
	copies.Wait()
	worst := results[0]
	for _, r := range results {
		if r.failure != "" {
			worst = r
		}
	}
	s.mu.Lock()
	h.running--
	delete(h.busy, f.lane)
	if ctx.Err() == nil {
		s.settle(b, h, f.update, worst)
	}
	h.wake()
	s.notify()
	s.mu.Unlock()
	if worst.failure == "" {
		s.callBack(ctx, b, worst)
	}
}

// pushed is how one push went: failure is empty when it was taken.
type pushed struct {
	failure string
	gone    bool
	after   time.Duration // asked for by Retry-After
	kind    string        // of the body
	body    []byte
}

func (s *Server) pushCopy(ctx context.Context, h *hook, u *update) pushed {
	ctx, cancel := context.WithTimeout(ctx, hookAnswer)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, hookURL(h.url), bytes.NewReader(u.body))
	if err != nil {
		return pushed{failure: "URL is not valid"}
	}
	r.Header.Set("Content-Type", "application/json")
	if h.secret != "" {
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", h.secret)
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return pushed{failure: reasonOf(err)}
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxParams))
	if err != nil {
		return pushed{failure: reasonOf(err)}
	}
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		return pushed{kind: resp.Header.Get("Content-Type"), body: body}
	}
	p := pushed{
		failure: fmt.Sprintf("Wrong response from the webhook: %d %s", resp.StatusCode, http.StatusText(resp.StatusCode)),
		gone:    resp.StatusCode == http.StatusGone,
	}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		p.after = max(0, min(hookLongestAsked, time.Duration(seconds)*time.Second))
	}
	return p
}

func hookURL(address string) string {
	if !strings.Contains(address, "://") {
		return "https://" + address
	}
	return address
}

// reasonOf puts an error of the transport into the words of getWebhookInfo, without the address in it.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "Read timeout expired"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "Connection refused"
	}
	return "Webhook connection closed"
}

// settle takes an update off the queue, or says when it comes again: at once after the first failure, then after
// 2, 4, 8 … seconds, at most a random 60 to 120, or when Retry-After says. The lock is held.
func (s *Server) settle(b *bot, h *hook, u *update, p pushed) {
	if p.failure == "" {
		h.goneSince = time.Time{}
		delete(h.tries, u.id)
		s.remove(b, u)
		return
	}
	now := s.now()
	h.failedAt, h.failure = now, p.failure
	switch {
	case !p.gone:
		h.goneSince = time.Time{}
	case h.goneSince.IsZero():
		h.goneSince = now
	case now.Sub(h.goneSince) > hookGone:
		s.dropHook(b)
		return
	}
	t := h.tries[u.id]
	if t == nil {
		t = &tries{delay: time.Second}
		h.tries[u.id] = t
	}
	pause := p.after
	if pause == 0 && t.failed > 0 {
		t.delay = min(time.Minute+time.Duration(s.rand.IntN(61))*time.Second, 2*t.delay)
		pause = t.delay
	}
	t.failed++
	t.next = now.Add(pause)
	if t.next.After(u.expires) {
		s.remove(b, u)
		delete(h.tries, u.id)
	}
	s.log.InfoContext(s.ctx, "a webhook did not take an update", "update", u.id, "failure", p.failure, "failed", t.failed)
}

// remove takes an update off the queue as confirmed.
func (s *Server) remove(b *bot, u *update) {
	if i := slices.Index(b.queue.waiting, u); i >= 0 {
		b.queue.waiting = slices.Delete(b.queue.waiting, i, i+1)
		b.queue.given = append(b.queue.given, u)
	}
}

// callBack does the call that a webhook may put into its answer. Its result goes nowhere.
func (s *Server) callBack(ctx context.Context, b *bot, p pushed) {
	if len(bytes.TrimSpace(p.body)) == 0 || !json.Valid(p.body) && !strings.Contains(p.kind, "form") {
		return
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/", bytes.NewReader(p.body))
	if err != nil {
		return
	}
	r.Header.Set("Content-Type", p.kind)
	q, fault := decode(r)
	if fault != nil {
		return
	}
	name := strings.ToLower(q.args["method"])
	m, ok := s.methods[name]
	if ok && !strings.HasPrefix(name, "get") && !strings.HasSuffix(name, "webhook") {
		c := &call{ctx: ctx, bot: b, q: q}
		entry := s.entry(c, m)
		_, err := s.do(c, m)
		entry.Accepted, entry.Message = err == nil, c.made
		if err != nil {
			entry.Status, entry.Description = err.code, err.text
		}
		s.record(entry)
	}
}
