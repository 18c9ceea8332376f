package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/yingda/yingda/privacy"
)

// openSealer is the Sealer of the configuration. Where there is no key yet it makes one, unless something is sealed
// already: a new key could not open that, and nobody would notice until a number is needed.
func (n *Node) openSealer(ctx context.Context) (*privacy.Sealer, error) {
	sealer, err := n.Sealer()
	if !errors.Is(err, fs.ErrNotExist) {
		return sealer, err
	}
	path := n.File(KeyFile)
	switch sealed, err := n.store.HasSealedContacts(ctx); {
	case err != nil:
		return nil, err
	case sealed:
		return nil, fmt.Errorf("there is no key file %s, and telephone numbers are sealed: put your copy of it back, or name it with -key-file; "+
			"if it is lost for good so are they: `umask 077; openssl rand -hex 32 > %s` makes a new one", path, path)
	}
	if _, err := privacy.LoadKeys(path); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return n.Sealer()
}

// keyProblem is what is wrong with the key that opens contacts; "" for nothing.
func (n *Node) keyProblem() string {
	if n.wrongKey.Load() {
		return "some telephone numbers are sealed with a key that is not among ours: put the right one behind the new one in the key file"
	}
	return ""
}
