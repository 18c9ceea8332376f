package faults

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/store/storetest"
)

// TestLocked: another process holds the database for five seconds. What waits is bounded, and
// nothing acknowledged is lost.
func TestLocked(t *testing.T) {
	t.Parallel()
	s := newServer(t, sqliteFile{})
	s.start()
	customers := newCustomers(s, 16)
	ctx, cancel := context.WithCancel(t.Context())
	wait := load(ctx, customers)
	time.Sleep(200 * time.Millisecond)
	lock(t, filepath.Join(s.data(), "yingda.db"), 5*time.Second)
	begin := time.Now()
	c := newCustomers(s, 1)[0]
	must(t, c.insistOn("你好，现在能用吗"))
	t.Logf("the first message after the lock took %v", time.Since(begin).Round(time.Millisecond))
	cancel()
	wait()
	finish(t, s, append(customers, c))
}

// lock holds a SQLite database as a second process, for that long.
func lock(t *testing.T, path string, d time.Duration) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLockHolder$")
	cmd.Env = append(os.Environ(), lockPath+"="+path, lockTime+"="+d.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("lock: %v: %s", err, out)
	}
}

// What tells a process of this test to hold a lock, and for how long.
const (
	lockPath = "YINGDA_FAULTS_LOCK"
	lockTime = "YINGDA_FAULTS_LOCK_TIME"
)

// TestLockHolder is that second process.
func TestLockHolder(t *testing.T) {
	path := os.Getenv(lockPath)
	if path == "" {
		return // alone there is nothing to do: TestLocked runs it
	}
	d, err := time.ParseDuration(os.Getenv(lockTime))
	must(t, err)
	storetest.HoldLock(t, path, d)
}

// TestPostgresReadOnly: PostgreSQL takes no writes for a while, as after a failover. Nothing is acknowledged, clients are
// told when to come again, /readyz tells, and writing goes on by itself.
func TestPostgresReadOnly(t *testing.T) {
	t.Parallel()
	db := newPostgres(t)
	s := newServer(t, db)
	s.start()
	customers := newCustomers(s, 4)
	for _, wrong := range readOnlySpell(t, s, db, customers) {
		t.Error(wrong)
	}
	finish(t, s, customers)
}

// TestPostgresReadOnlyFinds: the same spell catches a server that acknowledges before the commit, and one that refuses
// for ever what was refused once.
func TestPostgresReadOnlyFinds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ bug, found string }{
		{"early", "was not refused"},
		{"sulking", "refused for good"},
	} {
		t.Run(tt.bug, func(t *testing.T) {
			db := newPostgres(t)
			s := newServer(t, db)
			s.bin, s.env = planted(t), []string{"YINGDA_PLANTED=" + tt.bug}
			s.start()
			wantFound(t, readOnlySpell(t, s, db, newCustomers(s, 2)), tt.found)
		})
	}
}

// readOnlySpell has customers speak before, while and after the database takes no writes, and is what was wrong.
func readOnlySpell(t *testing.T, s *server, db *postgres, customers []*customer) (found []string) {
	t.Helper()
	for _, c := range customers {
		must(t, c.insistOn(c.question()))
	}
	db.SetReadOnly(t, db.dsn, true)
	for _, c := range customers {
		switch refused, ok := errors.AsType[*errRefused](c.say(c.question())); {
		case !ok || refused.status != http.StatusServiceUnavailable:
			found = append(found, c.name+" was not refused with 503")
		case refused.retryAfter == "":
			found = append(found, c.name+" was not told when to come again")
		}
	}
	eventually(t, func() bool { return s.status() == "degraded" }, "a probe that tells")
	db.SetReadOnly(t, db.dsn, false)
	eventually(t, s.well, "well again")
	const tries = 150
	for n := 1; customers[0].send(len(customers[0].ledger)-1) != nil; n++ {
		if n == tries {
			return append(found, customers[0].name+" is refused for good")
		}
		time.Sleep(20 * time.Millisecond)
	}
	return found
}

// TestPostgresCrash: PostgreSQL is stopped at once and restarted, under load, several times.
func TestPostgresCrash(t *testing.T) {
	t.Parallel()
	db := newPostgres(t)
	s := newServer(t, db)
	s.start()
	customers := newCustomers(s, 16)
	ctx, cancel := context.WithCancel(t.Context())
	wait := load(ctx, customers)
	for range scaled(1, 10) {
		time.Sleep(500 * time.Millisecond)
		db.Stop(t, "immediate") // as a power cut would
		time.Sleep(300 * time.Millisecond)
		if _, err := customers[0].entries(); err == nil {
			t.Error("a conversation was read from a database that is stopped")
		}
		db.Start(t)
	}
	time.Sleep(time.Second)
	cancel()
	wait()
	finish(t, s, customers)
}

// finish sends once more what was refused, checks all ledgers and stops the server.
func finish(t *testing.T, s *server, customers []*customer) {
	t.Helper()
	eventually(t, s.well, "ready and well")
	settle(customers)
	found, acknowledged := wrongs(customers)
	for _, wrong := range found {
		t.Error(wrong)
	}
	if acknowledged == 0 {
		t.Error("nothing was acknowledged: that proves nothing")
	}
	t.Logf("%d messages acknowledged", acknowledged)
	s.stop()
}

// wantBusy checks that a message was refused the right way.
func wantBusy(t *testing.T, err error) {
	t.Helper()
	if refused, ok := errors.AsType[*errRefused](err); !ok || refused.status != http.StatusServiceUnavailable {
		t.Errorf("got %v, want a 503", err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantFound checks that a planted bug was found.
func wantFound(t *testing.T, found []string, what string) {
	t.Helper()
	if !slices.ContainsFunc(found, func(wrong string) bool { return strings.Contains(wrong, what) }) {
		t.Errorf("the planted bug was not found: nothing %s in %q", what, found)
	}
}

// eventually waits until ok holds.
func eventually(t testing.TB, ok func() bool, what string) {
	t.Helper()
	for begin := time.Now(); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > patience {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}
