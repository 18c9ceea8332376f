package faults

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// shares are what an address may do in these tests: as little as shows.
const (
	shareUploads  = 3
	shareStreams  = 12
	shareTickets  = 4
	shareMessages = 40
)

// flood is somebody who takes what is scarce, from an address of his own, while somebody else at another address needs
// it. It is what was wrong.
type flood struct {
	name string
	pour func(t *testing.T, s *server, from, other string) (found []string)
}

func floods(key string) []flood {
	return []flood{
		{"uploads", floodUploads},
		{"streams", floodStreams},
		{"polls", floodPolls},
		{"tickets", floodTickets},
		{"messages", floodMessages},
		{"keys", func(t *testing.T, s *server, from, _ string) []string { return floodKeys(t, s, from, key) }},
	}
}

// TestFloods: whatever one address takes too much of is refused to it, with the time to come again, and others are
// served meanwhile; wrong keys lock no valid one out, of the same address either.
func TestFloods(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db database) {
		s := newServer(t, db, "-address-uploads", fmt.Sprint(shareUploads), "-address-streams", fmt.Sprint(shareStreams),
			"-address-tickets-per-hour", fmt.Sprint(shareTickets), "-address-messages-per-minute", fmt.Sprint(shareMessages))
		s.start()
		key := keyOf(t, s, db, "前台")
		var all sync.WaitGroup
		for i, f := range floods(key) {
			all.Go(func() {
				for _, wrong := range f.pour(t, s, fmt.Sprintf("127.0.%d.1", i+1), fmt.Sprintf("127.0.%d.2", i+1)) {
					t.Errorf("%s: %s", f.name, wrong)
				}
			})
		}
		all.Wait()
		eventually(t, s.well, "ready and well")
		s.stop()
	})
}

// TestFloodsFind: the same floods catch a server without shares, and one where wrong keys lock valid ones out.
func TestFloodsFind(t *testing.T) {
	t.Parallel()
	s := newServer(t, sqliteFile{}) // its addresses may do everything
	s.bin, s.env = planted(t), []string{"YINGDA_PLANTED=suspicious"}
	s.start()
	for i, f := range floods(keyOf(t, s, sqliteFile{}, "前台")) {
		if found := f.pour(t, s, fmt.Sprintf("127.0.%d.1", i+1), fmt.Sprintf("127.0.%d.2", i+1)); len(found) == 0 {
			t.Errorf("%s: the planted bug was not found", f.name)
		}
	}
}

// clientAt is a client that comes from an address of this machine.
func clientAt(t *testing.T, address string) *http.Client {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	transport := &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 4}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

// visitors are people at an address, each in a conversation of his own.
func visitors(t *testing.T, s *server, address string, n int) (all []*customer) {
	t.Helper()
	client := clientAt(t, address)
	for i := range n {
		c := &customer{s: s, name: fmt.Sprintf("%s的客户%d", address, i), client: client}
		must(t, insist(c.open))
		all = append(all, c)
	}
	return all
}

// wantRefused is what is wrong with how somebody was refused who had more than his share.
func wantRefused(err error, what string) []string {
	refused, ok := errors.AsType[*errRefused](err)
	if !ok || refused.status != http.StatusTooManyRequests || refused.retryAfter == "" {
		return []string{fmt.Sprintf("%s: got %v, want a 429 with Retry-After", what, err)}
	}
	return nil
}

// wantServed is what is wrong with how somebody else was served.
func wantServed(err error, what string) []string {
	if err != nil {
		return []string{fmt.Sprintf("%s of another address: %v", what, err)}
	}
	return nil
}

// floodUploads begins uploads that do not go on. They are given up after a while, and the share is free again.
func floodUploads(t *testing.T, s *server, from, other string) (found []string) {
	const begun = 32 // as many as a server takes in all
	picture := somePicture(t)
	var d net.Dialer
	d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	for _, c := range visitors(t, s, from, begun) {
		conn, err := d.DialContext(t.Context(), "tcp", s.address)
		must(t, err)
		defer conn.Close() //nolint:errcheck // the server hangs up
		_, err = fmt.Fprintf(conn, "POST /api/v1/conversations/%s/attachments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"+
			"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n--b\r\n", c.id, c.token)
		must(t, err)
	}
	one := visitors(t, s, from, 1)[0]
	var err error
	for n := 0; n < 100 && err == nil; n++ { // the requests above may still be on their way
		err = one.upload(fmt.Sprint("early", n), picture)
	}
	found = append(found, wantRefused(err, "one more upload")...)
	found = append(found, wantServed(visitors(t, s, other, 1)[0].upload("p", picture), "an upload")...)
	eventually(t, func() bool { return one.upload("late", picture) == nil }, "the end of uploads that do not go on")
	return found
}

// floodStreams opens event streams.
func floodStreams(t *testing.T, s *server, from, other string) []string {
	return floodWaiting(t, s, from, other, "/events")
}

// floodPolls asks for messages, and waits for them.
func floodPolls(t *testing.T, s *server, from, other string) []string {
	return floodWaiting(t, s, from, other, "/messages?after=0&wait=30")
}

// floodWaiting begins requests that last, one for each of many conversations.
func floodWaiting(t *testing.T, s *server, from, other, path string) (found []string) {
	const over = 4
	ctx, cancel := context.WithCancel(t.Context())
	var begun sync.WaitGroup
	defer begun.Wait()
	defer cancel()
	errs := make(chan error, shareStreams+over)
	flooding := visitors(t, s, from, cap(errs))
	for _, c := range flooding {
		begun.Go(func() {
			body, err := c.wait(ctx, path)
			errs <- err
			if err == nil {
				_, _ = io.Copy(io.Discard, body) // until ctx ends
			}
		})
	}
	refused := 0
	for answers := 0; refused < over && answers < cap(errs); answers++ {
		if err := <-errs; err != nil {
			found = append(found, wantRefused(err, "one more")...)
			refused++
		}
	}
	if refused < over {
		found = append(found, fmt.Sprintf("%d were refused, want %d", refused, over))
	}
	if _, err := flooding[0].entries(); err != nil {
		found = append(found, fmt.Sprintf("not even without waiting: %v", err))
	}
	c := visitors(t, s, other, 1)[0]
	question := c.question()
	begun.Go(func() {
		if err := c.insistOn(question); err != nil {
			t.Error(err)
		}
	})
	body, err := c.wait(ctx, path)
	found = append(found, wantServed(err, "a request that waits")...)
	if err == nil {
		lines := bufio.NewScanner(body)
		for lines.Scan() && !strings.Contains(lines.Text(), question) {
		}
		found = append(found, wantServed(lines.Err(), "what is waited for")...)
	}
	return found
}

// wait begins a request that lasts. Its body ends with ctx.
func (c *customer) wait(ctx context.Context, path string) (io.Reader, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.s.address+"/api/v1/conversations/"+c.id+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	res, err := c.client.Do(r)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		text, err := io.ReadAll(res.Body)
		return nil, errors.Join(&errRefused{res.StatusCode, res.Header.Get("Retry-After"), string(text)}, err)
	}
	return res.Body, nil
}

// floodTickets asks for a person in one conversation after the other.
func floodTickets(t *testing.T, s *server, from, other string) (found []string) {
	for i, c := range visitors(t, s, from, shareTickets+3) {
		_, err := c.handOver()
		switch {
		case i < shareTickets && err != nil:
			found = append(found, fmt.Sprintf("ticket %d: %v", i+1, err))
		case i >= shareTickets:
			found = append(found, wantRefused(err, fmt.Sprintf("ticket %d", i+1))...)
		}
	}
	_, err := visitors(t, s, other, 1)[0].handOver()
	return append(found, wantServed(err, "a ticket")...)
}

// floodMessages says one thing after the other.
func floodMessages(t *testing.T, s *server, from, other string) (found []string) {
	c := visitors(t, s, from, 1)[0]
	var err error
	for n := 0; n < 10*shareMessages && err == nil; n++ {
		err = c.insistOn(c.question())
	}
	found = wantRefused(err, "one more message")
	one := visitors(t, s, other, 1)[0]
	return append(found, wantServed(one.insistOn(one.question()), "a message")...)
}

// floodKeys tries wrong keys, and none at all, beside an agent who has one.
func floodKeys(t *testing.T, s *server, from, key string) (found []string) {
	client := clientAt(t, from)
	statuses := map[int]int{}
	for i := range 60 {
		wrong := ""
		if i%2 == 0 {
			wrong = "yd_" + strings.Repeat("a", 26+i%3)
		}
		status, err := listTickets(t.Context(), client, s, wrong)
		must(t, err)
		statuses[status]++
	}
	if statuses[http.StatusUnauthorized]+statuses[http.StatusTooManyRequests] != 60 || statuses[http.StatusTooManyRequests] == 0 {
		found = append(found, fmt.Sprintf("wrong keys and none were answered %v", statuses))
	}
	status, err := listTickets(t.Context(), client, s, key)
	if err != nil || status != http.StatusOK {
		found = append(found, fmt.Sprintf("the right key was answered %d, %v", status, err))
	}
	return found
}

// listTickets asks for the desk's tickets, and returns the status.
func listTickets(ctx context.Context, client *http.Client, s *server, key string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/api/v1/desk/tickets", http.NoBody)
	if err != nil {
		return 0, err
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}
