package media

import "context"

const (
	maxMemory = 112 << 20 // bytes that pictures take up while they are decoded, all together; the collector lets twice that stand
	unit      = 8 << 20   // bytes of one share
	maxAtOnce = 2         // pictures that are decoded at once
)

// budget bounds what is decoded at once.
type budget struct {
	turn   chan struct{} // who holds it collects shares, so that two never wait for each other
	places chan struct{}
	shares chan struct{}
}

func newBudget() *budget {
	return &budget{
		turn:   make(chan struct{}, 1),
		places: make(chan struct{}, maxAtOnce),
		shares: make(chan struct{}, maxMemory/unit),
	}
}

// take waits until so many bytes are free, at most maxMemory.
func (b *budget) take(ctx context.Context, bytes int64) (release func(), err error) {
	var held []chan struct{}
	release = func() {
		for _, from := range held {
			<-from
		}
	}
	collect := func(from chan struct{}) bool {
		select {
		case from <- struct{}{}:
			held = append(held, from)
			return true
		case <-ctx.Done():
			return false
		}
	}
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ok := collect(b.places)
	for n := (bytes + unit - 1) / unit; ok && n > 0; n-- {
		ok = collect(b.shares)
	}
	if !ok {
		release()
		return nil, ctx.Err()
	}
	return release, nil
}
