package telegram

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf16"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// Words are the text of a message, or what stands under a picture, with the addresses that lie behind words: "这里
// (https://…)". "" for none.
func (m *Message) Words() string {
	switch {
	case m.Text != "":
		return withAddresses(m.Text, m.Entities)
	case m.Caption != "":
		return withAddresses(m.Caption, m.CaptionEntities)
	}
	return m.Rich.text()
}

// hasHiddenAddress tells whether an address lies behind words of m.
func (m *Message) hasHiddenAddress() bool { return m.Words() != m.words() }

// withAddresses puts the address of each link behind the words that it hides behind.
func withAddresses(text string, entities []tgbotapi.MessageEntity) string {
	units := utf16.Encode([]rune(text))
	links := slices.DeleteFunc(slices.Clone(entities), func(e tgbotapi.MessageEntity) bool {
		return e.Type != "text_link" || e.URL == "" || e.Offset < 0 || e.Length <= 0 || e.Offset > len(units)-e.Length
	})
	slices.SortStableFunc(links, func(a, b tgbotapi.MessageEntity) int { return cmp.Compare(a.Offset+a.Length, b.Offset+b.Length) })
	var out strings.Builder
	done := 0
	for _, e := range links {
		end := e.Offset + e.Length
		words := string(utf16.Decode(units[e.Offset:end]))
		out.WriteString(string(utf16.Decode(units[done:end])))
		out.WriteString(strings.TrimPrefix(withAddress(words, e.URL), words))
		done = end
	}
	return out.String() + string(utf16.Decode(units[done:]))
}

// withAddress is the words of a link with its address, unless that is what they are.
func withAddress(words, address string) string {
	bare := func(text string) string {
		text = strings.ToLower(strings.TrimSpace(text))
		for _, scheme := range []string{"https://", "http://", "mailto:", "tel:"} {
			text = strings.TrimPrefix(text, scheme)
		}
		return strings.TrimSuffix(text, "/")
	}
	if address == "" || bare(words) == bare(address) {
		return words
	}
	return words + " (" + address + ")"
}
