// Package storetest holds what every store must do, whatever its database: one suite for both.
package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/store"
)

// Run runs the suite. fresh names an empty database; stores with the same options are nodes that share it.
func Run(t *testing.T, fresh func(t *testing.T) store.Options) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *house)
	}{
		{"TurnKeepsEverything", turnKeepsEverything},
		{"RecalledIsErased", recalledIsErased},
		{"RepeatsAreAnsweredOnce", repeatsAreAnsweredOnce},
		{"ForeignIDsAreStrangers", foreignIDsAreStrangers},
		{"TextIsCleaned", textIsCleaned},
		{"FailedThoughtKeepsNothing", failedThoughtKeepsNothing},
		{"SessionsAreTheSameOnEveryNode", sessionsAreTheSameOnEveryNode},
		{"FailedStepChangesNoSession", failedStepChangesNoSession},
		{"NodesTakeTurns", nodesTakeTurns},
		{"TakenNumberThinksAgain", takenNumberThinksAgain},
		{"BotIsSilentAfterTakeover", botIsSilentAfterTakeover},
		{"OneBadWriteHarmsNoOther", oneBadWriteHarmsNoOther},
		{"LedgerCatchesEarlyAcknowledgement", ledgerCatchesEarlyAcknowledgement},
		{"ConversationsAreTheirOwners", conversationsAreTheirOwners},
		{"FurtherTokens", furtherTokens},
		{"OneConversationForAVouchedCustomer", oneConversationForAVouchedCustomer},
		{"FindIsOneThread", findIsOneThread},
		{"EntriesPage", entriesPage},
		{"NewEntriesOfMany", newEntriesOfMany},
		{"RatingsAndAttachments", ratingsAndAttachments},
		{"SubscribersAreWoken", subscribersAreWoken},
		{"TicketsQueue", ticketsQueue},
		{"OneClaimWins", oneClaimWins},
		{"ActCommitsAsAWhole", actCommitsAsAWhole},
		{"ClientIDsAreTheAgents", clientIDsAreTheAgents},
		{"ClosedTicketsPage", closedTicketsPage},
		{"OriginsAreCounted", originsAreCounted},
		{"CustomersWait", customersWait},
		{"WithdrawalCloses", withdrawalCloses},
		{"WithdrawalOrClaim", withdrawalOrClaim},
		{"UnattendedReturnOnce", unattendedReturnOnce},
		{"QuotesAndCorrections", quotesAndCorrections},
		{"ContactsAreResealed", contactsAreResealed},
		{"OutboxKeepsOrder", outboxKeepsOrder},
		{"LeasesRunOut", leasesRunOut},
		{"WaitDueWakes", waitDueWakes},
		{"ClockWasAhead", clockWasAhead},
		{"KVIsKept", kvIsKept},
		{"ClaimsHaveOneWinner", claimsHaveOneWinner},
		{"LanesAreHandedOver", lanesAreHandedOver},
		{"LanesAreReleased", lanesAreReleased},
		{"UndeliveredAfterAll", undeliveredAfterAll},
		{"FollowersHearAll", followersHearAll},
		{"GuideKeepsRevisions", guideKeepsRevisions},
		{"GuideKeepsBundled", guideKeepsBundled},
		{"EditsConflict", editsConflict},
		{"Keys", keys},
		{"RetentionDeletesWhatIsOld", retentionDeletesWhatIsOld},
		{"ForgetErasesAPerson", forgetErasesAPerson},
		{"NodesMigrateAtOnce", nodesMigrateAtOnce},
		{"CheckAndStats", checkAndStats},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, &house{fresh: fresh(t)}) })
	}
}

// house is one database, and the nodes on it.
type house struct {
	fresh  store.Options
	clock  func() time.Time
	follow []chat.Destination
}

// node opens a store that ends with the test: telegram is pushed, the webhook "ops" hears of tickets.
func (h *house) node(t *testing.T) *store.Store {
	t.Helper()
	o := h.fresh
	o.Now = h.clock
	o.Push = func(channel string) bool { return channel == "telegram" }
	o.Announce = []chat.Destination{{Channel: "webhook", Account: "ops"}}
	o.Follow = h.follow
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// opened is a new conversation on the widget.
func opened(t *testing.T, s *store.Store, customer string) chat.Conversation {
	t.Helper()
	c, _, err := s.OpenConversation(t.Context(), chat.OpenRequest{Channel: "widget", Account: "default", Customer: chat.Customer{ID: customer, Name: "王"}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// said is a customer's message.
func said(c chat.Conversation, external, text string) chat.Message {
	return chat.Message{Conversation: c.ID, Channel: c.Channel, ExternalID: external, Text: text}
}

// say thinks of one fixed answer.
func say(text string) bot.StepFunc {
	return func(_ context.Context, s *bot.Session) (bot.Outcome, error) {
		if s.Holder == chat.HolderAgent {
			return bot.Outcome{Silent: true}, nil
		}
		s.Last = text
		return bot.Outcome{Reply: chat.Reply{Decision: chat.Answer, Text: text}}, nil
	}
}

// silent thinks of nothing to say, and keeps a contact.
func silent(sealed []byte) bot.StepFunc {
	return func(context.Context, *bot.Session) (bot.Outcome, error) {
		return bot.Outcome{Silent: true, Sealed: sealed}, nil
	}
}

// escalate thinks of a ticket.
func escalate(number string) bot.StepFunc {
	return func(_ context.Context, s *bot.Session) (bot.Outcome, error) {
		s.Device.Serial = "SN1"
		return bot.Outcome{
			Reply: chat.Reply{Decision: chat.Escalate, Text: "转人工", Ticket: number}, System: "等待人工",
			Ticket: &desk.TicketDraft{Number: number, Reason: desk.ReasonAsked, Urgency: desk.UrgencyNormal, Summary: "想找人"},
		}, nil
	}
}

// turn does a turn that must not fail.
func turn(t *testing.T, s *store.Store, m chat.Message, think bot.StepFunc) bot.TurnResult {
	t.Helper()
	turned, err := s.Turn(t.Context(), m, think)
	if err != nil {
		t.Fatal(err)
	}
	return turned
}

// lines are a conversation's entries as "from: text".
func lines(t *testing.T, s *store.Store, id string) (out []string) {
	t.Helper()
	entries, err := s.ListEntries(t.Context(), id, 0, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if e.Seq != int64(i+1) {
			t.Fatalf("entry %d has seq %d", i+1, e.Seq)
		}
		out = append(out, fmt.Sprintf("%s: %s", e.From, e.Text))
	}
	return out
}

// entryOf is the entry that a sending to a customer or a follower carries; false for any other.
func entryOf(t *testing.T, m chat.Sending) (e chat.Entry, ok bool) {
	t.Helper()
	var a desk.Activity
	into := map[string]any{"telegram": &a.Entry, "telegram-desk": &a}[m.Channel]
	if into == nil {
		return e, false
	}
	if err := json.Unmarshal(m.Body, into); err != nil {
		t.Fatal(err)
	}
	return a.Entry, true
}

// wants fails unless err is of the kind.
func wants(t *testing.T, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("error %v, want %v", err, kind)
	}
}

// crowd runs do n times on some goroutines.
func crowd(workers, n int, do func(i int)) {
	work := make(chan int, n)
	for i := range n {
		work <- i
	}
	close(work)
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			for i := range work {
				do(i)
			}
		})
	}
	done.Wait()
}
