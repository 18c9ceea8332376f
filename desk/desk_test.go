package desk

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
)

// memory is a Store in memory, for one goroutine. It keeps what every Change held.
type memory struct {
	tickets map[string]Ticket
	changes []Change
	sealed  []byte
	looked  []string // who looked at the contact

	unattended []Ticket
	seen       []string
}

func (m *memory) ListTickets(context.Context, Filter) ([]Ticket, error) {
	var list []Ticket
	for _, t := range m.tickets {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b Ticket) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

func (m *memory) FindTicket(_ context.Context, id string) (Ticket, error) {
	for _, t := range m.tickets {
		if t.ID == id || t.Number == id {
			return t, nil
		}
	}
	return Ticket{}, chat.ErrNotFound
}

func (m *memory) FindNewest(context.Context, string) (Ticket, error) {
	return Ticket{}, chat.ErrNotFound
}

func (m *memory) ListUnattended(context.Context, time.Time) ([]Ticket, error) {
	return m.unattended, nil
}

func (m *memory) NoteSeen(_ context.Context, agent string) error {
	m.seen = append(m.seen, agent)
	return nil
}

func (m *memory) ListNotes(context.Context, string) ([]Note, error) { return nil, nil }

func (m *memory) UpdateTicket(_ context.Context, id string, _ Agent, decide func(Ticket) (Change, error)) (Ticket, error) {
	c, err := decide(m.tickets[id])
	if err != nil {
		return Ticket{}, err
	}
	m.tickets[id] = c.Ticket
	m.changes = append(m.changes, c)
	return c.Ticket, nil
}

func (m *memory) RevealContact(_ context.Context, _ string, by Agent) ([]byte, error) {
	m.looked = append(m.looked, by.Name)
	return m.sealed, nil
}

// UnsealContact stands in for the key of the sealed contact; FindAgent for the directory.
func (m *memory) UnsealContact(_ string, sealed []byte) (string, error) {
	return "opened " + string(sealed), nil
}

func (m *memory) FindAgent(_ context.Context, name string) (Agent, error) {
	a, ok := staff[name]
	if !ok {
		return Agent{}, chat.ErrNotFound
	}
	return a, nil
}

var staff = map[string]Agent{
	"看": {"看", RoleViewer}, "甲": {"甲", RoleAgent}, "乙": {"乙", RoleAgent}, "编": {"编", RoleEditor}, "管": {"管", RoleAdmin},
}

// newDesk is a desk with a ticket of each state: w waits, h is held by 甲, c is closed.
func newDesk(t *testing.T) (*Desk, *memory) {
	t.Helper()
	m := &memory{sealed: []byte("x"), tickets: map[string]Ticket{
		"w": {ID: "w", Number: "1124-W", State: StateWaiting},
		"h": {ID: "h", Number: "1124-H", State: StateHeld, Assignee: "甲"},
		"c": {ID: "c", Number: "1124-C", State: StateClosed, Assignee: "甲"},
	}}
	mask := func(s string) string { return strings.ReplaceAll(s, "6222021234567890123", "622202******0123") }
	notices := Notices{Claimed: "接手", Transferred: "转交", Requeued: "排队", Closed: "结束"}
	return New(Config{Store: m, UnsealContact: m.UnsealContact, FindAgent: m.FindAgent, Mask: mask, Notices: notices}), m
}

// actions are what an agent can do to a ticket, by name.
func actions(d *Desk) map[string]func(ctx context.Context, by Agent, id string) (Ticket, error) {
	return map[string]func(ctx context.Context, by Agent, id string) (Ticket, error){
		"claim": d.Claim, "take": d.TakeOver,
		"reply": func(ctx context.Context, by Agent, id string) (Ticket, error) {
			return d.Reply(ctx, by, id, ReplyRequest{Text: "好"})
		},
		"note":  func(ctx context.Context, by Agent, id string) (Ticket, error) { return d.Note(ctx, by, id, "记") },
		"to 乙":  func(ctx context.Context, by Agent, id string) (Ticket, error) { return d.Transfer(ctx, by, id, "乙") },
		"queue": func(ctx context.Context, by Agent, id string) (Ticket, error) { return d.Transfer(ctx, by, id, "") },
		"close": func(ctx context.Context, by Agent, id string) (Ticket, error) {
			return d.Close(ctx, by, id, ReplyRequest{})
		},
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	type want struct {
		err    error
		state  State
		holder string
	}
	tests := []struct {
		act, by, id string
		want        want
	}{
		{"claim", "看", "w", want{err: chat.ErrForbidden}},
		{"claim", "甲", "w", want{state: StateHeld, holder: "甲"}},
		{"claim", "编", "w", want{state: StateHeld, holder: "编"}},
		{"claim", "甲", "1124-W", want{state: StateHeld, holder: "甲"}},
		{"claim", "甲", "h", want{state: StateHeld, holder: "甲"}}, // his own already
		{"claim", "乙", "h", want{err: chat.ErrConflict}},
		{"claim", "管", "h", want{err: chat.ErrConflict}}, // an Admin transfers it to himself
		{"claim", "甲", "c", want{err: chat.ErrConflict}},
		{"claim", "甲", "none", want{err: chat.ErrNotFound}},

		{"take", "看", "h", want{err: chat.ErrForbidden}},
		{"take", "甲", "h", want{state: StateHeld, holder: "甲"}}, // his own already
		{"take", "乙", "h", want{state: StateHeld, holder: "乙"}},
		{"take", "乙", "w", want{state: StateHeld, holder: "乙"}},
		{"take", "乙", "c", want{err: chat.ErrConflict}},

		{"reply", "看", "h", want{err: chat.ErrForbidden}},
		{"reply", "甲", "h", want{state: StateHeld, holder: "甲"}},
		{"reply", "乙", "h", want{err: chat.ErrForbidden}},
		{"reply", "编", "h", want{err: chat.ErrForbidden}},
		{"reply", "管", "h", want{state: StateHeld, holder: "甲"}}, // for 甲
		{"reply", "乙", "w", want{state: StateHeld, holder: "乙"}},
		{"reply", "甲", "c", want{err: chat.ErrConflict}},

		{"note", "看", "h", want{err: chat.ErrForbidden}},
		{"note", "乙", "h", want{state: StateHeld, holder: "甲"}},
		{"note", "乙", "w", want{state: StateWaiting}},
		{"note", "甲", "c", want{err: chat.ErrConflict}},

		{"to 乙", "甲", "h", want{state: StateHeld, holder: "乙"}},
		{"to 乙", "编", "h", want{err: chat.ErrForbidden}},
		{"to 乙", "甲", "w", want{err: chat.ErrForbidden}},
		{"to 乙", "管", "w", want{state: StateHeld, holder: "乙"}},
		{"to 乙", "管", "c", want{err: chat.ErrConflict}},
		{"queue", "甲", "h", want{state: StateWaiting}},
		{"queue", "乙", "h", want{err: chat.ErrForbidden}},
		{"queue", "乙", "w", want{state: StateWaiting}},

		{"close", "看", "h", want{err: chat.ErrForbidden}},
		{"close", "甲", "h", want{state: StateClosed, holder: "甲"}},
		{"close", "乙", "h", want{err: chat.ErrForbidden}},
		{"close", "管", "h", want{state: StateClosed, holder: "甲"}},
		{"close", "甲", "w", want{err: chat.ErrForbidden}},
		{"close", "管", "w", want{state: StateClosed}},
		{"close", "甲", "c", want{err: chat.ErrConflict}},
	}
	for _, tt := range tests {
		t.Run(tt.by+" "+tt.act+" "+tt.id, func(t *testing.T) {
			d, m := newDesk(t)
			got, err := actions(d)[tt.act](t.Context(), staff[tt.by], tt.id)
			if !errors.Is(err, tt.want.err) {
				t.Fatalf("error %v, want %v", err, tt.want.err)
			}
			if err != nil {
				if r, ok := errors.AsType[*Refusal](err); !ok || r.Text == "" {
					t.Errorf("no word for the agent in %v", err)
				}
				if len(m.changes) > 0 {
					t.Errorf("a refused act changed %+v", m.changes)
				}
				return
			}
			if got.State != tt.want.state || got.Assignee != tt.want.holder {
				t.Errorf("ticket is %s of %q, want %s of %q", got.State, got.Assignee, tt.want.state, tt.want.holder)
			}
		})
	}
}

func TestHeldTicketNamesItsHolder(t *testing.T) {
	d, _ := newDesk(t)
	if _, err := d.Claim(t.Context(), staff["乙"], "h"); err == nil || !strings.Contains(err.Error(), "甲") {
		t.Errorf("error %v does not name the holder", err)
	}
}

func TestStrangersMayNotRead(t *testing.T) {
	d, _ := newDesk(t)
	for _, by := range []Agent{{}, {Name: "x", Role: "root"}, {Role: RoleAdmin}} {
		_, listErr := d.ListTickets(t.Context(), by, Filter{})
		_, oneErr := d.FindTicket(t.Context(), by, "w")
		_, notesErr := d.ListNotes(t.Context(), by, "w")
		for _, err := range []error{listErr, oneErr, notesErr} {
			if !errors.Is(err, chat.ErrForbidden) {
				t.Errorf("%+v: error %v", by, err)
			}
		}
	}
	if list, err := d.ListTickets(t.Context(), staff["看"], Filter{}); err != nil || len(list) != 3 {
		t.Errorf("a viewer sees %v, %v", list, err)
	}
}

// said is a Change without its ticket, as tables hold it.
func said(c Change) Change { c.Ticket = Ticket{}; return c }

func TestWhatAnActCommits(t *testing.T) {
	picture := []chat.Attachment{{ID: "P"}}
	system := func(text string) chat.Entry { return chat.Entry{From: chat.FromSystem, Text: text} }
	agent := func(text string) chat.Entry { return chat.Entry{From: chat.FromAgent, Text: text} }
	tests := []struct {
		name string
		do   func(context.Context, *Desk) (Ticket, error)
		want Change
	}{
		{
			"claim", func(ctx context.Context, d *Desk) (Ticket, error) { return d.Claim(ctx, staff["甲"], "w") },
			Change{Event: EventClaimed, Say: []chat.Entry{system("接手")}, Holder: chat.HolderAgent},
		},
		{"reply", func(ctx context.Context, d *Desk) (Ticket, error) {
			return d.Reply(ctx, staff["甲"], "h", ReplyRequest{Text: " 卡号6222021234567890123\x00\xff ", Attachments: picture, ClientID: "e1"})
		}, Change{Event: EventReplied, ClientID: "e1", Holder: chat.HolderAgent, Say: []chat.Entry{
			{From: chat.FromAgent, Text: "卡号622202******0123\uFFFD", Attachments: picture},
		}}},
		{"a reply claims", func(ctx context.Context, d *Desk) (Ticket, error) {
			return d.Reply(ctx, staff["乙"], "w", ReplyRequest{Text: "好"})
		}, Change{Event: EventReplied, Holder: chat.HolderAgent, Detail: "回复时接手", Say: []chat.Entry{system("接手"), agent("好")}}},
		{"reply for another", func(ctx context.Context, d *Desk) (Ticket, error) {
			return d.Reply(ctx, staff["管"], "h", ReplyRequest{Text: "好"})
		}, Change{Event: EventReplied, Holder: chat.HolderAgent, Detail: "代甲操作", Say: []chat.Entry{agent("好")}}},
		{"reply that quotes", func(ctx context.Context, d *Desk) (Ticket, error) {
			return d.Reply(ctx, staff["甲"], "h", ReplyRequest{Text: "好", QuotesSeq: 3})
		}, Change{Event: EventReplied, Holder: chat.HolderAgent, Say: []chat.Entry{{From: chat.FromAgent, Text: "好", QuotesSeq: 3}}}},
		{"correction", func(ctx context.Context, d *Desk) (Ticket, error) {
			return d.Reply(ctx, staff["甲"], "h", ReplyRequest{Text: "好", CorrectsSeq: 4})
		}, Change{Event: EventReplied, Holder: chat.HolderAgent, Say: []chat.Entry{{From: chat.FromAgent, Text: "好", CorrectsSeq: 4}}}},
		{"note", func(ctx context.Context, d *Desk) (Ticket, error) {
			return d.Note(ctx, staff["乙"], "h", "他的卡6222021234567890123")
		}, Change{Event: EventNoted, Note: "他的卡622202******0123"}},
		{
			"transfer", func(ctx context.Context, d *Desk) (Ticket, error) { return d.Transfer(ctx, staff["甲"], "h", "乙") },
			Change{Event: EventTransferred, Detail: "转给乙", Holder: chat.HolderAgent, Say: []chat.Entry{system("转交")}},
		},
		{
			"back to the queue", func(ctx context.Context, d *Desk) (Ticket, error) { return d.Transfer(ctx, staff["甲"], "h", "") },
			Change{Event: EventTransferred, Detail: "转回队列", Holder: chat.HolderBot, Say: []chat.Entry{system("排队")}},
		},
		{
			"take over", func(ctx context.Context, d *Desk) (Ticket, error) { return d.TakeOver(ctx, staff["乙"], "h") },
			Change{Event: EventTaken, Detail: "从甲接过来", Holder: chat.HolderAgent, Say: []chat.Entry{system("转交")}},
		},
		{
			"take over what waits", func(ctx context.Context, d *Desk) (Ticket, error) { return d.TakeOver(ctx, staff["乙"], "w") },
			Change{Event: EventClaimed, Holder: chat.HolderAgent, Say: []chat.Entry{system("接手")}},
		},
		{
			"close", func(ctx context.Context, d *Desk) (Ticket, error) {
				return d.Close(ctx, staff["甲"], "h", ReplyRequest{})
			},
			Change{Event: EventClosed, Holder: chat.HolderBot, Say: []chat.Entry{system("结束")}},
		},
		{"close with a last word", func(ctx context.Context, d *Desk) (Ticket, error) {
			return d.Close(ctx, staff["甲"], "h", ReplyRequest{Text: "再见", ClientID: "e2", QuotesSeq: 3})
		}, Change{Event: EventClosed, ClientID: "e2", Holder: chat.HolderBot, Say: []chat.Entry{
			{From: chat.FromAgent, Text: "再见", QuotesSeq: 3}, system("结束"),
		}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, m := newDesk(t)
			if _, err := tt.do(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			if len(m.changes) != 1 || !reflect.DeepEqual(said(m.changes[0]), tt.want) {
				t.Errorf("committed %+v\nwant %+v", m.changes, tt.want)
			}
		})
	}
}

func TestWhatNoTicketTakes(t *testing.T) {
	d, m := newDesk(t)
	long := strings.Repeat("长", MaxText+1)
	tests := map[string]func() (Ticket, error){
		"empty reply": func() (Ticket, error) { return d.Reply(t.Context(), staff["甲"], "h", ReplyRequest{Text: " \n\x00"}) },
		"long reply":  func() (Ticket, error) { return d.Reply(t.Context(), staff["甲"], "h", ReplyRequest{Text: long}) },
		"many pictures": func() (Ticket, error) {
			return d.Reply(t.Context(), staff["甲"], "h", ReplyRequest{Attachments: make([]chat.Attachment, MaxAttachments+1)})
		},
		"empty note": func() (Ticket, error) { return d.Note(t.Context(), staff["甲"], "h", "") },
		"blank note": func() (Ticket, error) { return d.Note(t.Context(), staff["甲"], "h", " \u2800\u3164\u200b\n") },
		"blank reply": func() (Ticket, error) {
			return d.Reply(t.Context(), staff["甲"], "h", ReplyRequest{Text: "\u3164\u2800"})
		},
		"long note": func() (Ticket, error) { return d.Note(t.Context(), staff["甲"], "h", long) },
		"many last pictures": func() (Ticket, error) {
			return d.Close(t.Context(), staff["甲"], "h", ReplyRequest{Attachments: make([]chat.Attachment, MaxAttachments+1)})
		},
		"long last": func() (Ticket, error) { return d.Close(t.Context(), staff["甲"], "h", ReplyRequest{Text: long}) },
	}
	for name, do := range tests {
		if _, err := do(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if len(m.changes) > 0 {
		t.Errorf("changed %+v", m.changes)
	}
	if _, err := d.Reply(t.Context(), staff["甲"], "h", ReplyRequest{Text: long[:len(long)-len("长")]}); err != nil {
		t.Errorf("a reply of %d runes: %v", MaxText, err)
	}
}

func TestTransferToWhoCannotTakeIt(t *testing.T) {
	tests := map[string]error{"没有此人": chat.ErrNotFound, "看": chat.ErrConflict}
	for name, want := range tests {
		d, _ := newDesk(t)
		if _, err := d.Transfer(t.Context(), staff["甲"], "h", name); !errors.Is(err, want) || !strings.Contains(err.Error(), name) {
			t.Errorf("to %s: error %v, want %v", name, err, want)
		}
	}
}

func TestContact(t *testing.T) {
	d, m := newDesk(t)
	if _, err := d.RevealContact(t.Context(), staff["看"], "h"); !errors.Is(err, chat.ErrForbidden) || len(m.looked) > 0 {
		t.Errorf("a viewer: error %v, looked %v", err, m.looked)
	}
	got, err := d.RevealContact(t.Context(), staff["乙"], "1124-H")
	if err != nil || got != "opened x" || !slices.Equal(m.looked, []string{"乙"}) {
		t.Errorf("contact %q, %v, looked %v", got, err, m.looked)
	}
	m.sealed = nil
	if _, err := d.RevealContact(t.Context(), staff["乙"], "h"); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("no contact: error %v", err)
	}
}
