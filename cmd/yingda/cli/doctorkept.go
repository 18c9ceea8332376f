package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/yingda/yingda/media"
	"github.com/yingda/yingda/node"
	"github.com/yingda/yingda/store"
)

// channels tells of the accounts of channels that serve has found not to work.
func (d *doctor) channels(ctx context.Context, db *store.Store) {
	const check = "channels"
	accounts, err := d.cfg.CheckedAccounts()
	if err != nil {
		return // settings has said so
	}
	for _, a := range accounts {
		switch w, err := node.ReadWatched(ctx, db, a); {
		case err != nil:
			d.error(check, err.Error(), "see whether the database is well")
		case w.Down:
			d.error(check, fmt.Sprintf("%s/%s has not worked since %s: %s", a.Channel, a.Account, d.cfg.Hours.In(w.Since).Format(time.DateTime), w.Reason), "`yingda channel check` says what to do")
		}
	}
}

// contacts checks that our keys open what is sealed.
func (d *doctor) contacts(ctx context.Context, db *store.Store) {
	const check = "key"
	sealer, err := d.cfg.Sealer()
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return // key has said so
	}
	sealed, closed := 0, 0
	_, err = db.ResealContacts(ctx, func(conversation string, contact []byte) ([]byte, error) {
		sealed++
		if missing {
			closed++
		} else if _, err := sealer.UnsealContact(conversation, contact); err != nil {
			closed++
		}
		return nil, nil // stays as it is
	})
	switch {
	case err != nil:
		d.error(check, err.Error(), "see whether the database is well")
	case missing && closed > 0:
		d.error(check, fmt.Sprintf("%d telephone numbers are sealed, and there is no key: serve does not start", closed), "put your copy back at "+d.cfg.File(node.KeyFile))
	case closed > 0:
		d.warn(check, fmt.Sprintf("it does not open %d of %d telephone numbers", closed, sealed), "put the key that sealed them behind the new one")
	case sealed > 0:
		d.ok(check, "it opens all of %d telephone numbers", sealed)
	}
}

// pictures checks that the files of all pictures are there.
func (d *doctor) pictures(ctx context.Context, db *store.Store) {
	const check, page = "pictures", 1000
	known, missing := 0, 0
	for last := ""; ; {
		ids, err := db.ListAttachments(ctx, last, page)
		if err != nil {
			d.error(check, err.Error(), "see whether the database is well")
			return
		}
		for _, id := range ids {
			known++
			if !media.Has(d.cfg.File(node.AttachmentsDir), id) {
				missing++
			}
		}
		if len(ids) < page {
			break
		}
		last = ids[len(ids)-1]
	}
	if missing > 0 {
		d.warn(check, fmt.Sprintf("the files of %d of %d are missing", missing, known), "put "+d.cfg.File(node.AttachmentsDir)+" back from the backup, or share it between the nodes")
		return
	}
	d.ok(check, "%d, and each has its file", known)
}
