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

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/web"
)

// config is everything that serve can be told.
type config struct {
	listen  *string
	data    *string
	content *string
	log     *string
}

func serveCommand() command {
	return command{
		name: "serve", short: "serve the chat, the guide, the look-up and the API over HTTP",
		examples: `
			yingda serve
			yingda serve -listen 127.0.0.1:9000 -data /var/lib/yingda
			yingda serve -content ./guide   # the folder is watched: a saved edit is served at once`,
		run: runServe,
	}
}

func runServe(ctx context.Context, t terminal, c command, args []string) error {
	s := newSettings(c)
	cfg := config{
		listen:  s.text("listen", "YINGDA_LISTEN", "127.0.0.1:8080", "`ADDRESS` to listen on"),
		data:    s.text("data", "YINGDA_DATA", "data", "`DIR` for what must be kept between runs"),
		content: s.text("content", "YINGDA_CONTENT", "", "`DIR` of the guide instead of the bundled one; it is watched"),
		log:     s.text("log", "YINGDA_LOG", "info", "least `LEVEL` that is logged: debug, info, warn or error"),
	}
	s.file()
	rest, err := s.parse(t, args)
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return usagef("unexpected %q: serve takes flags only", rest[0])
	}
	if err := oneOf("-log", *cfg.log, "debug", "info", "warn", "error"); err != nil {
		return err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(*cfg.log)); err != nil {
		return usageError{err.Error()}
	}
	return serve(ctx, t, cfg, slog.New(slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: level})))
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
	live, err := openLive(*cfg.content, *cfg.data, t.err, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, live.close()) }()
	go giveBack()
	if *cfg.content != "" {
		stop, err := live.watch()
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		defer stop()
	}
	server := newServer(live, log)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	log.InfoContext(ctx, "serving", "url", "http://"+listener.Addr().String()+"/", "articles", len(live.guide().library.Articles))
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.InfoContext(ctx, "stopping")
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
// read is broken or hostile.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 15 * time.Second
	idleTimeout       = 60 * time.Second
	maxHeader         = 16 << 10
)

func newServer(live *live, log *slog.Logger) *http.Server {
	e := api.New(api.Config{
		Guide: func() api.Guide {
			g := live.guide()
			return api.Guide{Library: g.library, Searcher: g.index, Bot: g.bot}
		},
		Problems: live.problems,
		Log:      log,
		Registry: prometheus.NewRegistry(),
	})
	web.Register(e, func() *kb.Library { return live.guide().library })
	return &http.Server{
		Handler:           e,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
