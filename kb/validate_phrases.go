package kb

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/yingda/yingda/finding"
)

// checkPhrases finds what is wrong with a guide's own phrases. The bundled ones speak of the bundled guide.
func checkPhrases(l *Library) (found finding.List) {
	if !l.ownPhrases {
		return nil
	}
	report := func(level finding.Level, text, fix string) {
		found = append(found, finding.Finding{File: phrasesFile, Line: 1, Level: level, Text: text, Fix: fix})
	}
	for _, c := range l.Phrases.Categories {
		for _, id := range c.Quick {
			if _, ok := l.Article(id); !ok {
				report(finding.Warning, fmt.Sprintf("quick question %q of %s does not exist", id, c.ID), "correct the id or drop it")
			}
		}
	}
	for intent := range l.Phrases.Intents {
		if !slices.Contains(Intents(), intent) {
			report(finding.Warning, fmt.Sprintf("unknown intent %q", intent), "use human, greet, thanks, bye or unsolved")
		}
	}
	checkHandover(l, report)
	for i, t := range l.Phrases.Triggers {
		checkTrigger(l, fmt.Sprintf("trigger %d", i+1), t, report)
	}
	return found
}

// reportFunc reports one finding about phrases.yaml.
type reportFunc func(level finding.Level, text, fix string)

// checkHandover checks the sections about the way to a person.
func checkHandover(l *Library, report reportFunc) {
	p := &l.Phrases
	for slot := range p.Details {
		if !slot.valid() {
			report(finding.Warning, fmt.Sprintf("unknown detail %q in details", slot), "use one of "+joinSlots())
		}
	}
	for _, path := range emptyWords(p) {
		report(finding.Warning, "an empty word in "+path, "drop it: it would fit every message")
	}
	for _, a := range p.Reading.Aspects {
		if _, err := regexp.Compile(a.Pattern); err != nil {
			report(finding.Error, fmt.Sprintf("aspect %q has no pattern: %v", a.Kind, err), "write a regular expression as RE2 reads it")
		}
	}
	for cue := range p.Words {
		if !slices.Contains(Cues(), cue) {
			report(finding.Warning, fmt.Sprintf("unknown cue %q in words", cue), fmt.Sprintf("use one of %v", Cues()))
		}
	}
}

// checkTrigger checks one trigger. Without a right reason and urgency a ticket could not be kept.
func checkTrigger(l *Library, name string, t Trigger, report reportFunc) {
	if !slices.Contains(Reasons(), t.Reason) {
		report(finding.Error, fmt.Sprintf("%s has reason %q", name, t.Reason), fmt.Sprintf("use one of %v", Reasons()))
	}
	if !slices.Contains(Urgencies(), t.Urgency) {
		report(finding.Error, fmt.Sprintf("%s has urgency %q", name, t.Urgency), fmt.Sprintf("use one of %v", Urgencies()))
	}
	if len(t.Articles)+len(t.Words) == 0 {
		report(finding.Warning, name+" never fires", "give it articles or words")
	}
	for _, id := range t.Articles {
		if _, ok := l.Article(id); !ok && !t.fromBase {
			report(finding.Warning, fmt.Sprintf("%s names an article %q that does not exist", name, id), "correct the id or drop it")
		}
	}
	if slices.Contains(t.Words, "") {
		report(finding.Warning, name+" has an empty word", "drop it: it would fit every message")
	}
}
