// Planted is yingda with bugs, or with a database in trouble, that the tests of package faults must notice. The
// environment says which: YINGDA_PLANTED lists bugs by their names, YINGDA_SLOW is how long every turn takes,
// YINGDA_LEASE how soon leases run out, and YINGDA_MINES the folder where the tests lay mines. Without them it is the
// program as it ships.
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
	field := minefield(os.Getenv("YINGDA_MINES"))
	if observe := o.Committed; field != "" && observe != nil {
		o.Committed = func(writes int, took time.Duration) {
			field.step("commit")
			observe(writes, took)
		}
	}
	s, err := node.OpenStore(ctx, o)
	if err != nil {
		return nil, err
	}
	if field != "" {
		s = mined{s, field}
	}
	if delay := duration("YINGDA_SLOW"); delay > 0 {
		s = slow{s, delay}
	}
	if lease := duration("YINGDA_LEASE"); lease > 0 {
		s = shortLease{s, lease}
	}
	for bug := range strings.SplitSeq(os.Getenv("YINGDA_PLANTED"), ",") {
		if bug != "" {
			s = plant(s, bug, o.Dir)
		}
	}
	return s, nil
}

// plant adds a bug to a store, whose program keeps its data in dir.
func plant(s node.Store, bug, dir string) node.Store {
	planted, ok := map[string]node.Store{
		"early": ackBeforeCommit{s}, "fragile": panics{s}, "twice": neverRepeats{s},
		"blind": resendsUnknown{s}, "again": resendsSent{s}, "restless": ignoresBackoff{s},
		"sulking": &staysBusy{Store: s}, "timid": refusesAll{s, dir}, "suspicious": &locksOut{Store: s},
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
