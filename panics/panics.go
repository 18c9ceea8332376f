// Package panics keeps a panic from ending the program. Every goroutine that handles what came from outside, a door,
// runs under a Handler: the panic is logged with its stack, counted by its door, and answered as any failure.
package panics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// ErrPanic is the error of what panicked.
var ErrPanic = errors.New("the program panicked; the log has the stack")

// Handler logs panics and counts them.
type Handler struct {
	log   *slog.Logger
	count func(door string)
}

// NewHandler makes a handler; count may be nil.
func NewHandler(log *slog.Logger, count func(door string)) *Handler {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if count == nil {
		count = func(string) {}
	}
	return &Handler{log, count}
}

// Or is the handler, or where it is nil a new one that logs and does not count.
func (h *Handler) Or(log *slog.Logger) *Handler {
	if h == nil {
		return NewHandler(log, nil)
	}
	return h
}

// Try is the error of do, or one that wraps ErrPanic when it panics. args are logged then, as slog has them. The way
// of net/http to drop a connection, http.ErrAbortHandler, goes on.
func (h *Handler) Try(ctx context.Context, door string, do func() error, args ...any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = h.handle(ctx, door, r, debug.Stack(), args)
		}
	}()
	return do()
}

// handle takes note of a panic. What it panicked with may hold what a customer said: of anything but the runtime's
// own errors only the type is logged.
func (h *Handler) handle(ctx context.Context, door string, value any, stack []byte, args []any) error {
	if passed, ok := value.(forwarded); ok {
		value, stack = passed.value, passed.stack
	}
	if value == http.ErrAbortHandler { //nolint:errorlint // net/http compares so, too
		panic(value)
	}
	attrs := []any{"door", door, "type", fmt.Sprintf("%T", value), "stack", string(stack)}
	if e, ok := value.(runtime.Error); ok {
		attrs = append(attrs, "error", e.Error())
	}
	h.log.With(args...).ErrorContext(ctx, "something panicked; the program goes on", attrs...)
	h.count(door)
	return fmt.Errorf("%s: %w", door, ErrPanic)
}

// Do is Try for what has no error.
func (h *Handler) Do(ctx context.Context, door string, do func(), args ...any) {
	_ = h.Try(ctx, door, func() error { do(); return nil }, args...) // it is logged
}

// The pause before what panicked is begun again: twice as long each time.
const (
	firstPause = 100 * time.Millisecond
	maxPause   = time.Minute
)

// Keep runs what goes on for as long as the program does, and begins it again, after a pause, when it panics. It
// returns the error that run returns, or nil when ctx ends first.
func (h *Handler) Keep(ctx context.Context, door string, run func() error, args ...any) error {
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		err := h.Try(ctx, door, run, args...)
		if !errors.Is(err, ErrPanic) {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
	}
}

// Group is a sync.WaitGroup whose Wait panics when one of its functions did: in the goroutine that waits, where somebody
// recovers.
type Group struct {
	wait  sync.WaitGroup
	once  sync.Once
	first *forwarded
}

// forwarded is a panic that another goroutine goes on with.
type forwarded struct {
	value any
	stack []byte
}

func (f forwarded) String() string { return fmt.Sprintf("%v\n\n%s", f.value, f.stack) }

// Go calls do in a goroutine.
func (g *Group) Go(do func()) {
	g.wait.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				stack := debug.Stack()
				g.once.Do(func() { g.first = &forwarded{r, stack} })
			}
		}()
		do()
	})
}

// Wait returns when all have, or panics with the first panic.
func (g *Group) Wait() {
	g.wait.Wait()
	if g.first != nil {
		panic(*g.first)
	}
}
