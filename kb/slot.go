package kb

// Slot names one detail that a person needs to work on a case.
type Slot string

// The closed set of slots; the names are those of a ticket's device object.
const (
	SlotBrandModel        Slot = "brand_model"
	SlotSerial            Slot = "serial"
	SlotMerchantNo        Slot = "merchant_no"
	SlotTerminalNo        Slot = "terminal_no"
	SlotAppVersion        Slot = "app_version"
	SlotOccurredAt        Slot = "occurred_at"
	SlotAmount            Slot = "amount"
	SlotReceiptMerchant   Slot = "receipt_merchant"
	SlotStatementMerchant Slot = "statement_merchant"
	SlotErrorCode         Slot = "error_code"
	SlotCity              Slot = "city"
	SlotContact           Slot = "contact"
)

// SlotSpec is how a slot is gathered, whatever the guide. Its words stand in Phrases.Details.
type SlotSpec struct {
	Slot
	Printed string   // what a receipt prints in front of it; "" for what is not printed as a number
	With    Slot     // what is asked for in the same question; "" for nothing
	Words   FreeText // whether words that nothing can be read out of may be its value
	Photo   bool     // it stands on a nameplate, a screen or a receipt: a picture may answer it
	Urgent  bool     // worth writing down while the customer waits for a person
}

// FreeText says whether any words may answer the question for a slot.
type FreeText string

// The closed set of FreeText values.
const (
	FreeNever    FreeText = ""         // only what has its shape
	FreeUnlessQA FreeText = "unlessqa" // words, unless the guide answers them
	FreeAlways   FreeText = "always"   // words, even such as the guide would answer: names and texts on screens
)

// SlotSpecs is the one table of slots, in the order in which a summary shows them.
func SlotSpecs() []SlotSpec {
	return []SlotSpec{
		{SlotBrandModel, "", SlotSerial, FreeUnlessQA, true, true},
		{SlotSerial, "SN：", SlotBrandModel, FreeNever, true, true},
		{SlotMerchantNo, "商户编号：", SlotTerminalNo, FreeNever, true, true},
		{SlotTerminalNo, "终端号：", SlotMerchantNo, FreeNever, true, false},
		{SlotAppVersion, "", SlotErrorCode, FreeNever, true, false},
		{SlotOccurredAt, "", SlotAmount, FreeUnlessQA, true, true},
		{SlotAmount, "", SlotOccurredAt, FreeNever, true, true},
		{SlotReceiptMerchant, "", SlotStatementMerchant, FreeAlways, true, false},
		{SlotStatementMerchant, "", SlotReceiptMerchant, FreeAlways, true, false},
		{SlotErrorCode, "", SlotAppVersion, FreeAlways, true, true},
		{SlotCity, "", "", FreeUnlessQA, false, false},
		{SlotContact, "", "", FreeNever, false, false},
	}
}

// Slots lists every Slot in the order of the table.
func Slots() []Slot {
	var out []Slot
	for _, spec := range SlotSpecs() {
		out = append(out, spec.Slot)
	}
	return out
}

// Spec is the slot's line of the table; the zero SlotSpec when there is none.
func (s Slot) Spec() SlotSpec {
	for _, spec := range SlotSpecs() {
		if spec.Slot == s {
			return spec
		}
	}
	return SlotSpec{}
}

func (s Slot) valid() bool { return s != "" && s.Spec().Slot == s }

// Detail is how one Slot is asked for and told.
type Detail struct {
	Name    string `yaml:"name"`            // as a summary shows it
	Ask     string `yaml:"ask"`             // the question, without its question mark
	Where   string `yaml:"where"`           // where to find it
	Example string `yaml:"example"`         // what an answer looks like
	Shape   string `yaml:"shape,omitempty"` // what a right number looks like, for those that have a shape

	// These may be missing: a guide's own file then has the bundled ones.
	Labels   []string `yaml:"labels"`   // what its value stands behind in a message
	Mentions []string `yaml:"mentions"` // what a customer calls it who wants it changed
}
