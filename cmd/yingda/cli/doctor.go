package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/desk/webhook"
	"github.com/yingda/yingda/finding"
	"github.com/yingda/yingda/media"
	"github.com/yingda/yingda/node"
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

func runDoctor(ctx context.Context, t terminal, s *settings, args []string) error {
	flags := s.declareServe()
	online := s.bool("online", "also ask the webhook's server whether it is there")
	asJSON := s.bool("json", "print one finding a line as JSON")
	err := s.parseNone(t, args)
	if err != nil {
		return err
	}
	found := examine(ctx, flags, *online)
	if *asJSON {
		err = printJSONLines(t.out, found)
	} else {
		err = printFindings(t.out, found)
	}
	if err == nil && len(found.At(finding.Error)) > 0 {
		return errFaults
	}
	return err
}

func printFindings(w io.Writer, found finding.List) error {
	rows := make([][]string, 0, len(found))
	for _, f := range found {
		text := desk.OneLine(f.Text)
		if f.Fix != "" {
			text += "; " + f.Fix
		}
		rows = append(rows, []string{fmt.Sprintf("%-7s", f.Level), f.Check, text})
	}
	return printRows(w, rows)
}

// examine checks one installation and changes nothing in it.
func examine(ctx context.Context, flags *configFlags, online bool) finding.List {
	cfg, err := flags.serveConfig()
	d := &doctor{cfg: cfg}
	d.settings(err, append(cfg.Warnings(), flags.settings.openFiles()...))
	d.folder()
	d.key()
	d.database(ctx)
	if online {
		d.webhook(ctx)
	}
	return d.found
}

// settings checks what serve would refuse, err, if it would, and what it would warn of.
func (d *doctor) settings(err error, warnings finding.List) {
	const check = "settings"
	if err != nil {
		d.error(check, err.Error(), "`yingda serve -help` lists every setting")
		return
	}
	for _, w := range warnings {
		d.warn(check, w.Text, w.Fix)
	}
	if len(warnings) == 0 {
		d.ok(check, "serve takes them")
	}
}

// webhookURL is where tickets are announced; "" for nowhere.
func webhookURL(c node.Config) string {
	for _, a := range c.Accounts[webhook.Name] {
		return a[node.FieldMain]
	}
	return ""
}

// The least free space, in bytes.
const (
	warnFree = 1 << 30
	minFree  = 100 << 20
)

// folder checks the data folder: its rights, and what is free on its disk.
func (d *doctor) folder() {
	const check = "data folder"
	dir := d.cfg.Data
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		d.error(check, err.Error(), "start serve once, which makes it, or name the right one with -data")
		return
	case !info.IsDir():
		d.error(check, dir+" is no folder", "name the right one with -data")
		return
	}
	probe, err := os.CreateTemp(dir, ".doctor-")
	if err != nil {
		d.error(check, err.Error(), "let the user that runs yingda write there")
		return
	}
	_ = probe.Close() // nothing was written
	_ = os.Remove(probe.Name())
	if info.Mode().Perm()&0o077 != 0 {
		d.warn(check, fmt.Sprintf("others may look into %s (%v)", dir, info.Mode().Perm()), "chmod 700 "+dir)
	} else {
		d.ok(check, "%s can be written, by its owner alone", dir)
	}
	space, err := media.DiskSpace(dir)
	if err != nil {
		d.warn("disk", err.Error(), "look yourself: df "+dir)
		return
	}
	d.disk(space)
}

// disk checks what is free on the data folder's disk.
func (d *doctor) disk(space media.Space) {
	text := fmt.Sprintf("%d MB free", space.Free>>20)
	switch {
	case space.Free < min(minFree, space.Floor()):
		d.error("disk", text, "make room: pictures are refused, and soon no message can be kept")
	case space.Free < space.Floor():
		d.error("disk", text, "make room: pictures are refused, messages go on")
	case space.Free < warnFree:
		d.warn("disk", text, "make room, or let -retain delete old conversations")
	default:
		d.ok("disk", "%s", text)
	}
}

// key checks the key that seals contacts.
func (d *doctor) key() {
	const check = "key"
	file := d.cfg.File(node.KeyFile)
	info, err := os.Stat(file)
	switch {
	case d.cfg.Key != "":
		d.ok(check, "it comes from the settings")
	case os.IsNotExist(err):
		d.warn(check, "there is none yet", "serve makes it at its first start; then keep a copy apart from the backups")
		return
	case err != nil:
		d.error(check, err.Error(), "let the user that runs yingda read it")
		return
	case info.Mode().Perm()&0o077 != 0:
		d.error(check, fmt.Sprintf("others may read %s (%v), so serve refuses it", file, info.Mode().Perm()), "chmod 600 "+file)
		return
	}
	if _, err := d.cfg.Sealer(); err != nil {
		d.error(check, err.Error(), "restore it from your copy: without it the telephone numbers stay sealed")
	} else if d.cfg.Key == "" {
		d.ok(check, "%s is readable, by its owner alone", filepath.Base(file))
	}
}

// webhook asks the server that is told of tickets, without telling it anything.
func (d *doctor) webhook(ctx context.Context) {
	const check = "webhook"
	url := webhookURL(d.cfg)
	if url == "" {
		d.ok(check, "none is set")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	const fix = "see whether its server runs and is reachable from here"
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, url, http.NoBody)
	if err != nil {
		d.error(check, err.Error(), "correct -webhook")
		return
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		d.error(check, "its server does not answer", fix)
		return
	}
	_ = res.Body.Close() // a HEAD has none
	if res.StatusCode >= http.StatusInternalServerError {
		d.warn(check, "its server answers "+res.Status, fix)
		return
	}
	d.ok(check, "its server answers")
}
