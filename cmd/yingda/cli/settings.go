package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/yingda/yingda/finding"
	"github.com/yingda/yingda/node"
	"github.com/yingda/yingda/store"
)

// terminal is what a command sees of the world.
type terminal struct {
	in        io.Reader
	out       io.Writer
	err       io.Writer
	getenv    func(string) string
	openStore func(context.Context, store.Options) (node.Store, error) // of serve
}

// usageError is a mistake of whoever typed the command.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// errHelp says that help was printed and nothing else is to do.
var errHelp = errors.New("help was asked for")

// settings reads a command's flags, then for those not given the environment, then the YAML file
// of -config.
type settings struct {
	flags   *flag.FlagSet
	env     map[string]string // flag → environment variable
	secrets []secret
	lists   map[string]listDecoder // what the file may hold several of
	config  *string                // nil: the command takes no file
	opened  map[string]bool        // the files that secrets were read from
	foreign func(name string) bool // tells settings of other commands, which the file may hold too; may be nil

	intro, examples string // the beginning and the end of help
}

// listDecoder takes what stands under a name of the file.
type listDecoder func(file string, n yaml.Node) error

// secret is a setting whose value may stand in a file of its own.
type secret struct {
	name        string
	value, file *string
}

func newSettings(name string) *settings {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	return &settings{flags: fs, env: map[string]string{}, lists: map[string]listDecoder{}, opened: map[string]bool{}}
}

// text declares a setting; its YAML name is the flag's.
func (s *settings) text(name, env, value, usage string) *string {
	p := new(string)
	s.textVar(p, name, env, value, usage)
	return p
}

func (s *settings) textVar(p *string, name, env, value, usage string) {
	s.env[name] = env
	s.flags.StringVar(p, name, value, usage)
}

func (s *settings) bool(name, usage string) *bool { return s.flags.Bool(name, false, usage) }

// numberVar declares a setting that is a whole number.
func (s *settings) numberVar(p *int, name, env string, value int, usage string) {
	s.env[name] = env
	s.flags.IntVar(p, name, value, usage)
}

// secretVar declares a setting that no other user of the machine may read: also as NAME-file.
func (s *settings) secretVar(p *string, name, env, usage string) {
	s.textVar(p, name, env, "", usage)
	file := s.text(name+"-file", env+"_FILE", "", "`FILE` that holds -"+name+" instead: a flag can be seen in the list of processes")
	s.secrets = append(s.secrets, secret{name, p, file})
}

// durationVar declares a length of time, in days too: 180d, 12h, 90s.
func (s *settings) durationVar(p *time.Duration, name, env string, value time.Duration, usage string) {
	s.env[name] = env
	*p = value
	s.flags.Var((*duration)(p), name, usage)
}

// duration is a length of time as people write it.
type duration time.Duration

// String is the shortest way to write it.
func (d *duration) String() string {
	const day = 24 * time.Hour
	switch t := time.Duration(*d); {
	case t == 0:
		return "0"
	case t%day == 0:
		return strconv.FormatInt(int64(t/day), 10) + "d"
	default:
		return t.String()
	}
}

// Set reads it.
func (d *duration) Set(text string) error {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		const maxDays = 100 * 365
		if n, err := strconv.Atoi(days); err == nil && n >= 0 && n <= maxDays {
			*d = duration(time.Duration(n) * 24 * time.Hour)
			return nil
		}
	} else if t, err := time.ParseDuration(text); err == nil && t >= 0 {
		*d = duration(t)
		return nil
	}
	return errors.New("write a length of time such as 180d, 12h or 90s; 0 turns it off")
}

// declareFile declares -config.
func (s *settings) declareFile() {
	s.config = s.text("config", "YINGDA_CONFIG", "", "YAML `FILE` with any of these settings")
}

// parseMixed is parse for flags that may also stand behind the arguments.
func (s *settings) parseMixed(t terminal, args []string) ([]string, error) {
	var flags, rest []string
	for len(args) > 0 {
		before := len(args)
		if err := s.flags.Parse(args); err != nil {
			return s.parse(t, args) // which says what is wrong
		}
		flags = append(flags, args[:before-s.flags.NArg()]...)
		if args = s.flags.Args(); len(args) > 0 {
			rest, args = append(rest, args[0]), args[1:]
		}
	}
	_, err := s.parse(t, flags)
	return rest, err
}

// parseOne is parseMixed for a command that takes one argument: what it is, such as a folder.
func (s *settings) parseOne(t terminal, args []string, what string) (string, error) {
	rest, err := s.parseMixed(t, args)
	switch {
	case err != nil:
		return "", err
	case len(rest) != 1:
		return "", usagef("name one %s, not %d", what, len(rest))
	}
	return rest[0], nil
}

// parseNone is parse for a command that takes no argument.
func (s *settings) parseNone(t terminal, args []string) error {
	rest, err := s.parse(t, args)
	if err == nil && len(rest) > 0 {
		return usagef("unexpected %q: %s takes flags only", rest[0], s.flags.Name())
	}
	return err
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
	rest := s.flags.Args()
	if err := s.parseElsewhere(t); err != nil {
		return nil, err
	}
	return rest, s.readSecrets()
}

// parseElsewhere takes from the environment and the file what no flag has said.
func (s *settings) parseElsewhere(t terminal) error {
	given := map[string]bool{}
	s.flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for name, env := range s.env {
		if value := t.getenv(env); value != "" && !given[name] {
			given[name] = true
			if err := s.flags.Set(name, value); err != nil {
				return usagef("%s: %v", env, err)
			}
		}
	}
	if s.config != nil && *s.config != "" {
		return s.parseFile(*s.config, given)
	}
	return nil
}

// readSecrets fills in those that stand in files of their own.
func (s *settings) readSecrets() error {
	for _, one := range s.secrets {
		var err error
		if *one.value, err = s.readSecret("-"+one.name, "", *one.value, *one.file); err != nil {
			return err
		}
	}
	return nil
}

// readSecret is the value of a setting, which may stand in a file instead; of says whose setting it is, "" where
// the name tells that.
func (s *settings) readSecret(name, of, value, file string) (string, error) {
	switch {
	case file == "":
		return value, nil
	case value != "":
		return "", usagef("both %s and %s-file%s are set; keep one of them", name, name, of)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", usagef("cannot read %s-file%s: %v", name, of, err)
	}
	s.opened[file] = true
	if value = strings.TrimSpace(string(data)); value == "" {
		return "", usagef("%s is empty: write %s%s into it", file, name, of)
	}
	return value, nil
}

// parseFile sets what neither a flag nor the environment has.
func (s *settings) parseFile(file string, given map[string]bool) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return usagef("cannot read the settings: %v", err)
	}
	var values map[string]yaml.Node
	if err := yaml.Unmarshal(data, &values); err != nil {
		return usagef("%s: %s", file, strings.Join(strings.Fields(err.Error()), " ")) // YAML's errors have many lines
	}
	byLine := func(a, b string) int { return values[a].Line - values[b].Line }
	for _, name := range slices.SortedFunc(maps.Keys(values), byLine) {
		if err := s.set(file, name, values[name], given[name]); err != nil {
			return err
		}
	}
	return nil
}

// set takes one setting of the file, unless it was given elsewhere already.
func (s *settings) set(file, name string, value yaml.Node, given bool) error {
	decode := s.lists[name]
	switch {
	case decode != nil:
		return decode(file, value)
	case s.env[name] == "" && s.foreign != nil && s.foreign(name):
		return nil
	case s.env[name] == "":
		return usagef("%s: no setting %q", file, name)
	case value.Kind != yaml.ScalarNode:
		return usagef("%s, line %d: %s is one value", file, value.Line, name)
	case given:
		return nil
	}
	if err := s.flags.Set(name, value.Value); err != nil {
		return usagef("%s: %s: %v", file, name, err)
	}
	if slices.ContainsFunc(s.secrets, func(one secret) bool { return one.name == name }) {
		s.opened[file] = true
	}
	return nil
}

// openFiles are the files with secrets that others of this machine may read or write.
func (s *settings) openFiles() (found finding.List) {
	for _, file := range slices.Sorted(maps.Keys(s.opened)) {
		info, err := os.Stat(file)
		if err != nil || runtime.GOOS == "windows" {
			continue // it was there a moment ago
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 {
			found.Add(finding.Warning, "chmod 600 "+file, "%s holds a secret and is open to others (mode %04o)", file, mode)
		}
	}
	return found
}

// help lists every setting under its three names, and the examples.
func (s *settings) help(w io.Writer) {
	fmt.Fprintln(w, s.intro)
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
	fmt.Fprint(w, "\nExamples:\n")
	for line := range strings.Lines(strings.TrimSpace(s.examples)) {
		fmt.Fprintf(w, "  %s\n", strings.TrimSpace(line))
	}
}

// oneOf tells whether value is among allowed, and a usage error if not.
func oneOf[T ~string](what, value string, allowed ...T) error {
	if slices.Contains(allowed, T(value)) {
		return nil
	}
	return usagef("%s %q is not one of %v", what, value, allowed)
}
