package bot

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

// TestNoWordsInCode holds that what customers say and read stands in phrases.yaml: no file of the room
// has a Chinese literal, but the grammar of numbers and dates.
func TestNoWordsInCode(t *testing.T) {
	allowed := map[string]int{
		"slotvalues.go": 10, // numerals, dates, clocks and ago
	}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		ast.Inspect(tree, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && strings.ContainsFunc(l.Value, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				found = append(found, l.Value)
			}
			return true
		})
		if len(found) > allowed[f.Name()] {
			t.Errorf("%s has Chinese literals: %s", f.Name(), strings.Join(found, " "))
		}
	}
}

// TestSlotsAreDevice: the table of slots and the fields of a device are the same, in the same order, and each
// is asked for by the bundled guide.
func TestSlotsAreDevice(t *testing.T) {
	details := bundled(t).Phrases.Details
	device := reflect.TypeFor[chat.Device]()
	var names []string
	for i := range device.NumField() {
		names = append(names, device.Field(i).Tag.Get("json"))
	}
	var slots []string
	for _, spec := range kb.SlotSpecs() {
		slots = append(slots, string(spec.Slot))
		if new(chat.Device).Field(string(spec.Slot)) == nil {
			t.Errorf("a device has no place for %s", spec.Slot)
		}
		if spec.With != "" && spec.With.Spec().With != spec.Slot {
			t.Errorf("%s is asked for with %s, which is not asked for with it", spec.Slot, spec.With)
		}
		if d := details[spec.Slot]; d.Name == "" || d.Ask == "" || d.Where == "" {
			t.Errorf("the bundled guide does not ask for %s", spec.Slot)
		}
		known := slices.ContainsFunc(recognisers(), func(r recogniser) bool { return r.slot == spec.Slot })
		if !known && len(details[spec.Slot].Labels) == 0 {
			t.Errorf("%s is neither in the table of recognisers nor told behind a label", spec.Slot)
		}
	}
	if !slices.Equal(names, slots) {
		t.Errorf("the device has %q, the slots are %q", names, slots)
	}
}

// TestReasons: the reasons and urgencies that a guide's triggers may give are those that a ticket has.
func TestReasons(t *testing.T) {
	reasons := []desk.Reason{desk.ReasonMoney, desk.ReasonFraud, desk.ReasonFrozen, desk.ReasonAngry}
	urgencies := []desk.Urgency{desk.UrgencyNormal, desk.UrgencyHigh, desk.UrgencyUrgent}
	if got := convert[desk.Reason](kb.Reasons()); !slices.Equal(got, reasons) {
		t.Errorf("reasons of triggers: %q, want %q", got, reasons)
	}
	if got := convert[desk.Urgency](kb.Urgencies()); !slices.Equal(got, urgencies) {
		t.Errorf("urgencies of triggers: %q, want %q", got, urgencies)
	}
}

func convert[T ~string](names []string) []T {
	out := make([]T, len(names))
	for i, name := range names {
		out[i] = T(name)
	}
	return out
}
