package rank

import "github.com/yingda/yingda/panics"

// workers is how many goroutines share what takes long.
const workers = 2

// parallel runs f(0) … f(workers−1) at once.
func parallel(f func(worker int)) {
	var wg panics.Group
	for w := range workers {
		wg.Go(func() { f(w) })
	}
	wg.Wait()
}
