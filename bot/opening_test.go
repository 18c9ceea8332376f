package bot

import (
	"testing"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/privacy"
)

func TestOpening(t *testing.T) {
	sealer, err := privacy.NewSealer(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	in := NewInbox(InboxConfig{Masker: privacy.NewMasker(), Sealer: sealer})
	o, err := in.Opening(chat.OpenRequest{
		Customer: chat.Customer{ID: "u-17", Name: "老陈 6222021234567890128"},
		Device: chat.Device{
			Serial: "N900A12345678", MerchantNo: "848100058120001", Amount: "1280元", City: "卡号6222 0212 3456 7890 128",
			Contact: "13812345678",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := chat.Device{
		Serial: "N900A12345678", MerchantNo: "848100058120001", Amount: "1280元", City: o.Device.City, Contact: "138****5678",
	}
	if o.Device != want {
		t.Errorf("got  %+v\nwant %+v", o.Device, want)
	}
	for _, text := range []string{o.Customer.Name, o.Device.City} {
		if found := privacy.NewMasker().Mask(text).Matches; len(found) > 0 || text == "" {
			t.Errorf("%q still holds %v", text, found)
		}
	}
	if o.Customer.Name == "老陈 6222021234567890128" {
		t.Error("the name still holds the card's number")
	}
	if got, err := sealer.Open(o.SealedContact, ContactLabel); got != "13812345678" || err != nil {
		t.Errorf("the sealed contact is %q, %v", got, err)
	}
	if o, err = in.Opening(chat.OpenRequest{}); err != nil || o.SealedContact != nil || o.Device != (chat.Device{}) {
		t.Errorf("an empty opening became %+v, %v", o, err)
	}
}
