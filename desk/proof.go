package desk

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/zh"
)

// Prover finds a ticket again for the customer who knows its number and a proof: the last four characters of the
// telephone number that he left, or of the terminal's serial or terminal number. It is safe for concurrent use.
type Prover struct {
	tickets       Store
	conversations chat.Conversations
	now           func() time.Time

	mu     sync.Mutex
	failed map[string][]time.Time // by the ticket's number: wrong proofs, and those that are being looked at
	swept  time.Time
}

// NewProver makes a Prover; now is its clock.
func NewProver(tickets Store, conversations chat.Conversations, now func() time.Time) *Prover {
	return &Prover{tickets: tickets, conversations: conversations, now: now, failed: map[string][]time.Time{}}
}

// Proven is a ticket that was proven.
type Proven struct {
	Ticket       Ticket
	Conversation chat.Conversation
	Said         *chat.Entry // what an agent said last; nil for nothing
}

// ProofLength is how many letters and digits of a proof count, the last ones.
const ProofLength = 4

// How many wrong proofs a ticket takes, and where an agent's words are looked for.
const (
	maxFailedProofs = 5
	failedProofAge  = time.Hour
	maxLookBack     = 200 // entries
)

// Prove is the ticket of that number. chat.ErrForbidden where there is none, where the proof is wrong, and where there
// were too many wrong ones in the last hour: all alike, after the same work.
func (p *Prover) Prove(ctx context.Context, number, proof string) (Proven, error) {
	allowed := p.reserve(number)
	t, err := p.tickets.FindTicket(ctx, number)
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		return Proven{}, fmt.Errorf("prove a ticket: %w", err)
	}
	id := t.Conversation
	if id == "" {
		id = "none" // no conversation's id; the work stays the same
	}
	c, err := p.conversations.FindConversation(ctx, id)
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		return Proven{}, fmt.Errorf("prove ticket %s: %w", number, err)
	}
	if !proves(proof, t.Device, c.Device) || !allowed || c.ID == "" {
		return Proven{}, fmt.Errorf("prove ticket %s: %w", number, chat.ErrForbidden)
	}
	p.release(number)
	said, err := p.lastWords(ctx, c)
	return Proven{Ticket: t, Conversation: c, Said: said}, err
}

// lastWords is what an agent said last.
func (p *Prover) lastWords(ctx context.Context, c chat.Conversation) (*chat.Entry, error) {
	entries, err := p.conversations.ListEntries(ctx, c.ID, max(0, c.LastSeq-maxLookBack), maxLookBack)
	if err != nil {
		return nil, fmt.Errorf("read what agents said: %w", err)
	}
	for i := len(entries) - 1; i >= 0; i-- {
		if entries[i].From == chat.FromAgent {
			return &entries[i], nil
		}
	}
	return nil, nil
}

// reserve counts a proof as wrong until release, and tells whether it may count at all.
func (p *Prover) reserve(number string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	recent := func(tries []time.Time) []time.Time {
		for len(tries) > 0 && now.Sub(tries[0]) >= failedProofAge {
			tries = tries[1:]
		}
		return tries
	}
	if now.Sub(p.swept) >= failedProofAge {
		for key, tries := range p.failed {
			if len(recent(tries)) == 0 {
				delete(p.failed, key)
			}
		}
		p.swept = now
	}
	tries := recent(p.failed[number])
	if len(tries) >= maxFailedProofs {
		return false
	}
	p.failed[number] = append(tries, now)
	return true
}

// release takes back what reserve counted.
func (p *Prover) release(number string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if tries := p.failed[number]; len(tries) > 0 {
		p.failed[number] = tries[:len(tries)-1]
	}
}

// proves tells whether a proof is the end of one of what only the customer knows. All of it is compared.
func proves(proof string, devices ...chat.Device) bool {
	given, equal := ending(proof), 0
	for _, d := range devices {
		for _, known := range []string{contactEnding(d.Contact), ending(d.Serial), ending(d.TerminalNo)} {
			if known != "" {
				equal |= subtle.ConstantTimeCompare([]byte(known), []byte(given))
			}
		}
	}
	return equal == 1
}

// ending is the last four letters or digits of a text; "" where it has fewer.
func ending(text string) string {
	var kept []rune
	for _, r := range strings.ToUpper(zh.FoldLight(text)) {
		if '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' {
			kept = append(kept, r)
		}
	}
	if len(kept) < ProofLength {
		return ""
	}
	return string(kept[len(kept)-ProofLength:])
}

// contactEnding is the last four digits of a veiled telephone number; "" where less of it is seen.
func contactEnding(contact string) string {
	digits := contact[len(strings.TrimRight(contact, "0123456789")):]
	return ending(digits)
}
