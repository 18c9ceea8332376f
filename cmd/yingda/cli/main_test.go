package cli

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/yingda/yingda/node"
)

var update = flag.Bool("update", false, "rewrite the golden parts of the scripts")

// TestMain lets the scripts call this test binary as `yingda`.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"yingda": func() { Main(node.OpenStore) }})
}

// smallGuide is a guide of four articles, indexed in no time.
const smallGuide = "../../../api/testdata/guide"

// TestScripts runs testdata/script/*.txt. Each finds the small guide in guide, and may say
// `exits CODE COMMAND…` where the exit code matters, and `customer DIR TEXT…` to have a customer say
// things in a new conversation, with a serve on that data folder that stops behind it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			return os.CopyFS(filepath.Join(e.WorkDir, "guide"), os.DirFS(smallGuide))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "customer": customer},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if err != nil || neg {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	got := 0
	var failed *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &failed):
		got = failed.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// customer leaves the conversation's id in $CONVERSATION and the newest ticket's number in $TICKET.
func customer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: customer DIR TEXT…")
	}
	s, err := startServe(ts.Getenv, "-data", ts.MkAbs(args[0]), "-content", ts.MkAbs("guide"))
	if err != nil {
		ts.Fatalf("%v", err)
	}
	defer func() {
		if code := s.stop(); code != exitOK {
			ts.Fatalf("serve: exit code %d\n%s", code, s.log)
		}
	}()
	c, err := s.open()
	for _, text := range args[1:] {
		var said turned
		if err == nil {
			said, err = c.say(text)
		}
		for _, r := range said.Replies {
			if r.Ticket != "" {
				ts.Setenv("TICKET", r.Ticket)
			}
		}
	}
	if err != nil {
		ts.Fatalf("%v", err)
	}
	ts.Setenv("CONVERSATION", c.id)
}
