package bot

import (
	"strings"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/privacy"
)

// MaxText is how many runes of one message are kept; what is longer is cut there.
const MaxText = 4000

// clean makes valid UTF-8 of at most MaxText runes, without NUL.
func clean(text string) string {
	if len(text) > MaxText*utf8.UTFMax {
		text = text[:MaxText*utf8.UTFMax] // the rest cannot be within the limit
	}
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "")
	return cutRunes(text, MaxText)
}

// Sanitize makes what a conversation begins with fit to be kept: the customer's name and the details of
// the device are masked, and the contact is veiled there and sealed beside it.
func (in *Inbox) Sanitize(o chat.OpenRequest) chat.OpenRequest {
	o.Customer.Name = in.Masker.Mask(clean(o.Customer.Name)).Text
	contact := strings.TrimSpace(clean(o.Device.Contact))
	in.maskDevice(&o.Device)
	o.Device.Contact, o.SealContact = "", nil
	if contact != "" {
		o.Device.Contact = privacy.MaskContact(contact)
		o.SealContact = func(conversation string) ([]byte, error) { return in.Sealer.SealContact(conversation, contact) }
	}
	return o
}

// maskDevice masks every detail.
func (in *Inbox) maskDevice(d *chat.Device) {
	if *d == (chat.Device{}) {
		return
	}
	for _, slot := range kb.Slots() {
		value := d.Field(string(slot))
		*value = in.maskDetail(slot, strings.TrimSpace(clean(*value)))
	}
}

// maskDetail masks a detail. Its name comes before a number, as on a receipt, so that the masker knows
// a merchant number from a card's.
func (in *Inbox) maskDetail(slot kb.Slot, value string) string {
	name := slot.Spec().Printed
	if masked, ok := strings.CutPrefix(in.Masker.Mask(name+value).Text, name); ok {
		return masked
	}
	return in.Masker.Mask(value).Text
}
