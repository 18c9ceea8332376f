package forum

import (
	"cmp"
	"time"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

const (
	maxName = 32   // runes of a name that are shown
	maxText = 4000 // far more runes than any line that is shown
)

// oneLine is at most so many runes of a text of somebody else's, on one line.
func oneLine(text string, limit int) string {
	return chat.Shorten(desk.OneLine(text), limit, utf8.RuneCountInString)
}

// customerName is a customer as the channel knows them, else by the end of an id.
func customerName(c chat.Customer, conversation string) string {
	if name := oneLine(c.Name, maxName); name != "" {
		return name
	}
	const end = 6
	id := []rune(cmp.Or(oneLine(c.ID, maxText), conversation))
	return "访客" + string(id[max(0, len(id)-end):])
}

// authorLabel is who wrote an entry, with a sign.
func authorLabel(a chat.Author) string {
	signs := map[chat.Author]string{
		chat.FromCustomer: "👤 ", chat.FromBot: "🤖 ", chat.FromAgent: "💬 ", chat.FromSystem: "ℹ️ ",
	}
	return signs[a] + desk.AuthorName(a)
}

// clock is a moment as agents read it; on another day than now with its date.
func clock(t, now time.Time) string {
	t, now = t.In(now.Location()), now.In(now.Location())
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("01-02 15:04")
}
