package telegram

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// DefaultAPI is where Telegram's Bot API is.
const DefaultAPI = "https://api.telegram.org"

// Account is one bot.
type Account struct {
	Name    string // ours, unique: "default"
	Token   string // from @BotFather: "123456:ABC-DEF…"
	API     string // base URL of the Bot API; DefaultAPI when empty
	Webhook string // our own public base URL, to which Telegram pushes; "" for polling
	Secret  string // that a push must bring; needed with Webhook
	Group   int64  // the agents' forum group; 0 for none
}

// Check tells what is wrong with a, without the token or the secret in its words.
func (a Account) Check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`).MatchString(a.Name) {
		bad("the name %q is not 1 to 64 of a-z, 0-9, _ and -", a.Name)
	}
	switch {
	case a.Token == "":
		bad("the token is empty: @BotFather gives one")
	case !regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`).MatchString(a.Token):
		bad("the token does not look like 123456:ABC-DEF…: copy it again from @BotFather")
	}
	if err := checkURL(a.api()); err != nil {
		bad("the address of the Bot API: %w", err)
	}
	if a.Webhook != "" {
		if err := checkURL(a.Webhook); err != nil {
			bad("the webhook's base address: %w", err)
		}
	}
	switch {
	case a.Secret != "" && !regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`).MatchString(a.Secret):
		bad("the webhook's secret is not 1 to 256 of A-Z, a-z, 0-9, _ and -")
	case a.Webhook != "" && a.Secret == "":
		bad("a webhook needs a secret: without one anybody could push")
	}
	if a.Group > 0 {
		bad("the group %d is no group: their ids are negative", a.Group)
	}
	return errors.Join(errs...)
}

func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return errors.New("it is no URL")
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return fmt.Errorf("%q does not begin with https:// and a host", u.Redacted())
	case u.User != nil, u.RawQuery != "", u.Fragment != "", strings.Contains(text, "%"):
		return fmt.Errorf("%q has more than a host and a path", u.Redacted())
	}
	return nil
}

func (a Account) api() string { return strings.TrimSuffix(cmp.Or(a.API, DefaultAPI), "/") }

// BotID is the bot's id, the first half of its token.
func (a Account) BotID() string {
	id, _, _ := strings.Cut(a.Token, ":")
	return id
}

// redact takes the token out of a text.
func (a Account) redact(text string) string {
	_, secret, _ := strings.Cut(a.Token, ":")
	if secret == "" {
		secret = a.Token
	}
	if secret == "" {
		return text
	}
	return strings.ReplaceAll(text, secret, "…")
}
