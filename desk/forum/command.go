package forum

import (
	"strings"
	"unicode"
)

// verb is what a message in the group asks for.
type verb string

// The closed set of verbs.
const (
	say     verb = ""     // words to the customer
	note    verb = "//"   // words that stay inside
	take    verb = "take" // claim the ticket
	give    verb = "give" // to another agent, or back to the queue
	finish  verb = "close"
	lookup  verb = "kb"
	queue   verb = "queue"
	help    verb = "help"
	unknown verb = "?"       // a command that there is not
	foreign verb = "foreign" // a command for another bot
)

// command is a message in the group, read.
type command struct {
	verb verb
	name string // as it was typed, for unknown
	args string // what stands behind, without the white space around it; the whole text for say
}

// parse reads what somebody wrote in the group; bot is our user name there. What a Chinese keyboard makes of
// "/" is one as well, and what cannot be seen in front does not count: else a note would reach the customer.
func parse(text, bot string) command {
	text = strings.TrimFunc(text, invisible)
	first, rest := slash(text)
	if !first {
		return command{verb: say, args: text}
	}
	if second, inside := slash(rest); second {
		for second { // "///" is no less a note
			second, inside = slash(inside)
		}
		return command{verb: note, args: strings.TrimFunc(inside, invisible)}
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return !wordRune(r) && r != '@' })
	if end < 0 {
		end = len(rest)
	}
	name, to, addressed := strings.Cut(rest[:end], "@")
	c := command{verb: unknown, name: "/" + name, args: strings.TrimFunc(rest[end:], invisible)}
	if addressed && !strings.EqualFold(to, bot) {
		c.verb = foreign
		return c
	}
	switch v := verb(strings.ToLower(name)); v {
	case take, give, finish, lookup, queue, help:
		c.verb = v
	case "start":
		c.verb = help
	}
	return c
}

// slash takes one off the front of a text, if there is one, and what cannot be seen behind it.
func slash(text string) (found bool, rest string) {
	for _, s := range []string{"/", "／", "、"} {
		if rest, ok := strings.CutPrefix(text, s); ok {
			return true, strings.TrimLeftFunc(rest, unseen)
		}
	}
	return false, text
}

// invisible tells what has no place at the ends of a text: white space and what cannot be seen.
func invisible(r rune) bool { return unicode.IsSpace(r) || unseen(r) }

// unseen tells what takes no room, such as the zero-width space.
func unseen(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Cc) && !unicode.IsSpace(r) || r == '\u200b'
}

func wordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
