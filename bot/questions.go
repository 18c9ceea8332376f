package bot

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yingda/yingda/kb"
)

// maxParts is how many questions of one message are answered.
const maxParts = 3

// split answers each of several questions in one message. Only parts that are each sure of an article
// of their own count; else the message is one story and u is what it means.
func (b *Bot) split(ctx context.Context, u Understanding, text string) (Understanding, error) {
	pieces := questions(text)
	if len(pieces) < 2 || len(u.Codes) > 0 || u.Intent == kb.IntentHuman && u.Wants(kb.IntentHuman) {
		return u, nil
	}
	var parts []Understanding
	for _, piece := range pieces[:min(len(pieces), maxParts)] {
		p, err := b.search(ctx, piece)
		if err != nil {
			return u, err
		}
		if b.policy.unsure(p) || p.Intent != kb.IntentNone && p.Wants(p.Intent) {
			return u, nil
		}
		if !slices.ContainsFunc(parts, func(q Understanding) bool { return q.Hits[0].ID == p.Hits[0].ID }) {
			parts = append(parts, p)
		}
	}
	if len(parts) < 2 {
		return u, nil
	}
	u.Parts, u.Hits = parts, nil
	for _, p := range parts {
		u.Hits = append(u.Hits, p.Hits[0])
		u.Confidence = min(u.Confidence, p.Confidence)
	}
	u.Confidence = max(u.Confidence, b.policy.Answer)
	return u, nil
}

// shortest is the fewest characters of a question that stands for itself in a message of several.
const shortest = 4

// questions cuts a message where one question ends and another begins.
func questions(text string) []string {
	for _, joint := range []string{"还有就是", "还有", "另外", "顺便问一下", "顺便问", "顺便", "再问一下", "再问"} {
		text = strings.ReplaceAll(text, joint, "\n")
	}
	var out []string
	for _, piece := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("?？;；\n。", r) }) {
		for _, one := range clauses(strings.TrimSpace(piece)) {
			if utf8.RuneCountInString(one) >= shortest {
				out = append(out, one)
			}
		}
	}
	return out
}

// clauses cuts at commas, or else at blanks, where each side asks something; else they are part of the story.
func clauses(piece string) []string {
	for _, marks := range []string{",，", " 　"} {
		parts := strings.FieldsFunc(piece, func(r rune) bool { return strings.ContainsRune(marks, r) })
		if len(parts) > 1 && !slices.ContainsFunc(parts, func(p string) bool { return !asks(p) && !eitherOr(p) }) {
			return parts
		}
	}
	return []string{piece}
}

// eitherOr finds the question form of 退不退 and 有没有.
func eitherOr(text string) bool {
	run := []rune(text)
	for i := 1; i+1 < len(run); i++ {
		if (run[i] == '不' || run[i] == '没') && run[i-1] == run[i+1] {
			return true
		}
	}
	return false
}
