package host

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
)

// MaxText is how many bytes one text may have: WeChat takes 2047 or 2048.
const MaxText = 2000

// Conversations is where what an entry quotes is found.
type Conversations interface {
	// ListEntries are at most limit entries behind seq after, in order.
	ListEntries(ctx context.Context, id string, after int64, limit int) ([]chat.Entry, error)
}

// RenderEntry is an entry of a conversation as a customer reads it. WeChat can neither change what was sent nor point at
// it: a correction says that it is one, and what is quoted stands above the words. Where it cannot be read the error
// says so, and the entry has no quote. all may be nil: nothing is quoted.
func RenderEntry(ctx context.Context, all Conversations, conversation string, e chat.Entry) (chat.Entry, error) {
	if e.CorrectsSeq > 0 {
		e.Text = "（更正）" + e.Text
	}
	if e.QuotesSeq == 0 || all == nil {
		return e, nil
	}
	found, err := all.ListEntries(ctx, conversation, e.QuotesSeq-1, 1)
	if err != nil {
		return e, fmt.Errorf("look up the quoted entry %d: %w", e.QuotesSeq, err)
	}
	if len(found) > 0 && found[0].Seq == e.QuotesSeq {
		e.Text = strings.TrimSpace(quote(found[0]) + "\n" + e.Text)
	}
	return e, nil
}

// maxQuote is how many characters are quoted.
const maxQuote = 30

// quote is one line that tells which entry is meant; "" for one without words or pictures.
func quote(e chat.Entry) string {
	text := strings.Join(strings.Fields(e.Text), " ")
	if text == "" && len(e.Attachments) > 0 {
		text = chat.LabelPicture
	}
	if text == "" {
		return ""
	}
	return "「" + chat.Shorten(text, maxQuote, utf8.RuneCountInString) + "」"
}

// NumberOptions are options as text, one a line: package bot understands the numbers.
func NumberOptions(options []chat.Option) string {
	var lines []string
	for n, o := range options {
		lines = append(lines, fmt.Sprintf("%d. %s", n+1, o.Title))
	}
	return strings.Join(lines, "\n")
}

// Marshal is v as JSON that WeChat shows as it was written: without \u escapes, which it takes literally in
// places. Control characters, which JSON cannot hold otherwise, are left out.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return unescape(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// unescape puts the characters for the \uXXXX that encoding/json writes: line separators, what is no UTF-8,
// and control characters.
func unescape(raw []byte) []byte {
	return regexp.MustCompile(`\\(u[0-9a-f]{4}|.)`).ReplaceAllFunc(raw, func(escape []byte) []byte {
		switch escape[1] {
		case 'u':
			if n, err := strconv.ParseUint(string(escape[2:]), 16, 16); err == nil && n >= 0x20 {
				return utf8.AppendRune(nil, rune(n))
			}
			return nil
		case 'b', 'f':
			return nil
		}
		return escape
	})
}
