package bot

import (
	"fmt"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/privacy"
)

// ContactLabel is what every sealed contact is sealed for. It names no conversation, for a contact may
// come before its conversation has an id.
const ContactLabel = "contact"

// Opening makes what a conversation begins with fit to be kept: the customer's name and the details of
// the device are masked, and the contact is veiled there and sealed beside it.
func (in *Inbox) Opening(o chat.OpenRequest) (chat.OpenRequest, error) {
	o.Customer.Name = in.Masker.Mask(clean(o.Customer.Name)).Text
	contact := strings.TrimSpace(clean(o.Device.Contact))
	in.maskDevice(&o.Device)
	o.Device.Contact, o.SealedContact = "", nil
	if contact == "" {
		return o, nil
	}
	sealed, err := in.Sealer.Seal(contact, ContactLabel)
	if err != nil {
		return chat.OpenRequest{}, fmt.Errorf("seal a contact: %w", err)
	}
	o.Device.Contact, o.SealedContact = privacy.MaskContact(contact), sealed
	return o, nil
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
	name := map[kb.Slot]string{kb.SlotSerial: "SN：", kb.SlotMerchantNo: "商户编号：", kb.SlotTerminalNo: "终端号："}[slot]
	if masked, ok := strings.CutPrefix(in.Masker.Mask(name+value).Text, name); ok {
		return masked
	}
	return in.Masker.Mask(value).Text
}
