package forum

import (
	"strings"
	"unicode"

	"github.com/yingda/yingda/chat/telegram"
)

// verb is what a message in the group asks for.
type verb string

// The closed set of verbs.
const (
	verbReply    verb = ""      // to the customer
	verbNote     verb = "//"    // that stays inside
	verbClaim    verb = "take"  // the ticket
	verbTransfer verb = "give"  // to another agent, or back to the queue
	verbClose    verb = "close" // the ticket, after a last word
	verbLookup   verb = "kb"
	verbQueue    verb = "queue"
	verbHelp     verb = "help"
	verbUnknown  verb = "?"       // a command that does not exist
	verbForeign  verb = "foreign" // a command for another bot
)

// command is a message in the group, parsed.
type command struct {
	verb verb
	name string // as it was typed, for verbUnknown
	args string // what follows it, without the white space around it; the whole text for verbReply
}

// parseCommand parses what somebody wrote in the group; username is ours there. What a Chinese keyboard makes of
// "/" is one as well, and what cannot be seen in front does not count: else a note would reach the customer.
func parseCommand(text, username string) command {
	text = strings.TrimFunc(text, isBlank)
	rest, ok := cutSlash(text)
	if !ok {
		return command{verb: verbReply, args: text}
	}
	if inside, second := cutSlash(rest); second {
		for second { // "///" is no less a note
			inside, second = cutSlash(inside)
		}
		return command{verb: verbNote, args: strings.TrimFunc(inside, isBlank)}
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return !isWordRune(r) && r != '@' })
	if end < 0 {
		end = len(rest)
	}
	name, to, addressed := strings.Cut(rest[:end], "@")
	c := command{verb: verbUnknown, name: "/" + name, args: strings.TrimFunc(rest[end:], isBlank)}
	if addressed && !strings.EqualFold(to, username) {
		c.verb = verbForeign
		return c
	}
	switch v := verb(strings.ToLower(name)); v {
	case verbClaim, verbTransfer, verbClose, verbLookup, verbQueue, verbHelp:
		c.verb = v
	case "start":
		c.verb = verbHelp
	case verbReply, verbNote, verbUnknown, verbForeign: // no names of commands
	}
	return c
}

// cutSlash takes a slash off the front of a text, if there is one, and what cannot be seen behind it.
func cutSlash(text string) (rest string, ok bool) {
	for _, s := range []string{"/", "／", "、"} {
		if rest, ok := strings.CutPrefix(text, s); ok {
			return strings.TrimLeftFunc(rest, isZeroWidth), true
		}
	}
	return text, false
}

// isBlank tells what does not count at the ends of a text: white space and what cannot be seen.
func isBlank(r rune) bool { return unicode.IsSpace(r) || isZeroWidth(r) }

// isZeroWidth tells what takes no room, such as the zero-width space.
func isZeroWidth(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Cc) && !unicode.IsSpace(r) || r == '\u200b'
}

func isWordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// menu are the commands as Telegram offers them.
func menu() []telegram.Command {
	return []telegram.Command{
		{Command: string(verbClaim), Description: "接手这位顾客，别人在处理的也能接过来"},
		{Command: string(verbClose), Description: "结束工单，可带一句话：/close 祝您顺利"},
		{Command: string(verbTransfer), Description: "转给别的客服：/give 名字；不写名字转回队列"},
		{Command: string(verbLookup), Description: "查资料，可一键发给顾客：/kb 押金怎么退"},
		{Command: string(verbQueue), Description: "等待接手的工单"},
		{Command: string(verbHelp), Description: "全部命令"},
	}
}

// helpHTML says how the group works.
func helpHTML() string {
	text := "<b>怎么用</b>\n在顾客的话题里直接说话、发图片，顾客就能收到；还没人接手的，回复即接手。\n<code>//</code> 开头的是备注，只留在群里。"
	for _, c := range menu() {
		text += "\n/" + c.Command + " " + telegram.Escape(c.Description)
	}
	return text
}

func unknownHTML(c command) string {
	return "⚠️ 没有 " + telegram.Escape(oneLine(c.name, maxName)) + " 这个命令，这一条没有发给顾客。全部命令：/help"
}
