package kb

import (
	"encoding/gob"
	"fmt"
	"io"
)

// Write stores l, which must have no errors: where its articles stand in their files is not kept.
func (l *Library) Write(w io.Writer) error {
	if err := gob.NewEncoder(w).Encode(l); err != nil {
		return fmt.Errorf("store the guide: %w", err)
	}
	return nil
}

// ReadLibrary reads what Write stored.
func ReadLibrary(r io.Reader) (*Library, error) {
	l := new(Library)
	if err := gob.NewDecoder(r).Decode(l); err != nil {
		return nil, fmt.Errorf("read the stored guide: %w", err)
	}
	l.indexArticles()
	return l, nil
}
