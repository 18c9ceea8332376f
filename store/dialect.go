package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/yingda/yingda/chat"
)

// dialect is all in which the two databases differ.
type dialect struct {
	name        string
	goose       goose.Dialect
	begin       string
	forUpdate   string // locks the row that is read until the commit
	lockTicket  string // the same for a ticket
	skipLocked  string // the same, and passes over what others locked
	lockSending string // the same for sendings, and waits
	prepares    bool   // statements are prepared by us; pgx does it itself
	nameless    bool   // ? for $1: SQLite counts $1 as a name, and looks for each among all others
	listens     bool   // other nodes are heard by LISTEN
	writers     int    // how many transactions may be under way
	loners      int    // the same with a transaction per write
}

// patience is how long a write may take, waiting for the database's lock included.
const patience = 8 * time.Second

// connect opens both pools: one to read, one to write.
func connect(o Options) (d dialect, read, write *sql.DB, err error) {
	if o.DSN != "" {
		return connectPostgres(o.DSN)
	}
	return connectSQLite(filepath.Join(o.Dir, "yingda.db"))
}

func connectSQLite(path string) (d dialect, read, write *sql.DB, err error) {
	d = dialect{
		name: "sqlite", goose: goose.DialectSQLite3,
		begin: "BEGIN IMMEDIATE", prepares: true, nameless: true, writers: 1, loners: 1,
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return d, nil, nil, fmt.Errorf("open the database: %w", err)
	}
	if err := errors.Join(f.Chmod(0o600), f.Close()); err != nil {
		return d, nil, nil, fmt.Errorf("keep the database to its owner: %w", err)
	}
	pragmas := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", patience.Milliseconds()),
		"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)", "temp_store(2)",
	}}
	dsn := fileURL(path)
	if write, err = sql.Open("sqlite", dsn+"?_txlock=immediate&"+pragmas.Encode()); err != nil {
		return d, nil, nil, fmt.Errorf("open the database: %w", err)
	}
	write.SetMaxOpenConns(1)
	if read, err = sql.Open("sqlite", dsn+"?"+pragmas.Encode()+"&_pragma=query_only(1)"); err != nil {
		return d, nil, nil, errors.Join(fmt.Errorf("open the database: %w", err), write.Close())
	}
	read.SetMaxOpenConns(2 * runtime.GOMAXPROCS(0))
	read.SetMaxIdleConns(2 * runtime.GOMAXPROCS(0))
	return d, read, write, nil
}

// fileURL is a file's name as SQLite takes it with options behind.
func fileURL(path string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath()
}

// beside is one more connection to the SQLite file, for what takes long and is neither read nor turn.
func (s *Store) beside() (*sql.DB, error) {
	return sql.Open("sqlite", fileURL(filepath.Join(s.opt.Dir, "yingda.db"))+fmt.Sprintf("?_pragma=busy_timeout(%d)", patience.Milliseconds()))
}

func connectPostgres(dsn string) (d dialect, read, write *sql.DB, err error) {
	d = dialect{
		name: "postgres", goose: goose.DialectPostgres,
		begin: "BEGIN", forUpdate: " FOR UPDATE", lockTicket: " FOR UPDATE OF t", skipLocked: " FOR UPDATE OF o SKIP LOCKED",
		lockSending: " FOR UPDATE OF o",
		listens:     true, writers: 2, loners: 16,
	}
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return d, nil, nil, fmt.Errorf("read the database's address: %w", err)
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = patience / 2
	}
	read, write = stdlib.OpenDB(*cfg), stdlib.OpenDB(*cfg)
	read.SetMaxOpenConns(8 * runtime.GOMAXPROCS(0))
	read.SetMaxIdleConns(4 * runtime.GOMAXPROCS(0))
	write.SetMaxOpenConns(d.loners + 2)
	write.SetMaxIdleConns(d.loners + 2)
	return d, read, write, nil
}

// within bounds a write. SQLite bounds itself by its busy timeout, and a context that can end costs a
// goroutine per statement there.
func (d dialect) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if d.listens {
		return context.WithTimeout(context.WithoutCancel(ctx), patience)
	}
	return context.WithoutCancel(ctx), func() {}
}

// unavailable tells whether an error is the database's state and not what was asked of it.
func unavailable(err error) bool {
	if e := new(sqlite.Error); errors.As(err, &e) {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
			return true
		}
		return false
	}
	if e := new(pgconn.PgError); errors.As(err, &e) {
		switch e.Code[:2] {
		case "08", "53", "55", "57", "58": // connection, no room, locked, shut down, system
			return true
		}
		return false
	}
	var net interface{ Timeout() bool }
	connect := new(pgconn.ConnectError)
	lost := []error{io.EOF, io.ErrUnexpectedEOF, driver.ErrBadConn, sql.ErrConnDone, context.DeadlineExceeded}
	return errors.As(err, &net) || errors.As(err, &connect) || pgconn.SafeToRetry(err) ||
		slices.ContainsFunc(lost, func(e error) bool { return errors.Is(err, e) })
}

// entangled tells whether the transaction lost against another and may simply be tried again.
func entangled(err error) bool {
	e := new(pgconn.PgError)
	return errors.As(err, &e) && e.Code[:2] == "40"
}

// migrate brings the schema up to date. Nodes that start at once wait for each other: on PostgreSQL
// by a lock, on SQLite by trying again, for there each migration is a transaction of its own.
func (d dialect) migrate(ctx context.Context, db *sql.DB) error {
	p, err := d.migrations(db)
	if err != nil {
		return err
	}
	for range 5 {
		if _, err = p.Up(ctx); err == nil || d.listens || ctx.Err() != nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return err
}

// inspect fills in what only the database itself can tell.
func (d dialect) inspect(ctx context.Context, s *Store, h *Health) (err error) {
	if d.listens {
		h.Integrity = "ok" // PostgreSQL looks after its pages itself
		var clock int64
		_, err = first(ctx, s.read, []any{&h.Database, &h.Size, &clock}, `SELECT 'postgres ' || current_setting('server_version'),
			pg_database_size(current_database()), CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)`)
		h.Clock = time.Duration(clock-s.now()) * time.Millisecond
		return err
	}
	var pages, free, size int64
	if _, err = first(ctx, s.read, []any{&h.Database, &pages, &free, &size}, `SELECT 'sqlite ' || sqlite_version(), p.page_count,
		f.freelist_count, z.page_size FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size z`); err != nil {
		return err
	}
	h.Size, h.Free = pages*size, free*size
	h.Integrity, err = integrity(ctx, s.read, "quick_check(1)")
	return err
}

// scrub makes what was deleted vanish from the disk. On SQLite secure_delete has overwritten the pages;
// the checkpoint carries that into the file and cuts the log.
func (d dialect) scrub(ctx context.Context, s *Store) error {
	if d.listens {
		_, err := s.read.db.ExecContext(ctx, `VACUUM conversations, entries, attachments, tickets, notes, audit, outbox, marks`)
		return err
	}
	c, err := s.beside()
	if err != nil {
		return err
	}
	var blocked, log, done int64
	_, err = first(ctx, newPool(c, false), []any{&blocked, &log, &done}, `PRAGMA wal_checkpoint(TRUNCATE)`)
	if err == nil && blocked != 0 {
		err = fmt.Errorf("%w: readers keep the database's log; what was erased leaves it with the next checkpoint", chat.ErrBusy)
	}
	return errors.Join(err, c.Close())
}
