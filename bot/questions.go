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
		if piece = strings.TrimSpace(piece); utf8.RuneCountInString(piece) >= shortest {
			out = append(out, piece)
		}
	}
	return out
}
