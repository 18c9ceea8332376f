package kb

import (
	"encoding/gob"
	"encoding/json"
	"fmt"
	"io"
)

// stored is a library as it is written: equal ones are equal files, so what has maps is JSON, which puts them in order.
type stored struct {
	Articles []Article
	Rest     []byte
}

// Write stores l, which must have no errors: where its articles stand in their files is not kept.
func (l *Library) Write(w io.Writer) error {
	rest := *l
	rest.Articles = nil
	data, err := json.Marshal(&rest)
	if err == nil {
		err = gob.NewEncoder(w).Encode(stored{l.Articles, data})
	}
	if err != nil {
		return fmt.Errorf("store the guide: %w", err)
	}
	return nil
}

// ReadLibrary reads what Write stored.
func ReadLibrary(r io.Reader) (*Library, error) {
	var s stored
	l := new(Library)
	err := gob.NewDecoder(r).Decode(&s)
	if err == nil {
		err = json.Unmarshal(s.Rest, l)
	}
	if err != nil {
		return nil, fmt.Errorf("read the stored guide: %w", err)
	}
	l.Articles = s.Articles
	l.indexArticles()
	return l, nil
}
