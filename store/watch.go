package store

import (
	"context"
	"log/slog"
	"time"
)

// watchInterval is how often a SQLite file is watched for the commits of other processes while somebody waits.
const watchInterval = 200 * time.Millisecond

// fileWatch notices what other processes commit to the SQLite file, such as `yingda ticket reply`. The
// writer's connection asks, for its own commits do not count as changes there.
type fileWatch struct {
	hub     *hub
	log     *slog.Logger
	conn    *connection
	version int64
}

// check wakes everybody when the file was changed by others.
func (w *fileWatch) check(ctx context.Context) {
	if w.hub.count() == 0 {
		return
	}
	ctx = context.WithoutCancel(ctx)
	var version int64
	err := w.conn.open(ctx)
	if err == nil {
		_, err = queryOne(ctx, w.conn, []any{&version}, `PRAGMA data_version`)
	}
	if err != nil {
		w.log.WarnContext(ctx, "cannot watch the database", "error", err)
		return
	}
	if version != w.version {
		w.version = version
		w.hub.wakeAll()
	}
}
