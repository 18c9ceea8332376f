package store_test

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

// old is a file of a database that an earlier program wrote; the README beside it tells which.
func old(name string) string { return filepath.Join("testdata", "v2", name) }

// kept is kept.json: what the program that wrote the database read in it.
type kept struct {
	At            time.Time                   `json:"at"` // when it is opened: leases have run out, no customer has paused
	Conversations map[string]keptConversation `json:"conversations"`
	Tickets       []keptTicket                `json:"tickets"`
	Queue         []string                    `json:"queue"` // numbers
	Marks         map[string]string           `json:"marks"` // "" for one whose time is over
	Keys          map[string]string           `json:"keys"`  // by name
	Audit         []string                    `json:"audit"` // of no ticket
	Guide         []string                    `json:"guide"`
	Unsent        map[chat.SendingState]int   `json:"unsent"`
	Outbox        map[string][]string         `json:"outbox"` // what leaves, by lane
}

// keptConversation is a conversation by what it is in the midst of.
type keptConversation struct {
	ID          string           `json:"id"`
	Token       string           `json:"token,omitempty"`
	Channel     string           `json:"channel"`
	Account     string           `json:"account"`
	Address     string           `json:"address,omitempty"`
	Is          string           `json:"is"`
	External    string           `json:"external"` // of the first message
	Answered    int              `json:"answered"` // by so many replies
	Entries     []string         `json:"entries"`
	Undelivered map[int64]string `json:"undelivered"`
}

// keptTicket is a ticket of the conversation of that name.
type keptTicket struct {
	Of      string   `json:"of"`
	Number  string   `json:"number"`
	Is      string   `json:"is"`
	Contact string   `json:"contact,omitempty"` // in plain
	Notes   []string `json:"notes"`
	Audit   []string `json:"audit"`
}

// TestUpgrade opens databases that an earlier program wrote, finds in them what that one kept, and goes on.
func TestUpgrade(t *testing.T) {
	pg := storetest.StartPostgres(t, "fsync = off")
	for name, restored := range map[string]func(*testing.T) store.Options{
		"SQLite":   restoredFile,
		"Postgres": func(t *testing.T) store.Options { return restoredDump(t, pg.Database(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			var want kept
			if err := json.Unmarshal(read(t, old("kept.json")), &want); err != nil {
				t.Fatal(err)
			}
			for _, test := range []struct {
				name string
				run  func(*testing.T, *upgraded)
			}{
				{"Reads", upgradeReads},
				{"Talks", upgradeTalks},
				{"Works", upgradeWorks},
				{"Sends", upgradeSends},
			} {
				t.Run(test.name, func(t *testing.T) { test.run(t, openOld(t, restored(t), want)) })
			}
		})
	}
}

// upgraded is an old database, opened as a server opens it.
type upgraded struct {
	s    *store.Store
	want kept
	bot  *bot.Bot
}

func openOld(t *testing.T, o store.Options, want kept) *upgraded {
	t.Helper()
	o = pushing(o)
	o.Now = func() time.Time { return want.At }
	return &upgraded{s: open(t, o), want: want}
}

// pushing sets where sendings go, as it was when the database was written.
func pushing(o store.Options) store.Options {
	o.Push = func(channel string) bool { return channel != "widget" && channel != "api" }
	o.Announce = []chat.Destination{{Channel: "webhook", Account: "ops"}}
	o.Follow = []chat.Destination{{Channel: "telegram-desk", Account: "default"}}
	return o
}

func restoredFile(t *testing.T) store.Options {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "yingda.db"), unzipped(t, old("yingda.db.gz")), 0o600); err != nil {
		t.Fatal(err)
	}
	return store.Options{Dir: dir}
}

func restoredDump(t *testing.T, dsn string) store.Options {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), string(unzipped(t, old("yingda.sql.gz")))) // without parameters: all statements at once
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return store.Options{DSN: dsn}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func unzipped(t *testing.T, path string) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(read(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// upgradeReads finds all that was kept.
func upgradeReads(t *testing.T, u *upgraded) {
	for name, want := range u.want.Conversations {
		c, err := u.s.FindConversation(t.Context(), want.ID)
		found, errFound := u.find(t, want)
		if err := errors.Join(err, errFound); err != nil || found != c {
			t.Errorf("%s: found %+v, %v; want %+v", name, found, err, c)
		}
		if u.waits(t, want.ID) { // the bot spoke no more there: now it does
			want.Is = strings.Replace(want.Is, "agent speaks", "bot speaks", 1)
		}
		same(t, name, described(c), want.Is)
		same(t, name+": entries", u.entries(t, c.ID), want.Entries)
		same(t, name+": undelivered", u.undelivered(t, c.ID), want.Undelivered)
	}
	for _, want := range u.want.Tickets {
		is, notes, audit := u.ticket(t, want.Number)
		same(t, want.Number, is, want.Is)
		same(t, want.Number+": notes", notes, want.Notes)
		same(t, want.Number+": audit", audit, want.Audit)
	}
	same(t, "the queue", u.queue(t), u.want.Queue)
	for key, want := range u.want.Marks {
		same(t, "mark "+key, u.mark(t, key), want)
	}
	held := u.want.Conversations["held"]
	for _, key := range []string{
		telegram.SourceKey("default", held.External), telegram.SentKey("default", held.ID, 2), telegram.MessageKey("default", 7003, 21),
	} {
		if u.mark(t, key) == "" {
			t.Errorf("nothing is found under %q", key)
		}
	}
	same(t, "audit", u.audit(t, ""), u.want.Audit)
	same(t, "guide", u.guide(t), u.want.Guide)
	if h, err := u.s.Check(t.Context()); err != nil || h.Integrity != "ok" || h.Schema != h.Newest {
		t.Errorf("health %+v, %v", h, err)
	}
}

// waits tells whether the newest ticket of a conversation waits for an agent.
func (u *upgraded) waits(t *testing.T, conversation string) bool {
	t.Helper()
	waiting, err := u.s.ListTickets(t.Context(), desk.Filter{States: []desk.State{desk.StateWaiting}})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(waiting, func(k desk.Ticket) bool { return k.Conversation == conversation })
}

// upgradeTalks goes on with every conversation where it was.
func upgradeTalks(t *testing.T, u *upgraded) {
	in := u.inbox(t)
	for _, test := range []struct{ name, session, say, want, has string }{
		{"offered", "offered money fee-money-not-arrived, topic fee-money-not-arrived 0, options yes no", "好", "collect", "商户编号"},
		{"asking", "asking money fee-money-not-arrived occurred_at amount, topic fee-money-not-arrived 0, options skip human", "今天上午9点，3800元", "collect", "记下了：发生时间"},
		{"confirming", "confirming money fee-money-not-arrived, topic fee-money-not-arrived 0, options confirm cancel", "确认", "escalate", "工单号"},
		{"paused", "paused money fee-money-not-arrived occurred_at amount, topic device-printer-paper 0, options resume cancel human", "接着登记", "collect", "什么时候"},
		{"clarify", "topic  0, options fee-money-not-arrived human", "1", "answer", "不要重复刷"},
		{"topic", "topic device-printer-paper 1, options human", "还是没解决", "decline", "人工"},
		{"waiting", "topic fee-money-not-arrived 0, options", "我的工单怎么样了", "answer", "等客服接手"},
		{"held", "topic  0, options", "亮了", "silent", ""},
		{"closed", "topic device-printer-paper 1, options", "我的工单怎么样了", "answer", "已"},
	} {
		c := u.want.Conversations[test.name]
		again, err := in.Receive(t.Context(), chat.Message{Conversation: c.ID, Channel: c.Channel, ExternalID: c.External, Text: "又来一次", At: u.want.At})
		if err != nil || !again.Repeat || len(again.Replies) != c.Answered {
			t.Errorf("%s: the first message again became %+v, %v", test.name, again, err)
		}
		session := ""
		in.Bot = func() bot.Stepper { return u.listens(&session) }
		got, err := in.Receive(t.Context(), chat.Message{Conversation: c.ID, Channel: c.Channel, ExternalID: "new-" + test.name, Text: test.say, At: u.want.At})
		if err != nil {
			t.Fatal(err)
		}
		same(t, test.name+": session", session, test.session)
		decision, text := "silent", ""
		for _, e := range got.Replies {
			if text += e.Text + "\n"; e.Reply != nil && decision == "silent" {
				decision = string(e.Reply.Decision)
			}
		}
		if decision != test.want || !strings.Contains(text, test.has) || got.Message.Seq != int64(len(c.Entries)+1) {
			t.Errorf("%s: %q led to %s %q as entry %d; want %s %q", test.name, test.say, decision, text, got.Message.Seq, test.want, test.has)
		}
	}
	if got, err := u.desk(t).RevealContact(t.Context(), boss(), u.newest(t, "confirming")); got != "13911112222" || err != nil {
		t.Errorf("the contact of the new ticket is %q, %v", got, err)
	}
}

// upgradeWorks lets agents go on.
func upgradeWorks(t *testing.T, u *upgraded) {
	d, ctx := u.desk(t), t.Context()
	for name, role := range map[string]desk.Role{"小王": desk.RoleViewer, "小李": desk.RoleAgent, "编辑": desk.RoleEditor, "店长": desk.RoleAdmin, "旧人": ""} {
		a, err := u.s.Agent(ctx, u.want.Keys[name])
		if role == "" && errors.Is(err, chat.ErrForbidden) {
			continue // the key was revoked
		}
		if err != nil || a != (desk.Agent{Name: name, Role: role}) {
			t.Errorf("the key of %s is that of %+v, %v", name, a, err)
		}
	}
	u.contacts(t, d)
	if n, err := u.s.ResealContacts(ctx, sealer(t, old("key")).ResealContact); n == 0 || err != nil {
		t.Errorf("%d contacts were sealed anew, %v", n, err)
	}
	u.contacts(t, d)
	u.copiedContact(t, d)
	li := desk.Agent{Name: "小李", Role: desk.RoleAgent}
	for _, test := range []struct {
		of   string
		act  func(id string) (desk.Ticket, error)
		want desk.State
		says int // entries more
		err  error
	}{
		{"waiting", func(id string) (desk.Ticket, error) { return d.Claim(ctx, li, id) }, desk.StateHeld, 1, nil},
		{"held", func(id string) (desk.Ticket, error) { return d.Claim(ctx, li, id) }, "", 0, chat.ErrConflict},
		{"held", func(id string) (desk.Ticket, error) {
			return d.Reply(ctx, boss(), id, desk.ReplyRequest{Text: "请长按电源键十秒", ClientID: "tg:501"})
		}, desk.StateHeld, 0, nil}, // said already
		{"held", func(id string) (desk.Ticket, error) {
			return d.Close(ctx, boss(), id, desk.ReplyRequest{Text: "再见"})
		}, desk.StateClosed, 2, nil},
		{"closed", func(id string) (desk.Ticket, error) { return d.Note(ctx, boss(), id, "x") }, "", 0, chat.ErrConflict},
	} {
		c := u.want.Conversations[test.of]
		before := len(u.entries(t, c.ID))
		k, err := test.act(u.newest(t, test.of))
		if !errors.Is(err, test.err) || k.State != test.want || len(u.entries(t, c.ID)) != before+test.says {
			t.Errorf("%s: the ticket is %q, %v, and %d entries; want %q, %v, and %d", test.of, k.State, err, len(u.entries(t, c.ID)), test.want, test.err, before+test.says)
		}
	}
	for base, want := range map[int64]error{2: kb.ErrStaleEdit, 3: nil} {
		if _, err := u.s.EditGuide(ctx, kb.Edit{Base: base, By: "编辑", Put: kb.Files{"outside.txt": []byte("x\n")}}); !errors.Is(err, want) {
			t.Errorf("an edit of revision %d: %v, want %v", base, err, want)
		}
	}
}

// contacts opens those of all tickets.
func (u *upgraded) contacts(t *testing.T, d *desk.Desk) {
	t.Helper()
	for _, k := range u.want.Tickets {
		got, err := d.RevealContact(t.Context(), boss(), k.Number)
		if got != k.Contact || (err == nil) != (k.Contact != "") {
			t.Errorf("the contact of %s is %q, %v; want %q", k.Of, got, err, k.Contact)
		}
	}
}

// copiedContact copies a contact into the row of another conversation, where it must not open.
func (u *upgraded) copiedContact(t *testing.T, d *desk.Desk) {
	t.Helper()
	from, to := u.want.Conversations["waiting"].ID, u.want.Conversations["held"].ID
	if err := u.s.Exec(t.Context(), fmt.Sprintf(`UPDATE conversations SET sealed = (SELECT c.sealed FROM conversations c WHERE c.id = '%s') WHERE id = '%s'`, from, to)); err != nil {
		t.Fatal(err)
	}
	if got, err := d.RevealContact(t.Context(), boss(), u.newest(t, "held")); !errors.Is(err, privacy.ErrTampered) {
		t.Errorf("a copied contact opens as %q, %v", got, err)
	}
}

// upgradeSends sends what waits, each lane in its order. What was being sent when the program ended is
// sent again where it may arrive twice, and is unknown elsewhere.
func upgradeSends(t *testing.T, u *upgraded) {
	same(t, "unsent", u.unsent(t), u.want.Unsent)
	same(t, "what left", u.drain(t), u.want.Outbox)
	same(t, "afterwards unsent", u.unsent(t), map[chat.SendingState]int{chat.SendingDead: 2, chat.SendingUnknown: 3})
	for name, seq := range map[string]int64{"asking": 5, "held": 7} {
		if got := u.undelivered(t, u.want.Conversations[name].ID)[seq]; !strings.HasPrefix(got, string(chat.SendingUnknown)) {
			t.Errorf("%s: entry %d is %q", name, seq, got)
		}
	}
}
