package storetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// Cluster is a PostgreSQL of its own for tests, in a temporary folder and on a Unix socket.
type Cluster struct {
	dir  string
	bin  string
	as   []string // runs a command as somebody whom PostgreSQL accepts
	made atomic.Int64
}

// StartPostgres starts a cluster that ends with the test. settings are lines of postgresql.conf, such as
// "fsync = off". Without PostgreSQL the test fails and says what to install.
func StartPostgres(tb testing.TB, settings ...string) *Cluster {
	tb.Helper()
	dir, err := os.MkdirTemp("", "pg") //nolint:usetesting // a socket's path must be short, and the user postgres must reach it
	if err != nil {
		tb.Fatal(err)
	}
	c := &Cluster{dir: dir, bin: postgresBin(tb)}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Error(err)
		}
	})
	if os.Geteuid() == 0 {
		owner, err := user.Lookup("postgres")
		if err != nil {
			tb.Fatalf("PostgreSQL refuses to run as root: %v", err)
		}
		uid, _ := strconv.Atoi(owner.Uid)
		gid, _ := strconv.Atoi(owner.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			tb.Fatal(err)
		}
		c.as = []string{"runuser", "-u", "postgres", "--"}
	}
	c.run(tb, "initdb", "-D", c.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	conf := strings.Join(append([]string{
		"listen_addresses = ''", "unix_socket_directories = '" + dir + "'", "max_connections = 200",
	}, settings...), "\n")
	if err := appendTo(filepath.Join(c.data(), "postgresql.conf"), conf); err != nil {
		tb.Fatal(err)
	}
	c.Start(tb)
	tb.Cleanup(func() { c.Stop(tb, "immediate") })
	return c
}

// Start starts the server and waits until it answers.
func (c *Cluster) Start(tb testing.TB) {
	tb.Helper()
	c.run(tb, "pg_ctl", "-D", c.data(), "-l", filepath.Join(c.dir, "log"), "-w", "start")
}

// Stop stops the server if it runs; mode is smart, fast or immediate (as if the power failed).
func (c *Cluster) Stop(tb testing.TB, mode string) {
	tb.Helper()
	if _, err := os.Stat(filepath.Join(c.data(), "postmaster.pid")); err == nil {
		c.run(tb, "pg_ctl", "-D", c.data(), "-m", mode, "-w", "stop")
	}
}

// Database makes an empty database and returns its address.
func (c *Cluster) Database(tb testing.TB) (dsn string) {
	tb.Helper()
	name := fmt.Sprintf("test%d", c.made.Add(1))
	c.run(tb, "createdb", "-h", c.dir, "-U", "postgres", name)
	return fmt.Sprintf("postgres://postgres@/%s?host=%s", name, c.dir)
}

// SetReadOnly has every session of a database of this cluster that begins from now on refuse to write, or take it again.
// It ends those that are there when it begins to refuse, as a failover does, and leaves them as they are afterwards.
func (c *Cluster) SetReadOnly(tb testing.TB, dsn string, on bool) {
	tb.Helper()
	name := strings.TrimPrefix(strings.Split(dsn, "?")[0], "postgres://postgres@/")
	sql := []string{"-c", fmt.Sprintf("ALTER DATABASE %s SET default_transaction_read_only = %t", name, on)}
	if on {
		sql = append(sql, "-c", fmt.Sprintf("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'", name))
	}
	c.run(tb, "psql", append([]string{"-h", c.dir, "-U", "postgres", "-d", "postgres", "-v", "ON_ERROR_STOP=1"}, sql...)...)
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *Cluster) run(tb testing.TB, name string, args ...string) {
	tb.Helper()
	line := append(append(c.as[:len(c.as):len(c.as)], filepath.Join(c.bin, name)), args...)
	cmd := exec.CommandContext(context.WithoutCancel(tb.Context()), line[0], line[1:]...) // also from Cleanup
	cmd.Dir = c.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
		tb.Fatalf("%s: %v\n%s%s", name, err, out, log)
	}
}

// postgresBin is the folder of PostgreSQL's programs, which Debian keeps off the PATH.
func postgresBin(tb testing.TB) string {
	tb.Helper()
	if path, err := exec.LookPath("pg_ctl"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path)
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(found) == 0 {
		tb.Fatal("these tests need PostgreSQL: install the package postgresql (Debian's name), or put initdb and pg_ctl on the PATH")
	}
	return found[len(found)-1]
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text + "\n"); err != nil {
		return err
	}
	return f.Close()
}
