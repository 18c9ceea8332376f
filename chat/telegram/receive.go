package telegram

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/yingda/yingda/chat"
)

// take does what an update asks for. A nil error means that it is on disk, or nobody's business: only
// then is it acknowledged. An update may come twice, and at the same time.
func (c *Channel) take(ctx context.Context, a *account, u Update) (err error) {
	defer func() {
		if r := recover(); r != nil { // what it panicked with may hold what was said
			c.c.Log.ErrorContext(ctx, "an update of Telegram's made the channel panic", "account", a.Name, "update", u.UpdateID,
				"type", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
			err = errors.New("the channel panicked")
		}
	}()
	if u.ChatID() == 0 {
		return nil
	}
	agents, err := c.isAgents(ctx, a, u.ChatID())
	switch {
	case err != nil:
		return err
	case agents && c.c.Group == nil:
		return nil
	case agents:
		return c.c.Group.Update(ctx, a.Account, u)
	case u.CallbackQuery != nil:
		return c.tapped(ctx, a, u.UpdateID, u.CallbackQuery)
	case u.Message != nil:
		return c.heard(ctx, a, u.UpdateID, u.Message, false)
	case u.EditedMessage != nil:
		return c.heard(ctx, a, u.UpdateID, u.EditedMessage, true)
	case u.MyChatMember != nil:
		c.c.Log.InfoContext(ctx, "the bot's place in a chat of Telegram's changed", "account", a.Name, "update", u.UpdateID,
			"chat", u.MyChatMember.Chat.Type, "status", u.MyChatMember.NewChatMember.Status)
	}
	return nil
}

// isAgents tells whether a chat is the account's agents' group, also under the id that it has as a supergroup.
func (c *Channel) isAgents(ctx context.Context, a *account, chat int64) (bool, error) {
	if a.Group == 0 || chat > 0 || chat == a.Group {
		return chat == a.Group, nil
	}
	now := a.Group
	err := c.look(ctx, MovedKey(a.Name, a.Group), &now)
	return chat == now, err
}

// heard delivers what a customer said.
func (c *Channel) heard(ctx context.Context, a *account, update int, m *Message, edited bool) error {
	if m.MigrateToChatID != 0 {
		return c.moved(ctx, a, m.Chat.ID, m.MigrateToChatID)
	}
	if m.From == nil || m.From.IsBot || m.SenderChat != nil {
		return nil
	}
	me := ""
	if !m.Chat.IsPrivate() {
		u, err := a.self(ctx)
		if err != nil {
			return err
		}
		if me = u.UserName; !addressed(m, u.ID, me) {
			return nil
		}
	}
	what, ok := read(m, me)
	if !ok {
		return nil
	}
	h := &hearing{
		account: a, from: m.From, to: addressOf(m), message: m, said: what, external: a.external(update), edited: edited,
		at: time.Unix(int64(m.Date), 0),
	}
	if edited {
		known, err := c.before(ctx, h)
		if err != nil || known {
			return err
		}
		h.at = time.Unix(int64(m.EditDate), 0)
	}
	if what.language && c.c.Traditional != nil {
		return c.offerLanguage(ctx, a, m)
	}
	stop := c.typing(ctx, a, h.to)
	defer stop()
	return c.deliver(ctx, h)
}

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
