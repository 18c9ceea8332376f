package faults

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/yingda/yingda/store/storetest"
)

// TestDiskFull: while nothing more can be written nothing is acknowledged, reading goes on, and
// writing goes on by itself when there is room again.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=8m", "yingda", dir).CombinedOutput(); err != nil {
		t.Fatalf("a small disk is needed, which only root may mount: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.CommandContext(context.Background(), "umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	s := newServer(t, sqliteFile{})
	s.args[4] = dir
	s.start()
	t.Cleanup(func() { _ = s.kill() }) // before umount
	customers := newCustomers(s, 4)
	for _, c := range customers {
		must(t, c.say(c.question()))
	}
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	refused := 0
	for range 200 {
		for _, c := range customers {
			if n := len(c.ledger); !c.ledger[n-1].acknowledged { // as clients do
				wantBusy(t, c.send(n-1))
				refused++
			} else if err := c.say(c.question()); err != nil {
				wantBusy(t, err)
				refused++
			}
		}
		if refused >= 20 {
			break
		}
	}
	if refused < 20 {
		t.Fatalf("the disk is full, and only %d messages were refused", refused)
	}
	for _, c := range customers {
		if _, err := c.entries(); err != nil {
			t.Errorf("reading on a full disk: %v", err)
		}
	}
	must(t, os.Remove(ballast))
	eventually(t, 5*time.Second, func() bool { return customers[0].send(len(customers[0].ledger)-1) == nil }, "taking messages again")
	finish(t, s, customers)
}

// fill writes until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	must(t, err)
	block := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(block)
	}
	_ = f.Close() // the disk is full: that is an error, and wanted
}

// TestLocked: another process holds the database for five seconds. What waits is bounded, and
// nothing acknowledged is lost.
func TestLocked(t *testing.T) {
	s := newServer(t, sqliteFile{})
	s.start()
	customers := newCustomers(s, 16)
	ctx, cancel := context.WithCancel(t.Context())
	wait := load(ctx, customers)
	time.Sleep(200 * time.Millisecond)
	lock(t, filepath.Join(s.data(), "yingda.db"), 5*time.Second)
	begin := time.Now()
	c := newCustomers(s, 1)[0]
	must(t, c.say("你好，现在能用吗"))
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

// TestPostgresReadOnly: PostgreSQL takes no writes for a while, as after a failover. Nothing is acknowledged, /readyz
// tells, and writing goes on by itself.
func TestPostgresReadOnly(t *testing.T) {
	db := newPostgres(t)
	s := newServer(t, db)
	s.start()
	customers := newCustomers(s, 4)
	for _, c := range customers {
		must(t, c.say(c.question()))
	}
	db.SetReadOnly(t, db.dsn, true)
	for _, c := range customers {
		wantBusy(t, c.say(c.question()))
	}
	eventually(t, 5*time.Second, func() bool { return s.status() == "degraded" }, "a probe that tells")
	db.SetReadOnly(t, db.dsn, false)
	eventually(t, 5*time.Second, func() bool { return customers[0].send(len(customers[0].ledger)-1) == nil }, "taking messages again")
	finish(t, s, customers)
}

// TestPostgresCrash: PostgreSQL is stopped at once and restarted, under load, several times.
func TestPostgresCrash(t *testing.T) {
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
	eventually(t, 10*time.Second, s.well, "ready and well")
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

// eventually waits until ok holds.
func eventually(t testing.TB, limit time.Duration, ok func() bool, what string) {
	t.Helper()
	for begin := time.Now(); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > limit {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}
