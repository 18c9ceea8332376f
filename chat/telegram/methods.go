package telegram

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// User is a person or a bot.
type User = tgbotapi.User

// Bot is a bot as it knows itself.
type Bot struct {
	User
	HasTopics bool `json:"has_topics_enabled"` // Threaded Mode: private chats with it have threads
}

// Me is the account's bot itself.
func (c *Client) Me(ctx context.Context) (Bot, error) { return result[Bot](ctx, c, "getMe", nil) }

// OwnPicture is the id of a file with the picture that a bot shows of itself; "" for none.
func (c *Client) OwnPicture(ctx context.Context, bot int64) (id string, err error) {
	p := tgbotapi.Params{"user_id": strconv.FormatInt(bot, 10), "limit": "1"}
	pictures, err := result[tgbotapi.UserProfilePhotos](ctx, c, "getUserProfilePhotos", p)
	if err != nil || len(pictures.Photos) == 0 || len(pictures.Photos[0]) == 0 {
		return "", err
	}
	return pictures.Photos[0][0].FileID, nil
}

// Chat is what is known of a chat.
type Chat struct {
	ID       int64  `json:"id"`
	Type     string `json:"type"` // private, group, supergroup or channel
	Title    string `json:"title"`
	UserName string `json:"username"`
	IsForum  bool   `json:"is_forum"`
}

// Chat looks a chat up.
func (c *Client) Chat(ctx context.Context, chatID int64) (Chat, error) {
	return result[Chat](ctx, c, "getChat", Options{}.params(chatID))
}

// Member is what somebody is in a chat.
type Member struct {
	Status          string `json:"status"` // creator, administrator, member, restricted, left or kicked
	User            User   `json:"user"`
	CanManageTopics bool   `json:"can_manage_topics"`
	CanPinMessages  bool   `json:"can_pin_messages"`
	CanDelete       bool   `json:"can_delete_messages"`
}

// IsAdmin tells whether the member administers the chat.
func (m Member) IsAdmin() bool { return m.Status == "creator" || m.Status == "administrator" }

// Member looks a member of a chat up.
func (c *Client) Member(ctx context.Context, chatID, user int64) (Member, error) {
	p := Options{}.params(chatID)
	p["user_id"] = strconv.FormatInt(user, 10)
	return result[Member](ctx, c, "getChatMember", p)
}

// Command is a line of the menu.
type Command struct {
	Command     string `json:"command"` // without the slash
	Description string `json:"description"`
}

// Scope is where a menu is shown: everywhere, in private chats, or in one chat.
type Scope struct {
	Type string `json:"type"` // "default", "all_private_chats", "all_group_chats", "chat"
	Chat int64  `json:"chat_id,omitempty"`
}

// SetCommands replaces the menu of a scope.
func (c *Client) SetCommands(ctx context.Context, s Scope, commands []Command) error {
	return c.call(ctx, callTimeout, "setMyCommands", tgbotapi.Params{"commands": encodeJSON(commands), "scope": encodeJSON(s)}, nil)
}

// AllowedUpdates are the updates that are asked for: nil would keep what was asked for before.
func AllowedUpdates() []string {
	return []string{"message", "edited_message", "callback_query", "my_chat_member"}
}

// MaxPollWait is the longest that Telegram waits for an update.
const MaxPollWait = 50 * time.Second

// Updates waits for updates from the id offset on; all before it are confirmed.
func (c *Client) Updates(ctx context.Context, offset int, wait time.Duration) ([]Update, error) {
	p := tgbotapi.Params{
		"timeout": strconv.Itoa(int(min(wait, MaxPollWait) / time.Second)), "limit": "100", "allowed_updates": encodeJSON(AllowedUpdates()),
	}
	p.AddNonZero("offset", offset)
	var raw []json.RawMessage
	if err := c.call(ctx, wait+callTimeout, "getUpdates", p, &raw); err != nil {
		return nil, err
	}
	out := make([]Update, 0, len(raw))
	for _, data := range raw {
		if u, err := DecodeUpdate(data); err == nil { // without an id it could not be told from others, nor confirmed
			out = append(out, u)
		}
	}
	return out, nil
}

// Webhook is where updates are pushed to.
type Webhook struct {
	URL            string   `json:"url"` // "" for nowhere
	Pending        int      `json:"pending_update_count"`
	LastErrorDate  int64    `json:"last_error_date"` // Unix time
	LastError      string   `json:"last_error_message"`
	AllowedUpdates []string `json:"allowed_updates"`
}

// WebhookInfo asks where updates are pushed to.
func (c *Client) WebhookInfo(ctx context.Context) (Webhook, error) {
	return result[Webhook](ctx, c, "getWebhookInfo", nil)
}

// SetWebhook has updates pushed to an address, with a secret. What is waiting is kept.
func (c *Client) SetWebhook(ctx context.Context, address, secret string) error {
	p := tgbotapi.Params{"url": address, "secret_token": secret, "allowed_updates": encodeJSON(AllowedUpdates()), "max_connections": "40"}
	return c.call(ctx, callTimeout, "setWebhook", p, nil)
}

// DeleteWebhook ends the pushing. What is waiting is kept.
func (c *Client) DeleteWebhook(ctx context.Context) error {
	return c.call(ctx, callTimeout, "deleteWebhook", nil, nil)
}

// MaxTopicName is how many characters a topic's name may have.
const MaxTopicName = 128

// CreateTopic makes a topic in a forum, and returns its thread id.
func (c *Client) CreateTopic(ctx context.Context, chatID int64, name string) (int, error) {
	p := Options{}.params(chatID)
	p["name"] = name
	t, err := result[Topic](ctx, c, "createForumTopic", p)
	return t.ThreadID, err
}

// EditTopic renames a topic. That nothing changed is no error.
func (c *Client) EditTopic(ctx context.Context, chatID int64, thread int, name string) error {
	p := Options{Thread: thread}.params(chatID)
	p["name"] = name
	return ignoreNotModified(c.call(ctx, callTimeout, "editForumTopic", p, nil))
}

// CloseTopic closes a topic: only administrators may write there then. That nothing changed is no error.
func (c *Client) CloseTopic(ctx context.Context, chatID int64, thread int) error {
	return c.topic(ctx, "closeForumTopic", chatID, thread)
}

// ReopenTopic opens a closed topic. That nothing changed is no error.
func (c *Client) ReopenTopic(ctx context.Context, chatID int64, thread int) error {
	return c.topic(ctx, "reopenForumTopic", chatID, thread)
}

// DeleteTopic deletes a topic with everything in it.
func (c *Client) DeleteTopic(ctx context.Context, chatID int64, thread int) error {
	return c.topic(ctx, "deleteForumTopic", chatID, thread)
}

func (c *Client) topic(ctx context.Context, method string, chatID int64, thread int) error {
	return ignoreNotModified(c.call(ctx, callTimeout, method, Options{Thread: thread}.params(chatID), nil))
}
