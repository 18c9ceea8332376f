package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yingda/yingda/media"
)

// TestDiskFull: while nothing more can be written nothing is acknowledged, reading goes on, and
// writing goes on by itself when there is room again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, "8m")
	s := newServer(t, sqliteFile{})
	s.keepIn(dir)
	s.start()
	customers := newCustomers(s, 4)
	for _, c := range customers {
		must(t, c.insistOn(c.question()))
	}
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast, 0)
	refused := 0
	for range 200 {
		for _, c := range customers {
			if err := c.goOn(); err != nil {
				wantBusy(t, err)
				refused++
			}
		}
		if refused >= 8 {
			break
		}
	}
	if refused < 8 {
		t.Fatalf("the disk is full, and only %d messages were refused", refused)
	}
	for _, c := range customers {
		if _, err := c.entries(); err != nil {
			t.Errorf("reading on a full disk: %v", err)
		}
	}
	must(t, os.Remove(ballast))
	eventually(t, func() bool { return customers[0].send(len(customers[0].ledger)-1) == nil }, "taking messages again")
	finish(t, s, customers)
}

// TestDiskAlmostFull: what is left of a disk that is almost full is for messages. Pictures are refused with a kind
// word, /readyz and doctor tell, and with room again everything goes on by itself.
func TestDiskAlmostFull(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db database) {
		s := newServer(t, db)
		s.keepIn(smallDisk(t, "192m"))
		s.start()
		customers := newCustomers(s, 4)
		for _, wrong := range almostFull(t, s, db, customers) {
			t.Error(wrong)
		}
		finish(t, s, customers)
	})
}

// TestDiskAlmostFullFinds: the same catches a server whose pictures go on, for it looks at another disk, and one that
// refuses messages too.
func TestDiskAlmostFullFinds(t *testing.T) {
	t.Parallel()
	t.Run("pictures go on", func(t *testing.T) {
		s := newServer(t, sqliteFile{})
		s.keepIn(smallDisk(t, "192m"))
		must(t, os.Symlink(t.TempDir(), filepath.Join(s.data(), "attachments")))
		s.start()
		wantFound(t, almostFull(t, s, sqliteFile{}, newCustomers(s, 1)), "a picture was not refused")
	})
	t.Run("timid", func(t *testing.T) {
		s := newServer(t, sqliteFile{})
		s.keepIn(smallDisk(t, "192m"))
		s.bin, s.env = planted(t), []string{"YINGDA_PLANTED=timid"}
		s.start()
		wantFound(t, almostFull(t, s, sqliteFile{}, newCustomers(s, 1)), "a message was refused")
	})
}

// almostFull has customers write and send pictures before, while and after the server's disk is almost full, and is
// what was wrong.
func almostFull(t *testing.T, s *server, db database, customers []*customer) (found []string) {
	t.Helper()
	wrong := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	picture := somePicture(t)
	pictures := func(n int) (err error) {
		for _, c := range customers {
			err = errors.Join(err, insist(func() error { return c.upload(fmt.Sprint("p", n), picture) }))
		}
		return err
	}
	must(t, pictures(1))
	ballast := filepath.Join(s.data(), "ballast")
	fill(t, ballast, 8<<20) // less than pictures leave, and more than the messages' journal takes
	for _, c := range customers {
		switch refused, ok := errors.AsType[*errRefused](c.upload("p2", picture)); {
		case !ok || refused.status != http.StatusServiceUnavailable || refused.retryAfter == "":
			wrong("a picture was not refused with 503: %v", refused)
		case !strings.Contains(refused.body, "文字照常能收到"):
			wrong("a picture was refused with %s", refused.body)
		}
		for range scaled(5, 50) {
			if err := c.say(c.question()); err != nil {
				wrong("a message was refused: %v", err)
			}
		}
	}
	if s.status() != "degraded" {
		wrong("/readyz does not tell")
	}
	if out, err := s.run("doctor", append([]string{"-data", s.data()}, db.flags()...)...); err == nil || !strings.Contains(out, "pictures are refused") {
		wrong("doctor does not tell: %v\n%s", err, out)
	}
	must(t, os.Remove(ballast))
	if err := pictures(2); err != nil {
		wrong("with room again: %v", err)
	}
	return found
}

// smallDisk mounts a disk of a size, as mount has it, in memory.
func smallDisk(t *testing.T, size string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size="+size, "yingda", dir).CombinedOutput(); err != nil {
		t.Fatalf("a small disk is needed, which only root may mount: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.CommandContext(context.Background(), "umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	return dir
}

// keepIn has the server keep its data in a folder, and ends it before the folder goes.
func (s *server) keepIn(dir string) {
	s.args[4] = dir
	s.t.Cleanup(func() { _ = s.kill() })
}

// fill writes until no more than so many bytes of a disk are left.
func fill(t *testing.T, path string, left uint64) {
	t.Helper()
	f, err := os.Create(path)
	must(t, err)
	block := make([]byte, 4096)
	for err == nil {
		space, unknown := media.DiskSpace(filepath.Dir(path))
		must(t, unknown)
		if space.Free <= left && left > 0 {
			break
		}
		_, err = f.Write(block)
	}
	_ = f.Close() // a disk that is full is an error, and wanted
}

// somePicture is a small one.
func somePicture(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	must(t, png.Encode(&out, image.NewGray(image.Rect(0, 0, 8, 8))))
	return out.Bytes()
}

// upload sends a picture.
func (c *customer) upload(client string, picture []byte) error {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	err := w.WriteField("client_id", client)
	if err == nil {
		var file io.Writer
		if file, err = w.CreateFormFile("file", "x.png"); err == nil {
			_, err = file.Write(picture)
		}
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return err
	}
	return c.request(http.MethodPost, "/"+c.id+"/attachments", w.FormDataContentType(), &form, new(struct{}))
}
