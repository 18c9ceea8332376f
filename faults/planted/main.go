// Planted is yingda with bugs, or with a database in trouble, that the tests of package faults must notice. The
// environment says which: YINGDA_PLANTED lists bugs by their names, YINGDA_SLOW is how long every turn takes, and
// YINGDA_LEASE how soon leases run out. Without them it is the program as it ships.
package main

import (
	"cmp"
	"context"
	"os"
	"strings"
	"time"

	"github.com/yingda/yingda/cmd/yingda/cli"
	"github.com/yingda/yingda/node"
	"github.com/yingda/yingda/store"
)

func main() { cli.Main(openStore) }

// openStore opens the database, and wraps it as the environment says.
func openStore(ctx context.Context, o store.Options) (node.Store, error) {
	s, err := node.OpenStore(ctx, o)
	if err != nil {
		return nil, err
	}
	if delay := duration("YINGDA_SLOW"); delay > 0 {
		s = slow{s, delay}
	}
	if lease := duration("YINGDA_LEASE"); lease > 0 {
		s = shortLease{s, lease}
	}
	for bug := range strings.SplitSeq(os.Getenv("YINGDA_PLANTED"), ",") {
		if bug != "" {
			s = plant(s, bug)
		}
	}
	return s, nil
}

// plant adds a bug to a store.
func plant(s node.Store, bug string) node.Store {
	planted, ok := map[string]node.Store{
		"early": ackBeforeCommit{s}, "fragile": panics{s}, "twice": neverRepeats{s},
		"blind": resendsUnknown{s}, "again": resendsSent{s}, "restless": ignoresBackoff{s},
	}[bug]
	if !ok {
		panic("no such bug: " + bug)
	}
	return planted
}

// duration is a variable of the environment; 0 where it is not set.
func duration(name string) time.Duration {
	d, err := time.ParseDuration(cmp.Or(os.Getenv(name), "0"))
	if err != nil {
		panic(err)
	}
	return d
}
