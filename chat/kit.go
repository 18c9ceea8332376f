package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/yingda/yingda/finding"
)

// Accounts are the accounts of one channel by their names.
type Accounts[A any] map[string]A

// Add adds an account; an error where the name is taken.
func (as Accounts[A]) Add(name string, a A) error {
	if _, ok := as[name]; ok {
		return fmt.Errorf("account name %q is used twice", name)
	}
	as[name] = a
	return nil
}

// NewAccounts makes the accounts of a channel from their settings. The error names every one that cannot be, and why.
func NewAccounts[S, A any](channel string, settings []S, build func(S) (name string, a A, err error)) (Accounts[A], error) {
	as := Accounts[A]{}
	var errs []error
	for _, s := range settings {
		name, a, err := build(s)
		if err = errors.Join(as.Add(name, a), err); err != nil {
			errs = append(errs, fmt.Errorf("%s account %q: %w", channel, name, err))
		}
	}
	return as, errors.Join(errs...)
}

// Check is the account of a name that is to be checked; where there is none, that is what is found.
func (as Accounts[A]) Check(name string, f *finding.List) (A, bool) {
	a, ok := as[name]
	if !ok {
		f.Add(finding.Error, "name one of the accounts that are set up", "There is no account %q.", name)
	}
	return a, ok
}

// Find is the account of a sending. The error is a *SendError: the sending waits until the account is set up.
func (as Accounts[A]) Find(s Sending) (A, error) {
	a, ok := as[s.Account]
	if !ok {
		return a, &SendError{State: SendingQueued, Reason: fmt.Sprintf(reasonNoAccount, s.Account)}
	}
	return a, nil
}

// ValidateAccountName is nil for a name that can stand in keys and paths.
func ValidateAccountName(name string) error {
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`).MatchString(name) {
		return fmt.Errorf("invalid account name %q: want 1 to 64 of a-z, 0-9, _ and -", name)
	}
	return nil
}

// MinSecret is how many bytes a secret has at least by which we and others know each other.
const MinSecret = 16

// ValidateSecret is nil for a secret that is too long to be guessed. The error does not show it.
func ValidateSecret(secret string) error {
	if n := len(secret); n < MinSecret {
		return fmt.Errorf("the secret has %d bytes, too few against guessing: want at least %d, for example from `openssl rand -hex 32`", n, MinSecret)
	}
	return nil
}

// DecodeBody decodes the body of a sending, such as an Entry. The error is a *SendError: the sending is dead.
func DecodeBody[T any](s Sending) (body T, err error) {
	if err := json.Unmarshal(s.Body, &body); err != nil {
		return body, &SendError{State: SendingDead, Reason: reasonBody}
	}
	return body, nil
}

// Backoff is how long to wait between attempts: First after the first failure, then twice as long each time, up to Max.
type Backoff struct{ First, Max time.Duration }

// Delay is the wait after so many failures in a row, at least 1, a quarter more or less. random is in [0,1);
// 0.5 adds no jitter.
func (b Backoff) Delay(failures int, random float64) time.Duration {
	d := min(b.First<<min(max(failures-1, 0), 16), b.Max)
	return time.Duration(float64(d) * (0.75 + random/2))
}

// Retry calls do until it is done, with pauses of up to a second; false when ctx ends first.
func Retry(ctx context.Context, do func() (done bool)) bool {
	backoff := Backoff{First: 50 * time.Millisecond, Max: time.Second}
	for n := 1; !do(); n++ {
		if Sleep(ctx, backoff.Delay(n, 0.5)) != nil {
			return false
		}
	}
	return true
}

// Sleep returns when d is over, or ctx.Err() when ctx ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
