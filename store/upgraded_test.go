package store_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
)

// same fails unless got is what is wanted.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprintf("%q", got), fmt.Sprintf("%q", want); g != w {
		t.Errorf("%s:\n%s\nwant\n%s", what, g, w)
	}
}

// find is the conversation as its customer comes to it.
func (u *upgraded) find(t *testing.T, c keptConversation) (chat.Conversation, error) {
	if c.Token != "" {
		return u.s.Authorize(t.Context(), c.ID, c.Token)
	}
	return u.s.EnsureConversation(t.Context(), chat.OpenRequest{Channel: c.Channel, Account: c.Account, Address: c.Address})
}

// described is a conversation on one line.
func described(c chat.Conversation) string {
	return fmt.Sprintf("%s/%s/%s of %q %q, %s speaks, %d entries since %s; %s",
		c.Channel, c.Account, c.Address, c.Customer.ID, c.Customer.Name, c.Holder, c.LastSeq, c.CreatedAt.Format(time.TimeOnly), device(c.Device))
}

// device is what is known of a terminal.
func device(d chat.Device) string {
	var known []string
	for _, slot := range kb.Slots() {
		if v := *d.Field(string(slot)); v != "" {
			known = append(known, fmt.Sprint(slot, "=", v))
		}
	}
	return strings.Join(known, " ")
}

// entries are a conversation's, with what the bot decided and offered, and the pictures.
func (u *upgraded) entries(t *testing.T, id string) (out []string) {
	t.Helper()
	entries, err := u.s.ListEntries(t.Context(), id, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if e.Seq != int64(i+1) {
			t.Errorf("entry %d of %s has seq %d", i+1, id, e.Seq)
		}
		out = append(out, said(e))
	}
	return out
}

func said(e chat.Entry) string {
	words := []string{e.At.Format(time.TimeOnly), string(e.From)}
	if e.Reply != nil {
		words = append(words, string(e.Reply.Decision))
		for _, a := range e.Reply.Articles {
			words = append(words, a.ID)
		}
		for _, o := range e.Reply.Options {
			words = append(words, "["+o.ID+"]")
		}
	}
	for _, a := range e.Attachments {
		words = append(words, fmt.Sprintf("(%s %s %d %dx%d)", a.ID, a.Type, a.Size, a.Width, a.Height))
	}
	return strings.Join(words, " ") + ": " + e.Text
}

func (u *upgraded) undelivered(t *testing.T, id string) map[int64]string {
	t.Helper()
	got, err := u.s.ListUndelivered(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	out := map[int64]string{}
	for seq, end := range got {
		out[seq] = strings.TrimSpace(string(end.State) + " " + end.Reason)
	}
	return out
}

func (u *upgraded) ticket(t *testing.T, number string) (is string, notes, audit []string) {
	t.Helper()
	k, err := u.s.FindTicket(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := u.s.ListNotes(t.Context(), k.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range kept {
		notes = append(notes, n.By+": "+n.Text)
	}
	tried := []string{}
	for _, a := range k.Articles {
		tried = append(tried, a.ID)
	}
	is = fmt.Sprintf("%s %s %s %q of %s on %s, held by %q, tried %v: %s; %s", k.State, k.Reason, k.Urgency, k.Category, k.Conversation, k.Channel, k.Assignee, tried, k.Summary, device(k.Device))
	return is, notes, u.audit(t, k.ID)
}

// newest is the id of the newest ticket of the conversation of that name.
func (u *upgraded) newest(t *testing.T, name string) (id string) {
	t.Helper()
	tickets, err := u.s.ListTickets(t.Context(), desk.Filter{States: []desk.State{desk.StateWaiting, desk.StateHeld, desk.StateClosed}})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range tickets {
		if k.Conversation == u.want.Conversations[name].ID {
			return k.ID
		}
	}
	t.Fatalf("%s has no ticket", name)
	return ""
}

func (u *upgraded) queue(t *testing.T) (numbers []string) {
	t.Helper()
	tickets, err := u.s.ListTickets(t.Context(), desk.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range tickets {
		numbers = append(numbers, k.Number)
	}
	return numbers
}

func (u *upgraded) mark(t *testing.T, key string) string {
	t.Helper()
	value, err := u.s.GetKV(t.Context(), key)
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		t.Fatal(err)
	}
	return string(value)
}

func (u *upgraded) audit(t *testing.T, ticket string) (out []string) {
	t.Helper()
	lines, err := u.s.ListAudit(t.Context(), ticket, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %q %s %s", l.At.Format(time.TimeOnly), l.By, l.Event, l.Detail)))
	}
	return out
}

// guide is its newest revision, its files, and who changed what.
func (u *upgraded) guide(t *testing.T) (out []string) {
	t.Helper()
	files, revision, err := u.s.GuideFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	paths := slices.Sorted(maps.Keys(files))
	out = append(out, fmt.Sprintf("%d: %s", revision, strings.Join(paths, " ")))
	for _, path := range append(paths, "hosts.txt") {
		history, err := u.s.GuideHistory(t.Context(), path, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range history {
			out = append(out, fmt.Sprintf("%d by %s: %s, %x, gone %v", r.Revision, r.By, path, sha256.Sum256(r.Data), r.Data == nil))
		}
	}
	return out
}

// unsent counts the sendings that have not arrived.
func (u *upgraded) unsent(t *testing.T) map[chat.SendingState]int {
	t.Helper()
	st, err := u.s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return st.Outbox
}

// drain takes and sends all that is queued, and tells what left in each lane.
func (u *upgraded) drain(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for {
		taken, err := u.s.Lease(t.Context(), u.want.At, time.Minute, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(taken) == 0 {
			return out
		}
		for _, m := range taken {
			out[m.Lane] = append(out[m.Lane], fmt.Sprintf("%s/%s/%s attempt %d, %d done, repeatable %v: %s", m.Channel, m.Account, m.Address, m.Attempts, m.PartsSent, m.Idempotent, body(t, m)))
			if err := u.s.Settle(t.Context(), m.ID, chat.Settlement{State: chat.SendingSent}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// body is what a sending says.
func body(t *testing.T, m chat.Sending) string {
	t.Helper()
	var a store.Announcement
	var l desk.Activity
	var e chat.Entry
	into := map[string]any{"webhook": &a, "telegram-desk": &l}[m.Channel]
	if into == nil {
		into = &e
	}
	if err := json.Unmarshal(m.Body, into); err != nil {
		t.Error(err)
	}
	switch m.Channel {
	case "webhook":
		return fmt.Sprintf("%s %s %s", a.Event, a.Ticket.Number, a.Ticket.State)
	case "telegram-desk":
		return fmt.Sprintf("%s of %s in %s, by %q as %q, lost %q %v: %s", l.Event, l.Ticket.Number, l.Conversation.ID, l.By, l.ExternalID, l.Lost, l.Unknown, said(l.Entry))
	}
	return said(e)
}

// speaks makes the bot of the guide in a database.
func speaks(t *testing.T, s *store.Store) *bot.Bot {
	t.Helper()
	files, _, err := s.GuideFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lib, faults, err := kb.Load(files.FS(), content.FS(), nil)
	if err := errors.Join(err, faults.Err()); err != nil {
		t.Fatal(err)
	}
	g, err := guide.New(lib)
	if err != nil {
		t.Fatal(err)
	}
	return g.Bot
}

// inbox is where customers' messages go on.
func (u *upgraded) inbox(t *testing.T) *bot.Inbox {
	t.Helper()
	u.bot = speaks(t, u.s).WithHandover(bot.Handover{Hours: new(desk.Hours), Number: bot.Numbers(time.Now, rand.Reader)})
	return bot.NewInbox(bot.InboxConfig{
		Store: u.s, Bot: func() bot.Stepper { return u.bot }, Masker: privacy.NewMasker(), Sealer: sealer(t, old("key")), Conversations: u.s,
	})
}

// listens is the bot; it notes how it finds the session.
func (u *upgraded) listens(session *string) bot.Stepper {
	return step(func(ctx context.Context, s *bot.Session, m chat.Message) (bot.Outcome, error) {
		*session = ""
		if c := s.Case; c != nil {
			*session = fmt.Sprint(c.Stage, " ", c.Reason, " ", c.Topic)
			for _, slot := range c.Asked {
				*session += " " + string(slot)
			}
			*session += ", "
		}
		*session += fmt.Sprintf("topic %s %d, options", s.Topic, s.Told)
		for _, o := range s.Offered {
			*session += " " + o.ID
		}
		return u.bot.Step(ctx, s, m)
	})
}

type step func(context.Context, *bot.Session, chat.Message) (bot.Outcome, error)

func (s step) Step(ctx context.Context, session *bot.Session, m chat.Message) (bot.Outcome, error) {
	return s(ctx, session, m)
}

// desk is where agents go on.
func (u *upgraded) desk(t *testing.T) *desk.Desk {
	t.Helper()
	return desk.New(desk.Config{
		Store: u.s, UnsealContact: sealer(t, old("key")).UnsealContact, Mask: func(text string) string { return text }, Notices: desk.DefaultNotices(),
	})
}

func boss() desk.Agent { return desk.Agent{Name: "店长", Role: desk.RoleAdmin} }

// sealer reads the key as a server does: a file that others may read is refused.
func sealer(t *testing.T, path string) *privacy.Sealer {
	t.Helper()
	own := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(own, read(t, path), 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := privacy.LoadKeys(own)
	if err != nil {
		t.Fatal(err)
	}
	s, err := privacy.NewSealer(keys[0], keys[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
