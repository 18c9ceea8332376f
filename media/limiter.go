package media

import "context"

const (
	maxMemory     = 160 << 20 // bytes that pictures take up while they are decoded, all together
	unitBytes     = 8 << 20   // bytes of one unit of memory
	maxConcurrent = 2         // pictures that are decoded at once
)

// limiter is a semaphore over memory and over how many pictures are decoded at once.
type limiter struct {
	queue chan struct{} // whoever holds it acquires units, so that two never wait for each other
	slots chan struct{}
	units chan struct{}
}

func newLimiter() *limiter {
	return &limiter{
		queue: make(chan struct{}, 1),
		slots: make(chan struct{}, maxConcurrent),
		units: make(chan struct{}, maxMemory/unitBytes),
	}
}

// acquire waits until so many bytes are free, at most maxMemory.
func (l *limiter) acquire(ctx context.Context, bytes int64) (release func(), err error) {
	var held []chan struct{}
	release = func() {
		for _, sem := range held {
			<-sem
		}
	}
	one := func(sem chan struct{}) bool {
		select {
		case sem <- struct{}{}:
			held = append(held, sem)
			return true
		case <-ctx.Done():
			return false
		}
	}
	select {
	case l.queue <- struct{}{}:
		defer func() { <-l.queue }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ok := one(l.slots)
	for n := (bytes + unitBytes - 1) / unitBytes; ok && n > 0; n-- {
		ok = one(l.units)
	}
	if !ok {
		release()
		return nil, ctx.Err()
	}
	return release, nil
}
