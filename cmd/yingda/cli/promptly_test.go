//go:build !race

package cli

import "time"

// promptly is how soon an edit is served and a reply is seen, on whatever node.
const promptly = time.Second
