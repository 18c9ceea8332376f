package store

import (
	"context"
	"time"
)

// glance is how often a SQLite file is watched for the commits of other processes while somebody waits.
const glance = 200 * time.Millisecond

// watch notices what other processes commit to the SQLite file, such as `yingda ticket reply`. The
// writer's connection asks, for its own commits do not count as changes there.
type watch struct {
	tick <-chan time.Time
	stop func()

	s       *Store
	c       *connection
	version int64
}

// watchFile watches the file; on PostgreSQL it never ticks.
func (s *Store) watchFile(c *connection) *watch {
	w := &watch{s: s, c: c, stop: func() {}}
	if !s.d.listens {
		t := time.NewTicker(glance)
		w.tick, w.stop = t.C, t.Stop
	}
	return w
}

// look wakes everybody when the file was changed by others.
func (w *watch) look(ctx context.Context) {
	if w.s.hub.count() == 0 {
		return
	}
	ctx = context.WithoutCancel(ctx)
	if err := w.c.open(ctx); err != nil {
		w.s.opt.Log.WarnContext(ctx, "cannot watch the database", "error", err)
		return
	}
	var version int64
	if _, err := first(ctx, w.c, []any{&version}, `PRAGMA data_version`); err != nil {
		w.s.opt.Log.WarnContext(ctx, "cannot watch the database", "error", err)
		return
	}
	if version != w.version {
		w.version = version
		w.s.hub.wakeAll()
	}
}
