package host

import (
	"context"
	"fmt"
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
		text = "[图片]"
	}
	if text == "" {
		return ""
	}
	return "「" + chat.Shorten(text, maxQuote, utf8.RuneCountInString) + "」"
}
