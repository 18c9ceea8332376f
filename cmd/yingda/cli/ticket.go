package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/node"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
)

func ticketCommand() command {
	return command{
		name: "ticket", short: "Work on tickets from a terminal, on the database of a serve that may run.",
		verbs: []command{
			ticketListCommand(), ticketShowCommand(),
			ticketClaimCommand(),
			ticketVerb("reply", "TEXT|-", "say something to the customer; - reads it from standard input", "yingda ticket reply -as 前台 1124-7K3F 您好，我来帮您查这笔款。",
				func(d *desk.Desk, ctx context.Context, by desk.Agent, id, text string) (desk.Ticket, error) {
					return d.Reply(ctx, by, id, desk.ReplyRequest{Text: text})
				}),
			ticketVerb("note", "TEXT|-", "leave word for other agents; the customer does not see it", "yingda ticket note -as 前台 1124-7K3F 已打电话给收单机构",
				(*desk.Desk).Note),
			ticketVerb("transfer", "[NAME]", "hand a ticket to another agent; without a name, back to the queue", "yingda ticket transfer -as 前台 1124-7K3F 后台",
				(*desk.Desk).Transfer),
			ticketVerb("close", "[TEXT|-]", "end a ticket, after a last word if there is one: the bot answers again", "yingda ticket close -as 前台 1124-7K3F 款已到账，再见。",
				func(d *desk.Desk, ctx context.Context, by desk.Agent, id, text string) (desk.Ticket, error) {
					return d.Close(ctx, by, id, desk.ReplyRequest{Text: text})
				}),
		},
	}
}

func ticketClaimCommand() command {
	claim := ticketVerb("claim", "", "make a ticket yours: the bot is silent from now on", `
			yingda ticket claim -as 前台 1124-7K3F
			yingda ticket claim -as 前台 -take-over 1124-7K3F   # also from an agent who has it; that one is told`, nil)
	claim.run = func(ctx context.Context, t terminal, s *settings, words []string) error {
		takeOver := s.bool("take-over", "claim it also from another agent who has it")
		return runTicketVerb(ctx, t, s, words, "", func(d *desk.Desk, ctx context.Context, by desk.Agent, id, _ string) (desk.Ticket, error) {
			if *takeOver {
				return d.TakeOver(ctx, by, id)
			}
			return d.Claim(ctx, by, id)
		})
	}
	return claim
}

// ticketSession is the desk with somebody at it.
type ticketSession struct {
	store *store.Store
	desk  *desk.Desk
	by    desk.Agent
	hours *desk.Hours
}

// anonymousAgent reads tickets where no agent is named.
const anonymousAgent = "terminal"

// withDesk opens the database for as long as do works at the desk as the agent of that name.
func withDesk(ctx context.Context, t terminal, flags *configFlags, as string, do func(*ticketSession) error) error {
	cfg, err := flags.deskConfig()
	if err == nil && as != "" {
		err = checkName(as)
	}
	if err != nil {
		return err
	}
	return withStore(ctx, t, cfg, store.RequireSchema, func(db *store.Store) (err error) {
		by := desk.Agent{Name: anonymousAgent, Role: desk.RoleViewer}
		if as != "" {
			by, err = node.FindAgent(ctx, db, as)
			if errors.Is(err, chat.ErrNotFound) { // an agent who works from terminals alone needs no key
				by, err = desk.Agent{Name: as, Role: desk.RoleAgent}, nil
			}
		}
		if err != nil {
			return err
		}
		return do(&ticketSession{db, node.NewDesk(db, cfg.Sealer, privacy.NewMasker()), by, &cfg.Hours})
	})
}

// ticketAct is an act of the desk on a ticket, of its methods that change one.
type ticketAct func(d *desk.Desk, ctx context.Context, by desk.Agent, id, text string) (desk.Ticket, error)

// ticketVerb is a command that acts on one ticket; what stands behind its number is handed on.
func ticketVerb(verb, args, short, example string, act ticketAct) command {
	return command{
		name: "ticket " + verb, args: strings.TrimSpace("NUMBER " + args), short: short, examples: example,
		run: func(ctx context.Context, t terminal, s *settings, words []string) error {
			return runTicketVerb(ctx, t, s, words, args, act)
		},
	}
}

// runTicketVerb does act to the ticket that words name first, with what stands behind it where args takes something.
func runTicketVerb(ctx context.Context, t terminal, s *settings, words []string, args string, act ticketAct) error {
	flags, as := s.declareDesk(), s.declareAgent()
	parse := s.parse
	if args == "" { // else a flag behind the number may be what is said
		parse = s.parseMixed
	}
	words, err := parse(t, words)
	switch {
	case err != nil:
		return err
	case *as == "":
		return usagef("who are you? -as NAME, or YINGDA_AGENT, says it")
	case len(words) == 0:
		return usagef("name a ticket by its number")
	case args == "" && len(words) > 1:
		return usagef("unexpected %q behind the number", words[1])
	case args != "" && args[0] != '[' && len(words) == 1:
		return usagef("nothing to say: write it behind the number, or - to read it from standard input")
	}
	text, err := textOrInput(t.in, words[1:])
	if err != nil {
		return err
	}
	return withDesk(ctx, t, flags, *as, func(s *ticketSession) error {
		ticket, err := act(s.desk, ctx, s.by, words[0], text)
		if err == nil {
			fmt.Fprintf(t.out, "%s %s\n", ticket.Number, stateText(ticket))
		}
		return err
	})
}

func (s *settings) declareAgent() *string {
	return s.text("as", "YINGDA_AGENT", "", "`NAME` of the agent who acts")
}

// textOrInput joins what was typed; a single - stands for the input.
func textOrInput(in io.Reader, words []string) (string, error) {
	const maxInput = 1 << 20
	if len(words) != 1 || words[0] != "-" {
		return strings.Join(words, " "), nil
	}
	data, err := io.ReadAll(io.LimitReader(in, maxInput))
	if err != nil {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	return string(data), nil
}

func ticketListCommand() command {
	return command{
		name: "ticket list", short: "list tickets: the most urgent first, the longest waiting first among them; closed ones the newest first",
		examples: `
			yingda ticket list
			yingda ticket list -state waiting
			yingda ticket list -state closed -before 1124-7K3F   # those that closed before that one
			yingda ticket list -state all -json | jq .`,
		run: runTicketList,
	}
}

func runTicketList(ctx context.Context, t terminal, s *settings, args []string) error {
	flags := s.declareDesk()
	states := []string{"open", "all"}
	for _, one := range desk.States() {
		states = append(states, string(one))
	}
	state := s.flags.String("state", "open", "`STATE` to list: "+strings.Join(states, ", "))
	holder := s.flags.String("holder", "", "`NAME` of the agent whose tickets to list")
	before := s.flags.String("before", "", "`NUMBER` of a closed ticket: only what closed before it; with -state closed")
	limit := s.flags.Int("limit", 100, "at most `N` of them")
	asJSON := s.bool("json", "print one ticket a line as JSON")
	if err := s.parseNone(t, args); err != nil {
		return err
	}
	if err := oneOf("-state", *state, states...); err != nil {
		return err
	}
	if *before != "" && *state != string(desk.StateClosed) {
		return usagef("-before goes with -state closed alone")
	}
	filter := desk.Filter{Assignee: *holder, Before: *before, Limit: *limit}
	switch *state {
	case "open":
	case "all":
		filter.States = desk.States()
	default:
		filter.States = []desk.State{desk.State(*state)}
	}
	return withDesk(ctx, t, flags, "", func(s *ticketSession) error {
		tickets, err := s.desk.ListTickets(ctx, s.by, filter)
		switch {
		case err != nil:
			return err
		case *asJSON:
			return printJSONLines(t.out, tickets)
		}
		if err := printTickets(t.out, s.hours, tickets); err != nil {
			return err
		}
		if n := len(tickets); n > 0 && n == *limit && tickets[n-1].State == desk.StateClosed {
			fmt.Fprintf(t.out, "更早的：yingda ticket list -state closed -before %s\n", tickets[n-1].Number)
		}
		return nil
	})
}

func ticketShowCommand() command {
	return command{
		name: "ticket show", args: "NUMBER", short: "show one ticket: its details, what was said, and the notes",
		examples: `
			yingda ticket show 1124-7K3F
			yingda ticket show -as 前台 -contact 1124-7K3F   # with the telephone number; that is put on record`,
		run: runTicketShow,
	}
}

func runTicketShow(ctx context.Context, t terminal, s *settings, args []string) error {
	flags, as := s.declareDesk(), s.declareAgent()
	contact := s.bool("contact", "show the telephone number that the customer left, too; -as says who looks")
	asJSON := s.bool("json", "print it as JSON")
	number, err := s.parseOne(t, args, "ticket")
	switch {
	case err != nil:
		return err
	case *contact && *as == "":
		return usagef("who looks at the telephone number? -as NAME, or YINGDA_AGENT, says it")
	}
	return withDesk(ctx, t, flags, *as, func(s *ticketSession) error {
		all, err := s.show(ctx, number, *contact)
		switch {
		case err != nil:
			return err
		case *asJSON:
			return printJSON(t.out, all)
		}
		return printTicket(t.out, s.hours, all)
	})
}

func (s *ticketSession) show(ctx context.Context, id string, contact bool) (all ticketDetails, err error) {
	if all.Ticket, err = s.desk.FindTicket(ctx, s.by, id); err != nil {
		return all, err
	}
	if contact {
		if all.Contact, err = s.desk.RevealContact(ctx, s.by, id); err != nil {
			return all, err
		}
	}
	if all.Notes, err = s.desk.ListNotes(ctx, s.by, id); err != nil {
		return all, err
	}
	if all.Undelivered, err = s.store.ListUndelivered(ctx, all.Ticket.Conversation); err != nil {
		return all, err
	}
	all.Messages, err = s.store.ListEntries(ctx, all.Ticket.Conversation, 0, math.MaxInt32)
	return all, err
}
