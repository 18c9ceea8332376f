package cli

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/finding"
	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/node"
	"github.com/yingda/yingda/store"
)

// doctor gathers what is found in one installation.
type doctor struct {
	cfg   node.Config
	found finding.List
}

func (d *doctor) add(check string, level finding.Level, text, fix string) {
	d.found = append(d.found, finding.Finding{Check: check, Level: level, Text: text, Fix: fix})
}

func (d *doctor) ok(check, format string, args ...any) {
	d.add(check, finding.OK, fmt.Sprintf(format, args...), "")
}

func (d *doctor) warn(check, text, fix string) { d.add(check, finding.Warning, text, fix) }

func (d *doctor) error(check, text, fix string) { d.add(check, finding.Error, text, fix) }

// What a healthy database stays below.
const (
	slowTrip   = 500 * time.Millisecond // a write, there and back
	clockDrift = 5 * time.Second
	queuedLong = 5 * time.Minute
)

// database checks the database, and what is kept in it.
func (d *doctor) database(ctx context.Context) {
	const check = "database"
	if d.cfg.Database == "" {
		switch _, err := os.Stat(d.cfg.File(node.DatabaseFile)); {
		case os.IsNotExist(err):
			d.warn(check, "there is none yet", "serve makes it at its first start")
			return
		case err != nil:
			d.error(check, err.Error(), "let the user that runs yingda read and write it")
			return
		}
	}
	db, err := store.Open(ctx, store.Options{Dir: d.cfg.Data, DSN: d.cfg.Database, Schema: store.AnySchema, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		d.error(check, err.Error(), "see whether it runs, its address is right, and nothing else holds it")
		return
	}
	defer func() {
		if err := db.Close(); err != nil {
			d.error(check, err.Error(), "see whether its disk is well")
		}
	}()
	h, err := db.Check(ctx)
	if err != nil {
		fix := "see whether its disk is full, and whether something holds it locked"
		if d.cfg.Database != "" {
			fix = "see whether it runs, its address and password are right, and its disk is not full"
		}
		d.error(check, err.Error(), fix)
		return
	}
	switch {
	case h.Schema < h.Newest:
		d.error("schema", fmt.Sprintf("at %d, this program's is %d: nothing else was looked at", h.Schema, h.Newest), "`yingda backup`, then start serve of this program, which brings it up to date")
		return
	case h.Schema > h.Newest:
		d.error("schema", fmt.Sprintf("at %d, this program knows %d: nothing else was looked at", h.Schema, h.Newest), "use the newest program on every node")
		return
	}
	d.health(h)
	d.nodes()
	d.outbox(h.Stats)
	d.channels(ctx, db)
	d.contacts(ctx, db)
	d.pictures(ctx, db)
	d.guide(ctx, db)
}

// health judges what the database says of itself.
func (d *doctor) health(h store.Health) {
	const check = "database"
	switch {
	case h.Integrity != "ok":
		d.error(check, "it is damaged: "+h.Integrity, "stop serve, keep the file, and restore the newest backup")
	case h.Trip > slowTrip:
		d.warn(check, fmt.Sprintf("%s, a write takes %v", h.Database, h.Trip.Round(time.Millisecond)), "see what else its disk is busy with")
	default:
		d.ok(check, "%s, %d MB, whole; a write takes %v", h.Database, h.Size>>20, h.Trip.Round(100*time.Microsecond))
	}
	d.ok("schema", "at %d, the newest", h.Schema)
	switch {
	case h.Clock.Abs() > clockDrift:
		d.warn("clock", fmt.Sprintf("the database's is %v off ours", h.Clock.Round(time.Second)), "run NTP on both machines")
	case h.Ahead > clockDrift:
		d.warn("clock", fmt.Sprintf("what was queued last has a time that lies %v ahead", h.Ahead.Round(time.Second)), "see whether the clock is right now, and run NTP")
	default:
		d.ok("clock", "it agrees with the database's")
	}
}

// nodes checks what several nodes need in common.
func (d *doctor) nodes() {
	if d.cfg.Database != "" && d.cfg.Key == "" {
		d.warn("key", "each node has a key of its own", "give all the same with -key-file, else they cannot read each other's telephone numbers")
	}
}

// outbox judges what waits to be sent.
func (d *doctor) outbox(s store.Stats) {
	const check = "outbox"
	waiting := s.Outbox[chat.SendingQueued] + s.Outbox[chat.SendingLeased]
	stuck := s.Outbox[chat.SendingDead] + s.Outbox[chat.SendingUnknown]
	switch {
	case s.Oldest > queuedLong:
		d.warn(check, fmt.Sprintf("%d wait, the oldest for %v", waiting, s.Oldest.Round(time.Second)), "see whether serve runs and its webhook's server answers: -online")
	case stuck > 0:
		d.warn(check, fmt.Sprintf("%d were given up, or may have arrived", stuck), "look at the tickets of the last days: somebody may not have heard of them")
	default:
		d.ok(check, "%d wait; %d tickets wait for an agent", waiting, s.Waiting)
	}
}

// guide checks that what is served loads, and that every article is found by its own title.
func (d *doctor) guide(ctx context.Context, repository kb.Repository) {
	const check = "guide"
	files, revision, err := repository.GuideFiles(ctx)
	if err != nil {
		d.error(check, err.Error(), "see whether the database is well")
		return
	}
	if revision == 0 {
		d.warn(check, "the database has none yet", "serve imports the bundled one at its first start")
		return
	}
	lib, found, err := guide.Check(files.FS(), time.Now(), nil)
	if err == nil {
		err = found.Err()
	}
	if err != nil {
		d.error(check, fmt.Sprintf("revision %d cannot be served: %v", revision, err), "`yingda export`, mend it, `yingda import`")
		return
	}
	if n := len(found.At(finding.Warning)); n > 0 {
		d.warn(check, fmt.Sprintf("revision %d, %d articles, %d warnings", revision, len(lib.Articles), n), "`yingda export DIR`, and `yingda check DIR` names them")
	} else {
		d.ok(check, "revision %d, %d articles", revision, len(lib.Articles))
	}
	d.bundle(ctx, repository)
	d.index(ctx, lib)
}

// bundle compares the guide with the one that this program brings.
func (d *doctor) bundle(ctx context.Context, repository kb.Repository) {
	const check = "bundle"
	diff, err := guide.CompareBundle(ctx, repository)
	switch {
	case err != nil:
		d.error(check, err.Error(), "see whether the database is well")
	case diff.State == guide.BundleEdited && diff.Offered() > 0:
		d.warn(check, diff.String(), guide.ShowBundle)
	default:
		d.ok(check, "%s", diff)
	}
}

// index builds the guide's index anew, beside that of a running serve, and asks it for every title.
func (d *doctor) index(ctx context.Context, lib *kb.Library) {
	const check = "index"
	g, err := guide.New(lib)
	if err != nil {
		d.error(check, err.Error(), "see whether there is room in "+os.TempDir())
		return
	}
	var lost []string
	for i := range lib.Articles {
		a := &lib.Articles[i]
		result, err := g.Index.Search(ctx, kb.Query{Text: a.Title})
		if err != nil {
			d.error(check, err.Error(), "this program is damaged: install it again")
			break
		}
		if !slices.ContainsFunc(result.Hits, func(h kb.Hit) bool { return h.ID == a.ID }) {
			lost = append(lost, a.ID)
		}
	}
	if len(lost) > 0 {
		d.warn(check, fmt.Sprintf("%d articles are not found by their own title, such as %s", len(lost), lost[0]), "give them titles that differ from others")
		return
	}
	d.ok(check, "every article is found by its own title")
}
