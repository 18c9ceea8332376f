package cli

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/yingda/yingda/node"
)

// TestAccounts: any number stands in the file, one in the environment; what is wrong is named.
func TestAccounts(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(secret, []byte("of the file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, file string
		env        map[string]string
		want       []string
		err        string
	}{
		{name: "none"},
		{name: "environment", env: map[string]string{"YINGDA_CHAT_BOT_TOKEN": "t", "YINGDA_CHAT_BOT_URL": "u"}, want: []string{"name=default token=t url=u"}},
		{name: "its secret in a file", env: map[string]string{"YINGDA_CHAT_BOT_TOKEN_FILE": secret}, want: []string{"name=default token=of the file"}},
		{name: "file", file: "chat-bot:\n- {name: a, token: 1}\n- {name: b, token-file: " + secret + "}", want: []string{"name=a token=1", "name=b token=of the file"}},
		{name: "both", file: "chat-bot: [{name: a, token: x}]", env: map[string]string{"YINGDA_CHAT_BOT_TOKEN": "t"}, want: []string{"name=default token=t", "name=a token=x"}},
		{name: "no name", file: "chat-bot: [{token: x}]", err: "account 1 of chat-bot has no name"},
		{name: "twice", file: "chat-bot: [{name: a, token: x}, {name: a, token: y}]", err: `two accounts of chat-bot are named "a"`},
		{name: "unknown", file: "chat-bot: [{name: a, colour: red}]", err: `no setting "colour" in an account of chat-bot`},
		{name: "no secret", file: "chat-bot: [{name: a, url-file: x}]", err: `no setting "url-file"`},
		{name: "value and file", file: "chat-bot: [{name: a, token: x, token-file: " + secret + "}]", err: "keep one of them"},
		{name: "missing file", file: "chat-bot: [{name: a, token-file: nowhere}]", err: "cannot read token-file"},
		{name: "no list", file: "chat-bot: x", err: "line 1: chat-bot is a list"},
		{name: "a list where one value stands", file: "colour: [red]", err: "line 1: colour is one value"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSettings("test")
			bots := s.declareAccounts(node.ChannelKind{Setting: "chat-bot", Fields: []node.Field{{Name: "token", Usage: "`TOKEN`", Secret: true}, {Name: "url", Usage: "`URL`"}}})
			s.text("colour", "YINGDA_COLOUR", "", "`NAME`")
			s.declareFile()
			args := []string{}
			if tt.file != "" {
				args = []string{"-config", filepath.Join(t.TempDir(), "yingda.yaml")}
				if err := os.WriteFile(args[1], []byte(tt.file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := s.parse(terminal{getenv: func(name string) string { return tt.env[name] }}, args)
			var got []string
			if err == nil {
				var all []node.Account
				all, err = bots.all()
				for _, one := range all {
					got = append(got, written(one))
				}
			}
			if tt.err == "" && (err != nil || !slices.Equal(got, tt.want)) || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("accounts %q, %v, want %q, %s", got, err, tt.want, tt.err)
			}
		})
	}
}

// written is an account on one line.
func written(a node.Account) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(a)) {
		parts = append(parts, name+"="+a[name])
	}
	return strings.Join(parts, " ")
}
