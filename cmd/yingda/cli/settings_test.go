package cli

import (
	"os"
	"path/filepath"
	"testing"
	"time"
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
			s := newSettings("test")
			got := s.text("color", "YINGDA_COLOR", "default", "`NAME` of a color")
			s.declareFile()
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

func TestDuration(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want time.Duration
		ok   bool
	}{
		{"180d", 180 * 24 * time.Hour, true},
		{"0", 0, true},
		{"12h30m", 12*time.Hour + 30*time.Minute, true},
		{"0d", 0, true},
		{"", 0, false},
		{"d", 0, false},
		{"180", 0, false},
		{"-1d", 0, false},
		{"-1h", 0, false},
		{"1.5d", 0, false},
		{"99999999999999999d", 0, false},
	} {
		var d duration
		if err := d.Set(tt.in); (err == nil) != tt.ok || time.Duration(d) != tt.want {
			t.Errorf("%q: got %v, %v, want %v", tt.in, time.Duration(d), err, tt.want)
		}
	}
	for in, want := range map[time.Duration]string{0: "0", 48 * time.Hour: "2d", 90 * time.Minute: "1h30m0s"} {
		if got := (*duration)(&in).String(); got != want {
			t.Errorf("%v is written %q, want %q", in, got, want)
		}
	}
}

// TestSecret: a secret stands in a setting or in a file of its own.
func TestSecret(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("of the file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		env  map[string]string
		want string
		ok   bool
	}{
		{"none", nil, "", true},
		{"setting", map[string]string{"YINGDA_S": "of the environment"}, "of the environment", true},
		{"file", map[string]string{"YINGDA_S_FILE": file}, "of the file", true},
		{"both", map[string]string{"YINGDA_S": "x", "YINGDA_S_FILE": file}, "", false},
		{"no file", map[string]string{"YINGDA_S_FILE": file + "x"}, "", false},
		{"empty file", map[string]string{"YINGDA_S_FILE": os.DevNull}, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSettings("test")
			got := new(string)
			s.secretVar(got, "s", "YINGDA_S", "`SECRET`")
			_, err := s.parse(terminal{getenv: func(name string) string { return tt.env[name] }}, nil)
			if (err == nil) != tt.ok || tt.ok && *got != tt.want {
				t.Errorf("got %q, %v, want %q", *got, err, tt.want)
			}
		})
	}
}

// TestForeignSettings: a command takes the file of serve, and refuses what nobody knows.
func TestForeignSettings(t *testing.T) {
	for in, ok := range map[string]bool{"listen: 0.0.0.0:80\ndata: here": true, "colour: red": false} {
		file := filepath.Join(t.TempDir(), "yingda.yaml")
		if err := os.WriteFile(file, []byte(in), 0o600); err != nil {
			t.Fatal(err)
		}
		s := newSettings("test")
		flags := s.declareStorage()
		_, err := s.parse(terminal{getenv: func(string) string { return "" }}, []string{"-config", file})
		if (err == nil) != ok || ok && flags.node.Data != "here" {
			t.Errorf("%q: data %q, %v", in, flags.node.Data, err)
		}
	}
}
