package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/guide"
)

func askCommand() command {
	return command{
		name: "ask", args: "[QUESTION | -]", short: "answer a question in the terminal",
		examples: `
			yingda ask 跳商户怎么办
			yingda ask                       # a small dialogue
			yingda ask -why 费绿多少
			yingda ask -json - < questions   # one question a line in, one reply a line out
			yingda ask -content ./guide 押金能退吗`,
		run: runAsk,
	}
}

func runAsk(ctx context.Context, t terminal, s *settings, args []string) error {
	asJSON := s.bool("json", "print the reply as JSON")
	showWhy := s.bool("why", "show what the QUESTION was understood as, what was near, and what decided")
	dir := s.text("content", "YINGDA_CONTENT", "", "`DIR` of the guide instead of the bundled one")
	words, err := s.parse(t, args)
	switch {
	case err != nil:
		return err
	case *showWhy && (*asJSON || len(words) == 0 || words[0] == "-"):
		return usagef("-why explains one question as a table for people; write the question behind it, without -json")
	}
	show := printReply
	if *asJSON {
		show = printJSON
	}
	return withGuide(*dir, t, func(g *guide.Guide) error {
		switch {
		case *showWhy:
			return why(ctx, t.out, g, strings.Join(words, " "))
		case len(words) == 0 && !*asJSON:
			return dialogue(ctx, t, g.Bot)
		case len(words) == 0, len(words) == 1 && words[0] == "-":
			return askLines(ctx, t, g.Bot, show)
		}
		return askOne(ctx, t.out, g.Bot, strings.Join(words, " "), show)
	})
}

func askOne(ctx context.Context, w io.Writer, b *bot.Bot, question string, show func(io.Writer, chat.Reply) error) error {
	out, err := b.Step(ctx, new(bot.Session), chat.Message{Channel: "ask", Text: question})
	if err != nil {
		return err
	}
	return show(w, out.Reply)
}

// askLines answers each line of the input in a conversation of its own.
func askLines(ctx context.Context, t terminal, b *bot.Bot, show func(io.Writer, chat.Reply) error) error {
	out := bufio.NewWriter(t.out)
	err := eachLine(t.in, func(line string, more bool) error {
		if err := askOne(ctx, out, b, line, show); err != nil || more {
			return err
		}
		return out.Flush() // whoever feeds us line by line waits for the answer
	})
	return errors.Join(err, out.Flush())
}

// eachLine calls f for every line; more tells whether the next one has arrived already.
func eachLine(r io.Reader, f func(line string, more bool) error) error {
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadString('\n')
		if line != "" {
			if err := f(strings.TrimRight(line, "\r\n"), in.Buffered() > 0); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read the questions: %w", err)
		}
	}
}

// printReply shows a reply to a person.
func printReply(w io.Writer, r chat.Reply) error {
	var b strings.Builder
	fmt.Fprintln(&b, r.Text)
	for i, o := range r.Options {
		fmt.Fprintf(&b, "  %d. %s\n", i+1, o.Title)
	}
	if r.Decision == chat.Answer && len(r.Articles) > 0 {
		fmt.Fprintf(&b, "——《%s》（%s）\n", r.Articles[0].Title, r.Articles[0].ID)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// dialogue is one conversation, a line a message, until the input ends.
func dialogue(ctx context.Context, t terminal, b *bot.Bot) error {
	prompt := func() {}
	if isTerminal(t.in) {
		fmt.Fprintln(t.out, "应答在听。直接打字提问，回复数字选一项；Ctrl-D 结束。")
		prompt = func() { fmt.Fprint(t.out, "\n您：") }
	}
	var s bot.Session
	prompt()
	return eachLine(t.in, func(line string, _ bool) error {
		out, err := b.Step(ctx, &s, chat.Message{Channel: "ask", Text: line})
		if err != nil {
			return err
		}
		fmt.Fprint(t.out, "应答：")
		err = printReply(t.out, out.Reply)
		prompt()
		return err
	})
}
