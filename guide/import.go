package guide

import (
	"context"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
)

// ByImport is who edits on behalf of `yingda import`.
const ByImport = "import"

// ImportEdit makes files the guide in the place of before, the newest that a repository has, and notes which of
// them are the bundled ones. The edit changes nothing where its Put and Delete are empty.
func ImportEdit(ctx context.Context, r kb.Repository, by string, files kb.Files) (before kb.Files, e kb.Edit, err error) {
	e.By = by
	if before, e.Base, err = r.GuideFiles(ctx); err != nil {
		return nil, e, err
	}
	e.Put, e.Delete = before.Changes(files)
	noted, err := r.BundledFiles(ctx)
	if err != nil {
		return nil, e, err
	}
	bundle, err := kb.ReadFiles(content.FS())
	if err != nil {
		return nil, e, err
	}
	same := identical(files, bundle)
	if len(noted) == 0 && hasArticle(same) { // it was made from this very bundle
		same = bundle
	}
	e.Bundled, _ = noted.Changes(same)
	return before, e, nil
}
