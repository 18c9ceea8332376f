package bot

import (
	"testing"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/privacy"
)

func TestSanitize(t *testing.T) {
	sealer, err := privacy.NewSealer(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	in := NewInbox(InboxConfig{Masker: privacy.NewMasker(), Sealer: sealer})
	o := in.Sanitize(chat.OpenRequest{
		Customer: chat.Customer{ID: "u-17", Name: "老陈 6222021234567890128"},
		Device: chat.Device{
			Serial: "N900A12345678", MerchantNo: "848100058120001", Amount: "1280元", City: "卡号6222 0212 3456 7890 128",
			Contact: "13812345678",
		},
	})
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
	sealed, err := o.SealContact("c1")
	if err != nil {
		t.Fatal(err)
	}
	for conversation, want := range map[string]string{"c1": "13812345678", "c2": ""} {
		if got, err := sealer.UnsealContact(conversation, sealed); got != want || (err == nil) != (want != "") {
			t.Errorf("in conversation %s the sealed contact is %q, %v", conversation, got, err)
		}
	}
	if o := in.Sanitize(chat.OpenRequest{}); o.SealContact != nil || o.Device != (chat.Device{}) {
		t.Errorf("an empty request became %+v", o)
	}
}
