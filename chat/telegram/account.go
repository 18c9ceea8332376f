package telegram

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/yingda/yingda/chat"
)

// Name is the channel of Telegram's customers.
const Name = "telegram"

// DefaultAPI is where Telegram's Bot API is.
const DefaultAPI = "https://api.telegram.org"

// Account is one bot.
type Account struct {
	Name    string // ours, unique: "default"
	Token   string // from @BotFather: "123456:ABC-DEF…"
	API     string // base URL of the Bot API; DefaultAPI when empty
	Files   string // the folder of files of a Bot API server of our own that runs with --local; "" for none
	Webhook string // our own public base URL, to which Telegram pushes; "" for polling
	Secret  string // that a push must bring; needed with Webhook
	Group   int64  // the agents' forum group; 0 for none
}

// Validate tells everything that is wrong with a, without the token or the secret in its words.
func (a Account) Validate() error {
	errs := []error{chat.ValidateAccountName(a.Name)}
	invalid := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	switch {
	case a.Token == "":
		invalid("the token is empty: @BotFather gives one")
	case !regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`).MatchString(a.Token):
		invalid("invalid token: want one like 123456:ABC-DEF…, copied from @BotFather")
	}
	if err := validateURL(a.baseURL()); err != nil {
		invalid("invalid address of the Bot API: %w", err)
	}
	if a.Files != "" && !filepath.IsAbs(a.Files) {
		invalid("invalid folder of files %q: want an absolute path, as the Bot API server has it", a.Files)
	}
	if a.Webhook != "" {
		if err := validateURL(a.Webhook); err != nil {
			invalid("invalid webhook address: %w", err)
		}
	}
	switch {
	case a.Secret != "" && !regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`).MatchString(a.Secret):
		invalid("invalid webhook secret: want 1 to 256 of A-Z, a-z, 0-9, _ and -")
	case a.Webhook != "" && a.Secret == "":
		invalid("the webhook secret is empty: without one anybody could push")
	}
	if a.Group > 0 {
		invalid("invalid group ID %d: those of groups are negative", a.Group)
	}
	return errors.Join(errs...)
}

func validateURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return errors.New("it cannot be parsed as a URL")
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return fmt.Errorf("%q does not begin with https:// and a host", u.Redacted())
	case u.User != nil, u.RawQuery != "", u.Fragment != "", strings.Contains(text, "%"):
		return fmt.Errorf("%q has more than a host and a path", u.Redacted())
	}
	return nil
}

func (a Account) baseURL() string { return strings.TrimSuffix(cmp.Or(a.API, DefaultAPI), "/") }

// BotID is the bot's id, the first half of its token.
func (a Account) BotID() string {
	id, _, _ := strings.Cut(a.Token, ":")
	return id
}

// redact takes the token out of a text.
func (a Account) redact(text string) string {
	_, secret, _ := strings.Cut(a.Token, ":")
	if secret = cmp.Or(secret, a.Token); secret == "" {
		return text
	}
	return strings.ReplaceAll(text, secret, "…")
}

// Sum tells texts apart without keeping them: by a hash that only the account's token can make again, for
// a telephone number's would soon be guessed. Blanks around the text do not count.
func (a Account) Sum(text string) string {
	h := hmac.New(sha256.New, []byte(a.Token))
	h.Write([]byte(strings.TrimSpace(text)))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16])
}

// Address is where a customer is reached. In a private chat that is the chat. In a group everybody has
// a conversation of their own, in every topic: what a person tells of a terminal is theirs, and what the
// bot asks one of them no other answers by accident.
type Address struct {
	Chat   int64
	Thread int   // the topic; 0 for none
	User   int64 // who, in a group; 0 in a private chat
}

// String is the form that chat.Opening and chat.Sending have: "42", or "-1001/7/42" in a group.
func (a Address) String() string {
	if a.User == 0 {
		return strconv.FormatInt(a.Chat, 10)
	}
	return fmt.Sprintf("%d/%d/%d", a.Chat, a.Thread, a.User)
}

// ParseAddress reads an Address.
func ParseAddress(text string) (Address, error) {
	var a Address
	_, _ = fmt.Sscanf(text, "%d/%d/%d", &a.Chat, &a.Thread, &a.User) // what it cannot read makes another text
	if a.Chat == 0 || a.String() != text {
		return Address{}, fmt.Errorf("invalid Telegram address %q: want chat or chat/topic/user", text)
	}
	return a, nil
}
