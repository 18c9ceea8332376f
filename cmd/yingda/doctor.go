package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func doctorCommand() command {
	return command{
		name: "doctor", short: "look for what is wrong with settings, disk, clock, database, guide, key and outbox, and say what to do",
		examples: `
			yingda doctor -config /etc/yingda.yaml   # with the settings of serve
			yingda doctor -online                    # asks the webhook's server too
			yingda doctor -json`,
		run: runDoctor,
	}
}

// level is how bad a finding is.
type level string

const (
	levelOK   level = "ok"
	levelWarn level = "warn" // it works, and somebody should look
	levelFail level = "fail" // it does not work
)

// finding is one thing that was looked at. Its JSON form is a contract.
type finding struct {
	Check string `json:"check"`
	Level level  `json:"level"`
	What  string `json:"what"`
	Do    string `json:"do"` // what to do about it; "" where all is well
}

func runDoctor(ctx context.Context, t terminal, c command, args []string) error {
	s := newSettings(c)
	cfg := s.serve()
	online := s.bool("online", "also ask the webhook's server whether it is there")
	asJSON := s.bool("json", "print one finding a line as JSON")
	rest, err := s.parse(t, args)
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return usagef("unexpected %q", rest[0])
	}
	d := &doctor{cfg: cfg, online: *online, now: time.Now}
	d.examine(ctx)
	if *asJSON {
		err = jsonLines(t.out, d.found)
	} else {
		err = printFindings(t.out, d.found)
	}
	if err != nil {
		return err
	}
	for _, f := range d.found {
		if f.Level == levelFail {
			return errFaults
		}
	}
	return nil
}

func printFindings(w io.Writer, found []finding) error {
	rows := make([][]string, 0, len(found))
	for _, f := range found {
		text := oneLine(f.What)
		if f.Do != "" {
			text += "; " + f.Do
		}
		rows = append(rows, []string{fmt.Sprintf("%-4s", f.Level), f.Check, text})
	}
	return aligned(w, rows)
}

// doctor examines one installation and changes nothing in it.
type doctor struct {
	cfg    config
	online bool
	now    func() time.Time
	found  []finding
}

func (d *doctor) ok(check, format string, args ...any) {
	d.found = append(d.found, finding{check, levelOK, fmt.Sprintf(format, args...), ""})
}

func (d *doctor) warn(check, what, do string) {
	d.found = append(d.found, finding{check, levelWarn, what, do})
}

func (d *doctor) fail(check, what, do string) {
	d.found = append(d.found, finding{check, levelFail, what, do})
}

func (d *doctor) examine(ctx context.Context) {
	d.settings()
	d.folder()
	d.key()
	d.database(ctx)
	if d.online {
		d.webhook(ctx)
	}
}

// settings checks what serve would refuse.
func (d *doctor) settings() {
	const check = "settings"
	if err := d.cfg.check(); err != nil {
		d.fail(check, err.Error(), "`yingda serve -help` lists every setting")
		return
	}
	switch {
	case *d.cfg.webhook != "" && strings.HasPrefix(*d.cfg.webhook, "http://"):
		d.warn(check, "the webhook is not encrypted", "use https://, unless it stays on this machine")
	default:
		d.ok(check, "serve takes them")
	}
}

// The least free space, in bytes.
const (
	littleSpace = 1 << 30
	noSpace     = 100 << 20
)

// folder checks the data folder: its rights, and what is free on its disk.
func (d *doctor) folder() {
	const check = "data folder"
	dir := *d.cfg.data
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		d.fail(check, err.Error(), "start serve once, which makes it, or name the right one with -data")
		return
	case !info.IsDir():
		d.fail(check, dir+" is no folder", "name the right one with -data")
		return
	}
	probe, err := os.CreateTemp(dir, ".doctor-")
	if err != nil {
		d.fail(check, err.Error(), "let the user that runs yingda write there")
		return
	}
	_ = probe.Close() // nothing was written
	_ = os.Remove(probe.Name())
	if info.Mode().Perm()&0o077 != 0 {
		d.warn(check, fmt.Sprintf("others may look into %s (%v)", dir, info.Mode().Perm()), "chmod 700 "+dir)
	} else {
		d.ok(check, "%s can be written, by its owner alone", dir)
	}
	free, err := freeSpace(dir)
	text := fmt.Sprintf("%d MB free", free>>20)
	switch {
	case err != nil:
		d.warn("disk", err.Error(), "look yourself: df "+dir)
	case free < noSpace:
		d.fail("disk", text, "make room: soon no message can be kept")
	case free < littleSpace:
		d.warn("disk", text, "make room, or let -retain delete old conversations")
	default:
		d.ok("disk", "%s", text)
	}
}

// key checks the key that seals contacts.
func (d *doctor) key() {
	const check = "key"
	file := d.cfg.file(keyFile)
	info, err := os.Stat(file)
	switch {
	case *d.cfg.key != "":
		d.ok(check, "it comes from the settings")
	case os.IsNotExist(err):
		d.warn(check, "there is none yet", "serve makes it at its first start; then keep a copy apart from the backups")
		return
	case err != nil:
		d.fail(check, err.Error(), "let the user that runs yingda read it")
		return
	case info.Mode().Perm()&0o077 != 0:
		d.fail(check, fmt.Sprintf("others may read %s (%v), so serve refuses it", file, info.Mode().Perm()), "chmod 600 "+file)
		return
	}
	if _, err := d.cfg.sealer(); err != nil {
		d.fail(check, err.Error(), "restore it from your copy: without it the telephone numbers stay sealed")
	} else if *d.cfg.key == "" {
		d.ok(check, "%s is readable, by its owner alone", filepath.Base(file))
	}
}

// webhook asks the server that is told of tickets, without telling it anything.
func (d *doctor) webhook(ctx context.Context) {
	const check = "webhook"
	if *d.cfg.webhook == "" {
		d.ok(check, "none is set")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	const do = "see whether its server runs and is reachable from here"
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, *d.cfg.webhook, http.NoBody)
	if err != nil {
		d.fail(check, err.Error(), "correct -webhook")
		return
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		d.fail(check, "its server does not answer", do)
		return
	}
	_ = res.Body.Close() // a HEAD has none
	if res.StatusCode >= http.StatusInternalServerError {
		d.warn(check, "its server answers "+res.Status, do)
		return
	}
	d.ok(check, "its server answers")
}
