package kb

import (
	"reflect"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/yingda/yingda/content"
)

// TestBundledReading: no list of the words by which messages are read is empty, and none has an empty word.
func TestBundledReading(t *testing.T) {
	lib, _, err := Load(content.FS(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	lists := 0
	walkLists(reflect.ValueOf(lib.Phrases.Reading), "reading", func(path string, words []string) {
		if lists++; len(words) == 0 {
			t.Errorf("%s is empty", path)
		}
	})
	if lists < 30 || lib.Phrases.Reading.Particles == "" {
		t.Errorf("%d lists are walked", lists)
	}
	for in, want := range map[string][]string{"好": nil, " ": {"reading.picks.all"}} {
		p := Phrases{Reading: Reading{Picks: Picks{All: []string{in}}}}
		if got := emptyWords(&p); !slices.Equal(got, want) {
			t.Errorf("an empty word with %q: %q, want %q", in, got, want)
		}
	}
}

// TestBorrowedWords: a guide's own detail that has no labels has the bundled ones, and so has its own section of reading.
func TestBorrowedWords(t *testing.T) {
	own := fstest.MapFS{"phrases.yaml": {Data: []byte("details: {serial: {name: 机身号, ask: a, where: b, example: c}}\nreading: {picks: {all: [全都来]}}\n")}}
	lib, _, err := Load(own, content.FS(), nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &lib.Phrases
	if d := p.Details[SlotSerial]; d.Name != "机身号" || len(d.Labels) == 0 || len(d.Mentions) == 0 {
		t.Errorf("the detail is %+v", d)
	}
	if picks := p.Reading.Picks; !slices.Equal(picks.All, []string{"全都来"}) || len(picks.First) == 0 || len(p.Reading.Question) == 0 {
		t.Errorf("the words are %+v", picks)
	}
}
