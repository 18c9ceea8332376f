package desk

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// constants are the values of all constants of a type in a directory, in the order of the source.
func constants[T ~string](t *testing.T, dir string) (values []T) {
	t.Helper()
	name := reflect.TypeFor[T]().Name()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if id, ok := spec.Type.(*ast.Ident); ok && id.Name == name && len(spec.Values) == 1 {
				value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, T(value))
			}
			return true
		})
	}
	if len(values) == 0 {
		t.Fatalf("no constants of type %s in %s", name, dir)
	}
	return values
}

func isHan(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// checkNames demands a Chinese name of each value, no two alike, and that all are the constants of their type.
func checkNames[T ~string](t *testing.T, all, want []T, name func(T) string) {
	t.Helper()
	if !slices.Equal(all, want) {
		t.Errorf("the list is %q, the constants are %q", all, want)
	}
	named := map[string]T{}
	for _, value := range all {
		got := name(value)
		if !isHan(got) {
			t.Errorf("%q is called %q", value, got)
		}
		if other, ok := named[got]; ok {
			t.Errorf("%q and %q are both called %q", value, other, got)
		}
		named[got] = value
	}
	if got := name("new"); got != "new" {
		t.Errorf("an unknown value is called %q", got)
	}
}

// TestNames walks everything that agents read a name of.
func TestNames(t *testing.T) {
	checkNames(t, States(), constants[State](t, "."), StateName)
	checkNames(t, Reasons(), constants[Reason](t, "."), ReasonName)
	checkNames(t, Urgencies(), constants[Urgency](t, "."), UrgencyName)
	checkNames(t, Events(), constants[Event](t, "."), EventName)
	outcomes := constants[Outcome](t, ".")
	if !slices.Equal(Outcomes(), outcomes) {
		t.Errorf("the outcomes are %q, the constants are %q", Outcomes(), outcomes)
	}
	checkNames(t, Outcomes()[1:], outcomes[1:], OutcomeName) // the first is none
	if want := constants[Role](t, "."); !slices.Equal(Roles(), want) {
		t.Errorf("the roles are %q, the constants are %q", Roles(), want)
	}
	authors := constants[chat.Author](t, "../chat")
	checkNames(t, authors, authors, AuthorName)
	channels := channelNames(t)
	if len(channels) < 6 {
		t.Errorf("only %q are channels", channels)
	}
	for _, channel := range append(channels, "widget", "api") {
		if got := ChannelName(channel); !isHan(got) && got != "Telegram" {
			t.Errorf("channel %q is called %q", channel, got)
		}
	}
	if got := ChannelName("line"); got != "line" {
		t.Errorf("an unknown channel is called %q", got)
	}
}

// channelNames are what the method Name of every chat.Channel returns.
func channelNames(t *testing.T) (names []string) {
	t.Helper()
	for _, dir := range []string{"../chat/telegram", "../chat/wechat", "../chat/wechat/kf", "forum", "robot", "webhook"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(source)) {
				_, behind, ok := strings.Cut(line, `Name() string { return "`)
				if !ok {
					_, behind, ok = strings.Cut(line, `const Name = "`)
				}
				if name, _, quoted := strings.Cut(behind, `"`); ok && quoted {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

// TestKnownDetails: every detail of a case has a Chinese name, in the order of its list; what is unknown is left out.
func TestKnownDetails(t *testing.T) {
	if got := KnownDetails(chat.Device{}); len(got) != 0 {
		t.Errorf("of nothing: %+v", got)
	}
	var d chat.Device
	for _, slot := range kb.Slots() {
		*d.Field(string(slot)) = "value of " + string(slot)
	}
	fields := KnownDetails(d)
	if len(fields) != len(kb.Slots()) {
		t.Fatalf("%d fields of %d details", len(fields), len(kb.Slots()))
	}
	for i, slot := range kb.Slots() {
		if got := fields[i]; got.ID != string(slot) || *got.Value != "value of "+string(slot) || !isHan(got.Name) {
			t.Errorf("%s: %+v", slot, got)
		}
	}
}

func TestStateSign(t *testing.T) {
	for _, test := range []struct {
		state   State
		urgency Urgency
		want    string
	}{
		{StateWaiting, UrgencyNormal, "🟡"},
		{StateWaiting, UrgencyHigh, "🟠"},
		{StateWaiting, UrgencyUrgent, "🔴"},
		{StateHeld, UrgencyUrgent, "🟢"},
		{StateClosed, UrgencyUrgent, "✅"},
	} {
		if got := StateSign(Ticket{State: test.state, Urgency: test.urgency}); got != test.want {
			t.Errorf("%s, %s: %s, want %s", test.state, test.urgency, got, test.want)
		}
	}
}

func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		" 两\r\n行\t ":            "两 行",
		"\u202e坏\x00人\u2066":    "坏人",
		"\xff好\u2028的":          "好 的",
		"👨\u200d👩\u200d👧 一家":    "👨\u200d👩\u200d👧 一家",
		"a\u200e\u200fb\x1b[2J": "ab[2J",
	} {
		if got := OneLine(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestEntryText(t *testing.T) {
	if got := EntryText(chat.Entry{Text: "周三"}); got != "周三" {
		t.Error(got)
	}
	if got := EntryText(chat.Entry{Text: "周四", CorrectsSeq: 3}); got != "（更正）周四" {
		t.Error(got)
	}
}
