package telegram

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/yingda/yingda/chat"
)

const (
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
	maxUpdate    = 1 << 20          // bytes of one push
	hookTimeout  = 50 * time.Second // Telegram waits for 60
)

// Hook is what Telegram pushes an account's updates to, at HookPath; false where the account is not
// known, or polls. It answers 200 when an update is on disk, and only then.
func (c *Channel) Hook(account string) (http.Handler, bool) {
	a, ok := c.accounts[account]
	if !ok || a.Webhook == "" {
		return nil, false
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.push(w, r, a) }), true
}

// push takes one update.
func (c *Channel) push(w http.ResponseWriter, r *http.Request, a *account) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "updates are posted", http.StatusMethodNotAllowed)
		return
	}
	if !same(r.Header.Get(secretHeader), a.Secret) {
		c.c.Log.WarnContext(r.Context(), "a push to Telegram's webhook without its secret was refused", "account", a.Name)
		http.Error(w, "the secret is missing or wrong", http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpdate))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		http.Error(w, "an update is not that large", http.StatusRequestEntityTooLarge)
		return
	}
	u, invalid := ParseUpdate(body)
	if err != nil || invalid != nil {
		http.Error(w, ErrNoUpdate.Error(), http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), hookTimeout)
	defer cancel()
	switch err := c.take(ctx, a, u); {
	case err == nil:
		w.WriteHeader(http.StatusOK)
	case errors.Is(err, chat.ErrBusy):
		w.Header().Set("Retry-After", "1")
		http.Error(w, "busy: send it again", http.StatusServiceUnavailable)
	default:
		c.c.Log.WarnContext(ctx, "an update of Telegram's was not kept, and comes again", "account", a.Name, "update", u.UpdateID, "error", err)
		http.Error(w, "not kept: send it again", http.StatusInternalServerError)
	}
}

// same compares secrets in a time that tells nothing of them. An empty one is never right.
func same(got, want string) bool {
	g, w := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return want != "" && subtle.ConstantTimeCompare(g[:], w[:]) == 1
}
