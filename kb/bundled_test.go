package kb_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/finding"
	"github.com/yingda/yingda/kb"
)

// TestBundled checks the guide inside the binary: it is whole, and nothing is wrong with it.
func TestBundled(t *testing.T) {
	lib, faults, err := kb.Load(content.FS(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	// The day is fixed, so that the guide's age alone breaks no build; `yingda check` minds today.
	faults = append(faults, kb.Validate(lib, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))...)
	for _, f := range faults.At(finding.Error, finding.Warning) {
		t.Error(f)
	}
	total := 0
	for _, c := range []struct {
		category string
		ids      []string
	}{
		{"application", []string{
			"apply-eligibility", "apply-materials", "apply-merchant-category", "apply-official-channels", "apply-review-contract", "apply-rejected",
			"apply-install-activate", "apply-cautions",
		}},
		{"fees", []string{
			"fee-basic-rates", "fee-rate-raised", "fee-extra-charges", "fee-deposit-refund", "fee-settlement-time", "fee-money-not-arrived",
			"fee-amount-short", "fee-promotion", "fee-dispute", "fee-surcharge",
		}},
		{"maintenance", []string{
			"device-care-update", "device-wont-boot", "device-network-signin", "device-printer-paper", "device-card-scan-read", "device-locked",
			"device-types", "device-repair-replace", "device-return-cancel", "device-transfer-lend", "device-move-location", "receipt-records",
			"txn-response-code", "txn-void-refund", "txn-failed-charged", "txn-limit",
		}},
		{"merchant-jump", []string{
			"jump-what-is", "jump-normal-or-not", "jump-verify", "jump-merchant-number", "jump-what-to-do", "jump-report", "jump-impact", "jump-self-fix",
			"jump-custom-merchant",
		}},
		{"account-safety", []string{
			"safety-licence-check", "safety-official-or-fake", "safety-phone-scam", "safety-private-info", "safety-no-cashout", "safety-login-phone",
			"safety-settlement-card", "safety-frozen-risk", "safety-card-fraud",
		}},
		{"escalation", []string{
			"human-handoff", "escalate-details", "hotline-list", "complaint-steps",
		}},
		{"general", []string{
			"bot-scope", "rights-cooperation", "glossary",
		}},
	} {
		total += len(c.ids)
		for _, id := range c.ids {
			a, ok := lib.Article(id)
			switch {
			case !ok:
				t.Errorf("no article %s", id)
			case a.Category != c.category:
				t.Errorf("%s is in %s, want %s", id, a.Category, c.category)
			case a.File != "guide/"+c.category+"/"+id+".md":
				t.Errorf("%s stands in %s", id, a.File)
			case len(a.Asks) < 8:
				t.Errorf("%s has %d asks, want 8 or more", id, len(a.Asks))
			case len(a.Facts) == 0:
				t.Errorf("%s has no facts that it must keep", id)
			}
		}
	}
	if len(lib.Articles) != total {
		t.Errorf("%d articles, want %d", len(lib.Articles), total)
	}
}

func TestBundledCodes(t *testing.T) {
	lib, _, err := kb.Load(content.FS(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "00 01 03 04 05 12 13 14 22 25 30 33 34 38 40 41 42 43 51 54 55 57 58 59 61 62 64 65 68 75 77 90 91 92 94 96 97 98 99 A0"
	var got []string
	for _, c := range lib.Codes {
		got = append(got, c.Code)
		if named := lib.Codes.Mentioned("报" + strings.ToLower(c.Code)); !slices.Equal(named, []string{c.Code}) {
			t.Errorf("报%s names %q", c.Code, named)
		}
	}
	if strings.Join(got, " ") != want {
		t.Errorf("codes %q, want %s", got, want)
	}
}
