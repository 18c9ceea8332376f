package bot

import (
	"strings"
	"unicode"

	"github.com/yingda/yingda/kb"
)

// words are the short replies of Phrases.Words, ready to be looked up.
type words struct {
	whole    map[kb.Cue]map[string]bool // folded messages
	progress []string
}

func newWords(p *kb.Phrases) words {
	w := words{whole: map[kb.Cue]map[string]bool{}, progress: p.Words[kb.CueProgress]}
	for cue, list := range p.Words {
		w.whole[cue] = make(map[string]bool, len(list))
		for _, one := range list {
			w.whole[cue][core(one)] = true
		}
	}
	for cue, option := range map[kb.Cue][]string{
		kb.CueYes: {p.Handover.Yes, p.Handover.Confirm, p.Handover.ResumeYes}, kb.CueNo: {p.Handover.No},
		kb.CueSkip: {p.Handover.Skip}, kb.CueNow: {p.Handover.Now}, kb.CueCancel: {p.Handover.CancelIt},
	} {
		if w.whole[cue] == nil {
			w.whole[cue] = map[string]bool{}
		}
		for _, title := range option {
			w.whole[cue][core(title)] = true
		}
	}
	return w
}

// is tells whether the whole message says cue.
func (w *words) is(cue kb.Cue, text string) bool {
	c := core(text)
	return c != "" && w.whole[cue][c]
}

// asksProgress tells whether a message asks how a case is going.
func (w *words) asksProgress(text string) bool {
	return containsAny(plain(text), w.progress)
}

// core is a short message without case, punctuation and the particles at its end.
func core(text string) string {
	kept := strings.Map(func(r rune) rune {
		if unicode.IsPunct(r) || unicode.IsSpace(r) || unicode.IsSymbol(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, plain(text))
	if short := strings.TrimRight(kept, "吧呀啊哦呢嘛啦哈噢哟喔咯嘞"); short != "" {
		return short
	}
	return kept
}

func containsAny(text string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}
