package telegram

import "strings"

// MaxText is how many characters a message may have, counted by chat.UTF16Len.
const MaxText = 4096

// MaxCaption is how many characters the text under a picture may have.
const MaxCaption = 1024

// Escape makes HTML of plain text.
func Escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}
