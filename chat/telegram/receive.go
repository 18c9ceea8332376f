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

// handleUpdate does what an update asks for. A nil error means that it is on disk, or nobody's business: only
// then is it acknowledged. An update may come twice, and at the same time.
func (c *Channel) handleUpdate(ctx context.Context, a *account, u Update) error {
	return c.Panics.Try(ctx, Name, func() error { return c.dispatch(ctx, a, u) }, "account", a.Name, "update", u.UpdateID)
}

func (c *Channel) dispatch(ctx context.Context, a *account, u Update) error {
	if u.ChatID() == 0 {
		return nil
	}
	agents, err := c.isAgentsGroup(ctx, a, u.ChatID())
	switch {
	case err != nil:
		return err
	case agents && c.Group == nil:
		return nil
	case agents:
		return c.Group.Update(ctx, a.Account, u)
	case u.CallbackQuery != nil:
		return c.handleCallback(ctx, a, u.UpdateID, u.CallbackQuery)
	case u.Message != nil:
		return c.handleMessage(ctx, a, u.UpdateID, u.Message, false)
	case u.EditedMessage != nil:
		return c.handleMessage(ctx, a, u.UpdateID, u.EditedMessage, true)
	case u.MyChatMember != nil:
		c.Log.InfoContext(ctx, "the bot's place in a chat of Telegram's changed", "account", a.Name, "update", u.UpdateID,
			"chat", u.MyChatMember.Chat.Type, "status", u.MyChatMember.NewChatMember.Status)
	}
	return nil
}

// isAgentsGroup tells whether a chat is the account's agents' group, also under the id that it has as a supergroup.
func (c *Channel) isAgentsGroup(ctx context.Context, a *account, chatID int64) (bool, error) {
	if a.Group == 0 || chatID > 0 || chatID == a.Group {
		return chatID == a.Group, nil
	}
	current := a.Group
	err := c.getKV(ctx, MovedKey(a.Name, a.Group), &current)
	return chatID == current, err
}

func (c *Channel) handleMessage(ctx context.Context, a *account, update int, m *Message, edited bool) error {
	if m.MigrateToChatID != 0 {
		return c.setMigrated(ctx, a, m.Chat.ID, m.MigrateToChatID)
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
		if me = u.UserName; !isAddressed(m, u.ID, me) {
			return nil
		}
	}
	what, ok := decodeContent(m, me)
	if !ok {
		return nil
	}
	in := &incoming{
		account: a, from: m.From, to: m.address(), thread: m.Topic(), message: m, content: what, external: a.externalID(update), edited: edited,
		at: time.Unix(int64(m.Date), 0),
	}
	if edited {
		known, err := c.isUnchanged(ctx, in)
		if err != nil || known {
			return err
		}
		in.at = time.Unix(int64(m.EditDate), 0)
	}
	if what.scriptMenu && c.Traditional != nil {
		return c.offerScripts(ctx, a, m)
	}
	stop := c.typing(ctx, in)
	defer stop()
	return c.deliver(ctx, in)
}

const (
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
	maxUpdate    = 1 << 20          // bytes of one push
	hookTimeout  = 50 * time.Second // Telegram waits for 60
)

var errSecret = errors.New("the secret is missing or wrong")

// Hook is what Telegram pushes an account's updates to, at HookPath; false where the account is not
// known, or polls. It answers 200 when an update is on disk, and only then.
func (c *Channel) Hook(accountName string) (http.Handler, bool) {
	a, ok := c.accounts[accountName]
	if !ok || a.Webhook == "" {
		return nil, false
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.handlePush(w, r, a) }), true
}

func (c *Channel) handlePush(w http.ResponseWriter, r *http.Request, a *account) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "updates are posted", http.StatusMethodNotAllowed)
		return
	}
	if !equalSecrets(r.Header.Get(secretHeader), a.Secret) {
		c.Rejections.Reject(w, r, Name, a.Name, http.StatusUnauthorized, errSecret)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpdate))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		c.Rejections.Reject(w, r, Name, a.Name, http.StatusRequestEntityTooLarge, err)
		return
	}
	u, invalid := DecodeUpdate(body)
	if err != nil || invalid != nil {
		c.Rejections.Reject(w, r, Name, a.Name, http.StatusBadRequest, ErrInvalidUpdate)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), hookTimeout)
	defer cancel()
	switch err := c.handleUpdate(ctx, a, u); {
	case err == nil:
		w.WriteHeader(http.StatusOK)
	case errors.Is(err, chat.ErrBusy):
		w.Header().Set("Retry-After", "1")
		http.Error(w, "busy: send it again", http.StatusServiceUnavailable)
	default:
		c.Log.WarnContext(ctx, "an update of Telegram's was not kept, and comes again", "account", a.Name, "update", u.UpdateID, "error", err)
		http.Error(w, "not kept: send it again", http.StatusInternalServerError)
	}
}

// equalSecrets compares secrets in a time that tells nothing of them. An empty one is never right.
func equalSecrets(got, want string) bool {
	g, w := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return want != "" && subtle.ConstantTimeCompare(g[:], w[:]) == 1
}
