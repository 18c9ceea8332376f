package zh

import "sync"

// Tables are what is known of Chinese words and sounds whatever the guide. They take some 20 ms to
// build and do not change: build them once for all guides.
type Tables struct {
	Pinyin     *Pinyin
	Background Background
}

// NewTables builds all tables, at once.
func NewTables() *Tables {
	var t Tables
	var built sync.WaitGroup
	built.Go(func() { t.Pinyin = NewPinyin() })
	built.Go(func() { t.Background = NewBackground() })
	built.Wait()
	return &t
}
