package kb

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/yingda/yingda/finding"
)

// Validate finds everything that is wrong with a loaded guide beyond its syntax, on the day of now:
// errors and warnings, and as Verify what a person must check before launch.
func Validate(l *Library, now time.Time) finding.List {
	v := validator{lib: l, now: now, firstAsked: map[string]*Article{}}
	for i := range l.Articles {
		v.checkArticle(&l.Articles[i])
	}
	v.checkCodes()
	v.checkPhrases()
	v.findings.Sort()
	return v.findings
}

type validator struct {
	lib        *Library
	now        time.Time
	firstAsked map[string]*Article // folded phrasing → the first article that has it
	findings   finding.List
}

func (v *validator) report(a *Article, field string, level finding.Level, text, fix string) {
	v.reportAt(a.File, a.line(field), level, text, fix)
}

func (v *validator) reportAt(file string, line int, level finding.Level, text, fix string) {
	v.findings = append(v.findings, finding.Finding{File: file, Line: max(1, line), Level: level, Text: text, Fix: fix})
}

func (v *validator) checkArticle(a *Article) {
	v.checkFields(a)
	v.checkPhrasings(a)
	v.checkRelated(a)
	v.checkLead(a)
	v.checkDates(a)
	v.checkLinks(a)
	v.checkMarkdown(a)
	for _, fact := range a.Facts {
		if !strings.Contains(a.Body, fact) {
			v.report(a, "facts", finding.Warning, "the answer no longer says 「"+fact+"」", "say it again, or take it out of facts")
		}
	}
	for _, number := range secretNumbers(a.Title + "\n" + strings.Join(a.Asks, "\n") + "\n" + a.Body) {
		v.report(a, "body", finding.Error, "「"+number+"」 looks like a card or identity number", "take it out, or blank it with asterisks")
	}
	for _, item := range a.Verify {
		v.report(a, "verify", finding.Verify, item, "")
	}
}

func (v *validator) checkFields(a *Article) {
	known := slices.ContainsFunc(v.lib.Phrases.Categories, func(c Category) bool { return c.ID == a.Category })
	switch {
	case a.Category == "":
		v.report(a, "category", finding.Warning, "no category", "add category: …")
	case !known:
		v.report(a, "category", finding.Warning, fmt.Sprintf("category %q is not in %s", a.Category, phrasesFile), "correct it, or add the category there")
	}
	if !slices.Contains([]Escalation{EscalateOffer, EscalateAlways, EscalateNever}, a.Escalate) {
		v.report(a, "escalate", finding.Error, fmt.Sprintf("escalate is %q", a.Escalate), "use offer, always or never")
	}
	for _, s := range a.Collect {
		if !s.valid() {
			v.report(a, "collect", finding.Error, fmt.Sprintf("unknown detail %q in collect", s), fmt.Sprintf("use one of %v", Slots()))
		}
	}
	for field, missing := range map[string]bool{"asks": len(a.Asks) == 0, "sources": len(a.Sources) == 0, "reviewed": a.Reviewed.IsZero()} {
		if missing {
			v.report(a, field, finding.Warning, "no "+field, "add "+field+": …")
		}
	}
}

// checkPhrasings finds ways to ask that stand twice, in one article or in two.
func (v *validator) checkPhrasings(a *Article) {
	for _, ask := range a.Phrasings() {
		key := foldPhrasing(ask)
		first, dup := v.firstAsked[key]
		switch {
		case key == "": // no title is a fault of its own
		case !dup:
			v.firstAsked[key] = a
		case first == a:
			v.report(a, "asks", finding.Warning, "「"+ask+"」 stands twice", "keep one of them")
		default:
			v.report(a, "asks", finding.Warning, "「"+ask+"」 stands in "+first.File+" too", "keep it where it belongs")
		}
	}
}

// foldPhrasing drops what makes no difference between two phrasings: case, space, punctuation.
func foldPhrasing(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPunct(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

func (v *validator) checkRelated(a *Article) {
	for _, id := range a.Related {
		if id == a.ID {
			v.report(a, "related", finding.Warning, "the article is related to itself", "drop its own id")
		} else if _, ok := v.lib.Article(id); !ok {
			v.report(a, "related", finding.Warning, fmt.Sprintf("related article %q does not exist", id), "correct the id or drop it")
		}
	}
}

func (v *validator) checkLead(a *Article) {
	if n := utf8.RuneCountInString(a.Lead); n > MaxLead {
		v.report(a, "body", finding.Warning, fmt.Sprintf("the first paragraph has %d characters", n), fmt.Sprintf("shorten it to %d: it is one chat bubble", MaxLead))
	}
	if strings.Contains(a.Lead, "](") || strings.Contains(a.Lead, "**") {
		v.report(a, "body", finding.Warning, "the first paragraph has Markdown in it", "write it as plain text: chats show it as it is")
	}
}

func (v *validator) checkDates(a *Article) {
	switch {
	case !a.ValidUntil.IsZero() && !a.ValidFrom.IsZero() && a.ValidUntil.Before(a.ValidFrom):
		v.report(a, "valid_until", finding.Error, "valid_until is before valid_from", "correct one of them")
	case a.Expired(v.now):
		v.report(a, "valid_until", finding.Warning, "valid only until "+a.ValidUntil.Format(time.DateOnly), "check the facts and set a new valid_until and reviewed")
	}
}

func (v *validator) checkMarkdown(a *Article) {
	line, problem := CheckMarkdown(a.Body)
	if problem == "" {
		return
	}
	v.findings = append(v.findings, finding.Finding{
		File: a.File, Line: a.line("body") + line - 1, Level: finding.Error, Text: problem, Fix: "write it flatter or in several articles: it would take long to show",
	})
}

// linkTargets matches the target of a Markdown link (1) or a bare address (2).
var linkTargets = regexp.MustCompile(`\]\(([^)\s]*)[^)]*\)|((?i:https?)://[^\s<>()"，。；、）」]+)`)

// checkLinks finds links, in Markdown or bare, that lead nowhere or to a host that nobody vouched for.
func (v *validator) checkLinks(a *Article) {
	for _, m := range linkTargets.FindAllStringSubmatch(a.Body, -1) {
		target := m[1] + m[2]
		u, err := url.Parse(target)
		switch {
		case err != nil || target == "":
			v.report(a, "body", finding.Warning, fmt.Sprintf("the link %q cannot be read", target), "correct it")
		case u.Scheme == "https" && v.allowsHost(u.Hostname()):
		case u.Scheme == "" && u.Host == "":
			if _, ok := v.lib.Article(u.Path); !ok {
				v.report(a, "body", finding.Warning, fmt.Sprintf("the link leads to an article %q that does not exist", target), "correct the id or drop the link")
			}
		default:
			v.report(a, "body", finding.Error, fmt.Sprintf("the link leads to %s, which is not in %s", target, hostsFile), "link to an official host by https, or vouch for this one there")
		}
	}
}

func (v *validator) allowsHost(host string) bool {
	return slices.ContainsFunc(v.lib.Hosts, func(h string) bool { return host == h || strings.HasSuffix(host, "."+h) })
}

func (v *validator) checkCodes() {
	seen := map[string]bool{}
	for _, c := range v.lib.Codes {
		report := func(level finding.Level, text, fix string) {
			v.reportAt(codesFile, c.line, level, text, fix)
		}
		if seen[c.Code] {
			report(finding.Error, fmt.Sprintf("code %q stands twice", c.Code), "keep one of them")
		}
		seen[c.Code] = true
		if len(c.Code) != 2 || c.Code != strings.ToUpper(c.Code) {
			report(finding.Error, fmt.Sprintf("code %q is not two characters", c.Code), `quote it: code: "05"`)
		}
		if c.Title == "" || c.Owner == "" || c.Text == "" {
			report(finding.Error, fmt.Sprintf("code %q lacks its title, owner or text", c.Code), "write all three")
		}
		if !slices.Contains([]Retry{RetryNo, RetryAfter, RetryLater, RetryCheck}, c.Retry) {
			report(finding.Error, fmt.Sprintf("code %q has retry %q", c.Code, c.Retry), "use no, after, later or check")
		}
		if n := utf8.RuneCountInString(c.Text); n > MaxLead {
			report(finding.Warning, fmt.Sprintf("code %q has a text of %d characters", c.Code, n), fmt.Sprintf("shorten it to %d", MaxLead))
		}
	}
	if _, ok := v.lib.Article(CodesArticle); !ok && len(v.lib.Codes) > 0 {
		v.reportAt(codesFile, 1, finding.Warning, "there is no article "+CodesArticle, "add it: questions about a code show it as their source")
	}
}

// checkPhrases finds what is wrong with a guide's own phrases. The bundled ones speak of the bundled guide.
func (v *validator) checkPhrases() {
	l := v.lib
	if !l.ownPhrases {
		return
	}
	for _, c := range l.Phrases.Categories {
		for _, id := range c.Quick {
			if _, ok := l.Article(id); !ok {
				v.reportAt(phrasesFile, 1, finding.Warning, fmt.Sprintf("quick question %q of %s does not exist", id, c.ID), "correct the id or drop it")
			}
		}
	}
	for intent := range l.Phrases.Intents {
		if !slices.Contains(Intents(), intent) {
			v.reportAt(phrasesFile, 1, finding.Warning, fmt.Sprintf("unknown intent %q", intent), "use human, greet, thanks, bye or unsolved")
		}
	}
	v.checkHandover()
	for i := range l.Phrases.Triggers {
		v.checkTrigger(fmt.Sprintf("trigger %d", i+1), &l.Phrases.Triggers[i])
	}
	v.checkDangers()
}

// checkDangers checks what is said before all else: a bubble that is told when it counts.
func (v *validator) checkDangers() {
	seen := map[string]bool{}
	for i := range v.lib.Phrases.Dangers {
		d := &v.lib.Phrases.Dangers[i]
		name := fmt.Sprintf("danger %q", d.ID)
		if d.ID == "" || seen[d.ID] {
			v.reportAt(phrasesFile, 1, finding.Error, fmt.Sprintf("danger %d has no id of its own: %q", i+1, d.ID), "give it one")
		}
		seen[d.ID] = true
		if strings.TrimSpace(d.Say) == "" {
			v.reportAt(phrasesFile, 1, finding.Error, name+" says nothing", "write under say: what to do at once")
		}
		if n := utf8.RuneCountInString(d.Say); n > MaxLead {
			v.reportAt(phrasesFile, 1, finding.Warning, fmt.Sprintf("%s says %d characters", name, n), fmt.Sprintf("shorten it to %d: it is one chat bubble", MaxLead))
		}
		if d.isEmpty() && len(d.Asks) == 0 {
			v.reportAt(phrasesFile, 1, finding.Warning, name+" never fires", "give it asks, words or all")
		}
		hasTrigger := slices.ContainsFunc(v.lib.Phrases.Triggers, func(t Trigger) bool { return t.Reason == d.Reason })
		if d.Reason != "" && !hasTrigger && !d.fromBase {
			v.reportAt(phrasesFile, 1, finding.Error, fmt.Sprintf("%s has reason %q, which no trigger has", name, d.Reason), fmt.Sprintf("use one of %v that a trigger has", Reasons()))
		}
	}
}

// checkHandover checks the sections about the way to a person.
func (v *validator) checkHandover() {
	p := &v.lib.Phrases
	for slot := range p.Details {
		if !slot.valid() {
			v.reportAt(phrasesFile, 1, finding.Warning, fmt.Sprintf("unknown detail %q in details", slot), fmt.Sprintf("use one of %v", Slots()))
		}
	}
	for _, path := range emptyWords(p) {
		v.reportAt(phrasesFile, 1, finding.Warning, "an empty word in "+path, "drop it: it would fit every message")
	}
	for _, a := range p.Reading.Aspects {
		if _, err := regexp.Compile(a.Pattern); err != nil {
			v.reportAt(phrasesFile, 1, finding.Error, fmt.Sprintf("aspect %q has no pattern: %v", a.Kind, err), "write a regular expression as RE2 reads it")
		}
	}
	for cue := range p.Words {
		if !slices.Contains(Cues(), cue) {
			v.reportAt(phrasesFile, 1, finding.Warning, fmt.Sprintf("unknown cue %q in words", cue), fmt.Sprintf("use one of %v", Cues()))
		}
	}
}

// checkTrigger checks one trigger. Without a right reason and urgency a ticket could not be kept.
func (v *validator) checkTrigger(name string, t *Trigger) {
	if !slices.Contains(Reasons(), t.Reason) {
		v.reportAt(phrasesFile, 1, finding.Error, fmt.Sprintf("%s has reason %q", name, t.Reason), fmt.Sprintf("use one of %v", Reasons()))
	}
	if !slices.Contains(Urgencies(), t.Urgency) {
		v.reportAt(phrasesFile, 1, finding.Error, fmt.Sprintf("%s has urgency %q", name, t.Urgency), fmt.Sprintf("use one of %v", Urgencies()))
	}
	if t.isEmpty() && len(t.Articles)+len(t.Threats) == 0 {
		v.reportAt(phrasesFile, 1, finding.Warning, name+" never fires", "give it articles or words")
	}
	for _, id := range t.Articles {
		if _, ok := v.lib.Article(id); !ok && !t.fromBase {
			v.reportAt(phrasesFile, 1, finding.Warning, fmt.Sprintf("%s names an article %q that does not exist", name, id), "correct the id or drop it")
		}
	}
}
