package cli

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/node"
	"github.com/yingda/yingda/store/storetest"
)

// command runs a command that must work, and returns what it prints.
func (s *running) command(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, errs, code := s.execute(t, name, args)
	if code != exitOK {
		t.Fatalf("%s %q: exit code %d: %s", name, args, code, errs)
	}
	return out
}

// fail runs a command that must fail, and returns why it does.
func (s *running) fail(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, errs, code := s.execute(t, name, args)
	if code != exitFailed {
		t.Fatalf("%s %q: exit code %d: %s%s", name, args, code, out, errs)
	}
	return errs
}

func (s *running) execute(t *testing.T, name string, args []string) (said, errs string, code int) {
	t.Helper()
	var out, failures bytes.Buffer
	term := terminal{in: strings.NewReader(""), out: &out, err: &failures, getenv: func(string) string { return "" }}
	code = execute(t.Context(), term, append(strings.Fields(name), args...))
	return out.String(), failures.String(), code
}

func mustSay(t *testing.T, c *conversation, text string) turned {
	t.Helper()
	out, err := c.say(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func mustEntries(t *testing.T, c *conversation) []chat.Entry {
	t.Helper()
	entries, err := c.entries()
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// handOver has a customer ask for a person, and returns the ticket's number.
func handOver(t *testing.T, c *conversation) string {
	t.Helper()
	for _, text := range []string{"转人工", "直接转人工"} {
		for _, r := range mustSay(t, c, text).Replies {
			if r.Ticket != "" {
				return r.Ticket
			}
		}
	}
	t.Fatal("no ticket was opened")
	return ""
}

// TestNodes: two servers on one PostgreSQL are one to customers, to agents and to whoever edits.
func TestNodes(t *testing.T) {
	database := []string{"-database", storetest.StartPostgres(t, "fsync = off").Database(t), "-data", t.TempDir()}
	dir := editable(t)
	new(running).command(t, "import", append(database, dir)...)
	a, b := start(t, database[:2]...), start(t, database[:2]...)
	atA, err := a.open()
	if err != nil {
		t.Fatal(err)
	}
	atB := atA.at(b)

	t.Run("a conversation", func(t *testing.T) {
		first := mustSay(t, atA, "刷卡手续费是多少")
		if entries := mustEntries(t, atB); len(entries) != 1+len(first.Entries) || !reflect.DeepEqual(entries[0], first.Message) {
			t.Errorf("the other node has %+v, want %+v and its replies", entries, first.Message)
		}
		waited := make(chan []chat.Entry, 1)
		go func() {
			entries, err := atB.after(int64(1+len(first.Entries)), 30*time.Second)
			if err != nil {
				t.Error(err)
			}
			waited <- entries
		}()
		time.Sleep(100 * time.Millisecond) // it waits now
		said := mustSay(t, atA, "打印机不出纸怎么办")
		if entries := <-waited; len(entries) == 0 || !reflect.DeepEqual(entries[0], said.Message) {
			t.Errorf("the other node showed %+v, want %+v", entries, said.Message)
		}
	})
	t.Run("a ticket", func(t *testing.T) {
		number := handOver(t, atB.at(a))
		if list := b.command(t, "ticket list", database...); !strings.Contains(list, number) {
			t.Fatalf("%s does not list %s", list, number)
		}
		b.command(t, "ticket claim", append(database, "-as", "前台", number)...)
		last := mustEntries(t, atB)
		b.command(t, "ticket reply", append(database, "-as", "前台", number, "您好，我来帮您。")...)
		for _, c := range []*conversation{atA, atB} {
			entries, err := c.after(int64(len(last)), 30*time.Second)
			if err != nil || len(entries) != 1 || entries[0].Text != "您好，我来帮您。" || entries[0].From != chat.FromAgent {
				t.Errorf("%+v, %v: no reply of the agent's", entries, err)
			}
		}
		b.command(t, "ticket close", append(database, "-as", "前台", number)...)
	})
	t.Run("an edit", func(t *testing.T) {
		rate := filepath.Join(dir, "guide", "fees", "fee-rate.md")
		save(t, rate, strings.ReplaceAll(read(t, rate), "常见报价约0.6%", "常见报价约0.38%"))
		a.command(t, "import", append(database, dir)...)
		for _, s := range []*running{a, b} {
			eventually(t, patience, func() bool { return strings.Contains(s.ask(t, "刷卡手续费是多少").Text, "0.38%") }, "the edited answer", s.log)
		}
	})
	t.Run("one stops", func(t *testing.T) {
		before := mustEntries(t, atB)
		if code := a.stop(); code != exitOK {
			t.Errorf("exit code %d: %s", code, a.log)
		}
		if after := mustEntries(t, atB); !reflect.DeepEqual(after, before) {
			t.Errorf("%+v after the other node stopped, before %+v", after, before)
		}
		mustSay(t, atB.at(b), "谢谢")
		again := start(t, database[:2]...)
		if after := mustEntries(t, atB.at(again)); len(after) <= len(before) {
			t.Errorf("a new node has %d entries, want more than %d", len(after), len(before))
		}
	})
}

// TestReplyAppears: on SQLite another process's reply is in the customer's page within a second, and a
// restart keeps everything.
func TestReplyAppears(t *testing.T) {
	data := t.TempDir()
	s := start(t, "-content", smallGuide, "-data", data)
	c, err := s.open()
	if err != nil {
		t.Fatal(err)
	}
	mustSay(t, c, "刷卡手续费是多少")
	number := handOver(t, c)
	s.command(t, "ticket claim", "-data", data, "-as", "前台", number)
	last := mustEntries(t, c)
	s.command(t, "ticket reply", "-data", data, "-as", "前台", number, "您好，我来帮您。")
	entries, err := c.after(int64(len(last)), 30*time.Second)
	if err != nil || len(entries) != 1 || entries[0].Text != "您好，我来帮您。" {
		t.Errorf("%+v, %v: no reply of the agent's", entries, err)
	}
	s.command(t, "ticket close", "-data", data, "-as", "前台", number)
	if back := mustSay(t, c, "刷卡手续费是多少"); len(back.Replies) == 0 {
		t.Error("the bot does not answer behind a closed ticket")
	}
	before := mustEntries(t, c)
	s.stop()
	again := start(t, "-content", smallGuide, "-data", data)
	if after := mustEntries(t, c.at(again)); !reflect.DeepEqual(after, before) {
		t.Errorf("after a restart %+v, before %+v", after, before)
	}
}

// TestRestoreDrill: a backup that is made while customers talk serves everything that was acknowledged
// when it began.
func TestRestoreDrill(t *testing.T) {
	data := t.TempDir()
	s := start(t, "-content", smallGuide, "-data", data)
	c, err := s.open()
	if err != nil {
		t.Fatal(err)
	}
	mustSay(t, c, "刷卡手续费是多少")
	number := handOver(t, c)
	before := mustEntries(t, c)
	busy, err := s.open()
	if err != nil {
		t.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for ; ; n++ {
			select {
			case <-stop:
				stopped <- n
				return
			default:
			}
			if _, err := busy.say("打印机不出纸怎么办"); err != nil {
				t.Error(err)
				stopped <- n
				return
			}
			time.Sleep(2100 * time.Millisecond / 60) // below the limit of messages a minute for as long as this lasts
		}
	}()
	file := filepath.Join(t.TempDir(), "backup.tar")
	s.command(t, "backup", "-data", data, file)
	close(stop)
	if n := <-stopped; n == 0 {
		t.Error("nobody talked during the backup: that proves nothing")
	}
	if said := s.fail(t, "restore", "-force", "-data", data, file); !strings.Contains(said, "stop serve first") {
		t.Errorf("while serve runs restore says %q", said)
	}
	s.stop()

	restored := t.TempDir()
	s.command(t, "restore", "-data", restored, file)
	if err := os.WriteFile(filepath.Join(restored, node.KeyFile), []byte(read(t, filepath.Join(data, node.KeyFile))), 0o600); err != nil {
		t.Fatal(err)
	}
	again := start(t, "-content", smallGuide, "-data", restored)
	if after := mustEntries(t, c.at(again)); !reflect.DeepEqual(after, before) {
		t.Errorf("restored %+v, want %+v", after, before)
	}
	if list := again.command(t, "ticket list", "-data", restored); !strings.Contains(list, number) {
		t.Errorf("%s does not list %s", list, number)
	}
	if found := again.command(t, "doctor", "-data", restored); strings.Contains(found, "error") {
		t.Errorf("doctor:\n%s", found)
	}
	mustSay(t, c.at(again), "谢谢")
}

// doctorMisses has doctor look for a picture that is not there.
func doctorMisses(t *testing.T, data, id string) {
	t.Helper()
	file := filepath.Join(data, node.AttachmentsDir, id)
	if err := os.Rename(file, file+".lost"); err != nil {
		t.Fatal(err)
	}
	if found := new(running).command(t, "doctor", "-data", data); !strings.Contains(found, "the files of 1 of 1 are missing") {
		t.Errorf("doctor misses no picture:\n%s", found)
	}
	if err := os.Rename(file+".lost", file); err != nil {
		t.Fatal(err)
	}
}

// TestFolderLeads: what is edited beside the folder is served and told, until the folder's next change.
func TestFolderLeads(t *testing.T) {
	data, dir, other := t.TempDir(), editable(t), editable(t)
	s := start(t, "-content", dir, "-data", data)
	rate := filepath.Join("guide", "fees", "fee-rate.md")
	save(t, filepath.Join(other, rate), strings.ReplaceAll(read(t, filepath.Join(other, rate)), "常见报价约0.6%", "常见报价约0.38%"))
	s.command(t, "import", "-data", data, other)
	eventually(t, patience, func() bool { return strings.Contains(s.ask(t, "刷卡手续费是多少").Text, "0.38%") }, "the other guide", s.log)
	if r := s.ready(t); r.Status != "degraded" || !strings.Contains(strings.Join(r.Problems, "\n"), dir+", which leads") {
		t.Errorf("%+v does not say that the folder leads", r)
	}
	save(t, filepath.Join(dir, rate), strings.ReplaceAll(read(t, filepath.Join(dir, rate)), "常见报价约0.6%", "常见报价约0.5%"))
	eventually(t, patience, func() bool { return strings.Contains(s.ask(t, "刷卡手续费是多少").Text, "0.5%") }, "the folder's guide", s.log)
	if r := s.ready(t); r.Status != "ok" {
		t.Errorf("%+v behind a change of the folder", r)
	}
	// A restart while the folder is broken serves what was served before.
	s.stop()
	save(t, filepath.Join(dir, rate), "no article")
	again := start(t, "-content", dir, "-data", data)
	if text := again.ask(t, "刷卡手续费是多少").Text; !strings.Contains(text, "0.5%") {
		t.Errorf("the last good guide does not answer: %q", text)
	}
	if r := again.ready(t); r.Status != "degraded" {
		t.Errorf("%+v with a broken folder", r)
	}
}

// TestRetain: what is older than -retain is deleted.
func TestRetain(t *testing.T) {
	data := t.TempDir()
	s := start(t, "-content", smallGuide, "-data", data)
	c, err := s.open()
	if err != nil {
		t.Fatal(err)
	}
	mustSay(t, c, "刷卡手续费是多少")
	s.stop()
	time.Sleep(20 * time.Millisecond)
	again := start(t, "-content", smallGuide, "-data", data, "-retain", "10ms")
	gone := func() bool { _, err := c.at(again).entries(); return err != nil }
	eventually(t, patience, gone, "the conversation's end", again.log)
}

// TestPictures: a picture is in the backup, and gone when its customer is forgotten or nobody has it.
func TestPictures(t *testing.T) {
	data, restored := t.TempDir(), t.TempDir()
	s := start(t, "-content", smallGuide, "-data", data)
	c, err := s.open()
	if err != nil {
		t.Fatal(err)
	}
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, image.NewRGBA(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	sent, err := c.show(drawn.Bytes())
	if err != nil || len(sent.Message.Attachments) != 1 {
		t.Fatalf("%+v, %v", sent, err)
	}
	id := sent.Message.Attachments[0].ID
	// A picture that a failed turn left two days ago goes at the next start; the other one stays.
	orphan := filepath.Join(data, node.AttachmentsDir, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	save(t, orphan, "left over")
	for _, file := range []string{orphan, filepath.Join(data, node.AttachmentsDir, id)} {
		longAgo := time.Now().AddDate(0, 0, -2)
		if err := os.Chtimes(file, longAgo, longAgo); err != nil {
			t.Fatal(err)
		}
	}
	s.stop()
	s = start(t, "-content", smallGuide, "-data", data)
	c = c.at(s)
	eventually(t, patience, func() bool { _, err := os.Stat(orphan); return errors.Is(err, os.ErrNotExist) }, "the orphan's end", s.log)
	want, err := c.picture(id)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "backup.tar")
	if said := s.command(t, "backup", "-data", data, file); !strings.Contains(said, "1 pictures") {
		t.Errorf("backup says %q", said)
	}
	if said := s.command(t, "forget", "-yes", "-data", data, c.id); !strings.Contains(said, "1 pictures") {
		t.Errorf("forget says %q", said)
	}
	if left, err := os.ReadDir(filepath.Join(data, node.AttachmentsDir)); err != nil || len(left) > 0 {
		t.Errorf("%v, %v is left of a customer who is forgotten", left, err)
	}
	if said := s.command(t, "restore", "-data", restored, file); !strings.Contains(said, "1 pictures") {
		t.Errorf("restore says %q", said)
	}
	doctorMisses(t, restored, id)
	again := start(t, "-content", smallGuide, "-data", restored)
	if got, err := c.at(again).picture(id); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v: not the picture of %d bytes", len(got), err, len(want))
	}
}
