package privacy

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// Masked is a text without its secrets.
type Masked struct {
	Text    string
	Matches []Match // in the order of the text; nil when nothing was hidden
}

// Match is one secret that was masked. The secret itself can only be had by asking for it: no
// print verb, logger or encoder shows it, not even when the Match hides in another struct.
type Match struct {
	Kind       Kind
	Start, End int // bytes of Masked.Text that stand for the secret
	secret     *string
}

// Secret is what was hidden: digits in ASCII without separators for numbers, of mobile numbers without
// the country code; lower case for passwords. It is for sealing; never store, log or send it.
func (f Match) Secret() string {
	if f.secret == nil {
		return ""
	}
	return *f.secret
}

// String names the kind and the place, never the secret.
func (f Match) String() string {
	return fmt.Sprintf("%s[%d:%d]", string(f.Kind), f.Start, f.End)
}

// GoString is String, so that %#v does not leak.
func (f Match) GoString() string { return f.String() }

// Format is String for every verb.
func (f Match) Format(s fmt.State, _ rune) {
	_, _ = s.Write([]byte(f.String()))
}

// LogValue is String, so that no logger leaks.
func (f Match) LogValue() slog.Value { return slog.StringValue(f.String()) }

// HasUnionPay reports whether a card of UnionPay was found: no number of another kind that long begins with 62 and
// passes the check, but by rare chance.
func HasUnionPay(found []Match) bool {
	return slices.ContainsFunc(found, func(f Match) bool { return f.Kind == Card && strings.HasPrefix(f.Secret(), "62") })
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
