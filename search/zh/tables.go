package zh

import "sync"

// Tables are what is known of Chinese whatever the guide. They take some 20 ms to build and do not
// change: build them once for all guides.
type Tables struct {
	Folder     *Folder
	Pinyin     *Pinyin
	Background Background
}

// NewTables builds all tables, at once.
func NewTables() (*Tables, error) {
	var t Tables
	var err error
	var built sync.WaitGroup
	built.Go(func() { t.Pinyin = NewPinyin() })
	built.Go(func() { t.Background = NewBackground() })
	t.Folder, err = NewFolder()
	built.Wait()
	if err != nil {
		return nil, err
	}
	return &t, nil
}
