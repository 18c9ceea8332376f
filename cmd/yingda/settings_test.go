package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSettings: a flag goes before the environment, the environment before the file, the file before
// what is built in. An empty variable counts as not set.
func TestSettings(t *testing.T) {
	for _, tt := range []struct {
		name, flag, env, file string
		want                  string
	}{
		{"all", "flag", "env", "file", "flag"},
		{"flag and file", "flag", "", "file", "flag"},
		{"environment and file", "", "env", "file", "env"},
		{"environment", "", "env", "", "env"},
		{"file", "", "", "file", "file"},
		{"none", "", "", "", "default"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSettings(command{name: "test"})
			got := s.text("color", "YINGDA_COLOR", "default", "`NAME` of a color")
			s.file()
			env := map[string]string{"YINGDA_COLOR": tt.env}
			if tt.file != "" {
				env["YINGDA_CONFIG"] = filepath.Join(t.TempDir(), "yingda.yaml")
				if err := os.WriteFile(env["YINGDA_CONFIG"], []byte("color: "+tt.file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			args := []string{"rest"}
			if tt.flag != "" {
				args = []string{"-color", tt.flag, "rest"}
			}
			rest, err := s.parse(terminal{getenv: func(name string) string { return env[name] }}, args)
			if err != nil {
				t.Fatal(err)
			}
			if *got != tt.want || len(rest) != 1 {
				t.Errorf("got %q and %q behind the flags, want %q and one", *got, rest, tt.want)
			}
		})
	}
}
