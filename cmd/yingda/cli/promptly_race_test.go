//go:build race

package cli

import "time"

// promptly is a second and what the race detector and the packages that are tested beside this one cost.
const promptly = 6 * time.Second
