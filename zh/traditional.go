package zh

import (
	"sync"

	"github.com/longbridgeapp/opencc"
)

// ToTraditional returns a function that writes simplified Chinese in the traditional script, word by
// word. The tables are read when it is first called; what cannot be converted stays as it is. It is
// safe for concurrent use.
func ToTraditional() func(text string) string {
	load := sync.OnceValues(func() (*opencc.OpenCC, error) { return opencc.New("s2t") })
	return func(text string) string {
		cc, err := load()
		if err != nil {
			return text
		}
		if out, err := cc.Convert(text); err == nil {
			return out
		}
		return text
	}
}
