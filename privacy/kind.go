package privacy

import (
	"slices"
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
	switch k {
	case Card:
		return "银行卡号"
	case Identity:
		return "身份证号"
	case Phone:
		return "电话号码"
	case CVV:
		return "卡安全码"
	case Expiry:
		return "卡有效期"
	case Password:
		return "密码"
	case Code:
		return "验证码"
	}
	return string(k)
}

// Kinds are the names of what was found, for customers: each once, in the order of the text.
func Kinds(found []Match) []string {
	var names []string
	for _, f := range found {
		if name := f.Kind.Name(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Notice tells the customer what was hidden and why. It is empty when nothing was found. Who only
// gave a telephone number, which we may have asked for, is not told to keep it to himself.
func Notice(found []Match) string {
	if len(found) == 0 {
		return ""
	}
	hidden := "为了您的安全，我已把消息里的" + strings.Join(Kinds(found), "、") + "遮住了。"
	if !slices.ContainsFunc(found, func(f Match) bool { return f.Kind != Phone }) {
		return hidden
	}
	return hidden + "处理问题用不到这些，请不要在聊天里发送，也不要告诉任何人。"
}

// cover is what stands for a secret in the masked text. A second masking must not touch it:
// settle knows these forms. Codes do not show how long they are.
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
