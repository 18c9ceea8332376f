package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/yingda/yingda/kb"
)

// GuideFiles are all files of the newest revision.
func (s *Store) GuideFiles(ctx context.Context) (kb.Files, int64, error) {
	type file struct {
		path     string
		data     []byte
		revision int64
	}
	// One statement, so that files and revision belong together.
	found, err := all(ctx, s.read, func(r row) (f file, err error) { return f, r.Scan(&f.path, &f.data, &f.revision) },
		`SELECT f.path, f.data, (SELECT MAX(revision) FROM revisions) FROM files f
			WHERE f.gone = 0 AND f.revision = (SELECT MAX(g.revision) FROM files g WHERE g.path = f.path)`)
	if err != nil {
		return nil, 0, s.fault("read the guide's files", err)
	}
	files := make(kb.Files, len(found))
	for _, f := range found {
		files[f.path] = notNil(f.data)
	}
	if len(found) == 0 {
		revision, err := s.GuideRevision(ctx)
		return files, revision, err
	}
	return files, found[0].revision, nil
}

// GuideRevision is the newest revision.
func (s *Store) GuideRevision(ctx context.Context) (int64, error) {
	revision, err := revision(ctx, s.read)
	if err != nil {
		return 0, s.fault("read the guide's revision", err)
	}
	return revision, nil
}

func revision(ctx context.Context, q querier) (n int64, err error) {
	_, err = first(ctx, q, []any{&n}, `SELECT COALESCE(MAX(revision), 0) FROM revisions`)
	return n, err
}

// EditGuide makes a new revision.
func (s *Store) EditGuide(ctx context.Context, e kb.Edit) (int64, error) {
	made := e.Base
	err := s.do(ctx, "edit the guide", func(ctx context.Context, t *tx) error {
		newest, err := revision(ctx, t)
		if err != nil {
			return err
		}
		if newest != e.Base {
			return refusal{fmt.Errorf("%w: it is at revision %d, and %d was edited", kb.ErrStaleEdit, newest, e.Base)}
		}
		rows, err := t.changed(ctx, e)
		if err != nil || len(rows) == 0 {
			return err
		}
		n, err := t.exec(ctx, `INSERT INTO revisions (revision, author, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, e.Base+1, e.By, s.now())
		if err != nil {
			return err
		}
		if n == 0 { // another node was faster
			return refusal{kb.ErrStaleEdit}
		}
		made = e.Base + 1
		_, err = t.bulk(ctx, insert("files", "path", "revision", "gone", "data"), rows)
		return err
	}, shelfKey)
	if err != nil {
		return 0, err
	}
	return made, nil
}

// changed are the rows of the files that an edit really changes.
func (t *tx) changed(ctx context.Context, e kb.Edit) (rows [][]any, err error) {
	now := kb.Files{}
	_, err = all(ctx, t, func(r row) (path string, err error) {
		var data []byte
		err = r.Scan(&path, &data)
		now[path] = data
		return path, err
	}, `SELECT f.path, f.data FROM files f WHERE f.gone = 0 AND f.revision = (SELECT MAX(g.revision) FROM files g WHERE g.path = f.path)`)
	if err != nil {
		return nil, err
	}
	for path, data := range e.Put {
		if old, ok := now[path]; !ok || !bytes.Equal(old, data) {
			rows = append(rows, []any{path, e.Base + 1, int64(0), notNil(data)})
		}
	}
	for _, path := range e.Delete {
		_, put := e.Put[path]
		if _, ok := now[path]; ok && !put {
			rows = append(rows, []any{path, e.Base + 1, int64(1), nil})
		}
	}
	return slices.Clip(rows), nil
}

// WaitGuide returns once there may be a revision newer than after.
func (s *Store) WaitGuide(ctx context.Context, after int64) error {
	return s.hub.wait(ctx, s.ending, shelfKey, func() (bool, time.Duration, error) {
		newest, err := s.GuideRevision(ctx)
		return newest > after, 0, err
	})
}

// GuideHistory are the revisions of one file, newest first.
func (s *Store) GuideHistory(ctx context.Context, path string, limit int) ([]kb.FileRevision, error) {
	history, err := all(ctx, s.read, func(r row) (f kb.FileRevision, err error) {
		var gone bool
		err = r.Scan(&f.Revision, &f.By, &gone, &f.Data)
		if !gone {
			f.Data = notNil(f.Data)
		}
		return f, err
	}, `SELECT f.revision, r.author, f.gone = 1, f.data FROM files f JOIN revisions r ON r.revision = f.revision
		WHERE f.path = $1 ORDER BY f.revision DESC LIMIT $2`, path, limit)
	if err != nil {
		return nil, s.fault("read a file's history", err)
	}
	return history, nil
}

// notNil keeps an empty file apart from a deleted one.
func notNil(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}
