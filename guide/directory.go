package guide

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// directory is a guide's folder that leads: whatever it becomes is imported into the repository.
type directory struct {
	dir        string
	repository kb.Repository
	log        *slog.Logger

	importing sync.Mutex // held from reading the folder until imported is what was written
	imported  kb.Files   // what was imported last

	mu       sync.Mutex
	broken   []string // why the folder is not imported
	diverged string   // that somebody edited the repository besides
}

// ByDirectory is who edits on behalf of a folder that leads.
const ByDirectory = "folder"

// update makes the folder's guide the newest revision. One with errors changes nothing.
func (d *directory) update(ctx context.Context) error {
	d.importing.Lock()
	defer d.importing.Unlock()
	files, err := ReadDir(d.dir)
	same := err == nil && d.imported != nil && equal(d.imported, files) // touched, or mended back
	if err == nil && !same {
		err = d.write(ctx, files)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = nil
	switch {
	case err != nil:
		d.broken = strings.Split(err.Error(), "\n")
	case !same:
		d.imported, d.diverged = files, ""
	}
	return err
}

func equal(a, b kb.Files) bool { return maps.EqualFunc(a, b, bytes.Equal) }

// write makes files the newest revision, whatever somebody else writes meanwhile.
func (d *directory) write(ctx context.Context, files kb.Files) error {
	for {
		_, edit, err := ImportEdit(ctx, d.repository, ByDirectory, files)
		if err != nil || len(edit.Put)+len(edit.Delete) == 0 {
			return err
		}
		_, err = d.repository.EditGuide(ctx, edit)
		if !errors.Is(err, kb.ErrStaleEdit) {
			return err
		}
	}
}

// compare notes when the repository holds something else than the folder. It is not undone at once: two
// nodes whose folders differ would undo each other for ever.
func (d *directory) compare(ctx context.Context, files kb.Files, revision int64) {
	d.importing.Lock()
	defer d.importing.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.diverged = ""
	if d.imported != nil && !equal(d.imported, files) {
		d.diverged = fmt.Sprintf("revision %d of the guide was not made in %s, which leads (-content): the folder's next change, or a restart, replaces it; edit there, or export into it", revision, d.dir)
		d.log.WarnContext(ctx, "the guide was edited beside the folder that leads", "revision", revision, "folder", d.dir)
	}
}

func (d *directory) problems() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	found := d.broken
	if d.diverged != "" {
		found = append(found[:len(found):len(found)], d.diverged)
	}
	return found
}

// changed imports the folder as it is now, logs when that cannot be, and tells whether to try again soon.
func (d *directory) changed(ctx context.Context) (again bool) {
	err := d.update(ctx)
	if err == nil || ctx.Err() != nil {
		return false
	}
	d.log.WarnContext(ctx, "the guide in the folder is not served; the last good one goes on", "problem", err)
	return errors.Is(err, chat.ErrBusy)
}
