package node

import (
	"sync"

	"github.com/longbridgeapp/opencc"
)

// traditional returns what writes simplified Chinese in the traditional script, for customers who choose it. The
// tables are read when the first of them does; what cannot be converted stays as it is.
func traditional() func(string) string {
	table := sync.OnceValues(func() (*opencc.OpenCC, error) { return opencc.New("s2t") })
	return func(text string) string {
		cc, err := table()
		if err != nil {
			return text
		}
		if out, err := cc.Convert(text); err == nil {
			return out
		}
		return text
	}
}
