package main

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

// folder is a guide's folder that leads: whatever it becomes is put onto the shelf.
type folder struct {
	dir   string
	shelf kb.Repository
	log   *slog.Logger

	putting sync.Mutex // held from reading the folder until led is what was put
	led     kb.Files   // what was put last

	mu      sync.Mutex
	broken  []string // why the folder is not put
	foreign string   // that somebody edited the shelf besides
}

// byFolder is who edits on behalf of a folder.
const byFolder = "folder"

func newFolder(dir string, shelf kb.Repository, log *slog.Logger) *folder {
	return &folder{dir: dir, shelf: shelf, log: log}
}

// put makes the folder's guide the newest revision. One with errors changes nothing.
func (f *folder) put(ctx context.Context) error {
	f.putting.Lock()
	defer f.putting.Unlock()
	files, err := readGuide(f.dir)
	same := err == nil && f.led != nil && equal(f.led, files) // touched, or mended back
	if err == nil && !same {
		err = f.edit(ctx, files)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = nil
	switch {
	case err != nil:
		f.broken = strings.Split(err.Error(), "\n")
	case !same:
		f.led, f.foreign = files, ""
	}
	return err
}

func equal(a, b kb.Files) bool { return maps.EqualFunc(a, b, bytes.Equal) }

func (f *folder) edit(ctx context.Context, files kb.Files) error {
	for {
		had, base, err := f.shelf.GuideFiles(ctx)
		if err != nil {
			return err
		}
		put, gone := had.Changes(files)
		if len(put)+len(gone) == 0 {
			return nil
		}
		_, err = f.shelf.EditGuide(ctx, kb.Edit{Base: base, By: byFolder, Put: put, Delete: gone})
		if !errors.Is(err, kb.ErrStaleEdit) {
			return err
		}
	}
}

// compare notes when the shelf holds something else than the folder. It is not undone at once: two
// nodes whose folders differ would undo each other for ever.
func (f *folder) compare(ctx context.Context, files kb.Files, revision int64) {
	f.putting.Lock()
	defer f.putting.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.foreign = ""
	if f.led != nil && !equal(f.led, files) {
		f.foreign = fmt.Sprintf("revision %d of the guide was not made in %s, which leads (-content): the folder's next change, or a restart, replaces it; edit there, or export into it", revision, f.dir)
		f.log.WarnContext(ctx, "the guide was edited beside the folder that leads", "revision", revision, "folder", f.dir)
	}
}

func (f *folder) problems() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := f.broken
	if f.foreign != "" {
		found = append(found[:len(found):len(found)], f.foreign)
	}
	return found
}

// reload puts the folder as it is now, says when that cannot be, and whether to try again soon.
func (f *folder) reload(ctx context.Context) (again bool) {
	err := f.put(ctx)
	if err == nil || ctx.Err() != nil {
		return false
	}
	f.log.WarnContext(ctx, "the guide in the folder is not served; the last good one goes on", "problem", err)
	return errors.Is(err, chat.ErrBusy)
}
