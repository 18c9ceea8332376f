package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/yingda/yingda/kb"
)

// revisionRow is a row of revisions.
type revisionRow struct {
	Revision int64
	Author   string
	At       int64
}

func (*revisionRow) table() string { return "revisions" }

// fileRow is a row of files: a file as a revision left it.
type fileRow struct {
	Path     string
	Revision int64
	Gone     int64 // 1 where this revision deleted the file
	Data     sql.Null[[]byte]
}

func (*fileRow) table() string { return "files" }

// bundledRow is a row of bundled: a bundled file that the guide was last reconciled with.
type bundledRow struct {
	Path string
	Data []byte
}

func (*bundledRow) table() string { return "bundled" }

// content is what the file holds: nil where it was deleted, and never nil elsewhere.
func (r *fileRow) content() []byte {
	if r.Gone == 0 && r.Data.V == nil {
		return []byte{}
	}
	return r.Data.V
}

// newest chooses, of files AS f, what the newest revision holds.
const newest = `f.gone = 0 AND f.revision = (SELECT MAX(g.revision) FROM files g WHERE g.path = f.path)`

// GuideFiles are all files of the newest revision.
func (s *Store) GuideFiles(ctx context.Context) (kb.Files, int64, error) {
	return guideFiles(ctx, s.reading("read the guide's files"))
}

func guideFiles(ctx context.Context, q querier) (kb.Files, int64, error) {
	files, revision := kb.Files{}, int64(0)
	// One statement, so that files and revision belong together.
	_, err := queryAll(ctx, q, func(r scanner) (f fileRow, err error) {
		err = r.Scan(append(fields(&f), &revision)...)
		files[f.Path] = f.content()
		return f, err
	}, `SELECT `+columnNames[fileRow]("f.")+`, (SELECT MAX(revision) FROM revisions) FROM files f WHERE `+newest)
	if err == nil && len(files) == 0 {
		revision, err = newestRevision(ctx, q)
	}
	return files, revision, err
}

// GuideRevision is the newest revision.
func (s *Store) GuideRevision(ctx context.Context) (int64, error) {
	return newestRevision(ctx, s.reading("read the guide's revision"))
}

func newestRevision(ctx context.Context, q querier) (n int64, err error) {
	_, err = queryOne(ctx, q, []any{&n}, `SELECT COALESCE(MAX(revision), 0) FROM revisions`)
	return n, err
}

// EditGuide makes a new revision.
func (s *Store) EditGuide(ctx context.Context, e kb.Edit) (int64, error) {
	return transactValue(ctx, s, "edit the guide", func(ctx context.Context, t *tx) (int64, error) {
		before, current, err := guideFiles(ctx, t)
		if err != nil {
			return 0, err
		}
		if current != e.Base {
			return 0, rejection{fmt.Errorf("%w: it is at revision %d, and %d was edited", kb.ErrStaleEdit, current, e.Base)}
		}
		if err := keepBundled(ctx, t, e.Bundled); err != nil {
			return 0, err
		}
		rows := changedFiles(before, e)
		if len(rows) == 0 {
			return e.Base, nil
		}
		n, err := insert(ctx, t, revisionRow{e.Base + 1, e.By, s.now()})
		if err != nil {
			return 0, err
		}
		if n == 0 { // another node was faster
			return 0, rejection{kb.ErrStaleEdit}
		}
		_, err = insert(ctx, t, rows...)
		return e.Base + 1, err
	}, guideKey)
}

// changedFiles are the rows of the files that an edit really changes.
func changedFiles(before kb.Files, e kb.Edit) (rows []fileRow) {
	for path, data := range e.Put {
		if old, ok := before[path]; !ok || !bytes.Equal(old, data) {
			if data == nil {
				data = []byte{} // which keeps an empty file apart from a deleted one
			}
			rows = append(rows, fileRow{Path: path, Revision: e.Base + 1, Data: sql.Null[[]byte]{V: data, Valid: true}})
		}
	}
	for _, path := range e.Delete {
		_, put := e.Put[path]
		if _, ok := before[path]; ok && !put {
			rows = append(rows, fileRow{Path: path, Revision: e.Base + 1, Gone: 1})
		}
	}
	return rows
}

// BundledFiles are the bundled files that the guide was last reconciled with.
func (s *Store) BundledFiles(ctx context.Context) (kb.Files, error) {
	rows, err := selectRows[bundledRow](ctx, s.reading("read the bundled files"), "")
	files := make(kb.Files, len(rows))
	for _, r := range rows {
		files[r.Path] = r.Data
	}
	return files, err
}

// keepBundled notes what the guide is reconciled with; nil for a file that the bundle has no more.
func keepBundled(ctx context.Context, t *tx, files kb.Files) error {
	var rows []bundledRow
	for path, data := range files {
		if data != nil {
			rows = append(rows, bundledRow{path, data})
		} else if _, err := t.exec(ctx, `DELETE FROM bundled WHERE path = $1`, path); err != nil {
			return err
		}
	}
	_, err := insertOr[bundledRow](ctx, t, ` ON CONFLICT (path) DO UPDATE SET data = excluded.data`, rows...)
	return err
}

// WaitGuide returns once there may be a revision newer than after.
func (s *Store) WaitGuide(ctx context.Context, after int64) error {
	return s.hub.wait(ctx, s.ending, guideKey, func() (bool, time.Duration, error) {
		n, err := s.GuideRevision(ctx)
		return n > after, 0, err
	})
}

// GuideHistory are the revisions of one file, newest first.
func (s *Store) GuideHistory(ctx context.Context, path string, limit int) ([]kb.FileRevision, error) {
	return queryAll(ctx, s.reading("read a file's history"), func(r scanner) (kb.FileRevision, error) {
		var f fileRow
		var author string
		err := r.Scan(append(fields(&f), &author)...)
		return kb.FileRevision{Revision: f.Revision, By: author, Data: f.content()}, err
	}, `SELECT `+columnNames[fileRow]("f.")+`, r.author FROM files f JOIN revisions r ON r.revision = f.revision
		WHERE f.path = $1 ORDER BY f.revision DESC LIMIT $2`, path, limit)
}
