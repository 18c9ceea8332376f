package prepared_test

import (
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/yingda/yingda/prepared"
)

func TestCache(t *testing.T) {
	var c prepared.Cache[string, int]
	made := 0
	get := func(edition string, key int) string {
		t.Helper()
		r, err := c.Get(edition, key, func() (*prepared.Response, error) {
			made++
			return prepared.New("text/plain", []byte(edition+strconv.Itoa(key))), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return r.Hash()
	}
	if get("", 1) == get("", 2) || get("", 1) == get("b", 1) {
		t.Error("two keys or two editions have one response")
	}
	if made != 3 {
		t.Errorf("made %d responses for three", made)
	}
	if get("b", 1); made != 3 {
		t.Error("made the same response twice")
	}
}

// However many there are, only some are kept.
func TestCacheIsBounded(t *testing.T) {
	var c prepared.Cache[string, int]
	made := 0
	for range 2 {
		for key := range 2000 {
			if _, err := c.Get("a", key, func() (*prepared.Response, error) {
				made++
				return prepared.New("text/plain", nil), nil
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if made < 3500 {
		t.Errorf("of 2000 responses, %d were kept", 4000-made)
	}
}

func TestCacheMakesOnce(t *testing.T) {
	var c prepared.Cache[string, int]
	var made int // only one goroutine ever writes it, as the race detector sees
	failed := errors.New("no template")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := c.Get("a", 1, func() (*prepared.Response, error) { made++; return nil, failed })
			if !errors.Is(err, failed) {
				t.Errorf("error %v", err)
			}
		})
	}
	all.Wait()
	if made != 1 {
		t.Errorf("made %d times", made)
	}
}
