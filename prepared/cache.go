package prepared

import "sync"

// Cache keeps the responses that one edition of something, such as a revision of the guide, was asked for; E names
// the edition, K the response in it. The zero value is ready; it is safe for concurrent use.
type Cache[E, K comparable] struct {
	mu      sync.Mutex
	edition E
	kept    map[K]func() (*Response, error)
}

// maxKept is how many responses a Cache keeps: those of a guide of ordinary size all, of a larger one some. At 30 kB
// for a page, plain and gzipped, they come to 15 MB.
const maxKept = 500

// Get is the response of that edition and key. The first to ask has it made, others meanwhile wait for the same;
// an error is kept as well, for render must depend on edition and key alone. Another edition drops what is kept.
func (c *Cache[E, K]) Get(edition E, key K, render func() (*Response, error)) (*Response, error) {
	return c.entry(edition, key, render)()
}

func (c *Cache[E, K]) entry(edition E, key K, render func() (*Response, error)) func() (*Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if edition != c.edition || c.kept == nil {
		c.edition, c.kept = edition, map[K]func() (*Response, error){}
	}
	if kept, ok := c.kept[key]; ok {
		return kept
	}
	for other := range c.kept {
		if len(c.kept) < maxKept {
			break
		}
		delete(c.kept, other) // whichever: all are made again in no time
	}
	once := sync.OnceValues(render)
	c.kept[key] = once
	return once
}
