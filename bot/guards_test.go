package bot

import (
	"io/fs"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/zh"
)

// guardedTexts are what customers write: the golden questions, in whose words the guards fire and pass, each alone and
// behind the one before, and what guards may stumble over.
func guardedTexts(tb testing.TB) []string {
	tb.Helper()
	golden, err := fs.ReadFile(content.FS(), "golden.tsv")
	if err != nil {
		tb.Fatal(err)
	}
	texts := []string{
		"", "SN：N53 0001 2345", "ＳＮ：ｎ５３０００１２３４５", "昨晚9点半收了三千八", "小票上写的是平价烟酒店，账单显示某某百货商行", "848100058120001", "me 31打不开", "ME-31", "联迪 a8",
		"\xe4\xb8收了\xff3800元\x00幺幺幺幺幺幺", "十十百万", "一", "一直一", "二百", "收了我两百五十块", "骗子让我转了钱", "第一个", "第10个", "1", "九", "收到收到", "退不退", "那要多久呀", "都三天了",
	}
	before := ""
	for line := range strings.Lines(string(golden)) {
		question, _, _ := strings.Cut(line, "\t")
		texts = append(texts, question, before+"，"+question)
		before = question
	}
	return texts
}

// unguarded is what reads everything as far as it can: every signature passes.
func unguarded(lib *kb.Library) (*slotReader, *alarms) {
	slots := newSlotReader(lib)
	for slot, l := range slots.labels {
		l.marks = []signature{0}
		slots.labels[slot] = l
	}
	for i := range slots.brands {
		slots.brands[i].mark = 0
	}
	words := newVocabulary(lib)
	alarms := newAlarms(lib, words)
	for _, patterns := range [][]pattern{alarms.dangers, alarms.triggers, alarms.threats} {
		for i := range patterns {
			patterns[i].marks = []signature{0}
		}
	}
	return slots, alarms
}

// guards compares, text by text, what is read with the guards and without them.
type guards struct {
	slots, openSlots   *slotReader
	alarms, openAlarms *alarms
	words              *vocabulary
}

func newGuards(tb testing.TB) *guards {
	tb.Helper()
	lib := bundled(tb)
	g := &guards{slots: newSlotReader(lib), words: newVocabulary(lib)}
	g.alarms = newAlarms(lib, g.words)
	g.openSlots, g.openAlarms = unguarded(lib)
	return g
}

func (g *guards) check(t *testing.T, text string, asked []kb.Slot) {
	t.Helper()
	now := time.Date(2026, 11, 23, 7, 15, 0, 0, time.UTC)
	got, rest := g.slots.recognize(text, asked, now)
	want, wantRest := g.openSlots.recognize(text, asked, now)
	if !maps.Equal(got, want) || rest != wantRest {
		t.Errorf("%q, asked %v: read %v besides %q, want %v besides %q", text, asked, got, rest, want, wantRest)
	}
	folded := zh.FoldLight(text)
	if spelled := zh.SpelledDigits(folded); !mayHoldSum(spelled) && matchesAny(spelled, g.slots.spent, g.slots.priced, g.slots.sum) {
		t.Errorf("%q holds a sum", text)
	}
	var u, open Understanding
	g.alarms.find(&u, g.words.hear(text))
	g.openAlarms.find(&open, g.words.hear(text))
	if !reflect.DeepEqual(u, open) {
		t.Errorf("%q: %v, %v, %q, want %v, %v, %q", text, u.Danger, u.Triggers, u.Tone, open.Danger, open.Triggers, open.Tone)
	}
	if got, want := g.words.asking.removeFrom(folded), removeAll(folded, g.words.asking.words); got != want {
		t.Errorf("%q: %q is left, want %q", text, got, want)
	}
	said := g.words.hear(text)
	for cue, words := range g.words.cues {
		if whole := words[said.core] || words[unrepeated(said.core)] || words[squeeze(said.core)]; whole && said.core != "" && !said.isUnsure() && !g.words.says(cue, said) {
			t.Errorf("%q does not say %q", text, cue)
		}
	}
	left := removeAll(g.words.withoutLasting(folded), g.words.asking.words)
	if got, want := g.words.isVague(folded), left != folded && !isWordy(removeAll(left, g.words.polite)); got != want {
		t.Errorf("%q: vague %t, want %t", text, got, want)
	}
	if got, want := compact(text), strings.NewReplacer(" ", "", "-", "").Replace(text); got != want {
		t.Errorf("%q: compact %q, want %q", text, got, want)
	}
}

func matchesAny(text string, patterns ...*regexp.Regexp) bool {
	return slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(text) })
}

// TestGuards: a guard spares work and changes nothing.
func TestGuards(t *testing.T) {
	g := newGuards(t)
	for _, text := range guardedTexts(t) {
		g.check(t, text, nil)
		g.check(t, text, kb.Slots())
	}
}

// FuzzGuards holds the same of any text, and that a signature which says no is right.
func FuzzGuards(f *testing.F) {
	g := newGuards(f)
	for _, text := range guardedTexts(f)[:40] {
		f.Add(text, "收了")
	}
	f.Fuzz(func(t *testing.T, text, word string) {
		g.check(t, text, nil)
		g.check(t, text, kb.Slots())
		if !utf8.ValidString(word) { // a guide's words are valid
			return
		}
		if strings.Contains(text, word) && !signatureOf(text).mayHold(signatureOf(word)) {
			t.Errorf("%q holds %q", text, word)
		}
		if p, err := regexp.Compile(`(?i)` + regexp.QuoteMeta(word)); err == nil && p.MatchString(text) && !signatureOf(text).mayHold(hanSignatureOf(word)) {
			t.Errorf("%q holds %q in one case or another", text, word)
		}
	})
}

// TestOrdinals: the place of an option is found as by going through all forms of it.
func TestOrdinals(t *testing.T) {
	v := bundledVocabulary(t)
	numerals := []rune(v.Picks.Numerals)
	slow := func(text string, n int) int {
		for i := range min(n, maxOrdinal) {
			numbers := []string{string(rune('1' + i))}
			if i < len(numerals) {
				numbers = append(numbers, string(numerals[i]))
			}
			for _, number := range numbers {
				if text == number || slices.ContainsFunc(v.Picks.Ordinals, func(form string) bool { return text == fill(form, "n", number) }) {
					return i
				}
			}
		}
		if n > 1 && slices.Contains(v.Picks.Last, text) {
			return n - 1
		}
		return -1
	}
	texts := append(slices.Collect(maps.Keys(v.ordinals)), v.Picks.Last...)
	texts = append(texts, "", "0", "10", "第10个", "十", "随便")
	for _, text := range texts {
		for n := range maxOrdinal + 3 {
			if got, want := v.ordinal(text, n), slow(text, n); got != want {
				t.Errorf("%q of %d options is %d, want %d", text, n, got, want)
			}
		}
	}
}
