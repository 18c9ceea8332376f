package privacy

import (
	"cmp"
	"strings"
)

// Kind is what a secret is.
type Kind string

// The kinds of secrets that are masked.
const (
	Card     Kind = "card"     // a bank card's number
	Identity Kind = "identity" // a resident id's number
	Phone    Kind = "phone"    // a person's telephone number
	CVV      Kind = "cvv"      // the code on a card's back
	Expiry   Kind = "expiry"   // a card's month and year of expiry
	Password Kind = "password" // any password or PIN
	Code     Kind = "code"     // a one-time code, by SMS or otherwise
)

// AllKinds lists the kinds.
func AllKinds() []Kind { return []Kind{Card, Identity, Phone, CVV, Expiry, Password, Code} }

// Name is the kind's name for customers.
func (k Kind) Name() string {
	return cmp.Or(map[Kind]string{
		Card: "银行卡号", Identity: "身份证号", Phone: "电话号码", CVV: "卡安全码", Expiry: "卡有效期", Password: "密码", Code: "验证码",
	}[k], string(k))
}

// cover is what stands for a secret in the masked text. A second masking must not touch it:
// skipMasked knows these forms. Codes do not show how long they are.
func (k Kind) cover(secret string) string {
	n := len(secret)
	switch k {
	case Card:
		return secret[:6] + strings.Repeat("*", n-10) + secret[n-4:]
	case Identity:
		return secret[:3] + strings.Repeat("*", n-7) + secret[n-4:]
	case Phone:
		return secret[:n-8] + "****" + secret[n-4:]
	case CVV:
		return "***"
	case Expiry:
		return "**/**"
	}
	return "******"
}
