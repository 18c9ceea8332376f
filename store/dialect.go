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
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dialect is all in which the two databases differ.
type dialect struct {
	goose       goose.Dialect
	begin       string
	lockRow     string // locks the row that is read until the commit
	lockTicket  string // the same for a ticket
	skipLocked  string // the same for sendings, and passes over what others locked
	health      string // reads version, bytes, unused bytes and clock
	migrated    string // reads whether a migration ever ran: 1 or 0
	integrity   string // reads "ok", or what is wrong
	scrub       string // makes what was deleted vanish from the disk
	prepares    bool   // statements are prepared by us; pgx does it itself
	nameless    bool   // ? for $1: SQLite counts $1 as a name, and looks for each among all others
	listens     bool   // other nodes are heard by LISTEN
	writers     int    // how many transactions may be under way
	soloWriters int    // the same with a transaction per write
	writeWait   time.Duration
}

// param is the parameter of a statement with a number, from 1 on. All of a statement stand in their order.
func (d dialect) param(number int) string {
	if d.nameless {
		return "?"
	}
	return "$" + strconv.Itoa(number)
}

// database is an open database: its dialect and its connections.
type database struct {
	dialect
	read, write *sql.DB
	// connect opens one more connection, for what takes long and is neither a read nor a turn.
	connect func() (*sql.DB, error)
	trace   func(text string) // is told every statement
	lock    *os.File          // held while it serves SQLite; nil for none
}

// close closes the connections, and lets another serve.
func (d database) close() error {
	err := errors.Join(d.read.Close(), d.write.Close())
	if d.lock != nil {
		err = errors.Join(err, d.lock.Close())
	}
	return err
}

// writeTimeout is how long a write may take, waiting for the database's lock included.
const writeTimeout = 8 * time.Second

// openDatabase opens PostgreSQL, or SQLite where there is no DSN.
func openDatabase(o Options) (db database, err error) {
	if o.DSN != "" {
		return openPostgres(o.DSN, o.writeWait)
	}
	var lock *os.File
	if o.Serving {
		if lock, err = lockServing(filepath.Join(o.Dir, lockFile)); err != nil {
			return db, err
		}
	}
	if db, err = openSQLite(filepath.Join(o.Dir, databaseFile), o.writeWait); err != nil && lock != nil {
		return db, errors.Join(err, lock.Close())
	}
	db.lock = lock
	return db, err
}

func sqliteDialect() dialect {
	return dialect{
		goose: goose.DialectSQLite3, begin: "BEGIN IMMEDIATE", prepares: true, nameless: true, writers: 1, soloWriters: 1,
		health: `SELECT 'sqlite ' || sqlite_version(), p.page_count * z.page_size, f.freelist_count * z.page_size,
			CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
			FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size z`,
		migrated:  `SELECT COUNT(*) FROM sqlite_master WHERE name = 'goose_db_version'`,
		integrity: `PRAGMA quick_check(1)`,
		scrub:     `PRAGMA wal_checkpoint(TRUNCATE)`, // secure_delete has overwritten the pages: this carries it into the file, and cuts the log
	}
}

func openSQLite(path string, writeWait time.Duration) (db database, err error) {
	db.dialect = sqliteDialect()
	db.writeWait = writeWait
	if err := checkLog(path); err != nil {
		return db, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return db, fmt.Errorf("open the database: %w", err)
	}
	if err := errors.Join(f.Chmod(0o600), f.Close()); err != nil {
		return db, fmt.Errorf("keep the database to its owner: %w", err)
	}
	wait := fmt.Sprintf("busy_timeout(%d)", writeWait.Milliseconds())
	pragmas := url.Values{"_pragma": {wait, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)", "temp_store(2)"}}.Encode()
	dsn := fileURL(path)
	db.connect = func() (*sql.DB, error) { return sql.Open("sqlite", dsn+"?_pragma="+wait) }
	if db.write, err = sql.Open("sqlite", dsn+"?_txlock=immediate&"+pragmas); err != nil {
		return db, fmt.Errorf("open the database: %w", err)
	}
	db.write.SetMaxOpenConns(1)
	if db.read, err = sql.Open("sqlite", dsn+"?"+pragmas+"&_pragma=query_only(1)"); err != nil {
		return db, errors.Join(fmt.Errorf("open the database: %w", err), db.write.Close())
	}
	db.read.SetMaxOpenConns(2 * runtime.GOMAXPROCS(0))
	db.read.SetMaxIdleConns(2 * runtime.GOMAXPROCS(0))
	return db, nil
}

// fileURL is a file's name as SQLite takes it with options behind.
func fileURL(path string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath()
}

func openPostgres(dsn string, writeWait time.Duration) (db database, err error) {
	db.dialect = dialect{
		goose: goose.DialectPostgres, begin: "BEGIN", listens: true, writers: 2, soloWriters: 16, writeWait: writeWait,
		lockRow: " FOR UPDATE", lockTicket: " FOR UPDATE OF t", skipLocked: " FOR UPDATE OF o SKIP LOCKED",
		health: `SELECT 'postgres ' || current_setting('server_version'), pg_database_size(current_database()), CAST(0 AS BIGINT),
			CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)`,
		migrated:  `SELECT CAST(to_regclass('goose_db_version') IS NOT NULL AS INTEGER)`,
		integrity: `SELECT 'ok'`, // PostgreSQL looks after its pages itself
		scrub:     `VACUUM conversations, entries, attachments, tickets, notes, audit, outbox, marks`,
	}
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return db, fmt.Errorf("parse the database's address: %w", err)
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = writeWait / 2
	}
	db.connect = func() (*sql.DB, error) { return stdlib.OpenDB(*cfg), nil }
	db.read, db.write = stdlib.OpenDB(*cfg), stdlib.OpenDB(*cfg)
	db.read.SetMaxOpenConns(8 * runtime.GOMAXPROCS(0))
	db.read.SetMaxIdleConns(4 * runtime.GOMAXPROCS(0))
	db.write.SetMaxOpenConns(db.soloWriters + 2)
	db.write.SetMaxIdleConns(db.soloWriters + 2)
	return db, nil
}

// writeContext bounds a write. SQLite bounds itself by its busy timeout, and a context that can end costs a
// goroutine per statement there.
func (d dialect) writeContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if d.listens {
		return context.WithTimeout(context.WithoutCancel(ctx), d.writeWait)
	}
	return context.WithoutCancel(ctx), func() {}
}

// unavailable tells whether an error is the database's state and not what was asked of it.
func unavailable(err error) bool {
	if e := new(sqlite.Error); errors.As(err, &e) {
		return slices.Contains([]int{
			sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY,
		}, e.Code()&0xff)
	}
	if e := new(pgconn.PgError); errors.As(err, &e) {
		// Connection, read-only for a while (a standby, a full disk), no room, locked, shut down, system.
		return slices.Contains([]string{"08", "25", "53", "55", "57", "58"}, e.Code[:2])
	}
	var net interface{ Timeout() bool }
	connect := new(pgconn.ConnectError)
	broken := []error{io.EOF, io.ErrUnexpectedEOF, driver.ErrBadConn, sql.ErrConnDone, context.DeadlineExceeded}
	return errors.As(err, &net) || errors.As(err, &connect) || pgconn.SafeToRetry(err) ||
		slices.ContainsFunc(broken, func(e error) bool { return errors.Is(err, e) })
}

// serializationFailure tells whether the transaction lost against another and may simply be tried again.
func serializationFailure(err error) bool {
	e := new(pgconn.PgError)
	return errors.As(err, &e) && e.Code[:2] == "40"
}
