package chat

import (
	"context"
	"errors"
	"time"
)

// Conversation is one thread with one customer on one channel.
type Conversation struct {
	ID        string   // random; no secret, for reading takes the token
	Channel   string   // "api", "widget", "telegram", …
	Account   string   // which account of the channel; "default" where there is only one
	Address   string   // where the channel reaches the customer; "" where the customer comes to read
	Customer  Customer // as the channel knows them
	Device    Device   // what is known of the terminal
	Holder    Holder   // who speaks to the customer
	LastSeq   int64    // of the newest entry; 0 when nothing was said
	CreatedAt time.Time
}

// Customer is whom a channel says that it talks to. Names are shown to agents and never trusted.
type Customer struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Verified bool   `json:"verified"` // somebody vouches for ID: the site that signed it, or the channel's host
}

// Holder is who speaks to the customer; the other one is silent.
type Holder string

// The closed set of holders.
const (
	HolderBot   Holder = "bot"
	HolderAgent Holder = "agent"
)

// Author is who said an entry.
type Author string

// The closed set of authors.
const (
	FromCustomer Author = "customer"
	FromBot      Author = "bot"
	FromAgent    Author = "agent"
	FromSystem   Author = "system" // what happens to the conversation: taken over, closed, a ticket's state
)

// Entry is one line of a conversation as it is kept. Its JSON form is a contract.
type Entry struct {
	Seq         int64        `json:"seq"` // from 1, without gaps, in the order of the commits
	ID          string       `json:"id"`
	From        Author       `json:"from"`
	Text        string       `json:"text"` // masked
	At          time.Time    `json:"at"`
	Reply       *Reply       `json:"reply"` // what the bot decided; nil where somebody else spoke
	Attachments []Attachment `json:"attachments"`
	Enclosure   *Enclosure   `json:"enclosure,omitempty"` // what came and is not kept itself; nil for none

	// What an agent's entry says besides: the Seq of the entry of this conversation that it quotes, and of
	// the agent's own earlier one that it corrects. A customer's corrects the one that it takes back. 0 for none.
	QuotesSeq   int64 `json:"quotes_seq,omitempty"`
	CorrectsSeq int64 `json:"corrects_seq,omitempty"`
}

// Decision is what the bot chose to do with one message.
type Decision string

// The closed set of decisions.
const (
	Answer   Decision = "answer"   // the text answers the question
	Clarify  Decision = "clarify"  // the question has near meanings: the options ask which
	Collect  Decision = "collect"  // a detail is asked for on the way to a person
	Escalate Decision = "escalate" // a person takes over
	Decline  Decision = "decline"  // the guide does not know, and says so
	Greet    Decision = "greet"    // hello, thanks, goodbye
)

// Reply is what the customer gets for one message. Its JSON form is a contract.
type Reply struct {
	Decision   Decision  `json:"decision"`
	Confidence float64   `json:"confidence"` // 0–1: the probability that the first article is right
	Text       string    `json:"text"`       // plain text, fit for a chat bubble
	Articles   []Article `json:"articles"`   // best first, at most 5, whatever the decision
	Options    []Option  `json:"options"`    // what the customer may tap; empty unless there is a choice
	Ticket     string    `json:"ticket"`
}

// Article points at an article of the guide.
type Article struct {
	ID    string  `json:"id"`
	Title string  `json:"title"`
	Score float64 `json:"score"`
}

// Option is one choice; sending its Title as a message picks it.
type Option struct {
	ID    string `json:"id"` // an article's id, "human" for a person, or yes, no, skip, confirm, cancel or resume
	Title string `json:"title"`
}

// Attachment is a picture that belongs to an entry; its bytes are kept by package media under its ID.
type Attachment struct {
	ID     string `json:"id"`
	Type   string `json:"type"` // image/jpeg or image/png, as it was written anew
	Size   int64  `json:"size"` // bytes
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// Device is what a person needs to know of a terminal and of what happened on it, as told: strings,
// "" for unknown. Each detail's name in JSON is that of its kb.Slot; Fields has a row for each. Contact is veiled
// (138****5678); the real one is sealed and kept apart.
type Device struct {
	BrandModel        string `json:"brand_model"`
	Serial            string `json:"serial"`
	MerchantNo        string `json:"merchant_no"`
	TerminalNo        string `json:"terminal_no"`
	AppVersion        string `json:"app_version"`
	OccurredAt        string `json:"occurred_at"`
	Amount            string `json:"amount"`
	ReceiptMerchant   string `json:"receipt_merchant"`
	StatementMerchant string `json:"statement_merchant"`
	ErrorCode         string `json:"error_code"`
	City              string `json:"city"`
	Contact           string `json:"contact"`
}

// DeviceField is one detail of a device.
type DeviceField struct {
	ID, Name string // in JSON, and for agents
	Value    *string
}

// Fields are all details in their order.
func (d *Device) Fields() [12]DeviceField {
	return [...]DeviceField{
		{"brand_model", "品牌型号", &d.BrandModel},
		{"serial", "机身号SN", &d.Serial},
		{"merchant_no", "商户号", &d.MerchantNo},
		{"terminal_no", "终端号", &d.TerminalNo},
		{"app_version", "App版本", &d.AppVersion},
		{"occurred_at", "发生时间", &d.OccurredAt},
		{"amount", "金额", &d.Amount},
		{"receipt_merchant", "小票商户名", &d.ReceiptMerchant},
		{"statement_merchant", "账单商户名", &d.StatementMerchant},
		{"error_code", "错误码", &d.ErrorCode},
		{"city", "城市", &d.City},
		{"contact", "联系方式", &d.Contact},
	}
}

// Field is the place of a detail by its JSON name; nil for any other name.
func (d *Device) Field(name string) *string {
	for _, f := range d.Fields() {
		if f.ID == name {
			return f.Value
		}
	}
	return nil
}

// Errors of every keeper of conversations and tickets; api maps each to a status.
var (
	ErrNotFound  = errors.New("not found")
	ErrForbidden = errors.New("not allowed")
	ErrConflict  = errors.New("somebody else was first")
	ErrBusy      = errors.New("the database cannot take it now; nothing was kept, send it again")
)

// OpenRequest is what a conversation begins with.
type OpenRequest struct {
	Channel, Account, Address string
	Customer                  Customer
	Device                    Device // its Contact is veiled, and dropped when nothing is sealed below

	// SealContact seals the real contact for the conversation of that id, to be kept; nil for none.
	SealContact func(conversation string) ([]byte, error)
}

// NewEntriesRange is how many sequence numbers of a conversation Conversations.ListNewEntries looks at.
const NewEntriesRange = 32

// Subscriber waits for what is said in a conversation. It is a pointer. Its methods are called while others wait, so they
// return at once and call nothing of Conversations.
type Subscriber interface {
	// After is the sequence number up to which it has read.
	After() int64
	// Wake tells it that there may be entries behind After, or that the conversation may be gone: it reads again.
	Wake()
}

// Conversations keeps conversations, for whoever shows them. All times are UTC.
type Conversations interface {
	// OpenConversation begins a conversation. token, given once, lets its bearer read and write it; only its hash is kept.
	OpenConversation(ctx context.Context, o OpenRequest) (c Conversation, token string, err error)
	// Authorize is the conversation when token is its own; ErrForbidden for a wrong token and for an
	// unknown id alike.
	Authorize(ctx context.Context, id, token string) (Conversation, error)
	// JoinConversation is the conversation that goes on with the customer of that id, for whom his site vouches, and
	// another token of it; one is opened when there is none. What else o says counts only then.
	JoinConversation(ctx context.Context, o OpenRequest) (c Conversation, token string, opened bool, err error)
	// LeaveConversation ends that: JoinConversation opens another one. Tokens stay as they are.
	LeaveConversation(ctx context.Context, id string) error
	// IssueToken is another token of a conversation; those given before go on, the oldest excepted where there
	// are very many. ErrNotFound.
	IssueToken(ctx context.Context, id string) (token string, err error)
	// EnsureConversation is the open thread with the customer at address of a pushing channel, made when there is none.
	EnsureConversation(ctx context.Context, o OpenRequest) (Conversation, error)
	// FindConversation is one conversation; ErrNotFound.
	FindConversation(ctx context.Context, id string) (Conversation, error)
	// ListEntries are at most limit entries behind seq after, in order.
	ListEntries(ctx context.Context, id string, after int64, limit int) ([]Entry, error)
	// ListNewEntries are the entries behind after of many conversations at once, by their ids and in order: of each the next
	// NewEntriesRange sequence numbers, as far as they are kept. Where it has none, ListEntries may still find some.
	ListNewEntries(ctx context.Context, after map[string]int64) (map[string][]Entry, error)
	// Subscribe has a subscriber woken, until cancel, by whatever is said in a conversation, on whatever node, and when
	// it is deleted. Read after subscribing: what was said before wakes nobody.
	Subscribe(id string, s Subscriber) (cancel func())
	// RateEntry notes whether a bot's entry helped. A later word replaces an earlier one. ErrNotFound when
	// the conversation has no such entry of the bot's.
	RateEntry(ctx context.Context, id, entry string, helpful bool) error
	// FindAttachment tells whether the conversation has that attachment; ErrNotFound.
	FindAttachment(ctx context.Context, id, attachment string) (Attachment, error)
}
