package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// shop is the Yingda that is played with.
type shop struct {
	address string
	command *exec.Cmd
	folder  string        // to be removed at the end; "" for none
	ended   chan struct{} // closed once it has ended, with err
	err     error
}

// How long the program may take to start, and to stop.
const (
	startTime = 30 * time.Second
	stopTime  = 20 * time.Second
)

// openShop starts the program and waits until it answers. Settings of whoever plays are not for it.
func (t *town) openShop(ctx context.Context, o options, log io.Writer) (s *shop, err error) {
	s = &shop{address: o.listen, ended: make(chan struct{})}
	data := o.data
	if data == "" {
		if s.folder, err = os.MkdirTemp("", "yingda-play-"); err != nil {
			return nil, fmt.Errorf("make a folder to play in: %w", err)
		}
		data = s.folder
	}
	s.command = exec.CommandContext(context.WithoutCancel(ctx), o.yingda, "serve", "-listen", o.listen, "-data", data)
	s.command.Stdout, s.command.Stderr = log, log
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "YINGDA_") {
			s.command.Env = append(s.command.Env, v)
		}
	}
	s.command.Env = append(s.command.Env, t.settings()...)
	if err := s.command.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w; `make build` makes it", o.yingda, err), s.tidy())
	}
	go func() {
		s.err = s.command.Wait()
		close(s.ended)
	}()
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// ready waits until the program answers.
func (s *shop) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		select {
		case <-s.ended:
			return fmt.Errorf("yingda does not start: %w", s.err)
		case <-ctx.Done():
			return fmt.Errorf("yingda does not answer: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
		if s.answers(ctx) {
			return nil
		}
	}
}

func (s *shop) answers(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/readyz", http.NoBody)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
}

// close ends the program as a terminal does, and by force when it takes too long.
func (s *shop) close() error {
	_ = s.command.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case <-s.ended:
		return s.tidy()
	case <-time.After(stopTime):
	}
	return errors.Join(errors.New("yingda did not stop in time and was killed"), s.command.Process.Kill(), s.tidy())
}

// tidy removes what nobody wants to keep.
func (s *shop) tidy() error {
	if s.folder == "" {
		return nil
	}
	return os.RemoveAll(s.folder)
}
