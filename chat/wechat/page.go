package wechat

import (
	"slices"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

const (
	maxPassive  = host.MaxText                                 // bytes of a passive reply
	maxPart     = maxPassive - len("\n\n") - len(textContinue) // bytes of a part, which then fits into a passive reply
	maxSendings = 40                                           // in one page, so that a value of the KVStore can name them
)

// part is one message of those that an entry becomes. Which parts there are, and so what
// Sending.PartsSent counts, does not depend on how they are sent.
type part struct {
	text    string
	options []chat.Option // below the text
	picture string        // alone: the attachment's id
}

// splitEntry is an entry's parts: its text, the last of them with the options, then its pictures.
func splitEntry(e chat.Entry, withOptions bool) (parts []part) {
	for _, text := range chat.SplitText(e.Text, maxPart, chat.ByteLen) {
		parts = append(parts, part{text: text})
	}
	if withOptions && e.Reply != nil && len(e.Reply.Options) > 0 {
		options := e.Reply.Options
		if n := len(parts); n > 0 && len(part{text: parts[n-1].text, options: options}.plain()) <= maxPart {
			parts[n-1].options = options
		} else {
			parts = append(parts, part{text: textChoose, options: options})
		}
	}
	for _, p := range e.Attachments {
		parts = append(parts, part{picture: p.ID})
	}
	return parts
}

// plain is the part as text, its options numbered.
func (p part) plain() string {
	if len(p.options) == 0 {
		return p.text
	}
	text := p.text + "\n\n" + host.NumberOptions(p.options)
	if !strings.Contains(p.text, "回复数字") {
		text += "\n" + textNumber
	}
	return text
}

// page is as much of a lane as fits into one text, from its beginning.
type page struct {
	text            string
	complete        []chat.Sending // they end with the page
	partial         *chat.Sending  // it is on the page up to partsSent; nil for none
	partsSent       int
	rest            []chat.Sending // nothing of them is on the page
	withoutPictures []int64        // of complete, those with pictures that cannot be sent
}

// composePage makes a page of sendings in order, whose entries are rendered. forbidden tells that the account cannot send by itself: then
// pictures, for which a page has no room, cannot be sent at all, and the page ends with how to ask for the rest.
func composePage(sendings []chat.Sending, entries []chat.Entry, limit int, forbidden bool) page {
	if forbidden {
		limit -= len(textContinue) + len("\n\n")
	}
	p := page{}
	for i, s := range sendings {
		all := splitEntry(entries[i], host.HasCurrentOptions(entries, i))
		if len(p.complete) == maxSendings || !p.add(s, all[min(s.PartsSent, len(all)):], limit, forbidden) {
			p.rest = sendings[i:]
			if p.partial != nil {
				p.rest = sendings[i+1:]
			}
			break
		}
	}
	if forbidden && (len(p.rest) > 0 || p.partial != nil) {
		p.text += "\n\n" + textContinue
	}
	return p
}

// add puts what fits of a sending's parts behind the page's text; false when the page ends there.
func (p *page) add(s chat.Sending, left []part, limit int, forbidden bool) bool {
	for n, one := range left {
		text := one.plain()
		if one.picture != "" && forbidden {
			text = textNoPictures
			left, p.withoutPictures = left[:n+1], append(p.withoutPictures, s.ID) // once for all of them
		}
		room := limit - len(p.text)
		if p.text != "" {
			room -= len("\n\n")
		}
		if text == "" || len(text) > room && p.text != "" {
			if n > 0 {
				p.partial, p.partsSent = &s, s.PartsSent+n
			}
			p.withoutPictures = slices.DeleteFunc(p.withoutPictures, func(id int64) bool { return id == s.ID })
			return false
		}
		p.text = strings.TrimSpace(p.text + "\n\n" + text)
		if n+1 == len(left) {
			break
		}
	}
	p.complete = append(p.complete, s)
	return true
}

// sendings are those that the page hands over, wholly or in part.
func (p *page) sendings() []chat.Sending {
	if p.partial == nil {
		return p.complete
	}
	return append(slices.Clone(p.complete), *p.partial)
}

// settlement is how the lease of a sending ends that was handed over. What is left of it is due then.
func (p *page) settlement(s chat.Sending, then time.Time) chat.Settlement {
	switch {
	case p.partial != nil && s.ID == p.partial.ID:
		return chat.Settlement{State: chat.SendingQueued, NotBefore: then, Untried: true, PartsSent: p.partsSent}
	case slices.Contains(p.withoutPictures, s.ID):
		return chat.Settlement{State: chat.SendingDead, Reason: reasonNoPictures}
	}
	return chat.Settlement{State: chat.SendingSent}
}
