package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/node"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
)

// poison sets colours and a title in a terminal, clears it, moves back in the line, begins commands by one character,
// and turns the direction of what follows.
const poison = "\x1b[31m\x1b]0;毒\x07\x1b[2J\r\b\x7f\u009b1m\u009d0;毒\u009c\u202e\u2066\u200f毒"

// steering are the characters of a text that would steer a terminal.
func steering(text string) (found []rune) {
	for _, r := range text {
		if r != '\n' && r != '\t' && (r < ' ' || r >= 0x7f && r <= 0x9f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f) {
			found = append(found, r)
		}
	}
	return found
}

// TestPrinter: what steers a terminal is printed as its code, however the text is cut on its way.
func TestPrinter(t *testing.T) {
	const in, want = "一\x1b[31m二\u009b\u202e三\r\n\t" + "\xff四", `一\u001b[31m二\u009b\u202e三\u000d` + "\n\t�四"
	for size := 1; size <= len(in); size++ {
		var out bytes.Buffer
		p := &printer{w: &out}
		for rest := in; rest != ""; {
			n := min(size, len(rest))
			if got, err := io.WriteString(p, rest[:n]); got != n || err != nil {
				t.Fatal(got, err)
			}
			rest = rest[n:]
		}
		if out.String() != want {
			t.Errorf("in pieces of %d: %q, want %q", size, out.String(), want)
		}
	}
}

// TestCanvas: nothing is drawn but on a terminal that can show it, for somebody who wants it.
func TestCanvas(t *testing.T) {
	tty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tty.Close() }()
	for _, tt := range []struct {
		stream        io.Writer
		term, noColor string
		want          bool
	}{
		{tty, "xterm", "", true},
		{tty, "dumb", "", false},
		{tty, "xterm", "1", false},
		{new(bytes.Buffer), "xterm", "", false},
	} {
		env := map[string]string{"TERM": tt.term, "NO_COLOR": tt.noColor}
		if _, ok := (terminal{err: &printer{w: tt.stream}, getenv: func(name string) string { return env[name] }}).canvas(); ok != tt.want {
			t.Errorf("draws on %T, TERM=%s NO_COLOR=%s: %t", tt.stream, tt.term, tt.noColor, ok)
		}
	}
}

// TestNothingSteersTheTerminal calls every command that prints data on an installation in which everything is poisoned
// that customers, agents and whoever writes the guide may write.
func TestNothingSteersTheTerminal(t *testing.T) {
	data, dir := t.TempDir(), poisonedGuide(t)
	number := poisonedData(t, data, dir)
	other := filepath.Join(t.TempDir(), "other")
	if err := os.CopyFS(other, os.DirFS(smallGuide)); err != nil {
		t.Fatal(err)
	}
	questions := filepath.Join(t.TempDir(), "questions.tsv")
	if err := os.WriteFile(questions, []byte("费率"+strings.ReplaceAll(poison, "\r", "")+"\tprinter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(config, []byte("\"\\e[31m\": 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"ticket", "list"},
		{"ticket", "list", "-json"},
		{"ticket", "show", number},
		{"ticket", "show", "-json", number},
		{"ticket", "show", "-as", "前台", "-contact", number},
		{"ticket", "show", "-as", "前台", "-contact", "-json", number},
		{"ticket", "claim", "-as", "前台", number},
		{"ticket", "note", "-as", "前台", number, "备注"},
		{"ticket", "reply", "-as", "前台" + poison, number, "好"},
		{"ticket", "transfer", "-as", "店长", number, "某" + poison},
		{"ticket", "show", poison},
		{"ticket", "list", "-state", poison},
		{"key", "list"},
		{"key", "add", "-role", "agent", "前台" + poison},
		{"key", "revoke", "没有" + poison},
		{"key", "revoke", "前台" + poison},
		{"import", "-dry", dir},
		{"import", "-dry", other},
		{"import", other},
		{"import", dir},
		{"import", "-bundled", "-dry"},
		{"import", poison},
		{"export", "-dry", other},
		{"export", filepath.Join(t.TempDir(), poison)},
		{"check", dir},
		{"check", "-json", dir},
		{"doctor"},
		{"doctor", "-json"},
		{"ask", "-content", dir, "刷卡手续费是多少"},
		{"ask", "-json", "-content", dir, "刷卡手续费是多少"},
		{"ask", "-why", "-content", dir, "费率" + poison},
		{"ask", "-content", dir},
		{"ask", "-json", "-content", dir, "-"},
		{"eval", "-misses", "-content", dir, questions},
		{"eval", "-json", "-content", dir, questions},
		{"channel", "check"},
		{"forget", "-yes", "没有" + poison},
		{"forget", "-yes", "u" + poison},
		{"backup", filepath.Join(t.TempDir(), poison)},
		{"health", "-url", "http://127.0.0.1:1/" + poison},
		{"version"},
		{poison},
		{"ticket", poison},
		{"ask", "-" + poison},
		{"doctor", "-config", config},
	} {
		var out, errs bytes.Buffer
		term := terminal{strings.NewReader("刷卡手续费是多少" + poison + "\n"), &out, &errs, func(name string) string {
			if name == "YINGDA_DATA" {
				return data
			}
			return ""
		}, node.OpenStore}
		execute(t.Context(), term, args)
		if found := steering(out.String() + errs.String()); len(found) > 0 || !utf8.ValidString(out.String()+errs.String()) {
			t.Errorf("%q prints %q:\n%s%s", args, found, out.String(), errs.String())
		}
		if args[0] == "ticket" && args[1] == "show" && len(args) > 3 && !strings.Contains(out.String(), "毒") {
			t.Errorf("%q: the poison is not there to be seen:\n%s%s", args, out.String(), errs.String())
		}
	}
}

// poisonedGuide is a folder whose articles are poisoned: one loads, and one has a fault for check to tell.
func poisonedGuide(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "guide")
	if err := os.CopyFS(dir, os.DirFS(smallGuide)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "guide/fees/fee-rate.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	escaped := `"刷卡手续费是多少\e[31m\u009b1m\u202e毒"`
	poisoned := strings.NewReplacer("刷卡手续费是多少", escaped, "费率以您的合同为准", "费率以您的合同为准"+strings.ReplaceAll(poison, "\r", ""), "[合同]", "[合同, "+escaped+"]\nverify: ["+escaped+"]\nvalid_until: 2020-01-01").Replace(string(text))
	if err := os.WriteFile(file, []byte(poisoned), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// poisonedData fills a data folder, and returns the number of its ticket.
func poisonedData(t *testing.T, data, dir string) (number string) {
	t.Helper()
	ctx := t.Context()
	db, err := store.Open(ctx, store.Options{Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	files, err := guide.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, edit, err := guide.ImportEdit(ctx, db, poison, files)
	if err == nil {
		_, err = db.EditGuide(ctx, edit)
	}
	_, madeErr := privacy.LoadKeys(filepath.Join(data, "key"))
	sealer, sealErr := node.Config{Data: data}.Sealer()
	_, keyErr := db.AddKey(ctx, "前台"+poison, desk.RoleAdmin)
	_, bossErr := db.AddKey(ctx, "店长", desk.RoleAdmin)
	c, _, openErr := db.OpenConversation(ctx, chat.OpenRequest{Channel: "api" + poison, Customer: chat.Customer{ID: "u" + poison, Name: "名" + poison}})
	if err := errors.Join(err, madeErr, sealErr, keyErr, bossErr, openErr); err != nil {
		t.Fatal(err)
	}
	contact, err := sealer.SealContact(c.ID, "13800000000"+poison)
	if err != nil {
		t.Fatal(err)
	}
	m := chat.Message{Conversation: c.ID, Channel: c.Channel, ExternalID: "m1", Text: "问" + poison, Attachments: []chat.Attachment{{ID: "p" + poison, Type: poison}}}
	turned, err := db.Turn(ctx, m, func(_ context.Context, s *bot.Session) (bot.Outcome, error) {
		for _, f := range s.Device.Fields() {
			*f.Value = f.Name + poison
		}
		return bot.Outcome{
			Reply: chat.Reply{Decision: chat.Escalate, Text: "答" + poison, Articles: []chat.Article{{ID: "x" + poison, Title: "题" + poison}}}, Sealed: contact,
			Ticket: &desk.TicketDraft{
				Number: "1124-AAAA", Reason: desk.Reason("r" + poison), Urgency: desk.Urgency("u" + poison), Category: poison, Summary: "事" + poison,
				Articles: []chat.Article{{ID: "x", Title: "题" + poison}},
			},
		}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.UpdateTicket(ctx, turned.Ticket.ID, desk.Agent{Name: "前台" + poison}, func(before desk.Ticket) (desk.Change, error) {
		return desk.Change{Ticket: before, Event: desk.EventNoted, Note: "注" + poison}, nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return turned.Ticket.Number
}
