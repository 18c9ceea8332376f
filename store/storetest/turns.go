package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/store"
)

func turnKeepsEverything(t *testing.T, h *house) {
	s := h.node(t)
	c, err := s.EnsureConversation(t.Context(), chat.OpenRequest{Channel: "telegram", Account: "default", Address: "7"})
	if err != nil {
		t.Fatal(err)
	}
	m := said(c, "m1", "没到账")
	m.Attachments = []chat.Attachment{{ID: "pic1", Type: "image/png", Size: 9, Width: 3, Height: 4}}
	m.Enclosure = &chat.Enclosure{Medium: chat.Location, Label: "[位置]", Point: &chat.Point{Latitude: 28.19, Longitude: 112.98, Datum: chat.WGS84}}
	got := turn(t, s, m, func(_ context.Context, session *bot.Session) (bot.Outcome, error) {
		session.Topic, session.Device.Serial = "settle", "SN1"
		return bot.Outcome{
			Reply: chat.Reply{Decision: chat.Escalate, Text: "一", Articles: []chat.Article{{ID: "settle"}}}, More: []chat.Reply{{Text: "二"}}, System: "三",
			Ticket: &desk.TicketDraft{Number: "1124-AAAA", Reason: desk.ReasonMoney, Urgency: desk.UrgencyUrgent}, Sealed: []byte("sealed"),
		}, nil
	})
	if got.Repeat || got.Ticket == nil || got.Ticket.Device.Serial != "SN1" || len(got.Replies) != 3 || got.Newest != "1124-AAAA" {
		t.Fatalf("turned %+v", got)
	}
	if want := []string{"customer: 没到账", "bot: 一", "bot: 二", "system: 三"}; !slices.Equal(lines(t, s, c.ID), want) {
		t.Errorf("entries %q, want %q", lines(t, s, c.ID), want)
	}
	after, err := s.FindConversation(t.Context(), c.ID)
	if err != nil || after.Holder != chat.HolderBot || after.LastSeq != 4 || after.Device.Serial != "SN1" {
		t.Errorf("conversation %+v, %v", after, err)
	}
	entries, err := s.ListEntries(t.Context(), c.ID, 0, 10)
	if err != nil || !slices.Equal(entries[0].Attachments, m.Attachments) || entries[1].Reply.Articles[0].ID != "settle" || entries[3].Reply != nil {
		t.Errorf("entries %+v, %v", entries, err)
	}
	if !reflect.DeepEqual(entries[0].Enclosure, m.Enclosure) || entries[1].Enclosure != nil {
		t.Errorf("what came is kept as %+v, and beside the bot's words as %+v", entries[0].Enclosure, entries[1].Enclosure)
	}
	if external, err := s.FindExternalID(t.Context(), c.ID, 1); err != nil || external != "m1" {
		t.Errorf("the message is %q, %v", external, err)
	}
	for _, seq := range []int64{2, 9} { // the bot's, and none
		_, err := s.FindExternalID(t.Context(), c.ID, seq)
		wants(t, err, chat.ErrNotFound)
	}
	if out := drain(t, s); len(out) != 4 { // three bubbles and an announcement
		t.Errorf("%d sendings, want 4", len(out))
	}
	sealed, err := s.RevealContact(t.Context(), got.Ticket.ID, desk.Agent{Name: "li"})
	if err != nil || string(sealed) != "sealed" {
		t.Errorf("contact %q, %v", sealed, err)
	}
	turn(t, s, said(c, "m2", "在吗"), func(_ context.Context, session *bot.Session) (bot.Outcome, error) {
		if session.Topic != "settle" || session.Device.Serial != "SN1" || session.Holder != chat.HolderBot || session.Ticket.Number != "1124-AAAA" {
			t.Errorf("session %+v", session)
		}
		return bot.Outcome{Silent: true}, nil
	})
	if got := lines(t, s, c.ID); len(got) != 5 {
		t.Errorf("entries %q after a silent turn", got)
	}
}

// recalledIsErased: the words and pictures of what a customer took back are gone, those of the same id in another
// conversation are not, and a recall of what is not kept is kept.
func recalledIsErased(t *testing.T, h *house) {
	s := h.node(t)
	c, other := found(t, s, "1"), found(t, s, "2")
	picture := []chat.Attachment{{ID: "pic1", Type: "image/png", Size: 9, Width: 3, Height: 4}}
	for _, one := range []chat.Conversation{c, other} {
		m := said(one, "m1", "说错了")
		m.Attachments, m.Enclosure = picture, &chat.Enclosure{Medium: chat.File, Label: "[文件]", Name: "合同.pdf"}
		turn(t, s, m, say("答"))
		picture = nil
	}
	silent := func(context.Context, *bot.Session) (bot.Outcome, error) { return bot.Outcome{Silent: true}, nil }
	for i, id := range []string{"m1", "m9"} {
		m := said(c, fmt.Sprint("recall", i), "撤回")
		m.Recalls = id
		turn(t, s, m, silent)
		turn(t, s, m, silent) // a repeat
	}
	if want := []string{"customer: " + chat.RecalledText, "bot: 答", "customer: 撤回", "customer: 撤回"}; !slices.Equal(lines(t, s, c.ID), want) {
		t.Errorf("entries %q, want %q", lines(t, s, c.ID), want)
	}
	entries, err := s.ListEntries(t.Context(), c.ID, 0, 10)
	if err != nil || len(entries[0].Attachments) != 0 || entries[0].Enclosure != nil || entries[2].CorrectsSeq != 1 || entries[3].CorrectsSeq != 0 {
		t.Errorf("entries %+v, %v", entries, err)
	}
	_, err = s.FindAttachment(t.Context(), c.ID, "pic1")
	wants(t, err, chat.ErrNotFound)
	if got := lines(t, s, other.ID); got[0] != "customer: 说错了" {
		t.Errorf("entries %q of another customer", got)
	}
}

func repeatsAreAnsweredOnce(t *testing.T, h *house) {
	nodes := []*store.Store{h.node(t), h.node(t)}
	c := opened(t, nodes[0], "w")
	const messages, times = 10, 20
	var first sync.Map
	crowd(32, messages*times, func(i int) {
		n := i % messages
		got, err := nodes[i%2].Turn(t.Context(), said(c, fmt.Sprint("m", n), fmt.Sprint(n)), say(fmt.Sprint("re ", n)))
		if err != nil {
			t.Error(err)
			return
		}
		if len(got.Replies) != 1 || got.Replies[0].Text != fmt.Sprint("re ", n) || got.Message.Text != fmt.Sprint(n) {
			t.Errorf("message %d: %+v", n, got)
			return
		}
		if id, known := first.LoadOrStore(n, got.Replies[0].ID); known && id != got.Replies[0].ID {
			t.Errorf("message %d was answered twice", n)
		}
	})
	if got := lines(t, nodes[0], c.ID); len(got) != 2*messages {
		t.Errorf("%d entries, want %d: %q", len(got), 2*messages, got)
	}
}

// foreignIDsAreStrangers: a host may give two people's messages one id, and neither is the other's repeat.
func foreignIDsAreStrangers(t *testing.T, h *house) {
	s := h.node(t)
	a, b := opened(t, s, "a"), opened(t, s, "b")
	turn(t, s, said(a, "m", "secret"), say("x"))
	for _, repeat := range []bool{false, true} {
		got, err := s.Turn(t.Context(), said(b, "m", "hello"), say("y"))
		if err != nil || got.Repeat != repeat || got.Message.Text != "hello" || len(got.Replies) != 1 || got.Replies[0].Text != "y" {
			t.Errorf("%+v, %v", got, err)
		}
	}
	_, err := s.Turn(t.Context(), chat.Message{Conversation: "none", Channel: "widget"}, say("y"))
	wants(t, err, chat.ErrNotFound)
}

// textIsCleaned keeps what a customer may send and PostgreSQL refuses.
func textIsCleaned(t *testing.T, h *house) {
	s := h.node(t)
	c, _, err := s.OpenConversation(t.Context(), chat.OpenRequest{Channel: "wid\x00get", Customer: chat.Customer{Name: "\xff王"}, Device: chat.Device{Serial: "S\x00N"}})
	if err != nil {
		t.Fatal(err)
	}
	turn(t, s, said(c, "m\x00\xc3", "a\x00b\xffc"), say("x\x00"))
	if got, want := lines(t, s, c.ID), []string{"customer: ab\uFFFDc", "bot: x"}; !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
	if got := turn(t, s, said(c, "m\x00\xc3", "a"), say("y")); !got.Repeat {
		t.Error("a repeat was not known")
	}
}

func failedThoughtKeepsNothing(t *testing.T, h *house) {
	s := h.node(t)
	c := opened(t, s, "w")
	broken := errors.New("the index is broken")
	_, err := s.Turn(t.Context(), said(c, "m", "hello"), func(context.Context, *bot.Session) (bot.Outcome, error) { return bot.Outcome{}, broken })
	wants(t, err, broken)
	if got := lines(t, s, c.ID); len(got) != 0 {
		t.Errorf("kept %q", got)
	}
	if got := turn(t, s, said(c, "m", "hello"), say("x")); got.Repeat {
		t.Error("a failed turn counts as received")
	}
}

// nodesTakeTurns lets two nodes think over the same session at once: one of them must think again.
func nodesTakeTurns(t *testing.T, h *house) {
	a, b := h.node(t), h.node(t)
	c := opened(t, a, "w")
	var barrier sync.WaitGroup
	barrier.Add(2)
	var thoughts atomic.Int64
	think := func(_ context.Context, s *bot.Session) (bot.Outcome, error) {
		if thoughts.Add(1) <= 2 {
			barrier.Done()
			barrier.Wait()
		}
		s.Told++
		return bot.Outcome{Reply: chat.Reply{Text: fmt.Sprint(s.Told)}}, nil
	}
	var done sync.WaitGroup
	for i, s := range []*store.Store{a, b} {
		done.Go(func() {
			if _, err := s.Turn(t.Context(), said(c, fmt.Sprint(i), "hi"), think); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if want := []string{"customer: hi", "bot: 1", "customer: hi", "bot: 2"}; !slices.Equal(lines(t, a, c.ID), want) || thoughts.Load() != 3 {
		t.Errorf("entries %q after %d thoughts, want %q after 3", lines(t, a, c.ID), thoughts.Load(), want)
	}
}

func takenNumberThinksAgain(t *testing.T, h *house) {
	s := h.node(t)
	turn(t, s, said(opened(t, s, "a"), "1", "人工"), escalate("N1"))
	numbers := []string{"N1", "N1", "N2"}
	c := opened(t, s, "b")
	got := turn(t, s, said(c, "2", "人工"), func(ctx context.Context, session *bot.Session) (bot.Outcome, error) {
		n := numbers[0]
		numbers = numbers[1:]
		return escalate(n)(ctx, session)
	})
	if got.Ticket.Number != "N2" || len(lines(t, s, c.ID)) != 3 {
		t.Errorf("ticket %+v, entries %q", got.Ticket, lines(t, s, c.ID))
	}
}

// botIsSilentAfterTakeover holds the bot in its thought while an agent takes over.
func botIsSilentAfterTakeover(t *testing.T, h *house) {
	bots, desks := h.node(t), h.node(t)
	c := opened(t, bots, "w")
	k := turn(t, bots, said(c, "1", "人工"), escalate("N1")).Ticket
	act(t, bots, k.ID, desk.Change{Event: desk.EventNoted, Holder: chat.HolderBot})
	thinking, taken := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		var once sync.Once
		_, err := bots.Turn(t.Context(), said(c, "2", "还在吗"), func(ctx context.Context, s *bot.Session) (bot.Outcome, error) {
			once.Do(func() { close(thinking); <-taken })
			return say("机器人")(ctx, s)
		})
		done <- err
	}()
	<-thinking
	act(t, desks, k.ID, desk.Change{Event: desk.EventClaimed, Holder: chat.HolderAgent}) // in silence: only the version tells
	close(taken)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got, want := lines(t, bots, c.ID)[3:], []string{"customer: 还在吗"}; !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
}

// oneBadWriteHarmsNoOther commits good and bad turns together.
func oneBadWriteHarmsNoOther(t *testing.T, h *house) {
	s := h.node(t)
	turn(t, s, said(opened(t, s, "a"), "first", "x"), func(context.Context, *bot.Session) (bot.Outcome, error) { return bot.Outcome{Silent: true}, nil })
	const n = 64
	cs := make([]chat.Conversation, n)
	for i := range cs {
		cs[i] = opened(t, s, "w")
	}
	crowd(n, n, func(i int) {
		m := said(cs[i], fmt.Sprint("m", i), "hi")
		m.Attachments = []chat.Attachment{{ID: fmt.Sprint("p", i/2)}} // every other id is taken
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if _, err := s.Turn(ctx, m, say("x")); err != nil && !errors.Is(err, chat.ErrBusy) {
			t.Error(err)
		}
	})
	kept := 0
	for _, c := range cs {
		switch got := lines(t, s, c.ID); len(got) {
		case 0:
		case 2:
			kept++
		default:
			t.Errorf("half a turn: %q", got)
		}
	}
	if kept != n/2 {
		t.Errorf("%d turns were kept, want %d", kept, n/2)
	}
}

// ledgerCatchesEarlyAcknowledgement shows that the comparison of ledgers sees a store that acknowledges
// before it commits.
func ledgerCatchesEarlyAcknowledgement(t *testing.T, h *house) {
	s := h.node(t)
	early := func(ctx context.Context, m chat.Message, think bot.StepFunc) (bot.TurnResult, error) {
		if m.ExternalID == "7" { // acknowledged, and then the power fails
			return bot.TurnResult{}, nil
		}
		return s.Turn(ctx, m, think)
	}
	if lost := lostTurns(t, s, s.Turn); lost != 0 {
		t.Errorf("%d acknowledged turns are lost", lost)
	}
	if lost := lostTurns(t, s, early); lost != 1 {
		t.Errorf("the control lost %d, want 1: the check sees nothing", lost)
	}
}

// lostTurns counts what was acknowledged and is not there.
func lostTurns(t *testing.T, s *store.Store, turn func(context.Context, chat.Message, bot.StepFunc) (bot.TurnResult, error)) (lost int) {
	t.Helper()
	c := opened(t, s, "w")
	acknowledged := map[string]bool{}
	for i := range 10 {
		m := said(c, fmt.Sprint(i), fmt.Sprint(c.ID, i))
		m.Channel = c.ID
		if _, err := turn(t.Context(), m, say("x")); err == nil {
			acknowledged["customer: "+m.Text] = true
		}
	}
	for _, line := range lines(t, s, c.ID) {
		delete(acknowledged, line)
	}
	return len(acknowledged)
}
