package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
)

// open opens the database for a command, which need not make a folder for it: a mistyped -data is
// not to look like a customer service without customers. more, when not nil, adds to the options.
func (p place) open(ctx context.Context, t terminal, more func(*store.Options) error) (*store.Store, error) {
	if *p.database == "" {
		if _, err := os.Stat(*p.data); err != nil {
			return nil, usagef("no data folder: %v; -data names the one that serve uses", err)
		}
	}
	handler := slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: slog.LevelWarn})
	o := store.Options{Dir: *p.data, DSN: *p.database, Log: slog.New(privacy.NewLogHandler(handler))}
	if more != nil {
		if err := more(&o); err != nil {
			return nil, err
		}
	}
	db, err := store.Open(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("the database cannot be opened; `yingda doctor` looks for the reason: %w", err)
	}
	return db, nil
}
