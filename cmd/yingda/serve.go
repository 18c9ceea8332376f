package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/privacy"
)

func serveCommand() command {
	return command{
		name: "serve", short: "serve the chat, the desk's API, the guide, the look-up and the API over HTTP",
		examples: `
			yingda serve
			yingda serve -listen 127.0.0.1:9000 -data /var/lib/yingda
			yingda serve -content ./guide   # the folder is watched: a saved edit is served at once
			yingda serve -database postgres://yingda@db/yingda -key-file /run/secrets/key   # any number of nodes`,
		run: runServe,
	}
}

func runServe(ctx context.Context, t terminal, c command, args []string) error {
	s := newSettings(c)
	cfg := s.serve()
	rest, err := s.parse(t, args)
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return usagef("unexpected %q: serve takes flags only", rest[0])
	}
	if err := cfg.check(); err != nil {
		return err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(*cfg.log)); err != nil {
		return usageError{err.Error()}
	}
	handler := slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: level})
	return serve(ctx, t, cfg, slog.New(privacy.NewLogHandler(handler)))
}

// serve answers until ctx ends, then lets running requests finish.
func serve(ctx context.Context, t terminal, cfg config, log *slog.Logger) (err error) {
	if err := os.MkdirAll(*cfg.data, 0o700); err != nil {
		return usagef("cannot make the data folder: %v", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *cfg.listen)
	if err != nil {
		return usageError{err.Error()}
	}
	registry := prometheus.NewRegistry()
	n, err := openNode(ctx, cfg, t.err, log, registry)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, n.close()) }()
	go giveBack()
	stop, err := n.run()
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer stop()
	stopping, streamsEnd := context.WithCancel(context.WithoutCancel(ctx))
	defer streamsEnd()
	server := newServer(n.routes(stopping, registry), log)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	log.InfoContext(ctx, "serving", "url", "http://"+listener.Addr().String()+"/", "articles", len(n.live.guide().library.Articles))
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.InfoContext(ctx, "stopping")
	streamsEnd()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	return server.Shutdown(grace)
}

// garbage is how much the heap may grow between two collections, in percent: less than Go's 100,
// because a small company's machine has more time to spare than memory.
const garbage = 50

// giveBack returns to the system what starting took and nothing needs again: pools let go of their
// contents only at the second collection.
func giveBack() {
	debug.SetGCPercent(garbage)
	runtime.GC()
	debug.FreeOSMemory()
}

// The server's limits. A question is answered in milliseconds: whoever takes seconds to send or to
// read is broken or hostile. Streams and uploads have limits of their own.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 15 * time.Second
	idleTimeout       = 60 * time.Second
	maxHeader         = 16 << 10
)

func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
