package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// settings reads a command's flags, then for those not given the environment, then the YAML file
// of -config.
type settings struct {
	command command
	flags   *flag.FlagSet
	env     map[string]string // flag → environment variable
	config  *string           // nil: the command takes no file
}

func newSettings(c command) *settings {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	return &settings{command: c, flags: fs, env: map[string]string{}}
}

// text declares a setting; its YAML name is the flag's.
func (s *settings) text(name, env, value, usage string) *string {
	if env != "" {
		s.env[name] = env
	}
	return s.flags.String(name, value, usage)
}

func (s *settings) bool(name, usage string) *bool { return s.flags.Bool(name, false, usage) }

// file declares -config.
func (s *settings) file() {
	s.config = s.text("config", "YINGDA_CONFIG", "", "YAML `FILE` with any of these settings")
}

// parse reads args and returns what stands behind the flags.
func (s *settings) parse(t terminal, args []string) ([]string, error) {
	switch err := s.flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		s.help(t.out)
		return nil, errHelp
	case err != nil:
		return nil, usageError{err.Error()}
	}
	given := map[string]bool{}
	s.flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for name, env := range s.env {
		if value := t.getenv(env); value != "" && !given[name] {
			given[name] = true
			if err := s.flags.Set(name, value); err != nil {
				return nil, usagef("%s: %v", env, err)
			}
		}
	}
	if s.config != nil && *s.config != "" {
		return s.flags.Args(), s.parseFile(*s.config, given)
	}
	return s.flags.Args(), nil
}

// parseFile sets what neither a flag nor the environment has.
func (s *settings) parseFile(file string, given map[string]bool) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return usagef("cannot read the settings: %v", err)
	}
	var values map[string]string
	if err := yaml.Unmarshal(data, &values); err != nil {
		return usagef("%s: %s", file, strings.Join(strings.Fields(err.Error()), " ")) // YAML's errors have many lines
	}
	for name, value := range values {
		if s.env[name] == "" {
			return usagef("%s: no setting %q", file, name)
		}
		if !given[name] {
			if err := s.flags.Set(name, value); err != nil {
				return usagef("%s: %s: %v", file, name, err)
			}
		}
	}
	return nil
}

// help lists every setting under its three names, and the examples.
func (s *settings) help(w io.Writer) {
	fmt.Fprintln(w, strings.TrimSpace("yingda "+s.command.name+" [flags] "+s.command.args))
	fmt.Fprintf(w, "\n%s\n", s.command.short)
	heading := "\nFlags:\n" // a command without flags has none
	s.flags.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(w, "%s%s\n        %s", heading, strings.TrimRight("  -"+f.Name+" "+value, " "), usage)
		if f.DefValue != "" && f.DefValue != strconv.FormatBool(false) {
			fmt.Fprintf(w, " (default %s)", f.DefValue)
		}
		if env := s.env[f.Name]; env != "" {
			fmt.Fprintf(w, "\n        environment %s", env)
			if s.config != nil && f.Name != "config" {
				fmt.Fprintf(w, ", file %s:", f.Name)
			}
		}
		fmt.Fprintln(w)
		heading = ""
	})
	s.command.printExamples(w)
}

// oneOf tells whether value is among allowed, and a usage error if not.
func oneOf(what, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return usagef("%s %q is not one of %v", what, value, allowed)
}
