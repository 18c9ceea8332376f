package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/yingda/yingda/node"
)

// TestEveryCommandRefuses walks all commands: a flag that it does not know, or more words than it takes, is a usage error
// that says what to do, before anything is tried.
func TestEveryCommandRefuses(t *testing.T) {
	for _, c := range everyCommand(program()) {
		mistakes := map[string][]string{"-nosuch": {"-nosuch"}}
		if !slices.Contains([]string{"ask", "ticket reply", "ticket note", "ticket transfer", "ticket close"}, c.name) { // these take a text
			mistakes["three words"] = []string{"一", "二", "三"}
		}
		for name, words := range mistakes {
			t.Run(c.name+" "+name, func(t *testing.T) {
				var out, errs bytes.Buffer
				term := terminal{strings.NewReader(""), &out, &errs, func(name string) string {
					return map[string]string{"YINGDA_DATA": "/nonexistent", "YINGDA_AGENT": "前台"}[name]
				}, node.OpenStore}
				code := execute(t.Context(), term, append(strings.Fields(c.name), words...))
				if code != exitUsage || out.Len() > 0 || !strings.HasSuffix(errs.String(), "; `yingda "+c.name+" -help` shows how\n") || strings.Contains(errs.String(), "/nonexistent") {
					t.Errorf("exit code %d, %q, %q", code, out.String(), errs.String())
				}
			})
		}
	}
}

// TestHelpOfEveryCommand: help stands before or behind a command's name.
func TestHelpOfEveryCommand(t *testing.T) {
	for _, c := range everyCommand(program()) {
		var before, behind bytes.Buffer
		for out, args := range map[*bytes.Buffer][]string{&before: append([]string{"help"}, strings.Fields(c.name)...), &behind: append(strings.Fields(c.name), "-help")} {
			term := terminal{strings.NewReader(""), out, out, func(string) string { return "" }, node.OpenStore}
			if code := execute(t.Context(), term, args); code != exitOK {
				t.Errorf("%q: exit code %d: %s", args, code, out.String())
			}
		}
		if before.String() != behind.String() || !strings.HasPrefix(behind.String(), "yingda "+c.name+" ") {
			t.Errorf("%s: %q, %q", c.name, before.String(), behind.String())
		}
	}
}

// everyCommand are the commands that do something.
func everyCommand(c command) (all []command) {
	if c.verbs == nil {
		return []command{c}
	}
	for _, v := range c.verbs {
		all = append(all, everyCommand(v)...)
	}
	return all
}
