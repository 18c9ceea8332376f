package desk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

// TestDeskOnRealStores takes a ticket from the queue to its end on SQLite and on PostgreSQL.
func TestDeskOnRealStores(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { ticketsLife(t, store.Options{Dir: t.TempDir()}) })
	t.Run("PostgreSQL", func(t *testing.T) {
		ticketsLife(t, store.Options{DSN: storetest.StartPostgres(t, "fsync = off").Database(t)})
	})
}

// plain opens a contact that was never sealed.
type plain struct{}

func (plain) UnsealContact(_ string, sealed []byte) (string, error) { return string(sealed), nil }

func ticketsLife(t *testing.T, o store.Options) {
	ctx := t.Context()
	s, err := store.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	c, _, err := s.OpenConversation(ctx, chat.OpenRequest{Channel: "widget", Account: "default", SealContact: func(string) ([]byte, error) { return []byte("13800138000"), nil }})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Turn(ctx, chat.Message{Conversation: c.ID, Channel: "widget", ExternalID: "1", Text: "人工"},
		func(context.Context, *bot.Session) (bot.Outcome, error) {
			return bot.Outcome{
				Reply:  chat.Reply{Decision: chat.Escalate, Text: "转人工", Ticket: "1124-TEST"},
				Ticket: &desk.TicketDraft{Number: "1124-TEST", Reason: desk.ReasonAsked, Urgency: desk.UrgencyNormal},
			}, nil
		})
	if err != nil {
		t.Fatal(err)
	}
	d := desk.New(desk.Config{Store: s, UnsealContact: plain{}.UnsealContact, Mask: func(s string) string { return s }, Notices: desk.DefaultNotices()})
	winner := race(t, d, "1124-TEST")
	for ticket, texts := range map[string][]string{"1124-TEST": {"打不开", "看不到"}, "1124-GONE": {"打不开"}} {
		for _, text := range texts { // the guide was edited meanwhile, or the ticket is erased: agents get what there is
			if err := d.TellUnseen(ctx, ticket, 1, text); err != nil {
				t.Errorf("tell the customer of %s %q: %v", ticket, text, err)
			}
		}
	}
	for range 2 { // the second one is a repeat
		if _, err := d.Reply(ctx, winner, "1124-TEST", desk.ReplyRequest{Text: "您好", ClientID: "r1"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Note(ctx, winner, "1124-TEST", "记一笔"); err != nil {
		t.Fatal(err)
	}
	notes, err := d.ListNotes(ctx, winner, "1124-TEST")
	if err != nil || len(notes) != 1 || notes[0].Text != "记一笔" || notes[0].By != winner.Name {
		t.Errorf("notes %+v, %v", notes, err)
	}
	if contact, err := d.RevealContact(ctx, winner, "1124-TEST"); err != nil || contact != "13800138000" {
		t.Errorf("contact %q, %v", contact, err)
	}
	closed, err := d.Close(ctx, winner, "1124-TEST", desk.ReplyRequest{Text: "再见"})
	if err != nil || closed.State != desk.StateClosed {
		t.Fatalf("closed %+v, %v", closed, err)
	}
	if _, err := d.Reply(ctx, winner, "1124-TEST", desk.ReplyRequest{Text: "还在吗"}); !errors.Is(err, chat.ErrConflict) {
		t.Errorf("a closed ticket takes a reply: %v", err)
	}
	if _, err := d.FindTicket(ctx, winner, "none"); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	heard(t, s, c.ID)
}

// race lets twenty agents claim a ticket at once, and is the one who got it.
func race(t *testing.T, d *desk.Desk, id string) (winner desk.Agent) {
	t.Helper()
	var mu sync.Mutex
	var agents sync.WaitGroup
	won := 0
	for i := range 20 {
		agents.Go(func() {
			by := desk.Agent{Name: fmt.Sprint("客服", i), Role: desk.RoleAgent}
			_, err := d.Claim(t.Context(), by, id)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
				winner = by
			} else if !errors.Is(err, chat.ErrConflict) {
				t.Error(err)
			}
		})
	}
	agents.Wait()
	if won != 1 {
		t.Fatalf("%d agents got the ticket", won)
	}
	return winner
}

// heard checks what the customer reads, and that the bot has the floor again.
func heard(t *testing.T, s *store.Store, conversation string) {
	t.Helper()
	entries, err := s.ListEntries(t.Context(), conversation, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, string(e.From)+" "+e.Text)
	}
	lines := desk.DefaultNotices()
	want := []string{"customer 人工", "bot 转人工", "system " + lines.Claimed, "system 打不开", "agent 您好", "agent 再见", "system " + lines.Closed}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the customer reads\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	c, err := s.FindConversation(t.Context(), conversation)
	if err != nil || c.Holder != chat.HolderBot {
		t.Errorf("holder %s, %v", c.Holder, err)
	}
}
