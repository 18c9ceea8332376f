package media

import "context"

const (
	maxMemory     = 160 << 20 // bytes that large pictures take up while they are decoded, all together
	smallMemory   = 40 << 20  // likewise of small ones; whatever takes no more by itself is small, as most photographs are
	unitBytes     = 8 << 20   // bytes of one unit of memory
	maxConcurrent = 2         // pictures that are decoded at once, of each size
)

// limiter lets small pictures pass while large ones wait for each other.
type limiter struct{ small, large *lane }

func newLimiter() *limiter { return &limiter{small: newLane(smallMemory), large: newLane(maxMemory)} }

// acquire waits until so many bytes are free, at most maxMemory.
func (l *limiter) acquire(ctx context.Context, bytes int64) (release func(), err error) {
	if bytes <= smallMemory {
		return l.small.acquire(ctx, bytes)
	}
	return l.large.acquire(ctx, bytes)
}

// lane is a semaphore over memory and over how many pictures are decoded at once.
type lane struct {
	queue chan struct{} // whoever holds it acquires units, so that two never wait for each other
	slots chan struct{}
	units chan struct{}
}

func newLane(memory int64) *lane {
	return &lane{
		queue: make(chan struct{}, 1),
		slots: make(chan struct{}, maxConcurrent),
		units: make(chan struct{}, memory/unitBytes),
	}
}

// acquire waits until so many bytes are free, at most those of the lane.
func (l *lane) acquire(ctx context.Context, bytes int64) (release func(), err error) {
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
