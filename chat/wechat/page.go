package wechat

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

const (
	maxPassive = host.MaxText                            // bytes of an answer
	maxPiece   = maxPassive - len("\n\n") - len(sayMore) // bytes of a piece, which then fits into an answer
	maxRows    = 40                                      // sendings in one page, so that a mark can name them
)

// piece is one message of those that an entry becomes. Which pieces there are, and so what
// Sending.Done counts, does not depend on how they are sent.
type piece struct {
	text    string
	options []chat.Option   // below the text
	picture chat.Attachment // alone
}

// pieces are an entry's: its text, the last part with the options, then its pictures.
func pieces(e chat.Entry, withOptions bool) (out []piece) {
	for _, part := range host.Split(e.Text, maxPiece) {
		out = append(out, piece{text: part})
	}
	if options := optionsOf(e); withOptions && len(options) > 0 {
		if n := len(out); n > 0 && len(piece{text: out[n-1].text, options: options}.plain()) <= maxPiece {
			out[n-1].options = options
		} else {
			out = append(out, piece{text: sayChoose, options: options})
		}
	}
	for _, p := range e.Attachments {
		out = append(out, piece{picture: p})
	}
	return out
}

func optionsOf(e chat.Entry) []chat.Option {
	if e.Reply == nil {
		return nil
	}
	return e.Reply.Options
}

// plain is the piece as text, its options numbered.
func (p piece) plain() string {
	if len(p.options) == 0 {
		return p.text
	}
	return p.text + "\n\n" + numbered(p.options, !strings.Contains(p.text, "回复数字"))
}

// page is as much of a lane as fits into one text, from its beginning.
type page struct {
	text  string
	whole []chat.Sending // said to the end
	part  *chat.Sending  // said up to done pieces; nil for none
	done  int
	rest  []chat.Sending // nothing of them is said
	dumb  []int64        // of whole, those with pictures that cannot be sent
}

// compose makes a page of sendings in order. forbidden tells that the account cannot send by itself: then
// pictures, for which a page has no room, cannot be sent at all, and the page ends with how to ask for the rest.
func compose(rows []chat.Sending, limit int, forbidden bool) page {
	if forbidden {
		limit -= len(sayMore) + len("\n\n")
	}
	p := page{}
	entries := entriesOf(rows)
	for i, s := range rows {
		all := pieces(entries[i], optionsStand(entries, i))
		if len(p.whole) == maxRows || !p.add(s, all[min(s.PartsSent, len(all)):], limit, forbidden) {
			p.rest = rows[i:]
			if p.part != nil {
				p.rest = rows[i+1:]
			}
			break
		}
	}
	if forbidden && (len(p.rest) > 0 || p.part != nil) {
		p.text += "\n\n" + sayMore
	}
	return p
}

// add puts what fits of a sending's pieces behind the page's text; false when the page ends there.
func (p *page) add(s chat.Sending, left []piece, limit int, forbidden bool) bool {
	for n, one := range left {
		text := one.plain()
		if one.picture.ID != "" && forbidden {
			text = sayNoPictures
			left, p.dumb = left[:n+1], append(p.dumb, s.ID) // once for all of them
		}
		room := limit - len(p.text)
		if p.text != "" {
			room -= len("\n\n")
		}
		if text == "" || len(text) > room && p.text != "" {
			if n > 0 {
				p.part, p.done = &s, s.PartsSent+n
			}
			p.dumb = slices.DeleteFunc(p.dumb, func(id int64) bool { return id == s.ID })
			return false
		}
		p.text = strings.TrimSpace(p.text + "\n\n" + text)
		if n+1 == len(left) {
			break
		}
	}
	p.whole = append(p.whole, s)
	return true
}

// out are the sendings that the page hands over, wholly or in part.
func (p *page) out() []chat.Sending {
	if p.part == nil {
		return p.whole
	}
	return append(slices.Clone(p.whole), *p.part)
}

// answer is the page as the answer to a message.
func (p *page) answer() answer {
	a := answer{Text: p.text}
	for _, s := range p.whole {
		a.Whole = append(a.Whole, s.ID)
	}
	if p.part != nil {
		a.Part, a.Done = p.part.ID, p.done
	}
	return a
}

// ending is how the lease of a sending ends that was handed over. What is left of it is due then.
func (p *page) ending(s chat.Sending, then time.Time) chat.Settlement {
	switch {
	case p.part != nil && s.ID == p.part.ID:
		return chat.Settlement{State: chat.SendingQueued, NotBefore: then, Untried: true, PartsSent: p.done}
	case slices.Contains(p.dumb, s.ID):
		return chat.Settlement{State: chat.SendingDead, Reason: "文字送到了，图片没有：公众号没有认证，不能发图"}
	}
	return chat.Settlement{State: chat.SendingSent}
}

// optionsStand tells whether the options of the i-th entry are the ones that the bot offers now: nothing but
// what was said in the same breath follows.
func optionsStand(entries []chat.Entry, i int) bool {
	for n := i + 1; n < len(entries); n++ {
		if entries[n].Reply != nil && entries[n].Seq != entries[i].Seq+int64(n-i) {
			return false
		}
	}
	return true
}

// entriesOf reads sendings. One that holds no entry is empty, and so vanishes.
func entriesOf(rows []chat.Sending) []chat.Entry {
	out := make([]chat.Entry, len(rows))
	for i, s := range rows {
		_ = json.Unmarshal(s.Body, &out[i]) // Send refuses such a one
	}
	return out
}

func seqOf(s chat.Sending) int64 { return entriesOf([]chat.Sending{s})[0].Seq }
